"""What is due and when: a heap ordered by instant, then rank, then arrival.

Cancelled entries stay in the heap and are dropped when they come to the top.
"""

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Generic, TypeVar

from mockserver.core.outcome import Cause

T = TypeVar("T")

REPORT_RANK, TTL_RANK = 0, 1
"""A status beats a ttl at the same instant."""


@dataclass(frozen=True, slots=True)
class StatusDue:
    """Due: message `step` of a flow hears a status."""

    flow: str
    step: int
    status: str
    reason: str | None
    cause: Cause = Cause.REPORT


@dataclass(frozen=True, slots=True)
class TtlDue:
    """Due: the ttl of message `step` of a flow runs out."""

    flow: str
    step: int


@dataclass(frozen=True, slots=True)
class CallbackDue:
    """Due: a callback of a flow is posted, later than it fell due or once again."""

    flow: str
    callback: int


Due = StatusDue | TtlDue | CallbackDue


class Schedule(Generic[T]):
    """Things due at instants. At one instant the lower rank goes first; within a rank, what was pushed first."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, int, T]] = []
        self._cancelled: set[int] = set()
        self._arrivals = 0

    def __len__(self) -> int:
        return len(self._heap) - len(self._cancelled)

    def push(self, due: int, thing: T, rank: int = 0) -> int:
        """Add `thing` at instant `due`; answers with a ticket to cancel it by."""
        self._arrivals += 1
        heappush(self._heap, (due, rank, self._arrivals, thing))
        return self._arrivals

    def cancel(self, ticket: int) -> None:
        """Take back an entry that has not been popped; a ticket must not be cancelled twice."""
        self._cancelled.add(ticket)

    def peek(self) -> tuple[int, T] | None:
        """The earliest entry as (due, thing), or None."""
        while self._heap and self._heap[0][2] in self._cancelled:
            self._cancelled.remove(heappop(self._heap)[2])
        return (self._heap[0][0], self._heap[0][3]) if self._heap else None

    def pop(self, until: int) -> tuple[int, T] | None:
        """Take out the earliest entry due by instant `until`: (due, thing), or None when there is none."""
        earliest = self.peek()
        if earliest is None or earliest[0] > until:
            return None
        heappop(self._heap)
        return earliest
