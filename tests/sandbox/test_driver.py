"""The driver: time moves, callbacks are posted in order, and nothing waits for what it must not wait for."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from mockserver.core.behaviour import Behaviour
from mockserver.core.channels import RULES, Channel
from mockserver.core.clock import LAST, ClockError, Until
from mockserver.core.commands import Answer, Mode, SendFlow, SetClock
from mockserver.core.deliveries import Delivery
from mockserver.core.engine import Engine
from mockserver.core.facts import CallbackAttempted, StatusChanged
from mockserver.core.outcome import Choice, Moment, Outcome
from mockserver.core.step import Callback, Step, Strategy
from mockserver.core.values import replace
from mockserver.sandbox.driver import Driver

START = 1_000_000_000_000
OK = Answer(200, None, 1.0)
NO = Answer(500, None, 1.0)
DAY = 86_400_000

SECOND_APART = Outcome(
    Channel.SMS, "a second apart", (Moment("Queued"), Moment("Sent", 1_000, 1_000), Moment("Delivered", 1_000, 1_000))
)


@dataclass
class Receiver:
    """Takes the place of the network: it notes every post, and answers with `answer`."""

    answer: Callable[[str], Awaitable[Answer]]
    posted: list[str] = field(default_factory=list)
    open: int = 0
    most_open: int = 0

    async def post(self, _: str, body: bytes) -> Answer:
        self.posted.append(body.decode())
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            return await self.answer(body.decode())
        finally:
            self.open -= 1


@dataclass
class RealTime:
    """A clock that the test sets."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


async def at_once(_: str) -> Answer:
    return OK


def render(delivery: Delivery) -> bytes:
    flow = delivery.flow
    return f"{flow.number}:{'/'.join(str(message.status) for message in flow.messages)}".encode()


def drive(
    answer: Callable[[str], Awaitable[Answer]] = at_once,
    mode: Mode = Mode.MANUAL,
    real: RealTime | None = None,
    rate: float = 1.0,
) -> tuple[Driver, Receiver]:
    receiver = Receiver(answer)
    behaviour = Behaviour(sources=(lambda _: Choice(SECOND_APART, "a test says so"),))
    driver = Driver(Engine(behaviour, START, mode, rate), receiver.post, render, real or RealTime())
    return driver, receiver


SMS = Step(Channel.SMS, "+15555550100", frozenset(RULES[Channel.SMS].default_triggers), ttl=DAY)
SEND = SendFlow("app", (SMS,), Callback(Strategy.ON_STEP, "http://receiver/"))


def send(driver: Driver) -> str:
    flow = driver.send(SEND).flow
    assert flow is not None
    return flow.id


def sent(driver: Driver) -> str:
    """A send whose reply has reached the client."""
    flow = send(driver)
    driver.replied(flow)
    return flow


async def patience(until: Callable[[], bool]) -> None:
    """Let the loop run until something holds."""
    async with asyncio.timeout(60):
        while not until():  # noqa: ASYNC110 -- what is waited for is the driver's to do, with no event to tell
            await asyncio.sleep(0)


def test_nothing_happens_until_time_moves() -> None:
    async def scene() -> None:
        driver, receiver = drive()
        sent(driver)
        await asyncio.sleep(0.01)
        assert receiver.posted == []
        assert driver.engine.pending == 4

    asyncio.run(scene())


def test_until_idle_lets_everything_happen_at_its_own_instant() -> None:
    async def scene() -> None:
        driver, receiver = drive()
        sent(driver)
        done = await driver.advance(Until())
        assert (done.since, done.now, done.stopped, done.events) == (START, START + 2_000, "idle", 3)
        assert receiver.posted == ["1:Queued", "1:Sent", "1:Delivered"]
        assert [e.at - START for e in done.entries if isinstance(e.fact, StatusChanged)] == [0, 1_000, 2_000]
        assert [e.at - START for e in done.entries if isinstance(e.fact, CallbackAttempted)] == [0, 1_000, 2_000]

    asyncio.run(scene())


