"""A running mock for every test that asks for one."""

from collections.abc import Iterator

import pytest

from tests.http.mocks import Mock, mocking


@pytest.fixture
def mock() -> Iterator[Mock]:
    """A mock with a manual clock."""
    with mocking() as mock:
        yield mock
