"""The command log: every command of a sandbox, in order, and how many events happened between them.

The same start and the same log give the same journal, so a log can repeat a run elsewhere.
"""

from typing import Protocol

from mockserver.core.behaviour import Behaviour
from mockserver.core.commands import Command, Mode, MoveClock
from mockserver.core.values import Value

AT_A_TIME = 100
"""Entries of a log given up that are freed with each command: to free a million at once takes half a second."""


class Start(Value):
    """How a sandbox began. start: an instant."""

    behaviour: Behaviour
    start: int
    mode: Mode = Mode.MANUAL
    rate: float = 1.0


class Tap(Protocol):
    """Whatever hears all that a log is told, also once the log was given up."""

    def submitted(self, command: Command, *, silent: bool) -> None:
        """Hear of a command; silent: as the log is told."""

    def happened(self) -> None:
        """Hear of an event."""


class CommandLog:
    """The commands and, as numbers, how many events happened between them. tap: hears everything, if there is one."""

    def __init__(self, start: Start) -> None:
        self.start = start
        self._most = start.behaviour.limits.entries
        self._entries: list[Command | int] | None = []
        self._dropped: list[Command | int] = []
        self.tap: Tap | None = None

    @property
    def entries(self) -> tuple[Command | int, ...] | None:
        """The whole log; None once it was given up."""
        return None if self._entries is None else tuple(self._entries)

    def give_up(self) -> None:
        """Stop keeping the log: it is too long, or a flow that it needs was forgotten."""
        if self._entries is not None:
            self._dropped, self._entries = self._entries, None

    def submitted(self, command: Command, *, silent: bool) -> None:
        """Log a command. silent: it wrote nothing to the journal, as when real time passes."""
        if self.tap is not None:
            self.tap.submitted(command, silent=silent)
        if self._entries is None:
            if self._dropped:
                del self._dropped[-AT_A_TIME:]
            return
        if silent and isinstance(command, MoveClock) and self._entries and isinstance(self._entries[-1], MoveClock):
            self._entries.pop()
        self._add(command)

    def happened(self) -> None:
        """Count an event."""
        if self.tap is not None:
            self.tap.happened()
        if self._entries and isinstance(self._entries[-1], int):
            self._entries[-1] += 1
        elif self._entries is not None:
            self._add(1)

    def _add(self, entry: Command | int) -> None:
        if self._entries is not None and len(self._entries) >= self._most:
            self.give_up()
        if self._entries is not None:
            self._entries.append(entry)
