"""Stores of the simulation, which fail as it is drawn: one of a single server, and one that servers share by leases."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random

from mockserver.keeping.values import NOTHING, Batch, CannotKeep, Changes, Claim, Fenced, Snapshot
from mockserver.sandbox.elsewhere import Elsewhere
from tests.keeping.stores import FaultyStore

FAILURES = ("before", "after")

LEASE = 3.0


@dataclass
class DrawnStore(FaultyStore):
    """Fails as it is drawn, for a while. theirs: the worlds that another server has by now. ever: the last key so far,
    also of worlds that were never kept: here each has another. lost: of those of a commit that was fenced."""

    draw: Random = field(default_factory=Random)
    trouble: float = 0.0
    theirs: frozenset[int] = frozenset()
    ever: int = 0
    lost: set[int] = field(default_factory=set)

    def last_key(self) -> int:
        return self.ever

    def commit(self, changes: Changes) -> None:
        self.fence(changes)
        for batch in changes.batches:
            before = self.batches.get((batch.key, batch.seq), batch)
            assert before == batch, f"batch {batch.seq} of world {batch.key} was kept, and is another now"
        self.fails = [self.draw.choice(FAILURES)] if self.draw.random() < self.trouble else []
        super().commit(changes)

    def fence(self, changes: Changes) -> None:
        """Raise Fenced if some of the changes are another server's to make."""
        there = {world.id for key, world in self.kept.items() if key in self.theirs}
        clash = {world.key for world in changes.made if world.id in there}
        if clash or self.theirs & {*changes.gone, *(batch.key for batch in changes.batches)}:
            self.lost |= self.theirs | clash
            raise Fenced(self.theirs | clash)

    def read(self, key: int) -> Iterator[Snapshot | Batch]:
        seq = None
        for each in super().read(key):
            assert each.seq == (seq or 0) + 1 or (seq is None and isinstance(each, Snapshot)), f"{each.seq} after {seq}"
            seq = each.seq
            yield each

    def seal(self, snapshot: Snapshot) -> None:
        self.reach()
        super().seal(snapshot)

    def reach(self) -> None:
        """Raise CannotKeep as it is drawn."""
        if self.draw.random() < self.trouble:
            raise CannotKeep("the store is out of reach")

    def entries(self, key: int) -> int:
        """How long the journal of a world is, as far as it is kept."""
        parts: list[Batch | Snapshot] = [*self.batches.values(), *self.snapshots.values()]
        return max((part.entries for part in parts if part.key == key), default=0)

    def taken(self) -> Sequence[Elsewhere]:
        """The sandboxes that other servers have, as far as this one has heard."""
        theirs = [world for key, world in self.kept.items() if key in self.theirs]
        return [Elsewhere(world.id, world.application, "another", 0) for world in theirs]

    def survivor(self) -> "DrawnStore":
        """What is there after a crash; whatever the dead server still does, it does to another."""
        kept, batches, snapshots = dict(self.kept), dict(self.batches), dict(self.snapshots)
        return DrawnStore(
            alone=self.alone, draw=self.draw, ever=self.ever, kept=kept, batches=batches, snapshots=snapshots
        )


@dataclass
class Held:
    """A lease of a world."""

    owner: str | None
    epoch: int
    until: float
    wanted: str | None = None


