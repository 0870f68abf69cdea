"""A simulation of the shell: whatever comes in between, what is promised holds. Each seed is another course of events.

A seed that fails prints itself, and how it is run again. ROUTEE_MOCK_SEEDS: how many are tried, or `N-M`.
"""

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import count
from random import Random

from mockserver.core.channels import RULES, Channel
from mockserver.core.clock import ClockError, Until
from mockserver.core.commands import Mode, SendFlow, SetBalance, SetClock
from mockserver.core.step import Callback, Step, Strategy
from mockserver.keeping.reviving import revive
from mockserver.keeping.sealing import seal
from mockserver.keeping.values import CannotKeep, Snapshot
from mockserver.sandbox.errors import SandboxError
from mockserver.sandbox.handlers import WaitsForItself
from mockserver.sandbox.registry import Sandbox
from mockserver.settings import Settings
from mockserver.wire.errors import Refusal
from tests.keeping.drawn import LEASE, DrawnStore, LeasedStore
from tests.keeping.shells import Promises, Shell
from tests.keeping.turns import Crash, DrawnLoop, drop

SEEDS = os.environ.get("ROUTEE_MOCK_SEEDS", "200")

LONGEST = 20
"""Real seconds after which a seed goes round in a circle that has no turn of the loop in it."""

IDS = ("default", "one", "two")

ANSWERED = (CannotKeep, ClockError, Refusal, SandboxError, WaitsForItself)
"""What a client is told when it asks for something that cannot be."""


def seeds() -> range:
    first, _, last = SEEDS.rpartition("-")
    return range(int(first or 0), int(last) + bool(first))


def test_what_is_promised_holds_whatever_comes_in_between() -> None:
    for seed in seeds():
        with said(seed), ending():
            simulate(seed)


def test_a_seed_is_one_course_of_events() -> None:
    assert simulate(7) == simulate(7)


@contextmanager
def said(seed: int) -> Iterator[None]:
    """A block whose failure says which seed it was."""
    try:
        yield
    except (Exception, Circle) as error:
        again = f"again: ROUTEE_MOCK_SEEDS={seed}-{seed} python -m pytest -n0 tests/keeping/test_shell.py"
        raise AssertionError(f"seed {seed}: {error}\n{again}") from error


class Circle(KeyboardInterrupt):
    """Something goes round in a circle; asyncio lets nobody catch this."""


@contextmanager
def ending() -> Iterator[None]:
    """A block that is broken off when it has no end."""

    def break_off(_: int, __: object) -> None:
        raise Circle("it has no end")

    before = signal.signal(signal.SIGALRM, break_off)
    signal.alarm(LONGEST)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def simulate(seed: int) -> Promises:
    """Play some runs of a server, each of which but the last ends in a crash. Raises for a promise that is broken."""
    draw, promises, now = Random(seed), Promises(), 0.0
    store = LeasedStore(draw=draw) if draw.random() < 0.5 else DrawnStore(alone=draw.random() < 0.6, draw=draw)
    settings = Settings(clock=draw.choice(list(Mode)), rate=draw.choice((1.0, 60.0)), idle=draw.choice((None, 20.0)))
    for last in [False] * draw.randrange(4) + [True]:
        loop = DrawnLoop(draw, now, None if last else int(draw.expovariate(1 / 400)) + 2)
        run = Run(loop, store, promises, settings, draw)
        try:
            with without_faults():
                loop.run_until_complete(run.whole(last=last))
        except Crash:
            store = store.survivor()
        finally:
            run.end()
        now = loop.time() + draw.choice((0.0, 1.0, 3_600.0))
    promises.hold({world.key: revive(store, world) for world in store.worlds()})
    return promises


