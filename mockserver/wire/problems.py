"""What is wrong with a field, in words: pydantic's findings as paths and sentences that help a caller."""

import difflib
import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

import orjson

from mockserver.wire import Json, errors

if TYPE_CHECKING:
    from pydantic import ValidationError

Finding = Mapping[str, Any]

Place = tuple[str | int, ...]

TAGS = frozenset({"SAY", "PLAY", "[key]", "<name>", "<outcome>", "<timeline>", "<told>", "<weights>", "<sequence>"})
"""Names that pydantic adds to a path, for the form it tried; they are not part of the caller's JSON."""

DEPTH = 20
"""Levels of objects and arrays in which unknown fields are looked for; no model is as deep."""

NAMED = errors.MOST
"""Wrong fields of one request that are named; of the others only the number is told (choice)."""

MORE = "..."
"""Under what that number is told."""

LOOKED_AT, LOOKED_THROUGH = 50, 500
"""Characters of a word that are looked at to find what it was meant for, and words it is held against, at the most;
also entries of an array in which unknown fields are looked for.
"""

MOST_NESTS = 50_000
"""Arrays and objects in one body, at the most (choice): the largest flow there can be has half as many."""

TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
"""A text in JSON. One without an end goes on to the end of the body, so that no byte is looked at twice."""

NO_TEXT = {
    b"\x1f\x8b": "it is compressed with gzip; send it as it is",
    b"\xff\xfe\x00\x00": "it is UTF-32; send it in UTF-8",
    b"\x00\x00\xfe\xff": "it is UTF-32; send it in UTF-8",
    b"\xff\xfe": "it is UTF-16; send it in UTF-8",
    b"\xfe\xff": "it is UTF-16; send it in UTF-8",
    b"\xef\xbb\xbf": "it begins with a byte order mark (BOM); send it without",
}
"""What bodies are that begin so."""

LOOKS = (
    (re.compile(rb"\s*"), "it is empty"),
    (re.compile(rb"(?s:.{0,3}\x00.*)"), "it has NUL bytes, as UTF-16 and UTF-32 have; send it in UTF-8"),
    (re.compile(rb"(?s:\s*[\[{]\s*'.*)"), "its texts are in single quotes; JSON has them in double quotes"),
    (re.compile(rb"[\w.%\[\]-]+=[^\s{}]*"), "it is a form; send it as JSON"),
    (re.compile(rb"(?s:\s*<.*)"), "it is XML or HTML; send it as JSON"),
)
"""What other bodies look like."""

LONGEST_FIELD, LONGEST_SENTENCE = 200, 1_000
"""Characters of a field's name and of what is said of it, at the most."""


class Wrong(dict[str, str]):
    """What is wrong with a request, field by field: as much of it as a reader can use, and how much more there is.

    room: how many fields may still be named. more: how many are wrong and not named. Whoever has a sentence to think
    about asks for the room first: looking for a word that comes close takes long.
    """

    def __init__(self, room: int = NAMED) -> None:
        super().__init__()
        self.room, self.more = room, 0

    def __setitem__(self, field: str, sentence: str) -> None:
        field = clip(field, LONGEST_FIELD)
        if field not in self and not self.room:
            self.skip(1)
            return
        self.room -= field not in self
        super().__setitem__(field, clip(sentence, LONGEST_SENTENCE))
        self.skip(0)

    def setdefault(self, field: str, sentence: str = "") -> str:
        """Note a field unless something is said of it already."""
        if clip(field, LONGEST_FIELD) not in self:
            self[field] = sentence
        return sentence

    def note(self, found: Mapping[str, str]) -> None:
        """Note each of several fields."""
        for field, sentence in found.items():
            self[field] = sentence

    def skip(self, number: int) -> None:
        """So many more fields are wrong, and not named."""
        self.more += number
        if self.more:
            self.pop(MORE, None)
            super().__setitem__(MORE, f"and {self.more:,} more")

    def take(self, found: "Wrong", place: Callable[[str], str] = str) -> None:
        """Note what was found in a part of the request. place: where a field of the part is in the whole."""
        self.note({place(field): sentence for field, sentence in found.items() if field != MORE})
        self.skip(found.more)

    def unknown(self, strangers: Sequence[str], names: Iterable[str] = ()) -> None:
        """Note fields that are not known. names: what each may have been meant for."""
        room, known = self.room, tuple(names)
        self.note({name: f"is not known here{nearest(name, known)}" for name in strangers[:room]})
        self.skip(len(strangers[room:]))


