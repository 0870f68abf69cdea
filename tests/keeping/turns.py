"""An event loop without sockets, threads and real time. What comes in between, and when, is drawn."""

import asyncio
from asyncio import Handle, TimerHandle
from collections import deque
from collections.abc import Callable
from functools import partial
from heapq import heappop, heappush
from random import Random
from typing import Any

HASTE = 0.2
"""How often the clock moves to the next timer although something is still to be done now: work takes time."""

SLOW = 0.04
"""How often what belongs on a thread takes longer than anybody waits for it."""

MOST_TURNS = 60_000
"""After this many turns somebody goes round in circles."""


class Stuck(AssertionError):
    """Somebody waits, and nothing will happen any more."""


class Crash(Exception):
    """The server dies now."""


class DrawnLoop(asyncio.BaseEventLoop):
    """Runs one callback in a turn. What is ready keeps its order, which asyncio promises; of timers, those that are due
    together are drawn, and each may come between any two callbacks.

    draw: what is drawn from. now: the virtual time, in seconds. crash: the turn in which the server dies, if it does.
    """

    _ready: "deque[Handle]"
    _scheduled: "list[TimerHandle]"

    def __init__(self, draw: Random, now: float, crash: int | None) -> None:
        super().__init__()
        self.now, self.crash, self.turns = now, crash, 0
        self._draw = draw
        self._free: dict[Any, float] = {}
        self._threads: dict[Any, deque[tuple[asyncio.Future[Any], Callable[[], Any]]]] = {}

    def time(self) -> float:
        """The virtual time."""
        return self.now

    def _run_once(self) -> None:
        self.turns += 1
        if self.turns == self.crash:
            raise Crash
        if self.turns > MOST_TURNS:
            raise Stuck(f"after {MOST_TURNS} turns there is no end to it")
        if not self._ready or self._draw.random() < HASTE:
            self._pass()
        if self._ready:
            handle = self._ready.popleft()
            if not handle.cancelled():
                handle._run()

    def _pass(self) -> None:
        """Move the clock to what is due next."""
        due: list[TimerHandle] = []
        while self._scheduled and (not due or self._scheduled[0].when() == due[0].when()):
            timer = heappop(self._scheduled)
            if not timer.cancelled():
                due.append(timer)
        if not due:
            if not self._ready:
                raise Stuck("somebody waits, and nothing will happen any more")
            return
        drawn = due.pop(self._draw.randrange(len(due)))
        for timer in due:
            heappush(self._scheduled, timer)
        self.now = max(self.now, drawn.when())
        self._ready.append(drawn)

    def _timer_handle_cancelled(self, handle: TimerHandle) -> None:
        """Nothing to count: cancelled timers are left out when they come."""

    def run_in_executor(  # type: ignore[override]  # theirs has a TypeVarTuple
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> "asyncio.Future[Any]":
        """Do it later, for each executor one after the other; what comes of it is known later still."""
        done: asyncio.Future[Any] = self.create_future()
        self._threads.setdefault(executor, deque()).append((done, partial(func, *args)))
        self._free[executor] = max(self._free.get(executor, 0), self.now) + self.some_time()
        self.call_at(self._free[executor], self._do_next, executor)
        return done

    def _do_next(self, executor: Any) -> None:
        done, work = self._threads[executor].popleft()
        try:
            settle = partial(done.set_result, work())
        except Exception as error:
            settle = partial(done.set_exception, error)
        self.call_later(self.some_time(), _settle, done, settle)

    def some_time(self) -> float:
        """A drawn time, in seconds: mostly short, sometimes longer than anybody waits."""
        if self._draw.random() < SLOW:
            return self._draw.uniform(1, 5)
        return self._draw.choice((0.0, 0.001, self._draw.uniform(0, 0.01)))


def _settle(done: "asyncio.Future[Any]", settle: Callable[[], None]) -> None:
    if not done.cancelled():
        settle()


def drop(loop: DrawnLoop) -> None:
    """Cancel all that goes on in a loop, and close it."""
    loop.crash, loop.turns = None, 0
    for _ in range(1_000):
        if not (tasks := asyncio.all_tasks(loop)):
            break
        for task in tasks:
            task.cancel()
        loop.call_soon(loop.stop)
        loop.run_forever()
    loop.close()
