"""What one log is told, gathered until it is kept."""

from collections.abc import Callable

from mockserver.core.commands import Command, MoveClock
from mockserver.core.engine import Engine
from mockserver.keeping.values import Batch, Tail, World
from mockserver.wire.control.kept import pack
from mockserver.wire.control.replay import ENGINE, FORMAT


class Tap:
    """What one log was told and is not kept yet. stir: called with the first of it. world: None until it is named.

    tail: what is kept of it and must be replayed at a restart. seq: the number of its last batch.
    """

    def __init__(
        self,
        engine: Engine,
        stir: Callable[["Tap"], None],
        world: World | None = None,
        seq: int = 0,
        tail: Tail | None = None,
    ) -> None:
        self.world = world
        self.tail = tail or Tail()
        self._engine = engine
        self._stir = stir
        self.seq = seq
        self._entries: list[Command | int] = []

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def journal(self) -> int:
        """How many entries the journal has."""
        return self._engine.journal.written - self._engine.journal.forgotten

    def submitted(self, command: Command, *, silent: bool) -> None:
        """Gather a command. Of moves of the clock that nothing came of, the last says it all."""
        entries = self._entries
        if silent and entries and type(command) is MoveClock and type(entries[-1]) is MoveClock:
            entries[-1] = command
        else:
            self._add(command)

    def happened(self) -> None:
        """Count an event."""
        if self._entries and isinstance(self._entries[-1], int):
            self._entries[-1] += 1
        else:
            self._add(1)

    def _add(self, entry: Command | int) -> None:
        self._entries.append(entry)
        if len(self._entries) == 1:
            self._stir(self)

    def leave(self) -> None:
        """Gather no more."""
        self._engine.log.tap = None

    def take(self, at: int) -> Batch:
        """All of it, as a batch. at: the real time, in milliseconds since 1970."""
        assert self.world is not None  # noqa: S101 -- a sandbox is named in the turn that makes it
        packed = pack(self._entries)
        self.tail.entries += sum([each if type(each) is int else 1 for each in self._entries])
        self.tail.bytes += len(packed)
        self.seq, self._entries = self.seq + 1, []
        return Batch(self.world.key, self.seq, at, self._engine.journal.written, (FORMAT, ENGINE), packed)
