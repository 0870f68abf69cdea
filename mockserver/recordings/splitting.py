"""A huge JSON text as a stream: the values of an array in it, one at a time, in bounded memory."""

import codecs
import json
import re
from collections.abc import Iterator
from typing import IO, Any

CHUNK = 1 << 18
"""Bytes that are read at a time, at first."""

MOST = 1 << 26
"""The most characters of one value."""

_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[{}\[\]:,]', re.DOTALL)
"""A string, or a sign. What is in a string that goes on in what was not read yet is no sign."""

_SPACE = re.compile(r"[\s,]*")

_OPENING, _CLOSING = "{[", "}]"

_DECODER = json.JSONDecoder()

_HALF = re.compile(r"\\u[dD][89a-fA-F]")
"""One half of a letter that is written as two. A text that was cut between them ends with one, and has no UTF-8."""


class Malformed(ValueError):
    """The text is no JSON, in words; whether anything can be read after it is for the splitter to say."""


class Splitter:
    """Reads values from a text. source: a binary file, in UTF-8. begun: bytes of it that were read already."""

    def __init__(self, source: IO[bytes], begun: bytes = b"") -> None:
        self._source = source
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("replace").decode
        self._text = self._decode(begun)
        self._at = 0
        self._ended = self._broken = self._follows = False

    def values(self) -> Iterator[Any | Malformed]:
        """The values of the array that begins here, each as JSON; Malformed for each that is none."""
        while (found := self._value()) is not None:
            yield found[0]

    def sequence(self) -> Iterator[Any | Malformed]:
        """The values that follow each other from here to the end of the text."""
        self._follows = True
        return self.values()

    def enter(self, *names: str) -> bool:
        """Go to the beginning of an array: of the text itself, or at these keys of objects in it."""
        while True:
            place = _find(self._text, names)
            if place is not None:
                self._at = place
                return True
            if not self._more():
                return False

    def _value(self) -> tuple[Any] | None:
        """The next value; None at the end of the array."""
        while True:
            self._at = _SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]
            if self._broken or self._text[self._at : self._at + 1] == "]":
                return None
            if self._follows and self._at == len(self._text):
                if self._more():
                    continue
                return None
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
                if _HALF.search(self._text, self._at, end):
                    value = _whole(value)
            except (ValueError, RecursionError) as error:
                found = self._skipped(error)
                if found is not None:
                    return found
            else:
                # A number may go on in what was not read yet; nothing else can.
                if end < len(self._text) or not self._more():
                    self._at = end
                    return (value,)

    def _skipped(self, error: Exception) -> tuple[Malformed] | None:
        """What is no value, after it was passed over; None where more of it has come meanwhile."""
        end = _end(self._text, self._at)
        if end is not None:
            self._at = end
            deep = isinstance(error, RecursionError)
            return (Malformed("it is too deep" if deep else f"it is not JSON: {error}".split(": line")[0]),)
        if self._more():
            return None
        self._broken = True
        large = len(self._text) - self._at > MOST
        return (Malformed("it is too large" if large else "the file ends before it does"),)

    def _more(self) -> bool:
        """Read more; False at the end, or if there is too much of one value."""
        if self._ended or len(self._text) - self._at > MOST:
            return False
        kept = self._text[self._at :]
        read = self._source.read(max(CHUNK, len(kept)))  # twice as much each time: no value is tried too often
        self._text, self._at = kept + self._decode(read, not read), 0
        self._ended = not read
        return not self._ended


def _whole(value: Any) -> Any:
    """A value with a mark in place of every half of a letter. Raises RecursionError."""
    text = json.dumps(value, ensure_ascii=False)
    return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def _end(text: str, start: int) -> int | None:
    """Where a value that begins here ends, by its brackets alone; None if it goes on."""
    first = text[start : start + 1]
    if first == '"':
        string = _TOKEN.match(text, start)
        return None if string is None or string.end() == len(text) else string.end()
    if first not in _OPENING:
        return next((found.start() for found in re.compile(r"[,\]\n]").finditer(text, start + 1)), None)
    depth = 0
    for token in _TOKEN.finditer(text, start):
        depth += (token[0] in _OPENING) - (token[0] in _CLOSING)
        if not depth:
            return token.end()
    return None


def _find(text: str, names: tuple[str, ...]) -> int | None:
    """The place after the bracket of the array at these keys; None if it is not in the text."""
    depth, key, expected = 0, "", list(names)
    for token in _TOKEN.finditer(text):
        if token[0] == "[" and depth == len(names) and not expected:
            return token.end()
        if token[0] == ":" and depth == len(names) - len(expected) + 1 and expected and key == f'"{expected[0]}"':
            expected.pop(0)
        depth += (token[0] in _OPENING) - (token[0] in _CLOSING)
        key = token[0]
    return None
