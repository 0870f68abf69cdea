"""What every test may ask for."""

from collections.abc import Iterator

import pytest

from tests.receivers import Receiver, receiving

pytest_plugins = ["pytester", "tests.plugins.unexplained", "tests.plugins.wording"]


collect_ignore = ["examples"]
"""Projects of users: tests/test_examples.py runs each in a folder of its own."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A real webhook receiver."""
    with receiving() as receiver:
        yield receiver
