"""What every test may ask for."""

from collections.abc import Iterator

import pytest
from hypothesis import Phase, settings

from tests.receivers import Receiver, receiving

pytest_plugins = ["pytester"]

# To explain what it has found takes Hypothesis longer than to find it; some tests here are about what it finds.
settings.register_profile("suite", phases=[phase for phase in Phase if phase is not Phase.explain])
settings.load_profile("suite")

collect_ignore = ["examples"]
"""Projects of users: tests/test_examples.py runs each in a folder of its own."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A real webhook receiver."""
    with receiving() as receiver:
        yield receiver
