"""Real time and virtual time."""

from mockserver.core.clock import LAST, Clock, Mode
from mockserver.sandbox.pace import Pace


def test_the_pace_is_real_time_times_the_rate() -> None:
    seconds = [100.0]
    clock = Clock(1_000, Mode.REALTIME, 60.0)
    pace = Pace(clock, lambda: seconds[0])
    assert (pace.now(), pace.wait(61_000), pace.wait(0)) == (1_000, 1.0, 0.0)
    seconds[0] += 0.5
    assert (pace.now(), pace.wait(61_000)) == (31_000, 0.5)
    clock.move(50_000)
    assert pace.now() == 50_000
    pace.anchor()
    seconds[0] += 1
    assert pace.now() == 110_000
    seconds[0] += 1e15
    assert pace.now() == LAST
