"""All that a server keeps: it brings the sandboxes back at the start, and keeps what happens to them from then on.

On a disk, what is kept is this server's alone. In a database it is shared: `replica` takes over what nobody has,
and lets go of what another server has by now.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

import orjson

from mockserver.core.commands import Answer, NoteRestart
from mockserver.core.dialect import differences
from mockserver.core.engine import Engine
from mockserver.core.tokens import Token
from mockserver.keeping.directory import Directory
from mockserver.keeping.keeper import Keeper
from mockserver.keeping.replica import Replica
from mockserver.keeping.restoring import Restoring
from mockserver.keeping.reviving import Revived, exported
from mockserver.keeping.sealing import Sealer, command, seal_short
from mockserver.keeping.shared import database
from mockserver.keeping.sqlite import SqliteStore
from mockserver.keeping.standing import standing
from mockserver.keeping.values import CannotKeep, Claim, LogStore, StoreError, World
from mockserver.sandbox.driver import Driver
from mockserver.sandbox.elsewhere import Elsewhere
from mockserver.sandbox.lanes import Post, PostAtOnce, never_at_once
from mockserver.sandbox.registry import DEFAULT, Sandbox, Sandboxes
from mockserver.sandbox.supervision import Work
from mockserver.settings import SANDBOX, SETTINGS, VERSION, Downtime, Form, Setting, Settings, Sync, changed
from mockserver.wire import Json, errors
from mockserver.wire.control import replay
from mockserver.wire.errors import Refusal

log = logging.getLogger("mockserver")

GRACE = 1.0
"""Real seconds that callbacks under way have to finish when their sandbox goes to another server."""

BEAT = 1.0
"""Real seconds between two signs of life, from which the next server knows how long nobody was there."""


class Archive:
    """The directory that `settings.data` names, or the database that `settings.store` does.

    Raises StoreError when it cannot be used. wall: a clock like time.time. since: when the server before this one was
    last alive, in seconds since 1970; if there was none, or it may still be, when this one began. coming: the sandboxes
    that are still being brought back, by their ids, each with its application. failed: called when one of them cannot
    be brought back while others are served.
    """

    def __init__(self, settings: Settings, wall: Callable[[], float] = time.time) -> None:
        self._settings = settings
        self._wall = wall
        self._store, self._directory = _opened(settings)
        self._since: dict[int, float] = {}
        try:
            self._restoring = Restoring(self._store, self._claimed(), quarantine=settings.data_quarantine)
            self.coming: Mapping[str, str | None] = self._restoring.ids
            self._prompt = list(self._restoring.prompt())
            self.keeper = Keeper(self._store, wall, self._lose)
            self._replica = Replica(self._store, self.keeper)
        except (StoreError, CannotKeep) as error:
            self._store.close()
            if self._directory is not None:
                self._directory.close(served=False)
            raise StoreError(f"{self._store.place}: {error}") from None
        self._sealer = Sealer(self.keeper, command(settings.data), settings.store)
        began = None if self._directory is None else self._directory.since
        self.since = wall() if began is None else began
        self.failed: Callable[[Exception], None] = log.error
        if self._prompt:
            log.info(
                "%s sandbox%s brought back from %s; options such as --clock count for new ones, and after a reset",
                len(self._prompt),
                "" if len(self._prompt) == 1 else "es",
                self._store.place,
            )
        self._entered: list[tuple[Revived, Driver]] = []
        self._drivers = WeakValueDictionary[int, Driver]()
        self._sandboxes: Sandboxes | None = None

    # What was kept

    def _claimed(self) -> list[World]:
        """Every world that nobody else has; it is this server's from now on."""
        if self._store.lease is None:
            return self._store.worlds()
        claimed = []
        while (claim := self._store.claim()) is not None:
            claimed.append(self._noted(claim))
        return claimed

    def _noted(self, claim: Claim) -> World:
        if claim.idle is not None:
            self._since[claim.world.key] = self._wall() - claim.idle
        return claim.world

    def sandboxes(self, drive: Callable[[Engine], Driver]) -> Iterator[tuple[Sandbox, Iterable[Token]]]:
        """The sandboxes that are back already, and the tokens that each has issued. drive: makes an engine's driver."""
        self._drive = drive
        for each in self._prompt:
            if self._store.holds(each.world.key):
                yield self._made_again(each)
        self._prompt = []

    def _made_again(self, each: Revived) -> tuple[Sandbox, Iterable[Token]]:
        world, engine = each.world, each.revival.engine
        self.keeper.listen(engine, world, each.seq, each.tail)
        driver = self._drivers[world.key] = self._drive(engine)
        self._entered.append((each, driver))
        settings = changed(self._settings, orjson.loads(world.settings))
        sandbox = Sandbox(world.id, settings, driver, world.application, world.secret)
        return sandbox, each.revival.tokens.values()

    def restored(self) -> tuple[int, int]:
        """How many sandboxes are back, and of how many."""
        return self._restoring.all - len(self._restoring.coming), self._restoring.all

    async def seal(self) -> Sequence[Mapping[str, Any]]:
        """Seal every sandbox that is back. Returns what was told of each that was not sealed before. Raises Refusal."""
        if not await self.keeper.kept():
            raise self.refusal()
        try:
            return await self._sealer.seal([tap.world for tap in self.keeper.taps.values() if tap.world is not None])
        except StoreError as error:
            raise errors.cannot_keep(str(error), self._store.place) from None

    async def standing(self) -> Json:
        """How the store stands. Raises Refusal."""
        try:
            seals = await asyncio.to_thread(self._store.seals)
        except StoreError as error:
            raise errors.cannot_keep(str(error), self._store.place) from None
        return standing(self._settings, self._store.place, self.keeper, seals, self.elsewhere)

    @property
    def seals(self) -> int:
        """How many sandboxes were sealed while the server ran."""
        return self._sealer.seals

    def tails(self) -> Mapping[str, int]:
        """How many commands and events a restart would replay, by the ids of the sandboxes."""
        return {tap.world.id: tap.tail.entries for tap in self.keeper.taps.values() if tap.world is not None}

    async def bring(self, sandboxes: Sandboxes, entered: Callable[[Sequence[Sandbox]], None]) -> None:
        """Bring back what is still to come, one sandbox after the other; then what other servers leave.

        entered: called with each.
        """
        self._sandboxes, self._go_on = sandboxes, entered
        for future, world in tuple(self._restoring.coming.items()):
            try:
                await asyncio.wrap_future(future)
            except StoreError as error:
                if not self._settings.data_quarantine:
                    self.failed(StoreError(f"{self._store.place}: {error}"))
                    return
            revived = self._restoring.take(future)
            if revived is None or not self._store.holds(world.key):
                sandboxes.abandon(world.id)
                continue
            sandbox, tokens = self._made_again(revived)
            sandboxes.enter(sandbox, tokens)
            entered([sandbox])
            log.info("the sandbox %s is back", world.id)
        if self._store.lease is not None:
            await self._hunt()

    def resume(self) -> None:
        """Let time go on in the sandboxes that are back, and post again what was under way. On the loop that serves."""
        self.keeper.serve()
        now = self._wall()
        for each, driver in self._entered:
            since = self._since.pop(each.world.key, self.since)
            until = now if self._settings.downtime is Downtime.PASSES else since
            again = each.revival.again
            kept = each.at / 1_000 or since  # what was kept by a mock that wrote no empty batch
            note = NoteRestart(max(0, round((now - since) * 1_000)), tuple(delivery.number for delivery in again))
            driver.resume(max(0.0, until - kept), note, again)
        self._entered = []

    async def log(self, sandbox: Sandbox) -> Iterator[bytes]:
        """The log of a sandbox, as far as it is kept: it begins at its latest seal. Raises Refusal.

        The lines come from the store, and can be waited for: they are for another thread than that of the loop.
        """
        if not await self.keeper.kept():
            raise self.refusal()
        return self._exported(self.keeper.world(sandbox.driver.engine))

    def _exported(self, world: World) -> Iterator[bytes]:
        try:
            yield from exported(self._store, world)
        except StoreError as error:
            raise errors.cannot_keep(str(error), self._store.place) from None

    # What other servers have

    @property
    def elsewhere(self) -> Sequence[Elsewhere]:
        """The sandboxes that other servers have."""
        return self._replica.elsewhere

    def wants(self, there: Elsewhere) -> None:
        """A sandbox that another server has was asked for here."""
        self._replica.want(there.id)

    def _enter(self, revived: Revived) -> None:
        """Let a sandbox that nobody had any more go on here."""
        assert self._sandboxes is not None  # noqa: S101 -- the server runs
        sandbox, tokens = self._made_again(revived)
        self._sandboxes.enter(sandbox, tokens)
        self._go_on([sandbox])

    def _lose(self, keys: frozenset[int]) -> None:
        """Other servers have these worlds by now: whatever goes on in them here stops, without a word."""
        for driver in [self._drivers[key] for key in keys if key in self._drivers]:
            if self._sandboxes is not None and (sandbox := self._sandboxes.lose(driver)) is not None:
                self._parting(sandbox, "whose name is asked for")
        self._replica.look()

    def _parting(self, sandbox: Sandbox, to: str) -> None:
        self._replica.parting(Elsewhere(sandbox.id, sandbox.application, to, int(self._wall() * 1_000)))

    async def _hunt(self) -> None:
        """Take over what nobody has any more, for as long as the server runs."""
        assert self._sandboxes is not None  # noqa: S101 -- the server runs
        settle = partial(self._sandboxes.abandon, DEFAULT)
        await self._replica.hunt(self._noted, self._enter, self._part, settle)

    async def _part(self, key: int, to: str) -> None:
        """Let a sandbox go to the server that is asked for it, if nobody asks for it here."""
        driver = self._drivers.get(key)
        sandbox = None if driver is None or self._sandboxes is None else self._sandboxes.of_driver(driver)
        if sandbox is None or self._sandboxes is None or sandbox.driver.moving:
            return
        if self._sandboxes.unused(sandbox) < (self._store.lease or 0):
            return
        self._parting(sandbox, to)
        await self._sandboxes.part(sandbox, GRACE)
        while not await self.keeper.kept():
            if self.keeper.closed:
                return
        self.keeper.leave(key)
        await asyncio.to_thread(self._store.leave, key, to)
        log.info("the sandbox %s goes on at another mock, %s, which is asked for it", sandbox.id, to)

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

    def holding_at_once(self, _: PostAtOnce) -> PostAtOnce:
        """No callback is posted at once."""
        return never_at_once

    def refusal(self, sandbox: Sandbox | None = None) -> Refusal:
        """The answer to a request that cannot be kept. sandbox: what it was about, if that is known."""
        if sandbox is not None and sandbox.driver.lost:
            return self._replica.whose(sandbox.id)
        return errors.cannot_keep(self.keeper.trouble or "it takes too long", self._store.place)

    @property
    def work(self) -> Mapping[str, Work]:
        """What goes on behind the requests."""
        seals: Mapping[str, Work] = {"seals what is long": self._sealer.run}
        if self._directory is None:
            return {"renews leases": self._replica.renew, **seals}
        return {"says that the server is alive": partial(_beat, self._directory, self._store, self.keeper), **seals}

    def stop_trying(self) -> None:
        """The server stops: if nothing can be kept, let nobody wait for it any longer."""
        self._restoring.stop()
        self.keeper.stop_trying()

    async def close(self) -> None:
        """Keep what is left, seal what is short, and give the directory back."""
        await self.keeper.close(partial(seal_short, self._store, self.keeper))
        if self._directory is not None:
            self._directory.close()


