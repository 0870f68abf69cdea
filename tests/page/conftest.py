"""Fixtures for the tests of the page: one browser for all files that come one after the other, and a mock for each test."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.http.mocks import Mock, mocking
from tests.page.browser import THEMES, Sight, browsing, looking

ACCEPTED = ("test_access", "test_story", "test_truth", "test_untrusted")
"""Files of what the page is accepted by, each in light and dark. The others hold what no colour changes, and are played
once."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    own = [name for mark in metafunc.definition.iter_markers("parametrize") for name in mark.args[:1]]
    if "theme" in metafunc.fixturenames and "theme" not in own:
        metafunc.parametrize("theme", THEMES if metafunc.definition.path.stem in ACCEPTED else THEMES[:1])


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    with browsing() as browser:
        yield browser


@pytest.fixture
def mock() -> Iterator[Mock]:
    with mocking() as mock:
        yield mock


@pytest.fixture
def sight(browser: Any, mock: Mock, theme: str) -> Iterator[Sight]:
    """The page of the mock. At the end its console must be empty, and all it asked for must come from the mock."""
    with looking(browser, f"{mock.url}/_mock/ui/", color_scheme=theme) as sight:
        yield sight
        assert sight.console == []
        assert sight.dialogs == []
        assert [url for url in sight.requests if not url.startswith(mock.url)] == []
