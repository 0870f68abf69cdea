"""All that a server keeps: it brings the sandboxes back at the start, and keeps what happens to them from then on.

On a disk, what is kept is this server's alone. In a database it is shared: `replica` takes over what nobody has,
and lets go of what another server has by now.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

import orjson

from mockserver.core.commands import Answer, NoteRestart
from mockserver.core.engine import Engine
from mockserver.core.tokens import Token
from mockserver.keeping.directory import Directory
from mockserver.keeping.keeper import Keeper
from mockserver.keeping.replica import Replica
from mockserver.keeping.sqlite import SqliteStore
from mockserver.keeping.values import Batch, CannotKeep, Claim, LogStore, Snapshot, StoreError, World
from mockserver.sandbox.driver import Driver
from mockserver.sandbox.lanes import Post
from mockserver.sandbox.registry import Elsewhere, Sandbox, Sandboxes
from mockserver.sandbox.supervision import Work
from mockserver.settings import SANDBOX, SETTINGS, VERSION, Downtime, Form, Settings, Sync, changed
from mockserver.wire import errors
from mockserver.wire.control import replay
from mockserver.wire.control.kept import Revival
from mockserver.wire.control.replay import BadLog
from mockserver.wire.errors import Refusal

log = logging.getLogger("mockserver")

GRACE = 1.0
"""Real seconds that callbacks under way have to finish when their sandbox goes to another server."""

BEAT = 1.0
"""Real seconds between two signs of life, from which the next server knows how long nobody was there."""


@dataclass(frozen=True, slots=True)
class Revived:
    """A sandbox that was brought back. seq, at: its last batch, and when that was kept, in milliseconds since 1970.

    idle: real seconds since a server last had it; None if the directory knows.
    """

    world: World
    revival: Revival
    at: int
    seq: int
    idle: float | None = None


def revive(store: LogStore, world: World, version: tuple[int, int] = (replay.FORMAT, replay.ENGINE)) -> Revived:
    """Bring one sandbox back. version: FORMAT and ENGINE of this mock. Raises StoreError, which names the place."""
    revival, last = Revival(orjson.loads(world.head)), Batch(world.key, 0, 0, 0, version, b"")
    try:
        for batch in store.read(world.key):
            if isinstance(batch, Snapshot):
                raise BadLog("it has a snapshot, which cannot be read yet")
            last = batch
            if batch.release != version:
                raise BadLog(_other_release(batch.release, world))
            revival.feed(batch.packed, batch.entries)
    except (BadLog, StoreError) as error:
        raise StoreError(
            f"the sandbox {world.id} cannot be brought back, at batch {last.seq}: {error}. `routee-mock data export"
            f" {world.id}` prints what was kept, and `routee-mock data drop {world.id}` forgets it"
        ) from None
    return Revived(world, revival, last.at, last.seq)


def _other_release(release: tuple[int, int], world: World) -> str:
    """Why what another release has kept is not played here, where it could come to something else."""
    version = orjson.loads(world.head).get("version", "another")
    (form, engine), (own_form, own_engine) = release, (replay.FORMAT, replay.ENGINE)
    return (
        f"it was kept by a mock of version {version} or so (format {form}, engine {engine}), and this one"
        f" ({VERSION}: format {own_form}, engine {own_engine}) could make something else of it; use that version"
    )


class Archive:
    """The directory that `settings.data` names, or the database that `settings.store` does.

    Raises StoreError when it cannot be used. wall: a clock like time.time. since: when the server before this one was
    last alive, in seconds since 1970; if there was none, or it may still be, when this one began.
    """

    def __init__(self, settings: Settings, wall: Callable[[], float] = time.time) -> None:
        self._settings = settings
        self._wall = wall
        self._store, self._directory = _opened(settings)
        try:
            self._revived = list(self._claimed())
            self.keeper = Keeper(self._store, wall, self._lose)
            self._replica = Replica(self._store, self.keeper)
        except (StoreError, CannotKeep) as error:
            self._store.close()
            if self._directory is not None:
                self._directory.close(served=False)
            raise StoreError(f"{self._store.place}: {error}") from None
        began = None if self._directory is None else self._directory.since
        self.since = wall() if began is None else began
        if self._revived:
            log.info(
                "%s sandbox%s brought back from %s; options such as --clock count for new ones, and after a reset",
                len(self._revived),
                "" if len(self._revived) == 1 else "es",
                self._store.place,
            )
        self._drive: Callable[[Engine], Driver] | None = None
        self._sandboxes: Sandboxes | None = None
        self._entered: list[tuple[Revived, Driver]] = []
        self._drivers = WeakValueDictionary[int, Driver]()

    # What was kept

    def _claimed(self) -> Iterator[Revived]:
        """Every sandbox that nobody else has, brought back."""
        if self._store.lease is None:
            yield from (revive(self._store, world) for world in self._store.worlds())
        while (claim := self._store.claim()) is not None:
            yield replace(revive(self._store, claim.world), idle=claim.idle)

    def sandboxes(self, drive: Callable[[Engine], Driver]) -> Iterator[tuple[Sandbox, Iterable[Token]]]:
        """The sandboxes that were kept, and the tokens that each has issued. drive: makes the driver of an engine."""
        self._drive = drive
        for each in self._revived:
            if self._store.holds(each.world.key):
                yield self._made_again(each, drive), each.revival.tokens.values()
        self._revived = []

    def _made_again(self, each: Revived, drive: Callable[[Engine], Driver]) -> Sandbox:
        world, engine = each.world, each.revival.engine
        self.keeper.listen(engine, world, each.seq)
        driver = self._drivers[world.key] = drive(engine)
        self._entered.append((each, driver))
        settings = changed(self._settings, orjson.loads(world.settings))
        return Sandbox(world.id, settings, driver, world.application, world.secret)

    def resume(self, sandboxes: Sandboxes) -> None:
        """Let time go on in the sandboxes that were kept, and post again what was under way."""
        self._sandboxes = sandboxes
        now = self._wall()
        for each, driver in self._entered:
            since = self.since if each.idle is None else now - each.idle
            until = now if self._settings.downtime is Downtime.PASSES else since
            again = each.revival.again
            note = NoteRestart(max(0, round((now - since) * 1_000)), tuple(delivery.number for delivery in again))
            driver.resume(max(0.0, until - each.at / 1_000), note, again)
        self._entered = []

    # What other servers have

    @property
    def elsewhere(self) -> Sequence[Elsewhere]:
        """The sandboxes that other servers have."""
        return self._replica.elsewhere

    def _take_over(self, claim: Claim) -> Revived:
        """Bring back a sandbox that nobody has any more. On any thread."""
        return replace(revive(self._store, claim.world), idle=claim.idle)

    def _enter(self, revived: Revived) -> None:
        """Let a sandbox that was brought back go on here."""
        assert self._drive is not None and self._sandboxes is not None  # noqa: PT018, S101 -- the server runs
        self._sandboxes.enter(self._made_again(revived, self._drive), revived.revival.tokens.values())
        self.resume(self._sandboxes)

    def _lose(self, keys: frozenset[int]) -> None:
        """Other servers have these worlds by now: whatever goes on in them here stops, without a word."""
        for driver in [self._drivers[key] for key in keys if key in self._drivers]:
            driver.engine.log.tap = None
            if self._sandboxes is not None:
                self._sandboxes.lose(driver)
        self._replica.look()

    async def _hunt(self) -> None:
        """Take over what nobody has any more, for as long as the server runs."""
        assert self._sandboxes is not None  # noqa: S101 -- the server runs
        await self._replica.hunt(self._take_over, self._enter, self._part, self._sandboxes.ensure_default)

    async def _part(self, key: int, to: str) -> None:
        """Let a sandbox go to the server that is asked for it, if nobody asks for it here."""
        driver = self._drivers.get(key)
        sandbox = None if driver is None or self._sandboxes is None else self._sandboxes.of_driver(driver)
        if sandbox is None or self._sandboxes is None or sandbox.driver.moving:
            return
        if self._sandboxes.unused(sandbox) < (self._store.lease or 0):
            return
        self._replica.parting(Elsewhere(sandbox.id, sandbox.application, to, int(self._wall() * 1_000)))
        await self._sandboxes.part(sandbox, GRACE)
        while not await self.keeper.kept():
            if self.keeper.closed:
                return
        sandbox.driver.engine.log.tap = None
        await asyncio.to_thread(self._store.leave, key, to)
        log.info("the sandbox %s goes on at another mock, %s, which is asked for it", sandbox.id, to)

    def wants(self, there: Elsewhere) -> None:
        """A sandbox that another server has was asked for here."""
        self._replica.want(there.id)

    # What is to be kept

    def listen(self, engine: Engine) -> None:
        """Keep what an engine is told from now on. The sandbox it belongs to is made in the same turn."""
        self.keeper.listen(engine)

    def made(self, sandbox: Sandbox) -> None:
        """A sandbox was made."""
        engine = sandbox.driver.engine
        head = orjson.dumps(replay.head(engine.log.start, VERSION))
        own = orjson.dumps(own_settings(sandbox.settings, self._settings))
        id_, application, secret = sandbox.id, sandbox.application, sandbox.secret
        world = self.keeper.made(engine, lambda key: World(key, id_, application, secret, head, own))
        self._drivers[world.key] = sandbox.driver

    def gone(self, sandbox: Sandbox) -> None:
        """A sandbox is gone."""
        self.keeper.gone(sandbox.driver.engine)

    def holding(self, post: Post) -> Post:
        """`post`, which waits until what has led to a callback is kept."""
        return partial(post_kept, self.keeper, post)

    def refusal(self, sandbox: Sandbox | None = None) -> Refusal:
        """The answer to a request that cannot be kept. sandbox: what it was about, if that is known."""
        if sandbox is not None and sandbox.driver.lost:
            return self._replica.whose(sandbox.id)
        return errors.cannot_keep(self.keeper.trouble or "it takes too long", self._store.place)

    @property
    def work(self) -> Mapping[str, Work]:
        """What goes on behind the requests."""
        if self._directory is None:
            return {"renews leases": self._replica.renew, "takes over sandboxes": self._hunt}
        return {"says that the server is alive": partial(_beat, self._directory)}

    def stop_trying(self) -> None:
        """The server stops: if nothing can be kept, let nobody wait for it any longer."""
        self.keeper.stop_trying()

    async def close(self) -> None:
        """Keep what is left, and give the directory back."""
        await self.keeper.close()
        if self._directory is not None:
            self._directory.close()


def _opened(settings: Settings) -> tuple[LogStore, Directory | None]:
    """Where the settings say that all is kept. Raises StoreError."""
    if settings.store is not None:
        from mockserver.keeping.postgres import PostgresStore  # its driver is an extra, and takes a while

        return PostgresStore(settings.store, lease=settings.lease, power=settings.sync is Sync.POWER), None
    assert settings.data is not None  # noqa: S101 -- without a place there is no archive
    directory = Directory(settings.data)
    try:
        return SqliteStore(settings.data, power=settings.sync is Sync.POWER), directory
    except StoreError as error:
        directory.close(served=False)
        raise StoreError(f"{settings.data}: {error}") from None


async def _beat(directory: Directory) -> None:
    """Give signs of life for as long as the server runs."""
    while True:
        directory.beat()
        await asyncio.sleep(BEAT)


UNKEPT = Answer(status=None, error="the mock has stopped before it could keep what led to this callback", took=0)


async def post_kept(keeper: Keeper, post: Post, url: str, body: bytes) -> Answer:
    """Post a callback when all that was gathered so far is kept, however long that takes."""
    while not await keeper.kept():
        if keeper.closed:
            return UNKEPT
    return await post(url, body)


def own_settings(settings: Settings, server: Settings) -> Mapping[str, Any]:
    """The settings of a sandbox that differ from its server's, by name, as `changed` takes them."""
    found = {}
    for name in SANDBOX:
        setting, values = SETTINGS[name], []
        for place in (settings, server):
            value: Any = place
            for step in setting.path:
                value = getattr(value, step)
            values.append(value)
        if values[0] != values[1]:
            found[name] = setting.words[values[0]] if setting.form is Form.EITHER else values[0]
    return found
