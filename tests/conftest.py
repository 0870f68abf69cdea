"""What every test may ask for."""

from collections.abc import Iterator

import pytest

from mockserver.core import values

values.FROZEN = True

from tests.receivers import Receiver, receiving  # noqa: E402 -- no value may be defined before

pytest_plugins = ["pytester", "tests.plugins.unexplained"]


collect_ignore = ["examples"]
"""Projects of users: tests/test_examples.py runs each in a folder of its own."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A real webhook receiver."""
    with receiving() as receiver:
        yield receiver