class Run:
    """One run of a server, with its clients."""

    def __init__(
        self, loop: DrawnLoop, store: DrawnStore, promises: Promises, settings: Settings, draw: Random
    ) -> None:
        self.loop, self.store, self.draw = loop, store, draw
        self._parts = (promises, settings, draw)
        self.servers = 2 if isinstance(store, LeasedStore) else 1
        self.shells: list[Shell] = []

    async def whole(self, *, last: bool) -> None:
        """Serve some clients, and go on until the server dies; in the last run, until nothing is left to do."""
        while len(self.shells) < self.servers:
            self.shells.append(Shell(self.loop, self._begun(), *self._parts))
            if self.draw.random() < 0.5:
                await asyncio.sleep(self.draw.uniform(0, 5))
        clients = [asyncio.create_task(self._client()) for _ in range(self.draw.randrange(1, 5))]
        others = [
            [asyncio.create_task(work) for work in (self._expire(shell), self._trouble(shell), *self._shared(shell))]
            for shell in self.shells
        ]
        await asyncio.gather(*clients)
        for shell, tasks in zip(self.shells, others, strict=True):
            shell.healthy, shell.store.trouble = True, 0.0
            if shell is self.shells[-1]:
                await self._inherit(shell)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            await shell.finish()
        await self._nothing_left()
        if not last:
            raise Crash

    def _begun(self) -> DrawnStore:
        """The store, as another server sees it; with what nobody has already its own."""
        if not isinstance(self.store, LeasedStore):
            return self.store
        store = self.store.begun(f"server {len(self.shells) + 1}", self.loop.time)
        while store.claim() is not None:
            pass
        return store

    def _shared(self, shell: Shell) -> Sequence[Coroutine[None, None, None]]:
        """What a server does besides, of several."""
        return (shell.replica.renew(), shell.hunt()) if self.servers > 1 else ()

    @staticmethod
    async def _inherit(shell: Shell) -> None:
        """Wait until nobody else has anything any more."""
        store = shell.store
        for _ in count():
            if not isinstance(store, LeasedStore) or store.kept.keys() <= store.epochs.keys():
                return
            await asyncio.sleep(1)

    @staticmethod
    async def _nothing_left() -> None:
        for _ in range(3):
            await asyncio.sleep(0)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, f"tasks are left behind: {left}"

    def end(self) -> None:
        """Drop all that is in memory."""
        for shell in self.shells:
            shell.dead = True
        drop(self.loop)
        for shell in self.shells:
            for fault in shell.faults:
                raise fault

    async def _client(self) -> None:
        """Ask for this and that, and hang up now and then."""
        for _ in range(self.draw.randrange(1, 7)):
            request = asyncio.create_task(self._request(self.draw.choice(self.shells), self.draw.choice(ACTS)))
            if self.draw.random() < 0.15:
                await asyncio.wait([request], timeout=self.loop.some_time())
                request.cancel()
            await asyncio.wait([request])
            if not request.cancelled():
                request.result()
            await asyncio.sleep(self.loop.some_time())

    async def _request(self, shell: Shell, act: "Act") -> None:
        with suppress(*ANSWERED):
            sandbox = shell.sandboxes.find(id_ := self.draw.choice(IDS))
            if sandbox is None:
                sandbox = shell.sandboxes.create(id_, self._parts[1], None)
            await act(shell, sandbox)

    async def _expire(self, shell: Shell) -> None:
        while True:
            await asyncio.sleep(5)
            await shell.sandboxes.expire()

    async def _trouble(self, shell: Shell) -> None:
        """Have the store fail for a while, and another server take a world."""
        while True:
            await asyncio.sleep(self.draw.uniform(0, 0.2))
            shell.store.trouble = self.draw.choice((0.0, 0.0, 0.3, 1.0))
            if self.servers == 1 and self.draw.random() < 0.05 and shell.store.kept:
                shell.store.theirs |= {self.draw.choice(list(shell.store.kept))}
            await asyncio.sleep(self.draw.choice((0.01, 0.5, LEASE, 3 * LEASE)[: 3 * self.servers]))
            shell.store.trouble = 0.0


# What clients ask for


async def send(shell: Shell, sandbox: Sandbox) -> None:
    draw, driver = shell.draw, sandbox.driver
    effect = driver.send(SendFlow("app", tuple(steps(draw)), Callback(draw.choice(list(Strategy)), "http://receiver/")))
    if effect.flow is None:
        return
    try:
        await asyncio.sleep(draw.choice((0, shell.loop.some_time())))
        await shell.acknowledge(sandbox, effect.flow.id)
    finally:
        driver.replied(effect.flow.id)


def steps(draw: Random) -> Iterator[Step]:
    for channel in draw.sample(list(Channel), draw.randrange(1, 3)):
        number = f"+3069000{draw.randrange(100_000):05}"
        rules, ttl = RULES[channel], draw.choice((2_000, 600_000))
        yield Step(channel, number, frozenset(rules.default_triggers), ttl=None if rules.expiry is None else ttl)


async def advance(shell: Shell, sandbox: Sandbox) -> None:
    until = (Until(), Until(by=shell.draw.randrange(5_000)), Until(events=2))
    await sandbox.driver.advance(shell.draw.choice(until))
    await shell.acknowledge(sandbox)


async def set_clock(shell: Shell, sandbox: Sandbox) -> None:
    sandbox.driver.set_clock(SetClock(shell.draw.choice(list(Mode))))
    await shell.acknowledge(sandbox)


async def set_balance(shell: Shell, sandbox: Sandbox) -> None:
    sandbox.driver.submit(SetBalance(shell.draw.randrange(1_000_000, 9_000_000)))
    await shell.acknowledge(sandbox)


async def delete(shell: Shell, sandbox: Sandbox) -> None:
    key = shell.key(sandbox)
    await (shell.sandboxes.reset if sandbox.id == "default" else shell.sandboxes.delete)(sandbox)
    await shell.acknowledge(sandbox, ended=key)


async def seal_it(shell: Shell, sandbox: Sandbox) -> None:
    """What another process does, while commits go on: it reads, and writes when it has replayed all of it."""
    if not sandbox.driver.lost:
        made: list[Snapshot] = []
        reading = replace(shell.store)
        reading.seal = made.append  # type: ignore[assignment,method-assign]
        world = shell.keeper.world(sandbox.driver.engine)
        await shell.loop.run_in_executor("another process", seal, reading, world)
        for snapshot in made:
            await shell.loop.run_in_executor("another process", shell.store.seal, snapshot)


Act = Callable[[Shell, Sandbox], Awaitable[None]]

ACTS: tuple[Act, ...] = (send, send, send, send, advance, advance, set_clock, set_balance, seal_it, delete)


class Seen(logging.Handler):
    """Gathers errors that are logged."""

    def __init__(self, seen: list[logging.LogRecord]) -> None:
        super().__init__(logging.ERROR)
        self._seen = seen

    def emit(self, record: logging.LogRecord) -> None:
        self._seen.append(record)


@contextmanager
def without_faults() -> Iterator[None]:
    """A block in which no error is logged: one that is caught and logged is a fault too."""
    seen: list[logging.LogRecord] = []
    handler = Seen(seen)
    logs = [logging.getLogger(name) for name in ("mockserver", "asyncio")]
    for log in logs:
        log.addHandler(handler)
    try:
        yield
    finally:
        for log in logs:
            log.removeHandler(handler)
    for record in seen:
        raise AssertionError(record.getMessage()) from (record.exc_info[1] if record.exc_info else None)
