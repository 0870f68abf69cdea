"""Work behind the requests goes on when it dies, and its death is logged."""

import asyncio
import logging

import pytest

from mockserver.core.behaviour import Behaviour
from mockserver.core.commands import Answer, Mode
from mockserver.core.deliveries import Delivery
from mockserver.core.engine import Engine
from mockserver.sandbox.driver import Driver
from mockserver.sandbox.lanes import Lanes
from mockserver.sandbox.supervision import supervise
from mockserver.wire.routee import document
from mockserver.wire.routee.requests import read_send

SEND = b'{"flow":[{"type":"Sms","to":"+306900000000","from":"Shop","message":{"body":"Hi"}}],"callback":{"url":"http://a/"}}'


def test_what_dies_is_logged_and_begins_again_until_it_is_done(caplog: pytest.LogCaptureFixture) -> None:
    begun = 0

    async def work() -> None:
        nonlocal begun
        begun += 1
        if begun < 3:
            raise KeyError("gone")

    asyncio.run(supervise("the work", work, 0))
    assert begun == 3
    assert caplog.messages == ["the work has met a fault of the mock itself, and goes on"] * 2
    assert all(record.exc_info and record.levelno == logging.ERROR for record in caplog.records)


def test_what_is_cancelled_does_not_begin_again() -> None:
    async def scene() -> None:
        task = asyncio.create_task(supervise("the work", asyncio.Event().wait, 0))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scene())


class Faulty(Engine):
    """An engine that meets a fault of its own, once."""

    broken = False

    def poll(self, until: int) -> object:  # type: ignore[override]
        effect = super().poll(until)
        if effect is not None and not self.broken:
            self.broken = True
            raise LookupError("a fault")
        return effect


def test_a_clock_that_dies_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        async def post(_: str, __: bytes) -> Answer:
            return Answer(200, None, 1.0)

        engine = Faulty(Behaviour(), 0, Mode.INSTANT)
        driver = Driver(engine, post, document.payload, lambda: 0.0)
        flow = driver.submit(read_send(SEND, "app")).flow
        assert flow is not None
        driver.wake()
        async with asyncio.timeout(60):
            while not engine.flows[flow.id].final:
                await driver.news.changed(len(engine.journal), 0.1)
        await driver.close()

    asyncio.run(scene())
    assert caplog.messages == ["the clock of a sandbox has met a fault of the mock itself, and goes on"]


def test_a_callback_that_dies_leaves_its_lane_to_the_next(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> list[int]:
        recorded: list[int] = []

        async def post(_: str, __: bytes) -> Answer:
            return Answer(200, None, 1.0)

        def render(delivery: Delivery) -> bytes:
            if delivery.number == 1:
                raise LookupError("a fault")
            return b""

        lanes = Lanes(post, render, lambda delivery, _: recorded.append(delivery.number))
        flow = Engine(Behaviour(), 0).submit(read_send(SEND, "app")).flow
        assert flow is not None
        for number in (1, 2, 3):
            lanes.enter((Delivery(number, flow, "http://a/"),), in_turn=True)
        await lanes.settle()
        return recorded

    assert asyncio.run(scene()) == [2, 3]
    assert caplog.messages == ["a callback has met a fault of the mock itself, and the next goes on"]
