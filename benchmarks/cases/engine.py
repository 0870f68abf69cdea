"""The engine and its schedule by themselves, with much that is due."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any

from benchmarks import inside, traffic
from benchmarks.case import Case, Measure
from benchmarks.contenders import Contender, Kind
from benchmarks.messages import body, post

LITTLE = 1_000
"""Things that are due where bare is an engine with little to do."""

EVENTS = 5_000
"""Events of a round."""

SLOW: traffic.Json = {
    "name": "slow",
    "when": {"to": "+30699*"},
    "viber": [{"at": 0, "status": "QUEUED"}, {"at": "4m", "status": "UNDELIVERED"}],
    "sms": [
        {"at": 0, "status": "Queued"},
        {"at": "2m", "status": "Sent"},
        {"at": "4m", "status": "Undelivered"},
    ],
    "voice": [
        {"at": 0, "status": "Queued"},
        {"at": "1m", "status": "Initiated"},
        {"at": "2m", "status": "Ringing"},
        {"at": "3m", "status": "InProgress"},
        {"at": "6m", "status": "Completed"},
    ],
}
LIFE = 14 * 60_000
"""Milliseconds of such a flow."""

DUE = 2.14
"""What is due of such a flow, over its life."""

EVER = 10**15

AHEAD = 600_000
"""Milliseconds within which things fall due on the schedule: a ttl of ten minutes."""

TURNS = 100_000
"""Things taken from the schedule and put back in a round."""


@contextmanager
def events(contender: Contender, pending: int) -> Iterator[Measure]:
    """Events in an engine with so much due, of flows in every stage; bare is the same engine with little due."""
    app = inside.app()
    engine, send = app.state.sandboxes.default.driver.engine, _slow_send(app)
    each = _pass(engine, LIFE)
    flows = round((pending if contender.kind is Kind.MOCK else LITTLE) / DUE)
    for number in range(flows):
        engine.submit(send)
        _pass(engine, LIFE * (number + 1) // flows - LIFE * number // flows)
    yield lambda: {"events/s": _rate(engine, send, each)}


def _slow_send(app: Any) -> Any:
    """The command of a flow that takes its time over three steps, which is begun."""
    from mockserver.core.commands import SendFlow

    with inside.opened(inside.served(app)) as server:
        token = traffic.bearer(server.ask)
        body(server.ask(post("/_mock/scenarios", json.dumps(SLOW).encode())), 201)
        answer = server.ask(post("/failover", traffic.flow(3, 1, "+30699{:07}", None), token))
    steps = app.state.sandboxes.default.driver.engine.flows[json.loads(body(answer))["trackingId"]].steps
    return SendFlow("shop", steps)


def _pass(engine: Any, milliseconds: int) -> int:
    """Let so much time pass, and what happens in it; how many events that is."""
    from mockserver.core.commands import MoveClock

    events, until = 0, engine.clock.now + milliseconds
    while engine.poll(until) is not None:
        events += 1
    engine.submit(MoveClock(until))
    return events


def _rate(engine: Any, send: Any, each: int) -> float:
    """Events in a second of CPU, while a flow begins for each that ends. each: events of a flow."""
    flows, took = EVENTS // each, 0
    for _ in range(flows):
        engine.submit(send)
        began = time.thread_time_ns()
        for _ in range(each):
            engine.poll(EVER)
        took += time.thread_time_ns() - began
    return flows * each / took * 1e9


@contextmanager
def turns(contender: Contender, pending: int) -> Iterator[Measure]:
    """The schedule alone; bare is a heap of tuples."""
    chance = Random(1)
    delays = [chance.randrange(AHEAD) for _ in range(TURNS)]
    make = _own if contender.kind is Kind.MOCK else _plain
    turn = make([chance.randrange(AHEAD) for _ in range(pending)])

    def timed() -> float:
        began = time.thread_time_ns()
        turn(delays)
        return (time.thread_time_ns() - began) / TURNS / 1e3

    timed()
    yield lambda: {"CPU µs a thing, out and in": timed()}


def _own(dues: list[int]) -> Callable[[list[int]], None]:
    from mockserver.core.schedule import Schedule

    schedule, thing = Schedule[object](), object()
    for due in dues:
        schedule.push(due, thing)

    def turn(delays: list[int]) -> None:
        for delay in delays:
            taken = schedule.pop(EVER)
            assert taken is not None
            schedule.push(taken[0] + delay, taken[1])

    return turn


def _plain(dues: list[int]) -> Callable[[list[int]], None]:
    arrivals, thing = count(), object()
    heap: list[tuple[int, int, int, object]] = []
    for due in dues:
        heappush(heap, (due, 0, next(arrivals), thing))

    def turn(delays: list[int]) -> None:
        for delay in delays:
            due, rank, _, taken = heappop(heap)
            heappush(heap, (due + delay, rank, next(arrivals), taken))

    return turn


def cases(*, full: bool) -> Iterator[Case]:
    """The engine and the schedule with much that is due; in full with more of it."""
    for pending in (100_000, *((1_000_000,) if full else ())):
        yield Case(f"engine, {pending:,} due", partial(events, pending=pending), apart=True)
    for pending in (*((100_000,) if full else ()), 1_000_000):
        yield Case(f"schedule, {pending:,} due", partial(turns, pending=pending), apart=True)
