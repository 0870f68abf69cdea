"""Values: frozen in the tests, slotted, and cheap to change into others."""

import subprocess
import sys
from dataclasses import FrozenInstanceError

import pytest

from mockserver.core import values
from mockserver.core.clock import Mode
from mockserver.core.commands import MoveClock, SetClock
from mockserver.core.values import replace

UNFROZEN = """
from mockserver.core.commands import MoveClock, SetClock
from mockserver.core.values import replace
move = MoveClock(1)
assert replace(move, to=2) == MoveClock(2) and move == MoveClock(1) and hash(move) == hash(MoveClock(1))
assert not hasattr(move, "__dict__")
move.to = 3
"""


def test_a_value_cannot_be_changed_in_the_tests() -> None:
    assert values.FROZEN
    move = MoveClock(1)
    with pytest.raises(FrozenInstanceError):
        move.to = 2  # type: ignore[misc]


def test_another_value_is_made_of_one_by_naming_what_differs() -> None:
    old = SetClock(Mode.MANUAL, 2.0)
    assert replace(old, rate=3.0) == SetClock(Mode.MANUAL, 3.0)
    assert replace(MoveClock(1), to=2) == MoveClock(2)
    assert (replace(old), old) == (old, SetClock(Mode.MANUAL, 2.0))
    with pytest.raises(KeyError):
        replace(old, speed=3.0)


def test_outside_the_tests_a_value_is_the_same_but_for_the_price() -> None:
    done = subprocess.run([sys.executable, "-c", UNFROZEN], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
