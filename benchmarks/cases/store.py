"""The store: pauses while a sandbox fills to its limit and beyond, and the memory of a flow."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from benchmarks import inside, load, traffic
from benchmarks.case import Case, Figures, Measure
from benchmarks.contenders import Contender, Kind
from benchmarks.messages import body, get, post
from benchmarks.server import Server
from benchmarks.serving import ROOMY, serving

BEYOND = 0.5
"""Flows that are sent when the sandbox is full, of those it keeps; each makes one that ended go. With fewer, the
collector of garbage may not come to look at all of them.
"""

FIRST, KEPT = 1_000, 10_000
"""Flows that come first, for what is made but once; and those whose memory is measured."""

LIVE = "bytes a live flow (bare: what was sent)"
FINISHED = "bytes a finished flow (bare: its document)"


@contextmanager
def _filling(contender: Contender, bound: int) -> Iterator[Measure]:
    """A server that keeps this many flows, a new one in every round."""
    options = (*ROOMY, "--max-flows", str(bound))
    yield lambda: _fill(contender, bound, options)


def _fill(contender: Contender, bound: int, options: tuple[str, ...]) -> Figures:
    with serving(contender, options=options) as server:
        token = _token(contender, server)
        sends = traffic.sends(token, callback=None)
        load.run(server, sends, times=FIRST)
        filling = load.run(server, sends, times=bound - FIRST)
        if contender.kind is Kind.MOCK:
            traffic.finish(server.ask)
        beyond = load.run(server, sends, times=round(bound * BEYOND))
        return {
            "p99 ms, until it is full": filling.percentile(0.99),
            "longest pause CPU ms, until it is full": filling.pause / 1e6,
            "p99 ms, beyond": beyond.percentile(0.99),
            "longest pause CPU ms, beyond": beyond.pause / 1e6,
            "server waited": filling.cpu.waited / filling.seconds / 1e9,
        }


def _token(contender: Contender, server: Server) -> str:
    return traffic.bearer(server.ask) if contender.kind is Kind.MOCK else "Bearer of nothing"


@contextmanager
def _memory(contender: Contender) -> Iterator[Measure]:
    """The memory of a flow of three steps; bare is the length of what was sent, and of its document in the end."""
    yield _lengths if contender.kind is Kind.BARE else lambda: _weigh(contender)


def _weigh(contender: Contender) -> Figures:
    with serving(contender) as server:
        sends = traffic.sends(traffic.bearer(server.ask), to=None, callback=None)
        load.run(server, sends, times=FIRST)
        traffic.finish(server.ask)
        empty = server.memory()
        load.run(server, sends, times=KEPT)
        live = server.memory()
        traffic.finish(server.ask)
        return {LIVE: (live - empty) / KEPT, FINISHED: (server.memory() - empty) / KEPT}


def _lengths() -> Figures:
    with inside.opened(inside.mock()) as server:
        sent = traffic.flow(3, 0, None, None)
        answer = server.ask(post("/failover", sent, traffic.bearer(server.ask)))
        path = f"/failover/tracking/{json.loads(body(answer))['trackingId']}"
        traffic.finish(server.ask)
        return {LIVE: len(sent), FINISHED: len(body(server.ask(get(path, traffic.bearer(server.ask)))))}


def cases(*, full: bool) -> Iterator[Case]:
    """Filling, to one limit or in full to several, and memory."""
    for bound in (10_000, *((25_000, 50_000, 100_000) if full else ())):
        yield Case(f"filling, {bound:,} flows", partial(_filling, bound=bound), rounds=2)
    yield Case("memory", _memory, rounds=2)
