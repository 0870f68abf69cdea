"""The driver of one sandbox: turns the effects of the engine into I/O, and real time into virtual time.

Theory of operation. Everything from outside goes through `submit`, a plain call that never waits. Time moves in one
place at a time, under a lock: a call of `advance` moves it, or the driver's own task in the realtime and instant modes.

While `advance` moves time, it waits for the callbacks (`lanes`) that need their answers before the next event:
callbacks of different flows run side by side only if they are due at the same instant. When real time moves the clock,
nothing waits: the phone network does not stop because a receiver is slow.

Requests that wait for new entries of the journal (`news`) hold no lock.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from mockserver.core.behaviour import Effect
from mockserver.core.clock import LAST, ClockError, Stopped, Until
from mockserver.core.commands import Answer, Command, Mode, MoveClock, NoteRestart, RecordAnswer, SendFlow, SetClock
from mockserver.core.deliveries import Delivery
from mockserver.core.engine import Engine
from mockserver.core.facts import Fact
from mockserver.core.flow import ttl_ends
from mockserver.core.journal import Entry, Journal
from mockserver.sandbox.lanes import Lanes, Post, PostAtOnce, Render, never_at_once
from mockserver.sandbox.news import News
from mockserver.sandbox.pace import Pace
from mockserver.sandbox.supervision import supervise

BREATH = 100
"""After this many events a move pauses, so that other requests are served."""

MANUAL, REALTIME = Mode.MANUAL, Mode.REALTIME  # a member takes ten times as long to read from its enum

LONGEST_REST = 3_600.0
"""The longest sleep of a driver, in real seconds, so that no timer runs for years."""


@dataclass(frozen=True, slots=True)
class Written:
    """The entries of a journal after entry `mark`, up to entry `last`: a great many, perhaps, so they are read late.

    What is forgotten before it is read is left out.
    """

    journal: Journal
    mark: int
    last: int

    def __iter__(self) -> Iterator[Entry]:
        return filter(None, self.journal.pick(self.mark + 1, self.last))

    def pick(self, *kinds: type[Fact]) -> Iterator[Entry | None]:
        """The entries of these kinds; None for each of another."""
        return self.journal.pick(self.mark + 1, self.last, kinds)


@dataclass(frozen=True, slots=True)
class Advance:
    """The result of a move of the clock. since, now: instants; events: how many happened; entries: of the journal."""

    since: int
    now: int
    stopped: Stopped
    events: int
    entries: Written


class Driver:
    """Drives one engine. post, at_once: deliver a callback, and never raise. real: a clock like time.monotonic.

    lost: whether another server drives this sandbox by now, so that nothing said here counts.
    """

    def __init__(
        self,
        engine: Engine,
        post: Post,
        render: Render,
        real: Callable[[], float],
        at_once: PostAtOnce = never_at_once,
    ) -> None:
        self.engine = engine
        self.news = News(engine.journal)
        self._lanes = Lanes(post, render, self._answered, at_once)
        self._pace = Pace(engine.clock, real)
        self._lock = asyncio.Lock()
        self._advancing = False
        self._wakened = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closed = self.lost = False

    def now(self) -> int:
        """The virtual instant. Reading it changes nothing."""
        clock = self.engine.clock
        return self._pace.now() if clock.mode is REALTIME and not self._advancing else clock.now

    # What comes from outside

    def submit(self, command: Command) -> Effect:
        """Carry out a command, now. Never waits."""
        self._keep_up()
        effect = self.engine.submit(command)
        self.news.tell()
        return effect

    def send(self, command: SendFlow) -> Effect:
        """Accept a send. No callback of its flow is posted before `replied` is called."""
        effect = self.submit(command)
        if effect.flow is not None:
            self._lanes.hold(effect.flow.id)
        return effect

    def replied(self, flow: str) -> None:
        """Say that the reply to a send is on its way to the client: time may now move for its flow."""
        self._lanes.release(flow)
        self.wake()

    def set_clock(self, command: SetClock) -> Effect:
        """Change the clock's mode or rate, from this instant on."""
        effect = self.submit(command)
        self._pace.anchor()
        self.wake()
        return effect

    def resume(self, passed: float, note: NoteRestart, again: tuple[Delivery, ...]) -> None:
        """After a restart, go on. passed: real seconds that went by for the clock. again: callbacks to post again."""
        self._pace.resume(passed)
        self.submit(note)
        self._lanes.enter(again, in_turn=self.engine.clock.mode is not REALTIME)
        self.wake()

    # Time moves

    async def advance(self, until: Until) -> Advance:
        """Move time. When this returns, everything due has happened, and every callback due has its answer.

        A second move waits until the first has ended. Raises ClockError for a move back, or past the year 9999, and
        WaitsForItself for one that the handler of a callback asks for.
        """
        self._lanes.handlers.ask()
        async with self._lock:
            return await self._advance(until)

    async def _advance(self, until: Until) -> Advance:
        self._keep_up()
        clock, mark = self.engine.clock, len(self.engine.journal)
        since = clock.now
        target = self._target(until)
        self._advancing = True
        try:
            # A task of its own wakes faster than one in the depths of a request, and it wakes for every callback.
            moving = self._let_happen(until, LAST if target is None else target)
            stopped, events = await asyncio.create_task(moving)
            await self._lanes.settle()
            if stopped is Stopped.REACHED and target is not None:
                self.engine.submit(MoveClock(target))
                self.news.tell()
        finally:
            self._advancing = False
            self._pace.anchor()
        return Advance(since, clock.now, stopped, events, Written(self.engine.journal, mark, len(self.engine.journal)))

    def _target(self, until: Until) -> int | None:
        now = self.engine.clock.now
        target = now + until.by if until.by is not None else until.to
        if until.ttl is not None:
            target = self._ttl_ends(until.ttl) + until.edge
        if target is not None:
            self.engine.clock.check(target)
        return target

    def _ttl_ends(self, id_: str) -> int:
        flow = self.engine.flows.get(id_)
        ends = None if flow is None else ttl_ends(flow)
        if ends is None:
            why = f"it is {flow.status}" if flow and flow.final else "its running step has none, or has ended"
            raise ClockError(f"no ttl of the flow {id_} is running: {why}")
        return ends

    async def _let_happen(self, until: Until, target: int) -> tuple[Stopped, int]:
        events = 0
        while True:
            due = self.engine.peek()
            while self._lanes and self._must_wait(due):
                await self._lanes.wait()
                due = self.engine.peek()
            if stopped := self._stopped(until, target, events, due):
                return stopped, events
            if effect := self.engine.poll(target):
                self.news.tell()
                self._lanes.enter(effect.deliveries, in_turn=True)
            events += 1
            if events % BREATH == 0:
                await asyncio.sleep(0)

    def _must_wait(self, due: tuple[int, str] | None) -> bool:
        """Whether a callback under way needs its answer before the next event. due: its instant, and its flow."""
        return due is None or due[0] > self.engine.clock.now or due[1] in self._lanes

    def _stopped(self, until: Until, target: int, events: int, due: tuple[int, str] | None) -> Stopped | None:
        flow = None if until.flow is None else self.engine.flows.get(until.flow)
        if until.flow is not None and (flow is None or flow.final):
            return Stopped.FINAL
        if self._closed:
            return Stopped.CLOSED
        if events == until.events:
            return Stopped.NEXT
        if due is None or due[0] > target:
            aimed = (until.by, until.to, until.ttl) != (None, None, None)
            return Stopped.REACHED if aimed else Stopped.IDLE
        return Stopped.LIMIT if events >= until.limit else None

    # Time passes by itself

    def wake(self) -> None:
        """Make the driver's own task look again at what is due. The first call that needs the task starts it."""
        if self._task is not None:
            self._wakened.set()
        elif self.engine.clock.mode is not MANUAL and not (self._closed or self.news.dismissed):
            self._task = asyncio.get_running_loop().create_task(supervise("the clock of a sandbox", self._keep_moving))

    async def close(self) -> None:
        """Stop time for good, and wait for the callbacks under way."""
        self._closed = True
        self.news.dismiss()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self._lanes.close()

    @property
    def moving(self) -> bool:
        """Whether somebody has asked for a move of the clock that goes on."""
        return self._advancing

    @property
    def calling(self) -> bool:
        """Whether callbacks are under way."""
        return bool(self._lanes)

    def drop(self) -> None:
        """Stop at once and without a word: another server drives this sandbox by now."""
        self._closed = self.lost = True
        self.news.dismiss()
        if self._task is not None:
            self._task.cancel()
        self._lanes.drop()

    async def _keep_moving(self) -> None:
        while True:
            self._wakened.clear()
            async with self._lock:
                if self.engine.clock.mode is Mode.INSTANT:
                    await self._advance(Until())
                elif self.engine.clock.mode is REALTIME:
                    await self._catch_up()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._rest()):
                    await self._wakened.wait()

    async def _catch_up(self) -> None:
        """Play the events that are due by real time. Post their callbacks, and do not wait for the answers."""
        events = 0
        while effect := self.engine.poll(self.now()):
            self.news.tell()
            self._lanes.enter(effect.deliveries, in_turn=False)
            events += 1
            if events % BREATH == 0:
                await asyncio.sleep(0)

    def _rest(self) -> float | None:
        """Real seconds until something is due; None: wait until `wake` is called."""
        due, mode = self.engine.peek(), self.engine.clock.mode
        if due is None or due[0] > LAST or mode is MANUAL:
            return None
        return 0 if mode is Mode.INSTANT else min(LONGEST_REST, self._pace.wait(due[0]))

    def _keep_up(self) -> None:
        if self.engine.clock.mode is REALTIME and not self._advancing:
            now = self._pace.now()
            if now != self.engine.clock.now:
                self.engine.submit(MoveClock(now))

    def _answered(self, delivery: Delivery, answer: Answer) -> None:
        self.submit(RecordAnswer(delivery.number, delivery.attempt, answer))
        self._wakened.set()