def _opened(settings: Settings) -> tuple[LogStore, Directory | None]:
    """Where the settings say that all is kept. Raises StoreError."""
    if settings.store is not None:
        return database(settings.store, lease=settings.lease, power=settings.sync is Sync.POWER), None
    assert settings.data is not None  # noqa: S101 -- without a place there is no archive
    directory = Directory(settings.data)
    try:
        return SqliteStore(settings.data, power=settings.sync is Sync.POWER, hold=directory.hold), directory
    except StoreError as error:
        directory.close(served=False)
        raise error from None


async def _beat(directory: Directory, store: LogStore, keeper: Keeper) -> None:
    """Give signs of life for as long as the server runs, and see that what is kept is there."""
    while True:
        directory.beat()
        if store.missing:
            keeper.touch()
        await asyncio.sleep(BEAT)


UNKEPT = Answer(status=None, error="the mock has stopped before it could keep what led to this callback", took=0)


async def post_kept(keeper: Keeper, post: Post, url: str, body: bytes) -> Answer:
    """Post a callback when all that was gathered so far is kept, however long that takes."""
    while not await keeper.kept():
        if keeper.closed:
            return UNKEPT
    return await post(url, body)


def _as_it_is(_: Setting, value: Any) -> Any:
    return value


WRITTEN: Mapping[Form, Callable[[Setting, Any], Any]] = {
    Form.EITHER: lambda setting, value: setting.words[value],
    Form.DIALECT: lambda _, value: differences(value),
}
"""How a value is written as `changed` takes it, if not as it is."""


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
            found[name] = WRITTEN.get(setting.form, _as_it_is)(setting, values[0])
    return found
