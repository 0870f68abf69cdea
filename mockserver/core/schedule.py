"""What is due and when: ordered by instant, then rank, then arrival."""

from heapq import heapify, heappop, heappush, nsmallest
from typing import Generic, TypeVar

from mockserver.core.outcome import Cause
from mockserver.core.values import Value

T = TypeVar("T")

REPORT_RANK, TTL_RANK = 0, 1
"""At the same instant, a status comes before a ttl, by default."""

TIES = {"status": 0, "ttl": 1}
"""For each `ttl_tie` of a dialect, what turns the ranks round."""

RANK, ARRIVAL = 1, 40
"""Bits of a ticket below its instant: for the rank, and for the number of the arrival."""

INSTANT = RANK + ARRIVAL
LENGTH = 10
"""Bits of an instant below its stretch: a stretch is about a second."""

STRETCH = INSTANT + LENGTH
"""Bits of a ticket below its instant, and below its stretch."""

Ticket = int
"""When something goes, as a number: its instant, its rank, and its number in the order of arrival."""


class StatusDue(Value):
    """Due: message `step` of a flow gets a status. then: what its messages get next, at the same instant."""

    flow: str
    step: int
    status: str
    reason: str | None
    cause: Cause = Cause.REPORT
    then: "tuple[StatusDue, ...]" = ()


class TtlDue(Value):
    """Due: the ttl of message `step` of a flow runs out."""

    flow: str
    step: int


class CallbackDue(Value):
    """Due: a callback of a flow is posted: a delayed one, a retry, or one that carries an answer."""

    flow: str
    callback: int


Due = StatusDue | TtlDue | CallbackDue


def instant_of(ticket: Ticket) -> int:
    """The instant at which what has this ticket is due."""
    return ticket >> INSTANT


class Stretch(Generic[T]):
    """What is due in a second. things: by their tickets. order: the tickets as a heap, once this is the earliest."""

    __slots__ = ("order", "things")

    def __init__(self, ticket: Ticket, thing: T) -> None:
        self.things = {ticket: thing}
        self.order: list[Ticket] | None = None

    def first(self) -> list[Ticket]:
        """The tickets as a heap. On top is one that was not cancelled."""
        if self.order is None:
            self.order = [*self.things]
            heapify(self.order)
        while self.order[0] not in self.things:
            heappop(self.order)
        return self.order


class Schedule(Generic[T]):
    """Things due at instants. At one instant the lower rank goes first; within a rank, what was pushed first.

    turn: 1 if the higher rank goes first, else 0.

    Time is cut into stretches. A heap orders the stretches; what is due in one of them is ordered only when it is the
    earliest. So heaps stay small, and a million things due cost little more than a thousand.
    """

    def __init__(self, turn: int = 0) -> None:
        self._turn = turn
        self._order: list[int] = []
        self._stretches: dict[int, Stretch[T]] = {}
        self._arrivals = 0
        self._left = 0

    def __len__(self) -> int:
        return self._arrivals - self._left

    def push(self, due: int, thing: T, rank: int = 0) -> Ticket:
        """Add `thing` at instant `due`; returns a ticket to cancel it with."""
        self._arrivals = arrival = self._arrivals + 1
        ticket = (due << RANK | rank ^ self._turn) << ARRIVAL | arrival
        place = due >> LENGTH
        stretch = self._stretches.get(place)
        if stretch is None:
            self._stretches[place] = Stretch(ticket, thing)
            heappush(self._order, place)
            return ticket
        stretch.things[ticket] = thing
        if stretch.order is not None:
            heappush(stretch.order, ticket)
        return ticket

    def cancel(self, ticket: Ticket) -> None:
        """Remove an entry that was not popped yet. A ticket must not be cancelled twice."""
        self._left += 1
        things = self._stretches[ticket >> STRETCH].things
        del things[ticket]
        if not things:
            del self._stretches[ticket >> STRETCH]

    def find(self, ticket: Ticket) -> T | None:
        """The entry with this ticket; None if it was popped or cancelled."""
        stretch = self._stretches.get(ticket >> STRETCH)
        return None if stretch is None else stretch.things.get(ticket)

    def peek(self) -> tuple[int, T] | None:
        """The earliest entry as (due, thing), or None."""
        stretch = self._earliest()
        if stretch is None:
            return None
        ticket = stretch.first()[0]
        return ticket >> INSTANT, stretch.things[ticket]

    def first(self, most: int) -> list[tuple[int, T]]:
        """The earliest entries as (due, thing), in the order in which they go; `most` at the most."""
        found: list[tuple[int, T]] = []
        for stretch in nsmallest(most, self._stretches):
            things = self._stretches[stretch].things
            found += [(each >> INSTANT, things[each]) for each in nsmallest(most - len(found), things)]
            if len(found) == most:
                break
        return found

    def pop(self, until: int) -> tuple[int, T] | None:
        """Remove the earliest entry due by instant `until`, and return it as (due, thing); None when there is none."""
        stretch = self._earliest()
        if stretch is None:
            return None
        order, things = stretch.first(), stretch.things
        due = order[0] >> INSTANT
        if due > until:
            return None
        self._left += 1
        thing = things.pop(heappop(order))
        if not things:
            del self._stretches[heappop(self._order)]
        return due, thing

    def _earliest(self) -> Stretch[T] | None:
        """The earliest stretch. Those in which everything was cancelled are dropped on the way."""
        order, stretches = self._order, self._stretches
        while order:
            stretch = stretches.get(order[0])
            if stretch is not None:
                return stretch
            heappop(order)
        return None
