"""What is kept, as values, and what a store must do with it.

A world is a sandbox from its making to its end: a reset ends one and makes another with the same id. Its commands are
kept in batches. Whatever is kept in one commit is kept together or not at all. A snapshot is what the batches so
far have come to: a world is brought back from the latest one, and from the batches after it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from mockserver.sandbox.elsewhere import Elsewhere


@dataclass(frozen=True, slots=True)
class World:
    """How a sandbox was made.

    key: its number in the store. application, secret: the credentials that lead to it, if it has its own. head: how its
    log begins, as JSON. settings: those that differ from the server's, by name, as JSON.
    """

    key: int
    id: str
    application: str | None
    secret: str | None
    head: bytes
    settings: bytes

    @property
    def name(self) -> str:
        """What tells it from every other world: one that was set aside can have the id of another."""
        return f"{self.id}#{self.key}"


def named(worlds: Sequence[World]) -> dict[str, World]:
    """Worlds by their ids, with the number where several have the same: all but one of these were set aside."""
    times = Counter(world.id for world in worlds)
    return {world.id if times[world.id] == 1 else world.name: world for world in worlds}


@dataclass(frozen=True, slots=True)
class Batch:
    """What one commit keeps of one world.

    seq: 1, 2, 3 and so on, without a gap. at: the real time, in milliseconds since 1970. entries: the length of the
    journal after it. release: FORMAT and ENGINE. packed: the entries of the log.
    """

    key: int
    seq: int
    at: int
    entries: int
    release: tuple[int, int]
    packed: bytes


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the batches of a world up to number `seq` have come to; it stands for them.

    at, entries: as of that batch. release: the FORMAT of states, and the ENGINE that made this one. packed: the state.
    """

    key: int
    seq: int
    at: int
    entries: int
    release: tuple[int, int]
    packed: bytes


@dataclass(slots=True)
class Tail:
    """How much of a world a restart has to play again: commands and events, and the bytes they are kept in."""

    entries: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Changes:
    """What one commit changes. gone: the keys of worlds that have ended."""

    made: tuple[World, ...]
    gone: tuple[int, ...]
    batches: tuple[Batch, ...]

    def without(self, keys: frozenset[int]) -> "Changes":
        """The changes of other worlds."""
        return Changes(
            tuple(world for world in self.made if world.key not in keys),
            tuple(key for key in self.gone if key not in keys),
            tuple(batch for batch in self.batches if batch.key not in keys),
        )


NOTHING = Changes((), (), ())


@dataclass(frozen=True, slots=True)
class Claim:
    """A world that is this server's from now on. idle: real seconds since it was another's; None if nobody knows."""

    world: World
    idle: float | None = None


class StoreError(ValueError):
    """What is kept cannot be used; the text says why, and what to do."""


class CannotKeep(OSError):
    """A commit has failed, and nothing of it is kept; it can be tried again. The text says why, in a few words."""


class Fenced(Exception):
    """A commit is not this server's to make, and nothing of it is kept: other servers have some of its worlds by now.

    keys: of those, and of any other world that this server has lost.
    """

    def __init__(self, keys: Iterable[int]) -> None:
        self.keys = frozenset(keys)
        super().__init__(f"another server has {len(self.keys)} of the sandboxes")


Outcome = Callable[[], None]
"""Raises what a commit raises."""


class LogStore(Protocol):
    """Where batches are kept.

    place: where it is, in words. option: how a command is told so in a shell. lease: real seconds that a world is this
    server's after its last commit; None if nobody else can have it.
    """

    place: str
    option: str = ""
    lease: float | None = None

    @property
    def lapsed(self) -> bool:
        """Whether other servers may have this one's worlds by now, so that it must commit before it says anything."""
        return False

    def last_key(self) -> int:
        """A number that all keys of new worlds are above."""
        return max((world.key for world in self.worlds()), default=0)

    def claim(self, besides: Sequence[int] = ()) -> Claim | None:  # noqa: ARG002
        """Take a world that nobody has, if there is one. besides: keys of some to leave alone. Raises CannotKeep."""
        return None

    def elsewhere(self) -> Sequence[Elsewhere]:
        """The worlds that other servers have. Raises CannotKeep."""
        return ()

    def leave(self, key: int, to: str | None = None) -> None:  # noqa: ARG002
        """Let another server have a world. to: which. Raises CannotKeep."""
        return  # where there is no other

    def want(self, ids: Sequence[str]) -> None:  # noqa: ARG002
        """Ask whoever has these worlds for them. Raises CannotKeep."""
        return

    def wanted(self) -> Sequence[tuple[int, str]]:
        """The worlds that other servers want of this one, each with which. Raises CannotKeep."""
        return ()

    def holds(self, key: int) -> bool:  # noqa: ARG002
        """Whether a world is this server's, as far as it knows."""
        return True

    @property
    def missing(self) -> bool:
        """Whether all of it was removed meanwhile; the next commit writes it anew."""
        return False

    @property
    def alone(self) -> bool:
        """Whether the next commit takes so long that it belongs on a thread of its own."""

    @property
    def untidy(self) -> bool:
        """Whether it is time to call `tidy`."""

    def worlds(self) -> list[World]:
        """Every world, oldest first."""

    def advice(self, verb: str, world: World) -> str:
        """A `routee-mock data` command about a world, as it can be pasted into a shell."""
        return f"`routee-mock data {verb} {world.name} {self.option}`"

    def read(self, key: int) -> Iterator[Snapshot | Batch]:
        """The snapshot of a world, if there is one, then the batches after it, in order. On any thread.

        Raises StoreError where one is missing, or cannot be read.
        """

    def seals(self) -> Mapping[int, int]:
        """The numbers of the last batches in the snapshots, by the keys of their worlds. Raises StoreError."""

    def commit(self, changes: Changes) -> None:
        """Keep all of it or nothing; the same changes twice are kept once. Raises CannotKeep and Fenced."""

    def begin(self, changes: Changes, ended: Callable[[Outcome], None]) -> bool:  # noqa: ARG002
        """Begin a commit that the event loop ends, if that takes no thread. Returns whether it is begun.

        ended: called with what came of it.
        """
        return False

    def seal(self, snapshot: Snapshot) -> None:
        """Keep a snapshot and forget the batches that it stands for, in one commit, also while others commit.

        Does nothing for a world that has ended, or that has this snapshot or a later one. Raises CannotKeep.
        """

    def tidy(self) -> None:
        """Do what is better done now and then than in each commit. It may take a while."""

    def close(self) -> None:
        """Let go of what is held."""
