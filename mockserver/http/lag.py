"""How late the event loop is: while one piece of work takes long, everything else waits for it."""

import asyncio
import time
from collections.abc import Callable

BEAT = 0.25
"""Real seconds between two measurements."""

TOO_LATE = 1.0
"""Real seconds: a server that is so late is not ready (choice)."""


class Lag:
    """real: seconds that only grow, like time.monotonic."""

    def __init__(self, real: Callable[[], float] = time.monotonic) -> None:
        self._real = real
        self._last = 0.0
        self._due: float | None = None

    async def measure(self) -> None:
        """Measure for as long as the server runs."""
        while True:
            self._due = self._real() + BEAT
            await asyncio.sleep(BEAT)
            self._last = max(0.0, self._real() - self._due)

    @property
    def seconds(self) -> float:
        """How late the latest measurement came, or the next one is already."""
        overdue = 0.0 if self._due is None else self._real() - self._due
        return max(self._last, overdue)