@dataclass
class LeasedStore(DrawnStore):
    """What a `PostgresStore` does. clock: seconds. leases, starts: shared by all servers, as what is kept is."""

    name: str = ""
    clock: Callable[[], float] = lambda: 0.0
    leases: dict[int, Held] = field(default_factory=dict)
    starts: "count[int]" = field(default_factory=lambda: count(1))
    lease: float | None = LEASE
    epochs: dict[int, int] = field(default_factory=dict)
    renewed: float = 0.0

    def begun(self, name: str, clock: Callable[[], float]) -> "LeasedStore":
        """The same database, as another server sees it."""
        return LeasedStore(
            alone=True, draw=self.draw, kept=self.kept, batches=self.batches, snapshots=self.snapshots,
            name=name, clock=clock, leases=self.leases, starts=self.starts, renewed=clock(),
        )  # fmt: skip

    def survivor(self) -> "LeasedStore":
        kept, batches, snapshots = dict(self.kept), dict(self.batches), dict(self.snapshots)
        leases = {key: Held(each.owner, each.epoch, each.until, each.wanted) for key, each in self.leases.items()}
        return LeasedStore(
            draw=self.draw, kept=kept, batches=batches, snapshots=snapshots, leases=leases, starts=self.starts
        )

    def last_key(self) -> int:
        return next(self.starts) << 32

    @property
    def lapsed(self) -> bool:
        return self.clock() - self.renewed > LEASE

    def holds(self, key: int) -> bool:
        return key in self.epochs

    def fence(self, changes: Changes) -> None:
        made, gone = {world.key for world in changes.made}, set(changes.gone)
        about = {*gone, *made, *(batch.key for batch in changes.batches)}
        if every := changes == NOTHING or self.clock() - self.renewed > LEASE / 3:
            about |= self.epochs.keys()
        here = {world.id for key, world in self.kept.items() if key not in gone and key not in made}
        lost = {world.key for world in changes.made if world.id in here}
        epochs = dict.fromkeys(made, 1) | self.epochs
        lost |= {key for key in about if key in self.leases and self.leases[key].epoch != epochs.get(key, 0)}
        lost |= {key for key in about - made - gone if key not in self.leases}
        if lost:
            self.lost |= lost
            for key in lost:
                self.epochs.pop(key, None)
            raise Fenced(lost)
        self._about, self._every = about, every

    def commit(self, changes: Changes) -> None:
        self.reach()
        super().commit(changes)
        for key in changes.gone:
            self.epochs.pop(key, None)
        for world in changes.made:
            self.epochs.setdefault(world.key, 1)
        if self._every:
            self.renewed = self.clock()

    def apply(self, changes: Changes) -> None:
        super().apply(changes)
        until = self.clock() + LEASE
        for key in changes.gone:
            self.leases.pop(key, None)
        for key in self._about - set(changes.gone):
            self.leases.setdefault(key, Held(self.name, 1, until)).until = until

    def claim(self, besides: Sequence[int] = ()) -> Claim | None:
        self.reach()
        for key, held in sorted(self.leases.items()):
            over = self.clock() - held.until
            if over <= 0 or key in self.epochs or key in besides:
                continue
            if held.wanted in (None, self.name) or over > LEASE:
                held.owner, held.epoch, held.until, held.wanted = self.name, held.epoch + 1, self.clock() + LEASE, None
                self.epochs[key] = held.epoch
                return Claim(self.kept[key], 0.0)
        return None

    def elsewhere(self) -> Sequence[Elsewhere]:
        self.reach()
        others = [(self.kept[key], held) for key, held in self.leases.items() if key not in self.epochs]
        return [Elsewhere(world.id, world.application, held.owner, 0) for world, held in others]

    def leave(self, key: int, to: str | None = None) -> None:
        epoch = self.epochs.pop(key, 0)
        self.reach()
        if key in self.leases and self.leases[key].epoch == epoch:
            self.leases[key] = Held(None, epoch, self.clock(), to)

    def want(self, ids: Sequence[str]) -> None:
        self.reach()
        for key, held in self.leases.items():
            if self.kept[key].id in ids and held.owner != self.name:
                held.wanted = self.name

    def wanted(self) -> Sequence[tuple[int, str]]:
        self.reach()
        asked = [(key, str(held.wanted)) for key, held in self.leases.items() if key in self.epochs and held.wanted]
        for key, _ in asked:
            self.leases[key].wanted = None
        return asked

    def close(self) -> None:
        super().close()
        for key, epoch in self.epochs.items():
            if key in self.leases and self.leases[key].epoch == epoch:
                self.leases[key] = Held(None, epoch, self.clock())
        self.epochs = {}
