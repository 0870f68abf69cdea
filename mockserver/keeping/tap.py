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
        self._more = 0  # so many more commands and events there are than entries

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def journal(self) -> int:
        """How many entries the journal has."""
        return self._engine.journal.written - self._engine.journal.forgotten

    def submitted(self, command: Command, *, silent: bool) -> None:
        """Gather a command. Of moves of the clock that nothing came of, the last says it all."""
        entries = self._entries
        if not entries:
            self._stir(self)
        elif silent and type(command) is MoveClock and type(entries[-1]) is MoveClock:
            entries[-1] = command
            return
        entries.append(command)

    def happened(self) -> None:
        """Count an event."""
        entries = self._entries
        if not entries:
            self._stir(self)
        elif type(entries[-1]) is int:
            entries[-1] += 1
            self._more += 1
            return
        entries.append(1)

    def leave(self) -> None:
        """Gather no more."""
        self._engine.log.tap = None

    def take(self, at: int) -> Batch:
        """All of it, as a batch. at: the real time, in milliseconds since 1970."""
        assert self.world is not None  # noqa: S101 -- a sandbox is named in the turn that makes it
        packed = pack(self._entries)
        self.tail.entries += len(self._entries) + self._more
        self.tail.bytes += len(packed)
        self.seq, self._entries, self._more = self.seq + 1, [], 0
        return Batch(self.world.key, self.seq, at, self._engine.journal.written, (FORMAT, ENGINE), packed)
