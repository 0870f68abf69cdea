"""Brings sandboxes back from what is kept of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import orjson

from mockserver.keeping.values import Batch, LogStore, Snapshot, StoreError, Tail, World
from mockserver.settings import VERSION
from mockserver.wire.control import replay
from mockserver.wire.control.kept import Revival, unpack, unpack_state
from mockserver.wire.control.replay import BadLog
from mockserver.wire.state import lines


@dataclass(frozen=True, slots=True)
class Revived:
    """A sandbox that was brought back.

    seq, at: its last batch, and when that was kept, in milliseconds since 1970. tail: what was replayed for it.
    """

    world: World
    revival: Revival
    at: int
    seq: int
    tail: Tail = field(default_factory=Tail)


def revive(
    store: LogStore,
    world: World,
    version: tuple[int, int] = (replay.FORMAT, replay.ENGINE),
    pulse: Callable[[], None] = lambda: None,
) -> Revived:
    """Bring one sandbox back. version: FORMAT and ENGINE of this mock. pulse: called again and again; it may raise.

    Raises StoreError, which names the place.
    """
    tail = Tail()
    last: Snapshot | Batch = Batch(world.key, 0, 0, 0, version, b"")
    try:
        revival = _begun(world)
        revival.engine.log.give_up()  # the store has it
        for last in store.read(world.key):
            pulse()
            if isinstance(last, Snapshot):
                if last.release[0] != lines.FORMAT:
                    raise BadLog(_other_state(last.release[0]))
                revival.restore(last.packed, last.entries)
                continue
            if last.release != version:
                raise BadLog(_other_release(last.release, world, store.advice("seal", world)))
            revival.feed(last.packed, last.entries)
            tail.bytes += len(last.packed)
    except (BadLog, StoreError) as error:
        raise StoreError(
            f"the sandbox {world.id} cannot be brought back, at batch {last.seq}: {error}. `serve` starts without"
            f" it with --data-quarantine, and keeps it; {store.advice('export', world)} prints what was kept, and"
            f" {store.advice('drop', world)} forgets it"
        ) from None
    tail.entries = revival.done
    return Revived(world, revival, last.at, last.seq, tail)


def _begun(world: World) -> Revival:
    """A sandbox as it began. Raises BadLog."""
    try:
        return Revival(orjson.loads(world.head))
    except BadLog:
        raise
    except Exception as error:  # a head that is damaged can say anything
        raise BadLog(f"how it began cannot be read: {type(error).__name__}: {error}") from None


def _other_state(form: int) -> str:
    return (
        f"its snapshot is of a release that writes state in format {form}, and this one ({VERSION}) reads format"
        f" {lines.FORMAT}; use that version"
    )


def _other_release(release: tuple[int, int], world: World, seal: str) -> str:
    """Why what another release has kept is not played here, where it could come to something else.

    seal: the command of that release that helps.
    """
    version = orjson.loads(world.head).get("version", "another")
    (form, engine), (own_form, own_engine) = release, (replay.FORMAT, replay.ENGINE)
    return (
        f"it was kept by a mock of version {version} or so (format {form}, engine {engine}), and this one"
        f" ({VERSION}: format {own_form}, engine {own_engine}) could make something else of it; use that version, or"
        f" let its {seal} write the state that it has led to, from which this one goes on"
    )


def exported(store: LogStore, world: World) -> Iterator[bytes]:
    """The log of a world, as far as it is kept: the state that it has led to, if it was sealed, and what came since.

    Raises StoreError, which names the place, after all that could be read.
    """
    seq = 0
    try:
        head = orjson.loads(world.head)
        parts = store.read(world.key)
        part = next(parts, None)
        if isinstance(part, Snapshot):
            seq = part.seq
            yield replay.line(head | {"sealed": {"entries": part.entries}})
            yield from unpack_state(part.packed)
            part = next(parts, None)
        else:
            yield replay.line(head)
        while part is not None:
            seq = part.seq
            yield from map(replay.line, map(replay.entry_json, unpack(part.packed)))
            part = next(parts, None)
    except (TypeError, ValueError) as error:  # damage can look like a command with other values
        raise StoreError(f"the log of {world.id} cannot be read, at batch {seq}: {error}") from None