def test_next_is_one_event() -> None:
    async def scene() -> None:
        driver, receiver = drive()
        sent(driver)
        for expected in ("1:Queued", "1:Sent", "1:Delivered"):
            done = await driver.advance(Until(events=1))
            assert (done.stopped, done.events) == ("next", 1)
            assert receiver.posted[-1] == expected
        done = await driver.advance(Until(events=1))
        assert (done.stopped, done.events, done.now) == ("idle", 0, START + 2_000)

    asyncio.run(scene())


def test_by_and_to_stop_at_their_instant() -> None:
    async def scene() -> None:
        driver, receiver = drive()
        sent(driver)
        done = await driver.advance(Until(by=1_500))
        assert (done.now, done.stopped, receiver.posted) == (START + 1_500, "reached", ["1:Queued", "1:Sent"])
        done = await driver.advance(Until(to=START + 2_000))
        assert (done.now, done.stopped, len(receiver.posted)) == (START + 2_000, "reached", 3)
        done = await driver.advance(Until(by=DAY))
        assert (done.now, done.events) == (START + 2_000 + DAY, 0)

    asyncio.run(scene())


@pytest.mark.parametrize("until", [Until(to=START - 1), Until(by=LAST), Until(to=LAST + 1)], ids=str)
def test_a_move_back_or_past_the_calendar_is_refused_and_nothing_happens(until: Until) -> None:
    async def scene() -> None:
        driver, receiver = drive()
        sent(driver)
        with pytest.raises(ClockError):
            await driver.advance(until)
        assert (driver.now(), receiver.posted) == (START, [])
        assert (await driver.advance(Until())).events == 3

    asyncio.run(scene())


def test_until_final_stops_with_the_flow() -> None:
    async def scene() -> None:
        driver, receiver = drive()
        first = sent(driver)
        await driver.advance(Until(by=500))
        sent(driver)
        done = await driver.advance(Until(flow=first))
        assert (done.stopped, done.now) == ("final", START + 2_000)
        assert receiver.posted[-1] == "1:Delivered"
        assert driver.engine.pending == 2
        assert (await driver.advance(Until(flow=first))).events == 0

    asyncio.run(scene())


def test_a_move_is_bounded_and_says_so() -> None:
    async def scene() -> None:
        driver, _ = drive()
        sent(driver)
        done = await driver.advance(Until(limit=2))
        assert (done.stopped, done.events) == ("limit", 2)
        done = await driver.advance(Until(limit=1))
        assert (done.stopped, done.events) == ("idle", 1)

    asyncio.run(scene())


# rule callbacks.virtual
def test_a_failing_receiver_is_retried_on_the_virtual_clock() -> None:
    async def refuse(_: str) -> Answer:
        return NO

    async def scene() -> None:
        driver, receiver = drive(refuse)
        flow = driver.send(replace(SEND, callback=Callback(Strategy.ON_COMPLETION, "http://receiver/"))).flow
        assert flow is not None
        driver.replied(flow.id)
        await driver.advance(Until())
        assert receiver.posted == ["1:Delivered"] * 13
        assert driver.now() == START + 2_000 + 30_000 + 60_000 * (1 + 2 + 5 + 10 + 15 + 30 + 60 * 15 + 1_440)

    asyncio.run(scene())


# rule callbacks.side-by-side
def test_callbacks_due_at_one_instant_run_side_by_side_across_flows_and_are_recorded_in_order() -> None:
    async def slowest_first(body: str) -> Answer:
        for _ in range(10 - int(body[0])):
            await asyncio.sleep(0.001)
        return OK

    async def scene() -> None:
        driver, receiver = drive(slowest_first)
        for _ in range(5):
            sent(driver)
        done = await driver.advance(Until(by=0))
        assert receiver.most_open == 5
        assert [e.fact.callback for e in done.entries if isinstance(e.fact, CallbackAttempted)] == [1, 2, 3, 4, 5]
        assert driver.now() == START

    asyncio.run(scene())


