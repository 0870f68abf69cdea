"""What it costs to keep every send on disk; bare is the same mock that keeps it in memory only."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from benchmarks import load, traffic
from benchmarks.case import Case, Figures, Measure
from benchmarks.cases.requests import Wire, figures
from benchmarks.contenders import MOCK, Contender, Kind
from benchmarks.exchanges import BY_NAME
from benchmarks.serving import ROOMY, serving


@contextmanager
def _kept(contender: Contender, sync: str) -> Iterator[Measure]:
    with ExitStack() as opened:
        options: tuple[str, ...] = ROOMY
        if contender.kind is Kind.MOCK:
            options = (*ROOMY, "--data", opened.enter_context(tempfile.TemporaryDirectory()), "--sync", sync)
        mock = contender if contender.kind is Kind.MOCK else MOCK
        server = opened.enter_context(serving(mock, options=options))
        exchange = BY_NAME["send-3"]

        def measure() -> Figures:
            traffic.reset(server.ask)
            return figures(load.run(server, exchange.prepare(Wire(server), 0)))

        yield measure


def cases() -> Iterator[Case]:
    """The send, kept over the end of the process, and over a power failure."""
    for sync in ("process", "power"):
        yield Case(f"send-3, kept, --sync {sync}", partial(_kept, sync=sync))
