"""What is due and when: ordered by instant, then rank, then arrival.

When everything at a moment was cancelled, the moment stays in the heap, and is dropped when it comes to the top.
"""

from collections import OrderedDict
from heapq import heappop, heappush, nsmallest
from typing import Generic, TypeVar

from mockserver.core.outcome import Cause
from mockserver.core.values import Value

T = TypeVar("T")

REPORT_RANK, TTL_RANK = 0, 1
"""At the same instant, a status comes before a ttl."""

RANKS = 2

Ticket = tuple[int, int]
"""The moment at which something is due, and its number in the order of arrival."""


class StatusDue(Value):
    """Due: message `step` of a flow gets a status."""

    flow: str
    step: int
    status: str
    reason: str | None
    cause: Cause = Cause.REPORT


class TtlDue(Value):
    """Due: the ttl of message `step` of a flow runs out."""

    flow: str
    step: int


class CallbackDue(Value):
    """Due: a callback of a flow is posted: a delayed one, a retry, or one that carries an answer."""

    flow: str
    callback: int


Due = StatusDue | TtlDue | CallbackDue


class Schedule(Generic[T]):
    """Things due at instants. At one instant the lower rank goes first; within a rank, what was pushed first.

    A heap orders the moments; each is an instant and a rank in one number. A dict holds what is due at each moment.
    Comparing whole numbers is fast, so a million things due cost little more than a thousand.
    """

    def __init__(self) -> None:
        self._moments: list[int] = []
        self._due: dict[int, tuple[int, T] | OrderedDict[int, T]] = {}
        self._arrivals = 0
        self._pending = 0

    def __len__(self) -> int:
        return self._pending

    def push(self, due: int, thing: T, rank: int = 0) -> Ticket:
        """Add `thing` at instant `due`; returns a ticket to cancel it with."""
        moment = due * RANKS + rank
        self._arrivals += 1
        self._pending += 1
        there = self._due.get(moment)
        if there is None:
            self._due[moment] = (self._arrivals, thing)
            heappush(self._moments, moment)
        elif isinstance(there, tuple):
            self._due[moment] = OrderedDict((there, (self._arrivals, thing)))
        else:
            there[self._arrivals] = thing
        return moment, self._arrivals

    def cancel(self, ticket: Ticket) -> None:
        """Remove an entry that was not popped yet. A ticket must not be cancelled twice."""
        moment, arrival = ticket
        there = self._due[moment]
        self._pending -= 1
        if isinstance(there, tuple):
            del self._due[moment]
        else:
            del there[arrival]
            if not there:
                del self._due[moment]

    def peek(self) -> tuple[int, T] | None:
        """The earliest entry as (due, thing), or None."""
        moments, due = self._moments, self._due
        while moments and moments[0] not in due:
            heappop(moments)
        if not moments:
            return None
        there = due[moments[0]]
        thing = there[1] if isinstance(there, tuple) else next(iter(there.values()))
        return moments[0] // RANKS, thing

    def first(self, most: int) -> list[tuple[int, T]]:
        """The earliest entries as (due, thing), in order; `most` at the most."""
        found: list[tuple[int, T]] = []
        for moment in nsmallest(most, self._due):
            there = self._due[moment]
            things = (there[1],) if isinstance(there, tuple) else there.values()
            found += [(moment // RANKS, thing) for thing in things]
        return found[:most]

    def pop(self, until: int) -> tuple[int, T] | None:
        """Remove the earliest entry due by instant `until`, and return it as (due, thing); None when there is none."""
        earliest = self.peek()
        if earliest is None or earliest[0] > until:
            return None
        self._pending -= 1
        there = self._due[self._moments[0]]
        if isinstance(there, tuple) or len(there) == 1:
            del self._due[heappop(self._moments)]
        else:
            there.popitem(last=False)
        return earliest
