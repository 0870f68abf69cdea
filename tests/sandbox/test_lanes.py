"""Lanes: what is held, and what goes first."""

import asyncio
from collections.abc import Callable

from mockserver.core.behaviour import Behaviour
from mockserver.core.channels import RULES, Channel
from mockserver.core.commands import Answer, Mode, SendFlow
from mockserver.core.deliveries import Delivery
from mockserver.core.engine import Engine
from mockserver.core.step import Callback, Step, Strategy
from mockserver.sandbox.lanes import Lanes

SMS = Step(Channel.SMS, "+15555550100", frozenset(RULES[Channel.SMS].default_triggers))
SEND = SendFlow("app", (SMS,), Callback(Strategy.ON_STEP, "http://receiver/"))


async def answer(_: str, __: bytes) -> Answer:
    return Answer(200, None, 1.0)


def callbacks() -> list[Delivery]:
    """Every callback of one flow, in order."""
    engine = Engine(Behaviour(), 0, Mode.MANUAL)
    engine.submit(SEND)
    found: list[Delivery] = []
    while effect := engine.poll(10**15):
        found += effect.deliveries
    return found


def test_a_lane_that_is_released_before_anything_waits_makes_no_future() -> None:
    lanes = Lanes(answer, lambda _: b"", lambda *_: None)
    lanes.hold("flow")  # without a running loop: no future can be made
    assert lanes
    assert "flow" in lanes
    lanes.release("flow")
    lanes.release("flow")
    assert not lanes
    assert "flow" not in lanes


def test_the_callbacks_of_a_held_lane_go_one_after_the_other_when_it_is_released() -> None:
    async def scene() -> None:
        said: list[str] = []

        async def post(_: str, body: bytes) -> Answer:
            said.append(f"{body.decode()} posted")
            await asyncio.sleep(0)
            return Answer(200, None, 1.0)

        lanes = Lanes(post, lambda each: b"%d" % each.number, lambda each, _: said.append(f"{each.number} answered"))
        due = callbacks()
        assert len(due) > 1
        flow = due[0].flow.id
        lanes.hold(flow)
        lanes.enter(tuple(due), in_turn=False)
        await asyncio.sleep(0.01)
        assert said == []
        waiting = asyncio.create_task(lanes.wait())
        await asyncio.sleep(0)
        assert not waiting.done()
        lanes.release(flow)
        await waiting
        assert said == [f"{each.number} {what}" for each in due for what in ("posted", "answered")]
        assert not lanes

    asyncio.run(scene())


def test_closing_releases_what_is_held() -> None:
    async def scene() -> None:
        lanes = Lanes(answer, lambda _: b"", lambda *_: None)
        lanes.hold("flow")
        settling = asyncio.create_task(lanes.settle())
        await asyncio.sleep(0)
        assert not settling.done()
        await lanes.close()
        await settling

    asyncio.run(scene())


def test_a_lane_whose_callback_has_just_ended_is_waited_for_until_it_is_left() -> None:
    async def scene() -> None:
        lanes = Lanes(answer, lambda _: b"", lambda *_: None)
        lanes.enter((callbacks()[0],), in_turn=False)
        await asyncio.sleep(0)
        assert lanes  # the callback has ended in this very turn of the loop; nobody was told yet
        await lanes.wait()  # whoever asks again and again must not keep the loop to himself
        assert not lanes

    asyncio.run(scene())


class AtOnce:
    """Posts every callback at once; a test answers."""

    def __init__(self) -> None:
        self.answers: list[Callable[[Answer], None]] = []
        self.broken_off: list[str] = []

    def post(self, url: str, _: bytes, answered: Callable[[Answer], None]) -> Callable[[], object]:
        self.answers.append(answered)
        return lambda: self.broken_off.append(url)


def of_flows(count: int) -> list[Delivery]:
    """The first callback of each of so many flows."""
    engine = Engine(Behaviour(), 0, Mode.MANUAL)
    for _ in range(count):
        engine.submit(SEND)
    found: list[Delivery] = []
    while effect := engine.poll(0):
        found += effect.deliveries
    return found


def test_what_is_posted_at_once_needs_no_loop_and_is_recorded_in_turn() -> None:
    sender, recorded = AtOnce(), list[int]()
    lanes = Lanes(answer, lambda _: b"", lambda delivery, _: recorded.append(delivery.number), sender.post)
    lanes.enter(tuple(of_flows(3)), in_turn=True)
    good = Answer(200, None, 1.0)
    sender.answers[2](good)
    sender.answers[1](good)
    assert (recorded, bool(lanes)) == ([], True)
    sender.answers[0](good)
    assert (recorded, bool(lanes)) == ([1, 2, 3], False)


def test_in_a_lane_the_next_is_posted_at_once_when_the_one_before_it_has_its_answer() -> None:
    sender, recorded = AtOnce(), list[int]()
    lanes = Lanes(answer, lambda _: b"", lambda delivery, _: recorded.append(delivery.number), sender.post)
    lanes.enter(tuple(callbacks()[:3]), in_turn=False)
    for number in range(3):
        assert (len(sender.answers), recorded) == (number + 1, [*range(1, number + 1)])
        sender.answers[number](Answer(200, None, 1.0))
    assert not lanes


def test_what_is_dropped_is_broken_off_and_its_answer_not_recorded() -> None:
    sender, recorded = AtOnce(), list[int]()
    lanes = Lanes(answer, lambda _: b"", lambda delivery, _: recorded.append(delivery.number), sender.post)
    lanes.enter(tuple(of_flows(2)), in_turn=True)
    lanes.drop()
    assert (sender.broken_off, bool(lanes)) == (["http://receiver/"] * 2, False)
    for each in sender.answers:
        each(Answer(200, None, 1.0))
    assert recorded == []
