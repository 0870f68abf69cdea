"""Which core runs what: what is measured has one of its own, everything else another."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

CORES = sorted(os.sched_getaffinity(0))
MEASURED, LOAD = CORES[0], CORES[-1]


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """Run on this core for as long as the block lasts; what is started in it stays there."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
