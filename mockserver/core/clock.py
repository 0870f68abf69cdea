"""The virtual clock: an instant, in integer milliseconds since 1970 UTC, that only moves forward."""

from enum import StrEnum

from mockserver.core.values import Value

LAST = 253_402_300_799_999
"""The last millisecond of the year 9999, the last that can be written on the wire."""

LIMIT = 10_000
"""The most events in one move of the clock; after these it stops and reports that it did."""

RATES = (0.001, 1_000_000)
"""The slowest and the fastest rate: virtual seconds per real second."""


class Mode(StrEnum):
    """How a sandbox's clock moves: with real time, on request, or at once to whatever is due."""

    REALTIME = "realtime"
    MANUAL = "manual"
    INSTANT = "instant"


class Stopped(StrEnum):
    """Why a move of the clock stopped."""

    REACHED = "reached"
    NEXT = "next"
    FINAL = "final"
    IDLE = "idle"
    LIMIT = "limit"
    CLOSED = "closed"


class Until(Value):
    """How far to move the clock; with no field set, until nothing is due any more.

    by: this many milliseconds. to: to this instant. events: until this many events have happened. flow: until the
    flow with this id is final. ttl: until the ttl of the running step of the flow with this id, or `edge` milliseconds
    after it, before it if negative. limit: always stop after this many events, and report it.
    """

    by: int | None = None
    to: int | None = None
    events: int | None = None
    flow: str | None = None
    ttl: str | None = None
    edge: int = 0
    limit: int = LIMIT


class ClockError(ValueError):
    """The clock cannot make this move; the text says why."""


class Clock:
    """Stands still until it is moved. It only keeps `mode` and `rate`; the shell reads them and moves the clock."""

    def __init__(self, start: int, mode: Mode = Mode.REALTIME, rate: float = 1.0) -> None:
        if not 0 <= start <= LAST:
            raise ClockError("the clock starts between the years 1970 and 9999")
        self.now = start
        self.mode = mode
        self.rate = rate

    def check(self, to: int) -> None:
        """Raise ClockError for an instant in the past, or after the year 9999."""
        if to < self.now:
            raise ClockError("it only moves forward")
        if to > LAST:
            raise ClockError("it moves no further than the end of the year 9999")

    def move(self, to: int) -> None:
        """Set the clock to instant `to`. Raises ClockError as `check` does."""
        self.check(to)
        self.now = to
