"""A PostgreSQL for the tests of this room; each test finds it empty."""

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.keeping.postgres import Database, started


@pytest.fixture(scope="session")
def postgres() -> Iterator[Database]:
    """Debian's. Tests are skipped without it, and fail where CI=true."""
    with ExitStack() as stack:
        try:
            database = stack.enter_context(started())
        except FileNotFoundError as error:
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(error))
        yield database


@pytest.fixture
def database(postgres: Database) -> Iterator[str]:
    """The URL of a database without our tables."""
    yield postgres.url
    postgres.empty()
