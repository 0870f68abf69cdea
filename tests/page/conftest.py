"""Fixtures for the tests of the page: a browser for all tests of a file, and a mock for each."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.http.mocks import Mock, mocking
from tests.page.browser import Sight, browsing, looking


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with browsing() as browser:
        yield browser


@pytest.fixture
def mock() -> Iterator[Mock]:
    with mocking() as mock:
        yield mock


@pytest.fixture
def sight(browser: Any, mock: Mock) -> Iterator[Sight]:
    """The page of the mock. At the end its console must be empty, and all it asked for must come from the mock."""
    with looking(browser, f"{mock.url}/_mock/ui/") as sight:
        yield sight
        assert sight.console == []
        assert [url for url in sight.requests if not url.startswith(mock.url)] == []