# rule callbacks.order
def test_one_flow_never_has_two_callbacks_under_way() -> None:
    async def slowly(_: str) -> Answer:
        await asyncio.sleep(0.002)
        return OK

    async def scene(mode: Mode, real: RealTime) -> None:
        driver, receiver = drive(slowly, mode, real)
        sent(driver)
        real.seconds += 60
        driver.wake()
        if mode is Mode.MANUAL:
            await driver.advance(Until())
        await patience(lambda: len(receiver.posted) == 3)
        assert (receiver.most_open, receiver.posted) == (1, ["1:Queued", "1:Sent", "1:Delivered"])
        await driver.close()

    for mode in Mode:
        asyncio.run(scene(mode, RealTime()))


def test_a_receiver_may_call_back_in_while_time_stands_at_its_callback() -> None:
    async def scene() -> None:
        instants: list[int] = []

        async def call_back_in(body: str) -> Answer:
            instants.append(driver.now())
            if body == "1:Sent":
                sent(driver)
            return OK

        driver, receiver = drive(call_back_in)
        sent(driver)
        await driver.advance(Until())
        assert [at - START for at in instants] == [0, 1_000, 1_000, 2_000, 2_000, 3_000]
        assert receiver.posted == ["1:Queued", "1:Sent", "2:Queued", "1:Delivered", "2:Sent", "2:Delivered"]

    asyncio.run(scene())


@pytest.mark.parametrize("mode", Mode)
def test_no_callback_is_posted_before_the_reply_is_out(mode: Mode) -> None:
    async def scene() -> None:
        driver, receiver = drive(mode=mode)
        flow = send(driver)
        driver.wake()
        moving = asyncio.create_task(driver.advance(Until()))
        await asyncio.sleep(0.01)
        assert receiver.posted == []
        driver.replied(flow)
        await moving
        assert receiver.posted[0] == "1:Queued"
        await driver.close()

    asyncio.run(scene())


def test_instant_mode_runs_a_flow_to_its_end_with_its_instants_intact() -> None:
    async def scene() -> None:
        driver, receiver = drive(mode=Mode.INSTANT)
        flow = sent(driver)
        await patience(lambda: len(receiver.posted) == 3)
        assert receiver.posted == ["1:Queued", "1:Sent", "1:Delivered"]
        assert driver.engine.flows[flow].updated == START + 2_000
        await driver.close()

    asyncio.run(scene())


def test_real_time_moves_the_clock_at_its_rate() -> None:
    async def scene() -> None:
        real = RealTime()
        driver, receiver = drive(mode=Mode.REALTIME, real=real, rate=10)
        sent(driver)
        await patience(lambda: len(receiver.posted) == 1)
        real.seconds += 0.1
        driver.wake()
        await patience(lambda: len(receiver.posted) == 2)
        assert driver.now() == START + 1_000
        real.seconds += 0.05
        assert driver.now() == START + 1_500
        await driver.close()

    asyncio.run(scene())


# rule callbacks.side-by-side
def test_by_real_time_a_hanging_receiver_holds_up_neither_the_clock_nor_other_flows() -> None:
    async def scene() -> None:
        never = asyncio.Event()

        async def hang_on_the_first(body: str) -> Answer:
            if body.startswith("1:"):
                await never.wait()
            return OK

        real = RealTime()
        driver, receiver = drive(hang_on_the_first, Mode.REALTIME, real)
        first = sent(driver)
        sent(driver)
        real.seconds += 3
        driver.wake()
        await patience(lambda: "2:Delivered" in receiver.posted)
        assert driver.engine.flows[first].final
        assert [body for body in receiver.posted if body.startswith("1:")] == ["1:Queued"]
        never.set()
        await patience(lambda: "1:Delivered" in receiver.posted)
        await driver.close()

    asyncio.run(scene())


