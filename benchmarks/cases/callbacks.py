"""The whole life of flows whose webhook is told of every step: what a callback costs, in requests to bare."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import load, traffic
from benchmarks.case import Case, Figures, Measure
from benchmarks.contenders import Contender, Kind
from benchmarks.cores import LOAD
from benchmarks.messages import body, get
from benchmarks.server import Server, started
from benchmarks.serving import serving

FLOWS = 100
"""Flows of a round; each makes ten callbacks or so."""

CALLBACK = "CPU µs a callback (bare: a request)"


@contextmanager
def _opened(contender: Contender) -> Iterator[Measure]:
    with serving(contender) as server:
        if contender.kind is Kind.BARE:
            requests = traffic.sends("Bearer of nothing")
            yield lambda: {CALLBACK: load.run(server, requests).cost}
            return
        with started(contender.command("benchmarks.receiver"), contender.environment, LOAD) as receiver:
            yield lambda: _live(server, receiver)


def _live(server: Server, receiver: Server) -> Figures:
    traffic.reset(server.ask)
    hook = f"http://127.0.0.1:{receiver.port}/webhook"
    sends = traffic.sends(traffic.bearer(server.ask), count=FLOWS, to=None, callback=hook)
    before = _received(receiver)
    born = server.cpu()
    load.run(server, sends, times=FLOWS)
    sent, began = server.cpu(), time.perf_counter()
    traffic.finish(server.ask)
    took, done = time.perf_counter() - began, server.cpu()
    callbacks = _received(receiver) - before - 1
    return {
        CALLBACK: done.since(sent).used / callbacks / 1e3,
        "CPU µs a flow, from its send to its end": done.since(born).used / FLOWS / 1e3,
        "callbacks a flow": callbacks / FLOWS,
        "callbacks/s": callbacks / took,
    }


def _received(receiver: Server) -> int:
    return int(body(receiver.ask(get("/"))))


def cases() -> Iterator[Case]:
    """One case."""
    yield Case("callbacks", _opened)
