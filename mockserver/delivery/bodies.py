"""The bodies of answers: where each ends. No socket is touched here, and nothing is kept."""

import re
from typing import Protocol

LINE = 1_024
"""Bytes of a line between two chunks, at the most (choice)."""

SIZE = re.compile(rb"([0-9a-f]{1,12})[ \t]*(;.*)?", re.IGNORECASE | re.DOTALL)


class Body(Protocol):
    """A body, read piece by piece.

    whole: None while more of it may come, True once it has ended as was said, False once something came that does
    not belong.
    """

    whole: bool | None

    def take(self, data: bytes) -> bytes:
        """Read on; what of it is content."""


class Nothing:
    """No body. sure: whether nothing in the head lets expect one."""

    def __init__(self, *, sure: bool = True) -> None:
        self.whole: bool | None = sure

    def take(self, data: bytes) -> bytes:
        """Whatever comes does not belong."""
        self.whole = self.whole and not data
        return b""


class Unbounded:
    """A body that ends with the connection."""

    whole: bool | None = None

    def take(self, data: bytes) -> bytes:
        """Whatever comes belongs."""
        return data


class Sized:
    """A body of so many bytes. left: how many of them are still to come."""

    def __init__(self, length: int) -> None:
        self.left = length
        self.whole: bool | None = None

    def take(self, data: bytes) -> bytes:
        """Read on, and see whether that was all, or more."""
        content = data[: self.left]
        left = self.left - len(data)
        self.whole = None if left > 0 else left == 0
        self.left = max(0, left)
        return content


class Chunked:
    """A body in chunks, each after a line with its size, the last of them empty."""

    def __init__(self) -> None:
        self._line = b""
        self._left = 0
        self._read_line = self._read_size
        self.whole: bool | None = None

    def take(self, data: bytes) -> bytes:
        """Read on, chunk by chunk."""
        content = []
        at = 0
        while at < len(data) and self.whole is not False:
            if self._left:
                piece = data[at : at + self._left]
                content.append(piece)
                at += len(piece)
                self._left -= len(piece)
            else:
                at = self._take_line(data, at)
        return b"".join(content)

    def _take_line(self, data: bytes, at: int) -> int:
        """Read on to the end of a line; where in the data that is."""
        if self.whole:  # it has ended, and still something comes
            self.whole = False
            return at
        end = data.find(b"\n", at) + 1
        self._line += data[at : end or len(data)]
        if len(self._line) > LINE:
            self.whole = False
        elif end:
            line, self._line = self._line.rstrip(b"\r\n"), b""
            self._read_line(line)
        return end or len(data)

    def _read_size(self, line: bytes) -> None:
        size = SIZE.fullmatch(line)
        if size is None:
            self.whole = False
            return
        self._left = int(size[1], 16)
        self._read_line = self._read_gap if self._left else self._read_trailer

    def _read_gap(self, line: bytes) -> None:
        """After a chunk, its line ends."""
        if line:
            self.whole = False
        self._read_line = self._read_size

    def _read_trailer(self, line: bytes) -> None:
        """After the last chunk may come headers; an empty line is the end."""
        if not line:
            self.whole = True