class Misspelt(ValueError):
    """A word that is none of those there are. What it was meant for is looked up only if it is told."""

    def __init__(self, text: str, word: object, known: Iterable[str], otherwise: str = "") -> None:
        super().__init__(text)
        self._word, self._known, self._otherwise = word, known, otherwise

    @property
    def sentence(self) -> str:
        """The text, with the word that comes close, or with what is said otherwise."""
        return f"{self}{nearest(self._word, self._known) or self._otherwise}"


def problems(
    error: "ValidationError",
    names: Iterable[str] = (),
    *,
    room: int = NAMED,
    within: Place = (),
) -> Wrong:
    """The findings by their path, such as `to.phone` or `failoverOnStatuses[1]`.

    within: the place of what was validated. The other arguments are those of `findings`.
    """
    wrong = Wrong(room)
    found, more = findings(error, names, room)
    wrong.note({path((*within, *place)): sentence for place, sentence in found})
    wrong.skip(more)
    return wrong


def findings(error: "ValidationError", names: Iterable[str], room: int = NAMED) -> tuple[list[tuple[Place, str]], int]:
    """The first findings, each as (place, sentence), and how many more there are.

    names: what a name that is not known may have been meant for. room: how many are told at the most.
    """
    known = tuple(names)
    found = error.errors(include_url=False)
    return [(_placed(each), _sentence(each, known)) for each in found[:room]], len(found[room:])


def _placed(finding: Finding) -> Place:
    place = [part for part in finding["loc"] if part not in TAGS]
    if finding["type"].startswith("union_tag"):
        place.append("type")
    position = getattr(finding.get("ctx", {}).get("error"), "position", None)
    if position is not None:
        place.append(position - 1)
    return tuple(place)


def _sentence(finding: Finding, names: Iterable[str]) -> str:
    if finding["type"] == "extra_forbidden":
        return f"is not known here{nearest(finding['loc'][-1], names)}"
    return clip(SENTENCES.get(finding["type"], _other)(finding), LONGEST_SENTENCE)


def cut(data: Any, names: Container[str], most: int = NAMED, depth: int = DEPTH) -> tuple[Any, int]:
    """What was sent with only so many of the fields that are not known in each object, and how many it has lost.

    names: those that are known, wherever they stand. depth: levels that are looked at. Validating and refusing a field
    costs more than leaving it out. Of an array only the first entries are looked at: validating ends with the one that
    is too many.
    """
    if not depth:
        return data, 0
    if isinstance(data, list):
        entries = [cut(each, names, most, depth - 1) for each in data[:LOOKED_THROUGH]]
        return [each for each, _ in entries] + data[LOOKED_THROUGH:], sum(number for _, number in entries)
    if not isinstance(data, dict):
        return data, 0
    lost = frozenset([name for name in data if name not in names][most:])
    kept = {name: value for name, value in data.items() if name not in lost}
    inner = {name: cut(value, names, most, depth - 1) for name, value in kept.items() if name in names}
    less = {name: value for name, (value, _) in inner.items()}
    return kept | less, len(lost) + sum(number for _, number in inner.values())


def read_json(body: bytes) -> Any:
    """The JSON in a body. Raises ValueError if it is none, and Refusal if it holds too many arrays and objects.

    They are counted before anything is made of them: to make a million of them takes most of a second.
    """
    if _nests(body) > MOST_NESTS and _nests(TEXT.sub(b"", body)) > MOST_NESTS:
        raise errors.malformed(f"The body holds more than {MOST_NESTS:,} arrays and objects.")
    return orjson.loads(body)


def not_json(error: ValueError, body: bytes) -> str:
    """Why a body is no JSON: what it is instead where that can be told by its looks, else what the parser says."""
    for start, what in NO_TEXT.items():
        if body.startswith(start):
            return what
    try:
        body.decode()
    except UnicodeDecodeError as wrong:
        return f"it is not UTF-8, in which JSON is written: byte {wrong.start + 1} is 0x{body[wrong.start]:02x}"
    return next((what for look, what in LOOKS if look.fullmatch(body)), str(error))


def _nests(body: bytes) -> int:
    return body.count(b"[") + body.count(b"{")


def read_object(body: bytes, example: str) -> Json:
    """The JSON object in a request to the control API. Raises Refusal, with an example, for anything else."""
    try:
        data = read_json(body)
    except ValueError as error:
        raise errors.malformed(f"The body is not JSON ({not_json(error, body)}); {example}.") from None
    if not isinstance(data, dict):
        raise errors.malformed(f"The body is not a JSON object; {example}.")
    return data


