"""Which core runs what: the server has one core, everything else another."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

CORES = sorted(os.sched_getaffinity(0))
MEASURED, LOAD = CORES[0], CORES[-1]


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """Run on this core while the block lasts. What is started in it stays there."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
