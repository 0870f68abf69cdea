"""Peers in Python, each a module that is run."""

import os
from contextlib import AbstractContextManager

from benchmarks.contenders import BARE, ROOT
from benchmarks.peers.installed import from_pypi
from benchmarks.server import Server, started


def fastapi() -> AbstractContextManager[Server]:
    """FastAPI, of the packages that the tests need anyway. Raises NotStarted."""
    return started(BARE.command("benchmarks.peers.fastapi"), BARE.environment)


def httpserver() -> AbstractContextManager[Server]:
    """pytest-httpserver. Raises NotStarted."""
    places = os.pathsep.join(map(str, (ROOT, from_pypi("pytest-httpserver==1.2.0"))))
    return started(BARE.command("benchmarks.peers.httpserver"), {"PYTHONPATH": places})
