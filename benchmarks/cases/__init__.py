"""The cases: what is measured, one file a kind."""

from benchmarks.case import Case
from benchmarks.cases import callbacks, engine, fixture, keeping, requests, restoring, start, store, wide


def every(*, full: bool) -> list[Case]:
    """Every case; in full, those too that take long."""
    return [
        *requests.cases(),
        *keeping.cases(),
        *wide.cases(),
        *restoring.cases(),
        *callbacks.cases(),
        *engine.cases(full=full),
        *store.cases(full=full),
        *start.cases(),
        *fixture.cases(),
    ]
