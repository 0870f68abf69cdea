"""The start: an import, and the first answer of a server."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from benchmarks.case import Case, Figures, Measure
from benchmarks.contenders import Contender, Kind
from benchmarks.cores import MEASURED, pinned
from benchmarks.messages import get
from benchmarks.server import NotStarted
from benchmarks.serving import serving

IMPORTS = {
    "import, the server": {Kind.MOCK: "import mockserver.server", Kind.BARE: "import httptools, uvicorn, uvloop"},
    "import, in a test": {Kind.MOCK: "from mockserver import RouteeMock", Kind.BARE: "import asyncio, httpx2"},
    "import, the pytest plugin": {Kind.MOCK: "import mockserver.pytest_plugin", Kind.BARE: "import pytest"},
}
"""What a mock imports; bare imports what every such server needs."""


@contextmanager
def _start(contender: Contender) -> Iterator[Measure]:
    yield lambda: _first_answer(contender)


def _first_answer(contender: Contender) -> Figures:
    began = time.perf_counter()
    with serving(contender, options=()) as server:
        server.ask(get("/_mock/ready"))
        return {"CPU ms": server.cpu().used / 1e6, "ms": (time.perf_counter() - began) * 1e3}


@contextmanager
def _import(contender: Contender, statements: dict[Kind, str]) -> Iterator[Measure]:
    command = [contender.python, "-P", "-c", statements[contender.kind]]
    spent(command, contender.environment)  # what is compiled once, is compiled now
    yield lambda: {"CPU ms": spent(command, contender.environment) * 1e3}


def spent(command: list[str], environment: dict[str, str]) -> float:
    """Seconds of CPU that a command and what it starts take. Raises NotStarted when it fails."""
    with pinned(MEASURED):
        running = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
        _, outcome, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(outcome)
    if running.returncode:
        raise NotStarted(f"{command} ended with {running.returncode}")
    return used.ru_utime + used.ru_stime


def cases() -> Iterator[Case]:
    """The start of a server, and imports."""
    yield Case("start-up, to the first answer", _start)
    for name, statements in IMPORTS.items():
        yield Case(name, partial(_import, statements=statements))
