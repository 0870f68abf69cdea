"""Fixtures for the tests of the page: one browser for all files that come one after the other, and a mock for each test."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.http.mocks import Mock, mocking
from tests.page.browser import THEMES, Sight, browsing, looking


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    with browsing() as browser:
        yield browser


@pytest.fixture
def mock() -> Iterator[Mock]:
    with mocking() as mock:
        yield mock


@pytest.fixture(params=THEMES)
def theme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sight(browser: Any, mock: Mock, theme: str) -> Iterator[Sight]:
    """The page of the mock. At the end its console must be empty, and all it asked for must come from the mock."""
    with looking(browser, f"{mock.url}/_mock/ui/", color_scheme=theme) as sight:
        yield sight
        assert sight.console == []
        assert sight.dialogs == []
        assert [url for url in sight.requests if not url.startswith(mock.url)] == []
