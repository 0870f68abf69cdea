"""The command log: every command that a sandbox got, in order, and how many events happened in between.

The same start and the same log give the same journal. That is how a run is repeated elsewhere.
"""

from mockserver.core.behaviour import Behaviour
from mockserver.core.commands import Command, Mode, MoveClock
from mockserver.core.values import value


@value
class Start:
    """What a sandbox began as. start: an instant."""

    behaviour: Behaviour
    start: int
    mode: Mode = Mode.MANUAL
    rate: float = 1.0


class CommandLog:
    """The commands and, as numbers, how many events happened between them; None when it grew too long to keep."""

    def __init__(self, start: Start) -> None:
        self.start = start
        self._most = start.behaviour.limits.entries
        self._entries: list[Command | int] | None = []

    @property
    def entries(self) -> tuple[Command | int, ...] | None:
        """All of it, or None when it has been given up."""
        return None if self._entries is None else tuple(self._entries)

    def give_up(self) -> None:
        """Keep it no longer: what it is made of is being forgotten."""
        self._entries = None

    def submitted(self, command: Command, *, silent: bool) -> None:
        """A command was given. silent: it left no mark in the journal, as real time does in passing."""
        if self._entries is None:
            return
        if silent and isinstance(command, MoveClock) and self._entries and isinstance(self._entries[-1], MoveClock):
            self._entries.pop()
        self._add(command)

    def happened(self) -> None:
        """An event happened."""
        if self._entries and isinstance(self._entries[-1], int):
            self._entries[-1] += 1
        elif self._entries is not None:
            self._add(1)

    def _add(self, entry: Command | int) -> None:
        if self._entries is not None and len(self._entries) >= self._most:
            self.give_up()
        if self._entries is not None:
            self._entries.append(entry)
