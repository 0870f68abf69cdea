"""A store in memory whose commits fail as the test has it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mockserver.core.engine import Engine
from mockserver.keeping.reviving import revive
from mockserver.keeping.values import Batch, CannotKeep, Changes, Fenced, LogStore, Snapshot, World


@dataclass
class FaultyStore(LogStore):
    """Keeps in memory. fails: what goes wrong with each commit, in turn: `before` it takes effect, `after`, or nothing.

    `taken`: another server has all of it by now.
    """

    fails: list[str] = field(default_factory=list)
    alone: bool = False
    place: str = "memory"
    untidy: bool = False
    tried: int = 0
    closed: bool = False
    kept: dict[int, World] = field(default_factory=dict)
    batches: dict[tuple[int, int], Batch] = field(default_factory=dict)

    snapshots: dict[int, Snapshot] = field(default_factory=dict)

    def worlds(self) -> list[World]:
        return list(self.kept.values())

    def read(self, key: int) -> Iterator[Snapshot | Batch]:
        seq = 0
        if key in self.snapshots:
            seq = self.snapshots[key].seq
            yield self.snapshots[key]
        yield from [batch for (world, number), batch in sorted(self.batches.items()) if world == key and number > seq]

    def seal(self, snapshot: Snapshot) -> None:
        before = self.snapshots.get(snapshot.key)
        if snapshot.key not in self.kept or (before is not None and before.seq >= snapshot.seq):
            return
        self.snapshots[snapshot.key] = snapshot
        for place in [place for place in self.batches if place[0] == snapshot.key and place[1] <= snapshot.seq]:
            del self.batches[place]

    def seals(self) -> Mapping[int, int]:
        return {key: snapshot.seq for key, snapshot in self.snapshots.items()}

    def commit(self, changes: Changes) -> None:
        assert not self.closed
        self.tried += 1
        how = self.fails.pop(0) if self.fails else ""
        if how == "before":
            raise CannotKeep("disk full")
        if how == "taken":
            raise Fenced([*self.kept, *(world.key for world in changes.made)])
        self.apply(changes)
        if how == "after":
            raise CannotKeep("the disk went away")

    def apply(self, changes: Changes) -> None:
        for key in changes.gone:
            self.kept.pop(key, None)
            self.snapshots.pop(key, None)
            for place in [place for place in self.batches if place[0] == key]:
                del self.batches[place]
        self.kept |= {world.key: world for world in changes.made}
        self.batches |= {(batch.key, batch.seq): batch for batch in changes.batches}

    def tidy(self) -> None:
        self.untidy = False

    def close(self) -> None:
        self.closed = True

    def revived(self) -> Engine:
        """The engine of the only world."""
        [world] = self.worlds()
        return revive(self, world).revival.engine
