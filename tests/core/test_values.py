"""Values: they never change, others are made from them, and the collector never looks at them."""

import gc

import pytest

from mockserver.core.clock import Mode
from mockserver.core.commands import MoveClock, SetClock
from mockserver.core.values import replace


def test_a_value_cannot_be_changed() -> None:
    move = MoveClock(1)
    with pytest.raises(AttributeError):
        move.to = 2  # type: ignore[misc]
    assert (move, hash(move)) == (MoveClock(1), hash(MoveClock(1)))
    assert not hasattr(move, "__dict__")


def test_another_value_is_made_of_one_by_naming_what_differs() -> None:
    old = SetClock(Mode.MANUAL, 2.0)
    assert replace(old, rate=3.0) == SetClock(Mode.MANUAL, 3.0)
    assert (replace(old), old) == (old, SetClock(Mode.MANUAL, 2.0))
    with pytest.raises(TypeError):
        replace(old, speed=3.0)


def test_the_collector_does_not_look_at_a_value() -> None:
    assert not gc.is_tracked(SetClock(Mode.MANUAL, 2.0))
