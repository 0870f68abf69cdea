"""All that a server keeps: it brings the sandboxes back at the start, and keeps what happens to them from then on."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from mockserver.core.commands import Answer, NoteRestart
from mockserver.core.dialect import differences
from mockserver.core.engine import Engine
from mockserver.core.tokens import Token
from mockserver.keeping.directory import Directory
from mockserver.keeping.keeper import Keeper
from mockserver.keeping.sqlite import SqliteStore
from mockserver.keeping.values import Batch, LogStore, StoreError, World
from mockserver.sandbox.driver import Driver
from mockserver.sandbox.lanes import Post
from mockserver.sandbox.registry import Sandbox
from mockserver.sandbox.supervision import Work
from mockserver.settings import SANDBOX, SETTINGS, VERSION, Downtime, Form, Setting, Settings, Sync, changed
from mockserver.wire import errors
from mockserver.wire.control import replay
from mockserver.wire.control.kept import Revival
from mockserver.wire.control.replay import BadLog
from mockserver.wire.errors import Refusal

log = logging.getLogger("mockserver")

BEAT = 1.0
"""Real seconds between two signs of life, from which the next server knows how long nobody was there."""


@dataclass(frozen=True, slots=True)
class Revived:
    """A sandbox that was brought back. seq, at: its last batch, and when that was kept, in milliseconds since 1970."""

    world: World
    revival: Revival
    at: int
    seq: int


def revive(store: LogStore, world: World, version: tuple[int, int] = (replay.FORMAT, replay.ENGINE)) -> Revived:
    """Bring one sandbox back. version: FORMAT and ENGINE of this mock. Raises StoreError, which names the place."""
    revival, last = Revival(orjson.loads(world.head)), Batch(world.key, 0, 0, 0, version, b"")
    try:
        for batch in store.read(world.key):
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
    """The directory that `settings.data` names. Raises StoreError when it cannot be used.

    wall: a clock like time.time. since: when the server before this one was last alive, in seconds since 1970; if
    there was none, when this one began.
    """

    def __init__(self, settings: Settings, wall: Callable[[], float] = time.time) -> None:
        assert settings.data is not None  # noqa: S101 -- without a directory there is no archive
        self._settings = settings
        self._wall = wall
        self._directory = Directory(settings.data)
        try:
            self._store = SqliteStore(settings.data, power=settings.sync is Sync.POWER)
            self._revived = [revive(self._store, world) for world in self._store.worlds()]
        except StoreError as error:
            self._directory.close(served=False)
            raise StoreError(f"{settings.data}: {error}") from None
        self.keeper = Keeper(self._store, wall)
        self.since = wall() if self._directory.since is None else self._directory.since
        if self._revived:
            log.info(
                "%s sandbox%s brought back from %s; options such as --clock count for new ones, and after a reset",
                len(self._revived),
                "" if len(self._revived) == 1 else "es",
                settings.data,
            )
        self._drivers: list[tuple[Revived, Driver]] = []

    # What was kept

    def sandboxes(self, drive: Callable[[Engine], Driver]) -> Iterator[tuple[Sandbox, Iterable[Token]]]:
        """The sandboxes that were kept, and the tokens that each has issued. drive: makes the driver of an engine."""
        for each in self._revived:
            world, engine = each.world, each.revival.engine
            self.keeper.listen(engine, world, each.seq)
            driver = drive(engine)
            self._drivers.append((each, driver))
            settings = changed(self._settings, orjson.loads(world.settings))
            yield Sandbox(world.id, settings, driver, world.application, world.secret), each.revival.tokens.values()
        self._revived = []

    def resume(self) -> None:
        """Let time go on in the sandboxes that were kept, and post again what was under way."""
        now, since = self._wall(), self.since
        until = now if self._settings.downtime is Downtime.PASSES else since
        for each, driver in self._drivers:
            again = each.revival.again
            note = NoteRestart(max(0, round((now - since) * 1_000)), tuple(delivery.number for delivery in again))
            driver.resume(max(0.0, until - each.at / 1_000), note, again)
        self._drivers = []

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
        self.keeper.made(engine, lambda key: World(key, id_, application, secret, head, own))

    def gone(self, sandbox: Sandbox) -> None:
        """A sandbox is gone."""
        self.keeper.gone(sandbox.driver.engine)

    def holding(self, post: Post) -> Post:
        """`post`, which waits until what has led to a callback is kept."""
        return partial(post_kept, self.keeper, post)

    def refusal(self) -> Refusal:
        """The answer to a request that cannot be kept."""
        return errors.cannot_keep(self.keeper.trouble or "it takes too long", self._settings.data)

    @property
    def work(self) -> Mapping[str, Work]:
        """What goes on behind the requests."""
        return {"says that the server is alive": self._beat}

    async def _beat(self) -> None:
        """Give signs of life for as long as the server runs."""
        while True:
            self._directory.beat()
            await asyncio.sleep(BEAT)

    def stop_trying(self) -> None:
        """The server stops: if nothing can be kept, let nobody wait for it any longer."""
        self.keeper.stop_trying()

    async def close(self) -> None:
        """Keep what is left, and give the directory back."""
        await self.keeper.close()
        self._directory.close()


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
