"""A request in rotation: on the wire, in process, by its calls and by its instructions."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial

from benchmarks import bare, calls, inside, instructions, load, traffic
from benchmarks.case import Case, Figures, Measure
from benchmarks.contenders import Contender, Kind
from benchmarks.exchanges import BY_NAME, EXCHANGES, FEW, FLOWS, SEARCHES, Exchange
from benchmarks.messages import body
from benchmarks.server import Server
from benchmarks.serving import serving

WARM = 3_000
"""How many requests a peer gets to warm up: some compile what they do often."""

TIMES = 400
"""How many requests a round has in process."""


@dataclass(frozen=True, slots=True)
class Wire:
    """A server that gets requests over sockets."""

    server: Server

    def ask(self, request: bytes) -> bytes:
        """Send one request. Return its answer."""
        return self.server.ask(request)

    def ask_many(self, requests: Sequence[bytes], count: int) -> None:
        """Send this many requests, in rotation."""
        load.run(self.server, requests, times=count)


@cache
def _specimen(exchange: Exchange) -> tuple[list[bytes], int]:
    """The requests, and the length of an answer, which only a mock knows."""
    with inside.opened(inside.mock()) as server:
        requests = exchange.prepare(server, FEW)
        return requests, len(body(server.ask(requests[0]), exchange.status))


# On the wire


@contextmanager
def _on_the_wire(contender: Contender, exchange: Exchange) -> Iterator[Measure]:
    requests, size = _specimen(exchange)
    with serving(contender, size, exchange.status) as server:
        wire, is_mock = Wire(server), contender.kind is Kind.MOCK
        if is_mock:
            requests = exchange.prepare(wire, FLOWS)
        if contender.kind is Kind.PEER:
            wire.ask_many(requests, WARM)

        def measure() -> Figures:
            asked = requests
            if is_mock and exchange.renew:
                traffic.reset(server.ask)
                asked = exchange.prepare(wire, FLOWS)
            return figures(load.run(server, asked, exchange.status))

        yield measure


def figures(run: load.Run) -> Figures:
    """The result of a load, as figures."""
    return {
        "requests/s": run.rate,
        "CPU µs": run.cost,
        "p50 ms": run.percentile(0.5),
        "p99 ms": run.percentile(0.99),
        "server busy": run.cpu.used / run.seconds / 1e9,
        "server waited": run.cpu.waited / run.seconds / 1e9,
        "load busy": run.busy,
    }


# In process


@contextmanager
def in_process(kind: Kind, exchange: Exchange, flows: int = FEW) -> Iterator[tuple[inside.Inside, list[bytes]]]:
    """A server in this process, and what to ask it."""
    if kind is Kind.MOCK:
        with inside.opened(inside.mock()) as server:
            yield server, exchange.prepare(server, flows)
    else:
        requests, size = _specimen(exchange)
        with inside.opened(bare.configure(bare.make(size, exchange.status))) as server:
            yield server, requests


@contextmanager
def _timed(contender: Contender, exchange: Exchange) -> Iterator[Measure]:
    with in_process(contender.kind, exchange) as (server, requests):

        def measure() -> Figures:
            began = time.thread_time_ns()
            server.ask_many(requests, TIMES)
            return {"CPU µs": (time.thread_time_ns() - began) / TIMES / 1e3}

        measure()
        yield measure


@contextmanager
def _called(contender: Contender, exchange: Exchange) -> Iterator[Measure]:
    with in_process(contender.kind, exchange) as (server, requests):
        yield lambda: {"calls": calls.total(calls.count(server, requests))}


@contextmanager
def _instructed(contender: Contender, exchange: Exchange) -> Iterator[Measure]:
    yield lambda: {"instructions": instructions.count(contender, exchange.name)}


def cases() -> Iterator[Case]:
    """Every request on the wire and in process; the send by its calls and instructions too."""
    send = BY_NAME["send-3"]
    for exchange in (*EXCHANGES, *SEARCHES):
        kinds = frozenset(Kind) if exchange is send else frozenset({Kind.MOCK, Kind.BARE})
        yield Case(exchange.name, partial(_on_the_wire, exchange=exchange), kinds)
    for exchange in EXCHANGES:
        yield Case(f"{exchange.name}, in process", partial(_timed, exchange=exchange), apart=True)
    yield Case("send-3, calls", partial(_called, exchange=send), apart=True, rounds=1)
    yield Case("send-3, instructions", partial(_instructed, exchange=send), rounds=1)
