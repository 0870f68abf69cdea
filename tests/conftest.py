"""What every test may ask for."""

from collections.abc import Iterator

import pytest

from mockserver.testing.receiver import Receiver, receiving
from tests import receivers

pytest_plugins = ["pytester", "tests.plugins.unexplained"]


collect_ignore = ["examples"]
"""Projects of users: tests/test_examples.py runs each in a folder of its own."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A real webhook receiver."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def raw_receiver() -> Iterator[receivers.Receiver]:
    """A webhook receiver that can misbehave in every way, and counts its connections."""
    with receivers.receiving() as receiver:
        yield receiver
