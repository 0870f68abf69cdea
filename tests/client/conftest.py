"""A running mock, and both of its clients: every test here runs with each of them."""

import asyncio
import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from mockserver.client import AsyncServer, Server
from mockserver.core.commands import Mode
from mockserver.server import Addresses, running
from mockserver.settings import Settings
from tests.http.mocks import START


class Awaited:
    """An asynchronous object as a plain one: everything that must be awaited is awaited here."""

    def __init__(self, thing: Any, runner: asyncio.Runner) -> None:
        self._thing, self._runner = thing, runner

    def __getattr__(self, name: str) -> Any:
        return self._plain(getattr(self._thing, name))

    def __call__(self, *args: Any, **more: Any) -> Any:
        args = tuple(each._thing if isinstance(each, Awaited) else each for each in args)
        return self._plain(self._thing(*args, **more))

    def __enter__(self) -> Any:
        return self._plain(self._thing.__aenter__())

    def __exit__(self, *error: object) -> None:
        self._plain(self._thing.__aexit__(*error))

    def play(self, *args: Any, **more: Any) -> Any:
        """An asynchronous scenario is played when it is awaited."""
        return self._plain(self._thing.play(*args, **more))

    def _plain(self, thing: Any) -> Any:
        if inspect.iscoroutine(thing):
            return self._plain(self._runner.run(thing))
        ours = type(thing).__name__.startswith("Async") or callable(thing)
        return Awaited(thing, self._runner) if ours else thing


@pytest.fixture(scope="session")
def mock() -> Iterator[Addresses]:
    with running(Settings(port=0, clock=Mode.MANUAL, start=START)) as server:
        yield server


@pytest.fixture(scope="session", params=["plain", "asynchronous"])
def server(request: pytest.FixtureRequest, mock: Addresses) -> Iterator[Any]:
    if request.param == "plain":
        with Server(mock.url) as plain:
            yield plain
    else:
        with asyncio.Runner() as runner, Awaited(AsyncServer(mock.url), runner) as awaited:
            yield Awaited(awaited, runner) if isinstance(awaited, AsyncServer) else awaited


@pytest.fixture
def sandbox(server: Any) -> Iterator[Any]:
    made = server.create_sandbox()
    yield made
    made.delete()
