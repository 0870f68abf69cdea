"""What is known of the latest requests besides their entries in the journal.

It is no part of the journal: the body that came and the real time it took are nobody's command, and replay needs
neither. It keeps a limited number of requests and of bytes; the oldest make room.
"""

from collections import OrderedDict
from dataclasses import dataclass

KEPT, LARGEST = 10_000, 8 * 1_048_576
"""The most requests that are kept, and the most bytes in their bodies."""

LONGEST = 65_536
"""The most bytes that are kept of one body."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request. flow: the trackingId it made, or None. took: real milliseconds. size: bytes of the whole body."""

    flow: str | None
    took: float
    body: bytes
    size: int


class Exchanges:
    """The latest requests of a sandbox, by the numbers of their entries in the journal, and by the flows they made."""

    def __init__(self) -> None:
        self._all: OrderedDict[int, Exchange] = OrderedDict()
        self._makers: dict[str, int] = {}
        self._bytes = 0

    def put(self, number: int, flow: str | None, took: float, body: bytes) -> None:
        """Keep a request: the number of its entry, the flow it made, its real milliseconds, and its body."""
        kept = Exchange(flow, took, body[:LONGEST], len(body))
        self._all[number] = kept
        self._bytes += len(kept.body)
        if flow is not None:
            self._makers[flow] = number
        while len(self._all) > KEPT or self._bytes > LARGEST:
            _, oldest = self._all.popitem(last=False)
            self._bytes -= len(oldest.body)
            self._makers.pop(oldest.flow or "", None)

    def get(self, number: int) -> Exchange | None:
        """The request with this entry; None if it is not kept."""
        return self._all.get(number)

    def maker(self, flow: str) -> int | None:
        """The number of the entry of the request that made a flow; None if it is not kept."""
        return self._makers.get(flow)
