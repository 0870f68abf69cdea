"""The arithmetic between real and virtual time: what instant it is now, and how long until another."""

from collections.abc import Callable

from mockserver.core.clock import LAST, Clock


class Pace:
    """Ties a clock to real time: from the last anchor on, virtual time is real time multiplied by the rate.

    `real` answers with seconds that only grow, like time.monotonic.
    """

    def __init__(self, clock: Clock, real: Callable[[], float]) -> None:
        self._clock = clock
        self._real = real
        self.anchor()

    def anchor(self) -> None:
        """From now on, count from where the clock stands."""
        self._since = self._real()
        self._from = self._clock.now

    def now(self) -> int:
        """The virtual instant by real time; never before the clock's own, never after the year 9999."""
        passed = (self._real() - self._since) * 1_000 * self._clock.rate
        return max(self._clock.now, min(LAST, self._from + int(min(passed, LAST))))

    def wait(self, due: int) -> float:
        """Real seconds until virtual instant `due`; 0 when it has come."""
        return max(0.0, (due - self.now()) / 1_000 / self._clock.rate)
