"""The commands about the clock, and what is due."""

from mockserver.core import facts
from mockserver.core.commands import Mode, MoveClock, SetClock
from mockserver.core.parts import Parts


class Timekeeping:
    """Sets and moves the clock. A part of the engine; nothing else uses it."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def peek(self) -> tuple[int, str] | None:
        """The instant of the earliest thing due, and the id of its flow; None when nothing is due."""
        earliest = self._parts.schedule.peek()
        return None if earliest is None else (earliest[0], earliest[1].flow)

    def move(self, command: MoveClock) -> None:
        """Move the clock, but not past something due; journal it unless real time does it."""
        clock, earliest = self._parts.clock, self.peek()
        since = clock.now
        clock.move(command.to if earliest is None else min(command.to, earliest[0]))
        if clock.mode is not Mode.REALTIME and clock.now != since:
            self._parts.write(facts.ClockMoved(since))

    def set(self, command: SetClock) -> None:
        """Change the mode or the rate."""
        clock = self._parts.clock
        clock.mode = command.mode or clock.mode
        clock.rate = command.rate or clock.rate
        self._parts.write(facts.ClockSet(clock.mode, clock.rate))
