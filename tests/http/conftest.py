"""A running mock for every test that asks for one."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mockserver.http.repeats import RepeatProtocol
from mockserver.http.shortcut import Waiter
from mockserver.keeping.keeper import Keeper
from tests.http.mocks import Mock, entered, mocking


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a mock with a manual clock that many tests use, one after the other."""
    with mocking() as mock:
        mock.client.post("/_mock/reset")
        yield mock.url


@pytest.fixture
def mock(server: str) -> Iterator[Mock]:
    """A mock with a manual clock and nothing in it. It is emptied after the test."""
    with entered(server) as mock:
        yield mock
        for sandbox in mock.client.get("/_mock/sandboxes").json()["sandboxes"]:
            if sandbox["id"] != "default":
                mock.client.delete(f"/_mock/sandboxes/{sandbox['id']}")
        mock.client.post("/_mock/reset")


class Gate:
    """What the replies of mocks that keep their sandboxes pass.

    open: whether they pass it as soon as they are kept. lets: what those that it has held are told.
    """

    def __init__(self) -> None:
        self.open = self.lets = True
        self._held: list[Callable[[], object]] = []

    def wait(self, keeper: Keeper, waiter: Waiter, when_kept: Callable[[Keeper, Waiter], None]) -> None:
        """Take a reply."""
        if self.open:
            when_kept(keeper, waiter)
        else:
            loop = asyncio.get_running_loop()
            self._held.append(lambda: loop.call_soon_threadsafe(waiter, self.lets))

    def let_go(self) -> None:
        """Wait for a reply, and let it go."""
        self.await_reply()
        self._held.pop()()

    def await_reply(self) -> None:
        """Wait until a reply is held."""
        while not self._held:
            time.sleep(0.01)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    """The gate of the mocks in this process."""
    gate, when_kept = Gate(), Keeper.when_kept
    monkeypatch.setattr(Keeper, "when_kept", lambda keeper, waiter: gate.wait(keeper, waiter, when_kept))
    return gate


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[RepeatProtocol]:
    """The connections of the mocks in this process, as they are made."""
    made: list[RepeatProtocol] = []
    connect = RepeatProtocol.connection_made

    def caught(self: RepeatProtocol, transport: Any) -> None:
        made.append(self)
        connect(self, transport)

    monkeypatch.setattr(RepeatProtocol, "connection_made", caught)
    return made
