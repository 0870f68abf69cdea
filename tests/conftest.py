"""What every test may ask for."""

from collections.abc import Iterator

import pytest
from httpx2._config import DEFAULT_TIMEOUT_CONFIG
from hypothesis import HealthCheck, settings

from mockserver.testing.receiver import Receiver, receiving
from tests import receivers

CHANCE = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large, HealthCheck.large_base_example)
"""Whether one of these fails is decided by how busy the machine is, and by what happens to be drawn first."""

settings.register_profile("tests", deadline=None, suppress_health_check=CHANCE)  # a busy machine is no fault
settings.load_profile("tests")

DEFAULT_TIMEOUT_CONFIG.connect = DEFAULT_TIMEOUT_CONFIG.read = 60.0  # what a client waits for, if it does not say

pytest_plugins = ["pytester", "tests.plugins.unexplained", "tests.plugins.wording"]


collect_ignore = ["examples"]
"""Projects of users: tests/test_examples.py runs each in a folder of its own."""

LONGEST = {"test_small_worlds", "test_machine", "test_openapi", "test_mistakes", "test_examples", "test_wheel"}
"""Files that workers begin with, so that none is left alone with one of them at the end."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the longest files first, for workers; whoever runs the tests one by one sees the quick ones first."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: item.path.stem not in LONGEST)


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
