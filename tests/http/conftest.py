"""A running mock for every test that asks for one."""

from collections.abc import Iterator
from typing import Any

import pytest

from mockserver.http.repeats import RepeatProtocol
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