def path(parts: Iterable[str | int]) -> str:
    """A path in the caller's JSON: names joined by dots, positions in brackets."""
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def line(text: str, key: str) -> int:
    """The line of a key in a TOML text."""
    spellings = (key, f'"{key}"', f"'{key}'")
    starts = (number for number, each in enumerate(text.splitlines(), 1) if each.partition("=")[0].strip() in spellings)
    tables = (number for number, each in enumerate(text.splitlines(), 1) if each.strip().startswith(f"[{key}"))
    return next(starts, next(tables, 1))


def clip(text: str, most: int) -> str:
    """A text, or its beginning."""
    return text if len(text) <= most else f"{text[:most]}..."


def nearest(word: object, known: Iterable[str]) -> str:
    """`; did you mean X?` when another known word comes close, in any case; otherwise nothing."""
    return _nearest(word[:LOOKED_AT], tuple(sorted(known))) if isinstance(word, str) else ""


def there_are(names: Iterable[str]) -> str:
    """What there is where somebody asked for another name: in words, also for a single one, or none."""
    known = tuple(names)
    if len(known) < 2:
        return f"there is only {known[0]}" if known else "there is none at all"
    more = f" and {len(known) - NAMED:,} more" if len(known) > NAMED else ""
    return f"there are {', '.join(known[:NAMED])}{more}"


def many(number: int, thing: str, things: str = "") -> str:
    """So many of a thing, in words. things: where that is not the thing and an s."""
    return f"{number:,} {thing if number == 1 else things or f'{thing}s'}"


@lru_cache(maxsize=1_024)
def _nearest(word: str, known: tuple[str, ...]) -> str:
    by_fold = {each.casefold(): each for each in known if each != word}
    found = near(word.casefold(), by_fold)
    return f"; did you mean {by_fold[found[0]]}?" if found else ""


def near(
    word: str, known: Iterable[str], most: int = 1, *, length: int = LOOKED_AT, likeness: float = 0.6
) -> list[str]:
    """The known words that come closest to one. length: characters of it that are looked at."""
    return difflib.get_close_matches(word[:length], list(islice(known, LOOKED_THROUGH)), n=most, cutoff=likeness)


def _other(finding: Finding) -> str:
    return f"is not valid: {finding['msg']}"


def _text(finding: Finding) -> str:
    value = finding["input"]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f'must be a text; put it in quotes: "{value}"' if abs(value) < 10**18 else "must be a text"
    return "must be a text"


def _chosen(words: list[str], value: object) -> str:
    return f"must be one of {', '.join(words)}{nearest(value, words)}"


def _literal(finding: Finding) -> str:
    words = finding["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
    return _chosen(words, finding["input"])


def _value(finding: Finding) -> str:
    error = finding["ctx"]["error"]
    if isinstance(error, Misspelt):
        return error.sentence
    text = str(error)
    words = text.removeprefix("must be one of ").split(", ")
    return text + nearest(finding["input"], words) if text.startswith("must be one of ") else text


def _bound(words: str) -> Callable[[Finding], str]:
    return lambda finding: words.format(*(_number(bound) for bound in finding["ctx"].values()))


def _number(bound: float) -> str:
    return str(int(bound)) if bound == int(bound) else str(bound)


def _length(finding: Finding) -> str:
    value = finding["input"]
    things = "characters" if isinstance(value, str) else "entries"
    return f"must have at most {finding['ctx']['max_length']} {things}; it has {len(value)}"


SENTENCES: Mapping[str, Callable[[Finding], str]] = {
    "missing": lambda _: "is required",
    "union_tag_not_found": lambda _: "is required: SAY or PLAY",
    "union_tag_invalid": lambda finding: _chosen(["SAY", "PLAY"], finding["ctx"].get("tag")),
    "string_type": _text,
    "string_too_long": _length,
    "too_long": _length,
    "string_too_short": lambda _: "must not be empty",
    "too_short": lambda _: "must hold at least one entry",
    "bool_type": lambda _: "must be true or false",
    "int_type": lambda _: "must be a whole number",
    "float_type": lambda _: "must be a number",
    "greater_than": _bound("must be more than {}"),
    "greater_than_equal": _bound("must be at least {}"),
    "less_than_equal": _bound("must be at most {}"),
    "list_type": lambda _: "must be an array",
    "dict_type": lambda _: "must be an object",
    "model_type": lambda _: "must be an object",
    "model_attributes_type": lambda _: "must be an object",
    "literal_error": _literal,
    "value_error": _value,
}
