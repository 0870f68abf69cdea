"""A running mock for every test that asks for one."""

from collections.abc import Iterator

import pytest

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
