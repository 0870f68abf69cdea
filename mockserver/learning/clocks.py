"""Whether the clock of the recorder goes with that of the service.

It does for a live service. It does not for a mock at another rate, or one whose clock is moved by hand or jumps: then
the instants of the recorder say nothing of what was waited for.

A flow says by the service's clock when it was accepted, and when it changed; a recorder notes both a little later. What
lies between two of them is the same by both clocks, apart from what came late. Only what was posted or asked for can
come late: an answer to a send is there within seconds.
"""

from dataclasses import dataclass

from mockserver.learning.retries import PATIENCE, SHARE

LONG = 20_000
"""Milliseconds, by either clock, from which on two instants can tell whether both clocks go alike."""

SURE = 2_000
"""Milliseconds by which instants differ that are written in whole seconds, one by each clock."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """One instant by both clocks, in milliseconds since 1970."""

    at: int
    told: int


class Clocks:
    """Compares the two clocks, mark by mark, in whatever order the marks come."""

    def __init__(self) -> None:
        self._prompt: _Mark | None = None
        self._late: _Mark | None = None
        self._alike = self._apart = 0

    @property
    def agree(self) -> bool:
        """Whether both go alike, as far as was seen. A clock that was set in between agrees before and after it."""
        return self._apart <= self._alike

    def note(self, at: int | None, told: int | None, *, prompt: bool = False) -> None:
        """Note an instant: at, by the recorder; told, by the service; None where not known. prompt: it was at once."""
        if at is None or told is None:
            return
        mark, last = _Mark(at, told), self._prompt or self._late
        if last is None or self._compared(last, mark, prompt=prompt) or (prompt and self._prompt is None):
            self._prompt, self._late = (mark, None) if prompt else (self._prompt, mark)

    def _compared(self, last: _Mark, mark: _Mark, *, prompt: bool) -> bool:
        """Compare two marks, if they can tell anything; return whether they can."""
        passed, told, known = mark.at - last.at, mark.told - last.told, self._prompt is not None
        if known and told - passed > (PATIENCE if prompt else SURE):  # nothing that came late can explain it
            self._apart += 1
            return True
        return self.compare(passed, told, prompt=known and prompt)

    def compare(self, passed: int, told: int, *, prompt: bool = True) -> bool:
        """Compare what passed by the recorder, and by the service; return whether it is enough to tell anything.

        prompt: both ends of it were noted at once.
        """
        if max(abs(passed), abs(told)) < LONG:
            return False
        if abs(told - passed) <= max(PATIENCE, SHARE * abs(told)):
            self._alike += 1
        elif told > passed or prompt:
            self._apart += 1
        return True
