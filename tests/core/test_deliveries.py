"""When a callback is due, what it carries, and when it is tried again."""

import pytest

from mockserver.core.commands import Answer
from mockserver.core.deliveries import Deliveries, Delivery, DeliveryState, retry_after
from mockserver.core.dialect import RETRIES
from mockserver.core.facts import CallbackAttempted, ClockMoved
from mockserver.core.faults import DROPPED, DUPLICATED, REORDERED, CallbackFault
from mockserver.core.flow import Flow
from mockserver.core.journal import Entry
from mockserver.core.step import Callback, Strategy
from tests.core.worlds import GOOD, START

URL = "http://127.0.0.1/hook"


def flow(strategy: Strategy | None, number: int = 1) -> Flow:
    callback = None if strategy is None else Callback(strategy, URL)
    return Flow(f"flow-{number}", number, "app", (), START, START, callback)


def announce(deliveries: Deliveries, changed: Flow, *, ended: bool = False) -> tuple[Delivery, ...]:
    return deliveries.announce(changed, ended=ended, draw=lambda fault, number: 100)


# rule callbacks.retries
def test_the_retry_plan_is_the_documented_one() -> None:
    minutes = [after / 60 for after in RETRIES]
    assert minutes == [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440]
    assert [retry_after(attempt, RETRIES) for attempt in range(1, 14)] == [*(after * 1_000 for after in RETRIES), None]


# rule callbacks.strategies
@pytest.mark.parametrize(
    ("strategy", "ended", "due"),
    [
        (None, False, 0),
        (None, True, 0),
        (Strategy.ON_STEP, False, 1),
        (Strategy.ON_STEP, True, 1),
        (Strategy.ON_COMPLETION, False, 0),
        (Strategy.ON_COMPLETION, True, 1),
    ],
)
def test_a_change_is_announced_as_the_caller_asked(strategy: Strategy | None, ended: bool, due: int) -> None:
    assert len(announce(Deliveries(), flow(strategy), ended=ended)) == due


def test_callbacks_are_numbered_from_one_and_carry_their_flow_as_it_was() -> None:
    deliveries = Deliveries()
    flows = [flow(Strategy.ON_STEP, number) for number in (7, 8, 9)]
    announced = [announce(deliveries, each) for each in flows]
    expected = [Delivery(number, each, URL) for number, each in enumerate(flows, start=1)]
    assert announced == [(each,) for each in expected]
    assert list(deliveries) == expected
    assert [deliveries[number] for number in (1, 2, 3)] == expected
    assert list(deliveries.after(0)) == expected
    assert list(deliveries.after(2)) == expected[2:]
    assert len(deliveries) == 3


def test_attempts_are_remembered_in_order_on_the_one_callback_they_were_made_for() -> None:
    deliveries = Deliveries()
    announce(deliveries, flow(Strategy.ON_STEP, 1))
    announce(deliveries, flow(Strategy.ON_STEP, 2))
    assert deliveries[2].attempt == 1
    first, second = Entry(5, START, ClockMoved(0)), Entry(6, START, ClockMoved(0))
    deliveries.record(2, first, START + 30_000)
    assert (deliveries[2].attempts, deliveries[2].next, deliveries[2].attempt) == ((first,), START + 30_000, 2)
    deliveries.record(2, second, None)
    assert (deliveries[2].attempts, deliveries[2].next, deliveries[2].attempt) == ((first, second), None, 3)
    assert deliveries[1].attempts == ()


POOR = Answer(500, "answered 500", 1.0)


@pytest.mark.parametrize(
    ("answers", "next_", "faults", "state"),
    [
        ((), None, (), DeliveryState.UNDER_WAY),
        ((), None, (DUPLICATED,), DeliveryState.UNDER_WAY),
        ((), None, (REORDERED,), DeliveryState.HELD_BACK),
        ((), START + 1, (), DeliveryState.DELAYED),
        ((), START + 1, (REORDERED,), DeliveryState.DELAYED),
        ((), START + 1, (DROPPED,), DeliveryState.DROPPED),
        ((), None, (DROPPED, REORDERED), DeliveryState.DROPPED),
        ((GOOD,), None, (REORDERED,), DeliveryState.DELIVERED),
        ((POOR, GOOD), None, (), DeliveryState.DELIVERED),
        ((GOOD, POOR), START + 1, (), DeliveryState.WAITING),
        ((POOR,), None, (), DeliveryState.GIVEN_UP),
    ],
)
def test_where_a_callback_stands(
    answers: tuple[Answer, ...], next_: int | None, faults: tuple[CallbackFault, ...], state: DeliveryState
) -> None:
    attempts = tuple(
        Entry(number, START, CallbackAttempted("flow-1", 1, number, URL, answer, None, answer is GOOD))
        for number, answer in enumerate(answers, start=1)
    )
    delivery = Delivery(1, flow(Strategy.ON_STEP), URL, attempts, next_, frozenset(faults))
    assert delivery.state is state


def test_flows_are_in_trouble_while_a_callback_of_theirs_is_not_taken() -> None:
    deliveries, troubled = Deliveries(), flow(Strategy.ON_STEP)
    first, second = (announce(deliveries, troubled)[0].number for _ in range(2))
    announce(deliveries, flow(Strategy.ON_STEP, 2))
    assert [each.number for each in deliveries.of_flow("flow-1")] == [first, second]

    def answered(number: int, answer: Answer, retry: int | None) -> dict[str, int]:
        fact = CallbackAttempted("flow-1", number, deliveries[number].attempt, URL, answer, retry, answer is GOOD)
        deliveries.record(number, Entry(1, START, fact), retry)
        return dict(deliveries.failing)

    assert answered(first, POOR, START + 1) == {"flow-1": 1}
    assert answered(second, POOR, START + 1) == {"flow-1": 2}
    assert answered(first, POOR, None) == {"flow-1": 2}
    assert answered(second, GOOD, None) == {"flow-1": 1}
    assert [deliveries[number].failing for number in (first, second)] == [True, False]
    deliveries.forget("flow-1")
    assert (dict(deliveries.failing), deliveries.of_flow("flow-1")) == ({}, ())


def test_a_flow_is_in_no_trouble_once_all_is_taken() -> None:
    deliveries = Deliveries()
    announce(deliveries, flow(Strategy.ON_STEP))
    for answer in (POOR, GOOD):
        fact = CallbackAttempted("flow-1", 1, deliveries[1].attempt, URL, answer, None, answer is GOOD)
        deliveries.record(1, Entry(1, START, fact), None)
    assert dict(deliveries.failing) == {}
