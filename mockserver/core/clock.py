"""The virtual clock: an instant, in integer milliseconds since 1970 UTC, that only moves forward."""

from dataclasses import dataclass
from enum import StrEnum

LAST = 253_402_300_799_999
"""The last millisecond of the year 9999, where the calendar of the wire ends."""

LIMIT = 10_000
"""Events one move of the clock may let happen before it stops and says so."""


class Mode(StrEnum):
    """How a sandbox's clock moves: with real time, when told, or at once to whatever is due."""

    REALTIME = "realtime"
    MANUAL = "manual"
    INSTANT = "instant"


@dataclass(frozen=True, slots=True)
class Until:
    """How far to move the clock; with nothing given, until nothing is due any more.

    by, to: over so many milliseconds, or to that instant, and stand there. events: so many events. flow: until
    the flow with this id is final. limit: stop, and say so, after this many events in any case.
    """

    by: int | None = None
    to: int | None = None
    events: int | None = None
    flow: str | None = None
    limit: int = LIMIT


class ClockError(ValueError):
    """A move the clock cannot make; the text says why."""


class Clock:
    """Stands still until it is moved. `mode` and `rate` tell the shell how to move it; here they are only kept."""

    def __init__(self, start: int, mode: Mode = Mode.REALTIME, rate: float = 1.0) -> None:
        if not 0 <= start <= LAST:
            raise ClockError("the clock starts between the years 1970 and 9999")
        self.now = start
        self.mode = mode
        self.rate = rate

    def check(self, to: int) -> None:
        """Raise ClockError for an instant that is past, or beyond the year 9999."""
        if to < self.now:
            raise ClockError("it only moves forward")
        if to > LAST:
            raise ClockError("it moves no further than the end of the year 9999")

    def move(self, to: int) -> None:
        """Stand at instant `to`. Raises ClockError as `check` does."""
        self.check(to)
        self.now = to
