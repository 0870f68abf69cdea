"""The clock moves forward, within its calendar."""

from datetime import UTC, datetime

import pytest

from mockserver.core.clock import LAST, Clock, ClockError
from mockserver.core.commands import Mode


def test_the_clock_moves_forward_and_not_past_its_calendar() -> None:
    clock = Clock(5)
    clock.move(5)
    clock.move(LAST)
    assert clock.now == LAST
    with pytest.raises(ClockError, match="only moves forward"):
        clock.move(LAST - 1)
    with pytest.raises(ClockError, match="year 9999"):
        clock.move(LAST + 1)
    assert clock.now == LAST


@pytest.mark.parametrize("start", [-1, LAST + 1])
def test_the_clock_starts_within_its_calendar(start: int) -> None:
    with pytest.raises(ClockError):
        Clock(start)


@pytest.mark.parametrize("start", [0, LAST])
def test_the_ends_of_its_calendar_are_within_it(start: int) -> None:
    assert Clock(start).now == start


def test_the_calendar_ends_with_the_year_9999() -> None:
    assert datetime.fromtimestamp(LAST / 1_000, UTC).year == 9999
    assert (LAST + 1) % 86_400_000 == 0


def test_checking_a_move_does_not_make_it() -> None:
    clock = Clock(5)
    clock.check(6)
    assert clock.now == 5


def test_the_clock_keeps_its_mode_and_rate() -> None:
    clock = Clock(0, Mode.INSTANT, 60.0)
    assert (clock.mode, clock.rate) == (Mode.INSTANT, 60.0)
    assert (Clock(0).mode, Clock(0).rate) == (Mode.REALTIME, 1.0)
