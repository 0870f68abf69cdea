"""What is known of the latest requests besides their entries in the journal.

It is no part of the journal: the body that came and the real time it took are nobody's command, and replay needs
neither. It keeps a limited number of requests and of bytes; the oldest make room.
"""

from bisect import bisect_left
from collections import deque
from typing import NamedTuple

KEPT, LARGEST = 1_000, 2 * 1_048_576
"""The most requests that are kept, and the most bytes in their bodies."""

LONGEST = 65_536
"""The most bytes that are kept of one body."""


class Exchange(NamedTuple):
    """One request. number: of its entry. flow: the trackingId it made, or None. took: real seconds.

    size: bytes of the whole body.
    """

    number: int
    flow: str | None
    took: float
    body: bytes
    size: int


Row = tuple[int, str | None, float, bytes, int]
"""The fields of an exchange. One is kept for each request, so it is made as cheaply as can be."""


class Exchanges:
    """The latest requests of a sandbox, by the numbers of their entries in the journal, and by the flows they made."""

    def __init__(self) -> None:
        self._all: deque[Row] = deque()
        self._makers: dict[str, int] = {}
        self._bytes = 0

    def put(self, number: int, flow: str | None, took: float, body: bytes) -> None:
        """Keep a request: the number of its entry, the flow it made, its real seconds, and its body."""
        size = len(body)
        self._all.append((number, flow, took, body if size <= LONGEST else body[:LONGEST], size))
        self._bytes += min(size, LONGEST)
        if flow is not None:
            self._makers[flow] = number
        while len(self._all) > KEPT or self._bytes > LARGEST:
            _, maker, _, kept, _ = self._all.popleft()
            self._bytes -= len(kept)
            if maker is not None:
                del self._makers[maker]

    def get(self, number: int) -> Exchange | None:
        """The request with this entry; None if it is not kept."""
        place = bisect_left(self._all, number, key=lambda row: row[0])
        found = Exchange(*self._all[place]) if place < len(self._all) else None
        return found if found is not None and found.number == number else None

    def maker(self, flow: str) -> int | None:
        """The number of the entry of the request that made a flow; None if it is not kept."""
        return self._makers.get(flow)
