"""Recordings in files, or from the standard input, as streams of records. The content says what a file holds.

An array of rows can be anywhere: by itself, or in the `log.entries` of a HAR file; rows can also follow each other,
each over several lines. Otherwise each line is a row, which can have an instant or a word of a log before it. A file
packed with gzip or zlib is unpacked on the way.
"""

import gzip
import io
import re
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, cast

import orjson

from mockserver.recordings.parts import read_time
from mockserver.recordings.rows import is_payload, read_row
from mockserver.recordings.splitting import MOST, Malformed, Splitter
from mockserver.recordings.values import Callback, Place, Record, Unreadable
from mockserver.wire.problems import NO_TEXT, not_json

STANDARD_INPUT = "-"

LOOKED_AT = 1 << 16
"""Bytes at the head of a file that say what it holds."""

BEGINS = re.compile(rb'\{\s*(["}]|$)')
"""How a JSON object begins in a line."""

Progress = Callable[[int], None]
"""Is told how many bytes were read so far."""


class Counted(io.RawIOBase):
    """A file that tells how much of it was read."""

    def __init__(self, file: IO[bytes], progress: Progress) -> None:
        super().__init__()
        self._file = file
        self._progress = progress
        self._read = 0

    def readable(self) -> bool:
        """Whether it can be read: it can."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read the next bytes."""
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self._read += len(data)
        self._progress(self._read)
        return len(data)


def read_all(sources: Sequence[str], progress: Progress = lambda _: None) -> Iterator[Record | None]:
    """The records of files, one after the other; `-` is the standard input. None: an exchange with another service.

    What cannot be read is Unreadable, also a file that cannot be opened.
    """
    for source in sources:
        try:
            if source == STANDARD_INPUT:
                yield from read(sys.stdin.buffer, "standard input", progress)
            else:
                with Path(source).open("rb") as file:
                    yield from read(file, source, progress)
        except OSError as error:
            yield Unreadable(Place(source), f"it cannot be read: {error.strerror or error}")


def read(file: IO[bytes], source: str, progress: Progress = lambda _: None) -> Iterator[Record | None]:
    """The records of one file. source: its name."""
    try:
        yield from _records(file, source, progress)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        yield Unreadable(Place(source), f"it was packed, and is damaged: {error}")


def _records(file: IO[bytes], source: str, progress: Progress) -> Iterator[Record | None]:
    stream = _unpacked(io.BufferedReader(Counted(file, progress), LOOKED_AT))
    head = stream.peek(LOOKED_AT).removeprefix(b"\xef\xbb\xbf").lstrip()
    for start, what in (*NO_TEXT.items(), (b"PK\x03\x04", "it is a zip archive; unpack it")):
        if head.startswith(start):
            yield Unreadable(Place(source), what)
            return
    if re.match(rb"\[\s*([\[{\]]|$)", head):
        yield from _entries(stream, source, ())
    elif _is_archive(head):
        yield from _entries(stream, source, ("log", "entries"))
    elif head[:1] == b"{" and not _is_json(head.partition(b"\n")[0]) and (whole := _whole(head)) is not None:
        yield read_row(whole, Place(source, 1))
    elif re.match(rb"\{\s*\n", head):
        yield from _rows(Splitter(stream).sequence(), source)
    else:
        yield from _lines(stream, source)


def _unpacked(stream: io.BufferedReader) -> io.BufferedReader:
    head = stream.peek(2)[:2]
    if head == b"\x1f\x8b":
        return io.BufferedReader(cast("io.RawIOBase", gzip.GzipFile(fileobj=stream)), LOOKED_AT)
    if head[:1] == b"\x78" and head[1:] in (b"\x01", b"\x5e", b"\x9c", b"\xda"):
        return io.BufferedReader(Inflated(stream), LOOKED_AT)
    return stream


class Inflated(io.RawIOBase):
    """A file packed with zlib, as mitmproxy saves HAR, unpacked."""

    def __init__(self, file: io.BufferedReader) -> None:
        super().__init__()
        self._file, self._inflate = file, zlib.decompressobj()

    def readable(self) -> bool:
        """Whether it can be read: it can."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read the next bytes. Raises EOFError if it is cut off, and zlib.error."""
        data = b""
        while not data and not self._inflate.eof:
            packed = self._inflate.unconsumed_tail or self._file.read(LOOKED_AT)
            if not packed:
                raise EOFError("it ends before it does")
            data = self._inflate.decompress(packed, len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _is_archive(head: bytes) -> bool:
    """Whether a file begins as HAR: as an object that has a `log`, perhaps after something else."""
    if re.match(rb'\{\s*"log"\s*:\s*\{', head):
        return True
    first = head.partition(b"\n")[0]
    if _is_json(first):
        row = orjson.loads(first)
        return isinstance(row, dict) and isinstance(row.get("log"), dict) and "entries" in row["log"]
    return re.match(rb"\{", head) is not None and re.search(rb'^\s{0,8}"log"\s*:\s*\{', head, re.MULTILINE) is not None


def _is_json(text: bytes) -> bool:
    try:
        orjson.loads(text)
    except ValueError:
        return False
    return True


def _whole(head: bytes) -> Any:
    """One object over several lines, as a document that was saved by hand; None if it is no such thing."""
    if len(head) >= LOOKED_AT - 8 or not _is_json(head):
        return None
    return orjson.loads(head) if is_payload(orjson.loads(head)) or b"\n" in head.strip() else None


def _entries(stream: IO[bytes], source: str, names: tuple[str, ...]) -> Iterator[Record | None]:
    splitter = Splitter(stream)
    if not splitter.enter(*names):
        yield Unreadable(Place(source), f"it has no {'.'.join(names) or 'array'}")
        return
    yield from _rows(splitter.values(), source)


def _rows(values: Iterator[Any], source: str) -> Iterator[Record | None]:
    for number, value in enumerate(values, start=1):
        place = Place(source, number, "entry")
        yield Unreadable(place, str(value)) if isinstance(value, Malformed) else read_row(value, place)


def _lines(stream: io.BufferedReader, source: str) -> Iterator[Record | None]:
    for number in range(1, sys.maxsize):
        line = stream.readline(MOST)
        if not line:
            return
        if line.strip():
            yield _line(line, Place(source, number))
        while len(line) == MOST and not line.endswith(b"\n"):  # what is left of a line that is too long
            line = stream.readline(MOST)


def _line(line: bytes, place: Place) -> Record | None:
    """One line: a row, perhaps after an instant and other words."""
    if len(line) == MOST:
        return Unreadable(place, "it is too large")
    begins = BEGINS.search(line)
    start = line.find(b"{") if begins is None else begins.start()
    if start < 0:
        return Unreadable(place, "there is no JSON object in it")
    try:
        row = orjson.loads(line[start:].rstrip(b" \t\r\n,"))
    except ValueError as error:
        return Unreadable(place, f"it is not JSON: {not_json(error, line).split(': line')[0]}")
    found = read_row(row, place)
    if isinstance(found, Callback) and found.at is None:
        words = line[:start].decode(errors="replace").strip("\ufeff \t-|:,").strip()
        return replace(found, at=_first_time(words))
    return found


def _first_time(words: str) -> int | None:
    """The instant at the head of a line: its first words, as far as they are one."""
    parts = words.split()
    tries = (" ".join(parts[:count]).rstrip(":,|-") for count in (2, 1))
    return next((at for each in tries if each and (at := read_time(each)) is not None), None)
