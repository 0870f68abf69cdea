"""The event loops that a server may run on."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

import pytest

LOOPS = ["asyncio", *(["uvloop"] if find_spec("uvloop") else [])]


@contextmanager
def starting_on(loop: str) -> Iterator[None]:
    """A server that starts in this block runs on this event loop, as if uvloop were installed or not."""
    with pytest.MonkeyPatch.context() as patch:
        if loop == "asyncio":
            patch.setitem(sys.modules, "uvloop", None)
        yield


def name_of(loop: asyncio.AbstractEventLoop) -> str:
    """`asyncio` or `uvloop`."""
    return type(loop).__module__.partition(".")[0]
