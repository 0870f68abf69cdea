"""The pace: computes virtual time from real time, and how long to wait for an instant."""

from collections.abc import Callable

from mockserver.core.clock import LAST, Clock


class Pace:
    """Makes a clock follow real time: since the last anchor, virtual time is real time multiplied by the rate.

    real: a clock like time.monotonic.
    """

    def __init__(self, clock: Clock, real: Callable[[], float]) -> None:
        self._clock = clock
        self._real = real
        self.anchor()

    def anchor(self) -> None:
        """Count from the clock's instant from now on."""
        self._since = self._real()
        self._from = self._clock.now

    def resume(self, passed: float) -> None:
        """Count from the clock's instant as it was so many real seconds ago."""
        self.anchor()
        self._since -= passed

    def now(self) -> int:
        """The virtual instant by real time; never before the clock's own instant, never after the year 9999."""
        passed = (self._real() - self._since) * 1_000 * self._clock.rate
        return max(self._clock.now, min(LAST, self._from + int(min(passed, LAST))))

    def wait(self, due: int) -> float:
        """Real seconds until the virtual instant `due`; 0 if it has come."""
        return max(0.0, (due - self.now()) / 1_000 / self._clock.rate)