def test_a_move_by_hand_in_real_time_waits_for_what_is_under_way_and_goes_on_from_there() -> None:
    async def scene() -> None:
        real = RealTime()
        driver, receiver = drive(mode=Mode.REALTIME, real=real)
        sent(driver)
        done = await driver.advance(Until(by=DAY))
        assert (done.now, len(receiver.posted)) == (START + DAY, 3)
        real.seconds += 1
        assert driver.now() == START + DAY + 1_000
        await driver.close()

    asyncio.run(scene())


def test_the_mode_can_change_under_way() -> None:
    async def scene() -> None:
        real = RealTime()
        driver, receiver = drive(real=real)
        sent(driver)
        driver.set_clock(SetClock(mode=Mode.REALTIME, rate=2.0))
        await patience(lambda: len(receiver.posted) == 1)
        real.seconds += 0.4
        driver.set_clock(SetClock(mode=Mode.MANUAL))
        assert driver.now() == START + 800
        real.seconds += 100
        assert driver.now() == START + 800
        driver.set_clock(SetClock(mode=Mode.INSTANT))
        await patience(lambda: len(receiver.posted) == 3 and receiver.open == 0)
        assert driver.now() == START + 2_000
        await driver.close()

    asyncio.run(scene())


def test_moves_asked_for_together_come_one_after_the_other() -> None:
    async def scene() -> None:
        driver, receiver = drive()
        sent(driver)
        first, second = await asyncio.gather(driver.advance(Until(by=1_000)), driver.advance(Until(by=1_000)))
        assert (first.now, second.since, second.now) == (START + 1_000, START + 1_000, START + 2_000)
        assert len(receiver.posted) == 3

    asyncio.run(scene())


def test_a_wait_for_news_ends_with_a_new_entry() -> None:
    async def scene() -> None:
        driver, _ = drive()
        waiting = asyncio.create_task(driver.news.changed(0, 60))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        sent(driver)
        assert await waiting
        mark = len(driver.engine.journal)
        assert await driver.news.changed(0, 60), "what is there already is not waited for"
        assert await driver.news.changed(mark, 0.01), "there may be news later"
        waiting = asyncio.create_task(driver.news.changed(mark, 60))
        await driver.advance(Until())
        assert await waiting
        assert len(driver.engine.journal) > mark

    asyncio.run(scene())


def test_a_closed_driver_ends_every_wait_for_news() -> None:
    async def scene() -> None:
        driver, _ = drive()
        waiting = asyncio.create_task(driver.news.changed(0, 60))
        await asyncio.sleep(0)
        await driver.close()
        assert not await waiting
        assert not await driver.news.changed(0, 60)
        sent(driver)
        assert await driver.news.changed(0, 60), "what was written is told all the same"

    asyncio.run(scene())


@pytest.mark.parametrize("mode", [Mode.MANUAL, Mode.INSTANT])
def test_a_driver_that_is_dropped_breaks_off_its_callbacks_and_posts_and_records_no_more(mode: Mode) -> None:
    async def test() -> None:
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        async def when_kept(_: str) -> Answer:
            await asyncio.shield(kept)
            went_out.append(True)
            return OK

        went_out: list[bool] = []
        driver, receiver = drive(when_kept, mode)
        flows = [send(driver) for _ in range(3)]
        for flow in flows[:2]:
            driver.replied(flow)
        moving = asyncio.create_task(driver.advance(Until(by=DAY)))
        for _ in range(20):
            await asyncio.sleep(0)
        assert receiver.open == 2
        before = list(driver.engine.journal.read(0))
        driver.drop()
        kept.set_result(None)
        moved = await moving
        for _ in range(10):
            await asyncio.sleep(0)
        assert (driver.lost, driver.moving, receiver.open, went_out) == (True, False, 0, [])
        assert list(driver.engine.journal.read(0)) == before
        assert moved.now < START + DAY
        assert driver.news.dismissed

    asyncio.run(test())
