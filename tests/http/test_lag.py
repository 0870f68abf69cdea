"""How late the event loop is, and what it means for readiness."""

import asyncio

import pytest

from mockserver.app import create_app
from mockserver.cli.health import PATIENCE
from mockserver.http.lag import BEAT, TOO_LATE, Lag
from mockserver.http.server import ready
from mockserver.keeping.memory import MemoryOnly
from mockserver.settings import Settings
from mockserver.wire.errors import Refusal
from tests.http.mocks import mocking
from tests.http.test_metrics import scrape


def test_a_loop_that_is_not_measured_is_not_late() -> None:
    assert Lag().seconds == 0


def test_lag_is_how_much_later_than_asked_for_the_loop_comes_round() -> None:
    now = 100.0

    async def scene() -> None:
        nonlocal now
        lag = Lag(lambda: now)
        task = asyncio.create_task(lag.measure())
        await asyncio.sleep(0)
        assert lag.seconds == 0
        now += BEAT + 3
        assert lag.seconds == pytest.approx(3), "the next measurement is overdue"
        await asyncio.sleep(BEAT * 1.5)
        assert lag.seconds == pytest.approx(3), "it came 3 s late"
        now += BEAT
        await asyncio.sleep(BEAT)
        assert lag.seconds == pytest.approx(0), "and the one after it in time"
        task.cancel()

    asyncio.run(scene())


class Late(Lag):
    seconds = TOO_LATE + 0.5


def test_a_server_that_is_late_is_not_ready() -> None:
    class Control:
        lag = Late()
        archive = MemoryOnly()

    with pytest.raises(Refusal, match=r"The mock is busy: requests wait 1\.5 s for others\.") as refused:
        asyncio.run(ready(Control(), None))  # type: ignore[arg-type]
    assert refused.value.status == 503
    assert TOO_LATE < PATIENCE


def test_the_lag_is_measured_while_a_server_runs() -> None:
    with mocking() as mock:
        while mock.client.get("/_mock/ready").status_code == 503:  # the machine may be late by itself
            pass
        assert 0 <= scrape(mock)["event_loop_lag_seconds",] < 60


def test_an_app_measures_it_for_its_lifetime_only() -> None:
    async def scene() -> int:
        app = create_app(Settings())
        before = len(asyncio.all_tasks())
        async with app.router.lifespan_context(app):
            await asyncio.sleep(0)
            assert len(asyncio.all_tasks()) > before
        await asyncio.sleep(0)
        return len(asyncio.all_tasks()) - before

    assert asyncio.run(scene()) == 0
