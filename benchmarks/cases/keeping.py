"""What it costs to keep every send, on disk or in PostgreSQL; bare is the same mock that keeps it in memory only."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from itertools import product

from benchmarks import load, traffic
from benchmarks.case import Case, Figures, Measure
from benchmarks.cases.requests import Wire, figures
from benchmarks.contenders import MOCK, Contender, Kind
from benchmarks.exchanges import BY_NAME
from benchmarks.serving import ROOMY, serving
from tests.keeping import postgres


@contextmanager
def _disk() -> Iterator[tuple[str, ...]]:
    with tempfile.TemporaryDirectory() as directory:
        yield "--data", directory


@contextmanager
def _database() -> Iterator[tuple[str, ...]]:
    with postgres.started() as database:
        yield "--store", database.url


PLACES: Mapping[str, Callable[[], AbstractContextManager[tuple[str, ...]]]] = {"": _disk, " in PostgreSQL": _database}
"""Where sends are kept: the options."""


@contextmanager
def _kept(contender: Contender, place: str, sync: str) -> Iterator[Measure]:
    with ExitStack() as opened:
        options: tuple[str, ...] = ROOMY
        if contender.kind is Kind.MOCK:
            options = (*ROOMY, *opened.enter_context(PLACES[place]()), "--sync", sync)
        mock = contender if contender.kind is Kind.MOCK else MOCK
        server = opened.enter_context(serving(mock, options=options))
        exchange = BY_NAME["send-3"]

        def measure() -> Figures:
            traffic.reset(server.ask)
            return figures(load.run(server, exchange.prepare(Wire(server), 0)))

        yield measure


def cases() -> Iterator[Case]:
    """The send, kept over the end of the process, and over a power failure."""
    for place, sync in product(PLACES, ("process", "power")):
        yield Case(f"send-3, kept{place}, --sync {sync}", partial(_kept, place=place, sync=sync))
