"""The core under every alternative that it knows: the oracle says what must be seen."""

from itertools import pairwise, product

import pytest

from mockserver.core.behaviour import Behaviour
from mockserver.core.channels import Channel
from mockserver.core.commands import Answer, RecordAnswer, SendFlow
from mockserver.core.dialect import Dialect
from mockserver.core.engine import Engine
from mockserver.core.facts import CallbackAttempted
from mockserver.core.flow import Flow, FlowStatus
from mockserver.core.step import FlowKind, Strategy
from tests.core.test_small_worlds import otp_variants, telling_variants
from tests.core.worlds import FOREVER, GOOD, OUTCOMES, POOR, SMS, START, Variant, World, agree, callback, chosen, step
from tests.dialects import altered

CORE = ("first_flow_status", "first_callback", "ttl_tie", "taken_answers", "retry_plan")
"""The switches that the core reads."""

ACCEPTED, ELSEWHERE = Answer(204, None, 1.0), Answer(302, "answered 302", 1.0)
NO_ANSWER = Answer(None, "no answer within 2 s", 2_000.0)


@pytest.mark.parametrize("dialect", altered(CORE))
@pytest.mark.parametrize("channel", list(Channel))
def test_every_world_of_one_step(channel: Channel, dialect: Dialect) -> None:
    for variant, strategy in product(telling_variants(channel, 0), Strategy):
        for answer in (GOOD, ACCEPTED, POOR, NO_ANSWER):
            agree([variant], strategy, answer, dialect=dialect)


@pytest.mark.parametrize("dialect", altered(CORE))
@pytest.mark.parametrize("channels", list(product((Channel.VIBER, Channel.SMS), repeat=2)), ids="-".join)
def test_worlds_of_two_steps(channels: tuple[Channel, Channel], dialect: Dialect) -> None:
    before, after = (telling_variants(channel, position) for position, channel in enumerate(channels))
    for variant in before:
        agree([variant, after[0]], Strategy.ON_STEP, dialect=dialect)


@pytest.mark.parametrize("dialect", altered(CORE))
def test_every_world_of_a_one_time_password(dialect: Dialect) -> None:
    for channel in (Channel.VIBER, Channel.SMS):
        later = otp_variants(Channel.SMS, 1, last=True)[0]
        for variant in otp_variants(channel, 0, last=False):
            agree([variant, later], Strategy.ON_STEP, POOR, FlowKind.OTP, dialect)


def run(world: World, dialect: Dialect, answer: Answer = GOOD) -> tuple[Flow, Engine]:
    """A flow as it was accepted, and the engine once everything has happened; every callback has this answer."""
    engine = Engine(Behaviour(dialect=dialect, sources=(chosen(world),)), START)
    sent = engine.submit(SendFlow("app", tuple(asked for asked, _ in world), callback(Strategy.ON_STEP))).flow
    assert sent is not None
    while effect := engine.poll(FOREVER):
        for delivery in effect.deliveries:
            engine.submit(RecordAnswer(delivery.number, delivery.attempt, answer))
    return sent, engine


def attempts(engine: Engine) -> list[CallbackAttempted]:
    return [entry.fact for entry in engine.journal.after(0) if isinstance(entry.fact, CallbackAttempted)]


def outcome(name: str, asked: Channel = Channel.SMS) -> Variant:
    [found] = [each for each in OUTCOMES[asked] if each.name == name]
    return step(asked, frozenset()), found


# rule statuses.first
def test_a_flow_can_be_in_progress_from_the_send_on() -> None:
    sent, engine = run([outcome("delivered")], Dialect(first_flow_status="InProgress"))
    assert sent.status is FlowStatus.IN_PROGRESS
    assert next(iter(engine.deliveries)).flow.status is FlowStatus.IN_PROGRESS


# rule callbacks.first
def test_the_first_status_of_a_message_can_have_no_callback() -> None:
    _, engine = run([outcome("delivered")], Dialect(first_callback="after-queued"))
    assert [each.flow.messages[0].status for each in engine.deliveries] == ["Sent", "Delivered"]


# rule statuses.ttl-tie
def test_a_ttl_can_come_before_a_status_of_the_same_instant() -> None:
    ends = [run([outcome("delivered on the ttl")], Dialect(ttl_tie=tie))[1].flows for tie in ("status", "ttl")]
    assert [flow.status for flows in ends for flow in flows.values()] == [FlowStatus.SUCCEEDED, FlowStatus.FAILED]


# rules callbacks.ok, callbacks.taken
@pytest.mark.parametrize(
    ("taken", "answer", "good"),
    [
        *(("2xx", answer, answer in (GOOD, ACCEPTED)) for answer in (GOOD, ACCEPTED, ELSEWHERE, POOR, NO_ANSWER)),
        *(("200", answer, answer is GOOD) for answer in (GOOD, ACCEPTED, ELSEWHERE, POOR, NO_ANSWER)),
        *(("any", answer, answer is not NO_ANSWER) for answer in (GOOD, ACCEPTED, ELSEWHERE, POOR, NO_ANSWER)),
    ],
)
def test_which_answers_count_as_taken(taken: str, answer: Answer, good: bool) -> None:
    _, engine = run([outcome("delivered")], Dialect(taken_answers=taken), answer)  # type: ignore[arg-type]
    assert {(each.taken, each.answer.error is None) for each in attempts(engine)} == {(good, good)}
    assert len(attempts(engine)) == (3 if good else 3 * 13)


# rule callbacks.retries
@pytest.mark.parametrize("plan", [(), (7,), (60, 300, 900)])
def test_the_retries_follow_the_plan(plan: tuple[int, ...]) -> None:
    _, engine = run([(SMS, outcome("delivered")[1])], Dialect(retry_plan=plan), POOR)
    for delivery in engine.deliveries:
        instants = [attempt.at for attempt in delivery.attempts]
        assert [(later - before) / 1_000 for before, later in pairwise(instants)] == list(plan)
        assert delivery.next is None
