"""A server without HTTP, on a store that fails: the real driver, registry and keeper. It checks what it promises.

`Promises` outlives every crash: it knows what was acknowledged and what was posted. A `Shell` is one run of the server.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random

import orjson

from mockserver.core.clock import Until
from mockserver.core.commands import Answer, NoteRestart
from mockserver.core.deliveries import Delivery, DeliveryState
from mockserver.core.engine import Engine
from mockserver.core.facts import CallbackAttempted
from mockserver.core.tokens import Token
from mockserver.keeping.archive import Archive, post_kept
from mockserver.keeping.keeper import Keeper
from mockserver.keeping.replica import Replica
from mockserver.keeping.reviving import Revived, revive
from mockserver.keeping.values import Claim, World
from mockserver.sandbox.driver import Driver
from mockserver.sandbox.elsewhere import Elsewhere
from mockserver.sandbox.registry import Sandbox, Sandboxes
from mockserver.settings import Settings
from mockserver.wire import services
from mockserver.wire.control import replay
from tests.keeping.drawn import DrawnStore
from tests.keeping.turns import DrawnLoop

EPOCH = 1_893_499_200
"""Real seconds since 1970 at the virtual time 0."""

IN_TIME = 30.0
"""Virtual seconds after which a callback without an answer has failed."""

UNTIL_IDLE = Until()

Attempt = tuple[int, int, int]
"""A world, the number of a callback in it, and which attempt it is."""


@dataclass
class Promises:
    """What clients and receivers were told. journals, flows: what was acknowledged, by world. gone: worlds that ended.

    ended: those of which that was acknowledged. posted: the bytes of every attempt.
    """

    journals: dict[int, int] = field(default_factory=dict)
    flows: dict[int, set[str]] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    ended: set[int] = field(default_factory=set)
    posted: dict[Attempt, bytes] = field(default_factory=dict)

    def hold(self, kept: Mapping[int, Revived]) -> None:
        """Raise AssertionError unless a store has all that was acknowledged."""
        for key in self.journals:
            assert key in self.gone or key in kept, f"world {key} was acknowledged, and is lost"
        for each in kept.values():
            self.hold_one(each)

    def hold_one(self, each: Revived) -> None:
        """Raise AssertionError unless a world has all that was acknowledged."""
        key, engine = each.world.key, each.revival.engine
        assert key not in self.ended, "a sandbox is back whose end was acknowledged"
        if key not in self.gone:
            assert engine.journal.written >= self.journals.get(key, 0), f"world {key} has lost what was acknowledged"
            lost = [id_ for id_ in self.flows.get(key, ()) if engine.flows.get(id_) is None]
            assert not lost, f"flows were acknowledged, and are lost: {lost}"
        for delivery in engine.deliveries:
            for attempt in delivery.attempts:
                if isinstance(attempt.fact, CallbackAttempted):
                    place = (key, delivery.number, attempt.fact.attempt)
                    assert place in self.posted, f"an attempt is on record that was never posted: {place}"


class Noted:
    """A block in which a broken promise is noted, and goes on as an error: nobody can swallow it."""

    def __init__(self, faults: list[BaseException]) -> None:
        self._faults = faults

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if error is not None:
            self._faults.append(error)


class Told:
    """What receivers are told of one engine, in one run of the server."""

    def __init__(self, shell: "Shell", engine: Engine, key: int = 0) -> None:
        self.key = key
        self._shell = shell
        self._engine = engine
        self.driver = Driver(engine, partial(post_kept, shell.keeper, self.post), self.render, shell.loop.time)
        self._rendered: dict[bytes, tuple[Delivery, int]] = {}
        self._posted: set[tuple[int, int]] = set()
        self._open: set[str] = set()
        self._last: dict[str, int] = {}

    def render(self, delivery: Delivery) -> bytes:
        body = services.payload(delivery)
        self._rendered[body] = delivery, self._engine.journal.written
        return body

    async def post(self, _: str, body: bytes) -> Answer:
        """Be the network: note that a callback arrives, and answer late, with a failure, or never."""
        delivery, entries = self._rendered[body]
        flow, attempt = delivery.flow.id, (delivery.number, delivery.attempt)
        self._note(delivery, entries, body)
        self._posted.add(attempt)
        self._open.add(flow)
        try:
            return await self._shell.answer()
        finally:
            self._open.discard(flow)

    def _note(self, delivery: Delivery, entries: int, body: bytes) -> None:
        shell, flow, number = self._shell, delivery.flow.id, delivery.number
        if shell.dead:
            raise asyncio.CancelledError
        place = (self.key, number, delivery.attempt)
        with shell.fault():
            assert not self.driver.lost, f"{place} is posted of a sandbox that another server has"
            assert self.key in shell.promises.gone or shell.store.entries(self.key) >= entries, f"{place} is not kept"
            assert (number, delivery.attempt) not in self._posted, f"{place} is posted twice"
            assert shell.promises.posted.setdefault(place, body) == body, f"{place} has other bytes after a crash"
            assert flow not in self._open, f"{place} overtakes one that has no answer yet"
            if delivery.attempt == 1:
                assert self._last.get(flow, 0) < number, f"{place} comes after a later one"
                self._last[flow] = number


class Shell:
    """One run of a server. It makes what `create_app` and `Archive` make, with nothing of HTTP."""

    def __init__(
        self, loop: DrawnLoop, store: DrawnStore, promises: Promises, settings: Settings, draw: Random
    ) -> None:
        self.loop, self.store, self.promises, self.draw = loop, store, promises, draw
        self.dead, self.faults = False, list[BaseException]()
        self.healthy = False
        self.keeper = Keeper(store, self._wall, self._lose)
        self.every: list[Told] = []
        self._settings = settings
        self.replica = Replica(store, self.keeper)
        revived = {world.key: revive(store, world) for world in store.worlds()}
        promises.hold(revived)
        again = [revived[key] for key in revived if store.lease is None or store.holds(key)]
        self.sandboxes = Sandboxes(settings, self._make, loop.time, self, [*map(self._made_again, again)])
        for each, told in zip(again, self.every, strict=False):
            self._go_on(told, each)

    def _go_on(self, told: Told, each: Revived) -> None:
        posted = each.revival.again
        note = NoteRestart(0, tuple(delivery.number for delivery in posted))
        told.driver.resume(max(0.0, self._wall() - each.at / 1_000), note, posted)

    def _wall(self) -> float:
        return EPOCH + self.loop.time()

    def fault(self) -> "Noted":
        """A context that notes a broken promise, wherever it comes to light."""
        return Noted(self.faults)

    async def answer(self) -> Answer:
        """What a receiver answers."""
        how = 0.9 if self.healthy else self.draw.random()
        await asyncio.sleep(IN_TIME if how < 0.05 else self.loop.some_time())
        return Answer(None, "no answer", 1.0) if how < 0.05 else Answer(500 if how < 0.2 else 200, None, 1.0)

    # What comes and goes

    def _make(self, settings: Settings) -> Driver:
        engine = Engine(settings.behaviour, int(self._wall() * 1_000), settings.clock, settings.rate)
        self.keeper.listen(engine)
        return self._drive(engine, 0)

    def _drive(self, engine: Engine, key: int) -> Driver:
        self.every.append(Told(self, engine, key))
        return self.every[-1].driver

    def _made_again(self, each: Revived) -> tuple[Sandbox, Iterable[Token]]:
        world, engine = each.world, each.revival.engine
        self.keeper.listen(engine, world, each.seq, each.tail)
        driver = self._drive(engine, world.key)
        return Sandbox(world.id, self._settings, driver, world.application, world.secret), ()

    @property
    def elsewhere(self) -> Sequence[Elsewhere]:
        """The sandboxes that other servers have, as far as this one has heard."""
        return self.store.taken() if self.store.lease is None else self.replica.elsewhere

    def wants(self, there: Elsewhere) -> None:
        """A sandbox that another server has was asked for here."""
        self.replica.want(there.id)

    def made(self, sandbox: Sandbox) -> None:
        """A sandbox was made."""
        engine = sandbox.driver.engine
        head = orjson.dumps(replay.head(engine.log.start, "1"))
        own = (sandbox.id, sandbox.application, sandbox.secret)
        world = self.keeper.made(engine, lambda key: World(key, *own, head, b"{}"))
        next(told for told in self.every if told.driver is sandbox.driver).key = self.store.ever = world.key

    def gone(self, sandbox: Sandbox) -> None:
        """A sandbox is gone."""
        self.promises.gone.add(self.key(sandbox))
        self.keeper.gone(sandbox.driver.engine)

    def key(self, sandbox: Sandbox) -> int:
        """The key of its world."""
        return next(told.key for told in self.every if told.driver is sandbox.driver)

    def _lose(self, keys: frozenset[int]) -> None:
        for told in self.every:
            if told.key in keys:
                self.sandboxes.lose(told.driver)
        self.replica.look()

    # Other servers: what `Archive` does

    async def hunt(self) -> None:
        """Take over what nobody has any more."""

        def note(claim: Claim) -> World:
            return claim.world

        await self.replica.hunt(note, self._take_over, self._part, partial(self.sandboxes.abandon, "default"))

    def _take_over(self, revived: Revived) -> None:
        with self.fault():
            self.promises.hold_one(revived)
        sandbox, tokens = self._made_again(revived)
        self.sandboxes.enter(sandbox, tokens)
        self._go_on(self.every[-1], revived)

    async def _part(self, key: int, to: str) -> None:
        self._drivers = {told.key: told.driver for told in self.every}
        self._sandboxes, self._store = self.sandboxes, self.store
        await Archive._part(self, key, to)  # type: ignore[arg-type]

    def _parting(self, sandbox: Sandbox, to: str) -> None:
        self.replica.parting(Elsewhere(sandbox.id, sandbox.application, to, 0))

    # What is acknowledged

    async def acknowledge(self, sandbox: Sandbox, flow: str | None = None, *, ended: int | None = None) -> None:
        """Answer a request when what led to the answer is kept, if it can be. ended: the world that it has ended."""
        key, entries = self.key(sandbox), sandbox.driver.engine.journal.written
        if not await self.keeper.kept() or sandbox.driver.lost or self.dead:
            return
        promises = self.promises
        with self.fault():
            assert key in promises.gone or self.store.entries(key) >= entries, f"{key} is acknowledged, and not kept"
        promises.journals[key] = max(entries, promises.journals.get(key, 0))
        if flow is not None:
            promises.flows.setdefault(key, set()).add(flow)
        if ended is not None:
            promises.ended.add(ended)

    async def finish(self) -> None:
        """Let all that is due happen, and stop. Raises AssertionError if something is left behind."""
        self.healthy, self.store.trouble = True, 0.0
        for sandbox in tuple(self.sandboxes):
            while not sandbox.driver.lost and sandbox.driver.engine.peek():
                await sandbox.driver.advance(UNTIL_IDLE)
            await sandbox.driver._lanes.settle()
        for sandbox in self.sandboxes:
            open_ = [each.number for each in sandbox.driver.engine.deliveries if each.state is DeliveryState.UNDER_WAY]
            assert not open_, f"callbacks of {sandbox.id} were never posted: {open_}"
        await self.sandboxes.close()
        await self.keeper.close()
        for sandbox in self.sandboxes:
            kept = self.store.entries(self.key(sandbox))
            whole = kept >= sandbox.driver.engine.journal.written or self.key(sandbox) in self.store.lost
            assert whole, f"not all of {sandbox.id} is kept in the end"
        for told in self.every:
            lanes = told.driver._lanes
            left_behind = bool(lanes) or bool(lanes._under_way)
            assert not left_behind, f"a lane of world {told.key} is left behind"
