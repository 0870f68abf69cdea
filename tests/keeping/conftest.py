"""A PostgreSQL for the tests of this room; each test finds it empty."""

from collections.abc import Iterator

import pytest

from tests.keeping.postgres import Database, started


@pytest.fixture(scope="session")
def postgres() -> Iterator[Database]:
    with started() as database:
        yield database


@pytest.fixture
def database(postgres: Database) -> Iterator[str]:
    """The URL of a database without our tables."""
    yield postgres.url
    postgres.empty()
