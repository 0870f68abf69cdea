"""The engine where the small worlds do not look: tokens, money, instants, ties, replay."""

from dataclasses import replace
from itertools import pairwise

import pytest

from mockserver.core import journal
from mockserver.core.behaviour import Behaviour
from mockserver.core.channels import RULES, Channel
from mockserver.core.clock import ClockError
from mockserver.core.commands import IssueToken, Mode, MoveClock, RecordAnswer, SendFlow, SetClock
from mockserver.core.cost import cost, talked
from mockserver.core.engine import Engine
from mockserver.core.flow import (
    Callback,
    Flow,
    FlowStatus,
    Message,
    Step,
    Strategy,
    Verdict,
    expire,
    judge,
    receive,
)
from mockserver.core.scenario import Beat, Choice, Outcome
from tests.core.worlds import FOREVER, POOR, START, TTL, engine_for

SMS = Step(Channel.SMS, "+15555550100", frozenset({"Undelivered", "Failed"}), ttl=TTL, price=450)
VIBER = Step(Channel.VIBER, "+15555550100", frozenset({"EXPIRED"}), ttl=TTL, price=160)
VOICE = Step(Channel.VOICE, "+306900000000", frozenset({"Busy"}), price=300)


def finish(engine: Engine, *steps: Step) -> Flow:
    flow = engine.submit(SendFlow("app", steps)).flow
    assert flow is not None
    while engine.poll(FOREVER):
        pass
    return engine.flows[flow.id]


# Tokens


def test_asking_again_gives_the_same_token_until_it_has_run_out() -> None:
    engine = Engine(Behaviour(token_life=1_000), START)
    ask = IssueToken("app", ("failover",))
    first = engine.submit(ask).token
    assert first is not None
    assert first.expires == START + 1_000
    engine.submit(MoveClock(START + 999))
    assert engine.submit(ask).token == first
    engine.submit(MoveClock(START + 1_000))
    second = engine.submit(ask).token
    assert second is not None
    assert second.value != first.value
    assert [e.fact.again for e in engine.journal.after(0) if isinstance(e.fact, journal.TokenIssued)] == [
        *(False, True, False)
    ]
    assert engine.submit(IssueToken("other", ("failover",))).token != second


def test_a_token_without_end() -> None:
    token = Engine(Behaviour(token_life=None), START).submit(IssueToken("app", ())).token
    assert token is not None
    assert token.expires is None


# Money


def test_a_balance_runs_out_in_mid_flow() -> None:
    engine = Engine(Behaviour(balance=200), START)
    viber = replace(VIBER, to="+306900000300")
    flow = finish(engine, viber, SMS)
    assert [message.status for message in flow.messages] == ["EXPIRED", "Unsent"]
    assert (flow.status, flow.code, engine.purse.balance) == (FlowStatus.FAILED, "1", 40)
    assert [cost(flow, 0), cost(flow, 1)] == [160, 0]
    begun = [e.fact.why for e in engine.journal.after(0) if isinstance(e.fact, journal.StepBegun)]
    assert begun[1] == "the balance is too low: 'unsent'"


def test_what_cannot_be_paid_costs_nothing_at_any_time() -> None:
    engine = Engine(Behaviour(balance=899), START)
    sent = engine.submit(SendFlow("app", (replace(SMS, parts=2),))).flow
    assert sent is not None
    while True:
        assert (cost(engine.flows[sent.id], 0), engine.purse.balance) == (0, 899)
        if not engine.poll(FOREVER):
            break
    assert engine.flows[sent.id].code == "1"


def test_every_flow_message_and_part_has_an_id_of_its_own() -> None:
    engine = Engine(Behaviour(), START)
    flows = [finish(engine, replace(VIBER, to="+306900000300"), replace(SMS, parts=3)) for _ in range(2)]
    messages = [message for flow in flows for message in flow.messages]
    ids = [flow.id for flow in flows] + [each for m in messages for each in (m.id, *m.part_ids)]
    assert len(set(ids)) == len(ids) == 2 + 4 + 6


def test_what_costs_exactly_the_balance_is_sent_and_parts_are_paid_each() -> None:
    engine = Engine(Behaviour(balance=900), START)
    flow = finish(engine, replace(SMS, parts=2))
    assert (flow.status, engine.purse.balance) == (FlowStatus.SUCCEEDED, 0)
    assert len(flow.messages[0].part_ids) == len(set(flow.messages[0].part_ids)) == 2
    assert finish(engine, SMS).code == "1"
    assert engine.purse.balance == 0


def test_what_was_unsent_is_given_back() -> None:
    engine = Engine(Behaviour(balance=1_000), START)
    assert finish(engine, replace(SMS, to="+306900000040")).code == "1"
    assert engine.purse.balance == 1_000


def test_a_send_that_cannot_be_paid_may_be_refused_at_once_and_leaves_no_trace_but_a_line() -> None:
    engine = Engine(Behaviour(balance=449, refuse_at_once=True), START)
    effect = engine.submit(SendFlow("app", (SMS,)))
    assert (effect.flow, effect.refused, len(engine.flows)) == (None, "the balance is too low: 'unsent'", 0)
    assert [entry.fact for entry in engine.journal.after(0)] == [
        journal.SendRefused("app", "the balance is too low: 'unsent'")
    ]
    assert engine.submit(SendFlow("app", (replace(SMS, price=449),))).flow is not None


def test_a_magic_recipient_without_balance_is_refused_at_once_too() -> None:
    engine = Engine(Behaviour(refuse_at_once=True), START)
    assert engine.submit(SendFlow("app", (replace(SMS, to="+306900000040"),))).refused
    assert not engine.submit(SendFlow("app", (replace(SMS, to="+306900000010"),))).refused


def test_a_call_is_paid_by_started_minute_when_it_is_over() -> None:
    outcome = Outcome(
        Channel.VOICE, "long", (Beat("Queued"), Beat("InProgress", 5, 5), Beat("Completed", 60_001, 60_001))
    )
    engine = Engine(Behaviour(balance=1_000, sources=(lambda _: Choice(outcome, ""),)), START)
    sent = engine.submit(SendFlow("app", (VOICE,))).flow
    assert sent is not None
    engine.poll(FOREVER)
    engine.poll(FOREVER)
    assert (cost(engine.flows[sent.id], 0), engine.purse.balance) == (0, 1_000)
    engine.poll(FOREVER)
    flow = engine.flows[sent.id]
    assert (cost(flow, 0), engine.purse.balance, talked(flow.messages[0])) == (600, 400, 60_001)


def test_a_call_nobody_picked_up_costs_nothing() -> None:
    flow = finish(Engine(Behaviour(), START), replace(VOICE, to="+306900000001"))
    assert (flow.messages[0].status, cost(flow, 0), talked(flow.messages[0])) == ("Busy", 0, 0)


# The clock


def test_the_clock_never_passes_what_is_due() -> None:
    engine = engine_for({SMS: Outcome(Channel.SMS, "x", (Beat("Queued"), Beat("Sent", 50, 50)))})
    engine.submit(SendFlow("app", (SMS,)))
    engine.submit(MoveClock(START + 99))
    assert engine.clock.now == START
    engine.poll(START)
    engine.submit(MoveClock(START + 99))
    assert engine.clock.now == START + 50
    assert engine.poll(START + 49) is None
    with pytest.raises(ClockError):
        engine.submit(MoveClock(START))


def test_a_move_is_journalled_when_somebody_makes_it_and_not_when_time_just_passes() -> None:
    engine = Engine(Behaviour(), START)
    engine.submit(MoveClock(START + 1))
    engine.submit(MoveClock(START + 1))
    engine.submit(SetClock(mode=Mode.REALTIME))
    engine.submit(MoveClock(START + 2))
    engine.submit(SetClock(rate=60.0))
    assert [entry.fact for entry in engine.journal.after(0)] == [
        journal.ClockMoved(START),
        journal.ClockSet(Mode.REALTIME, 1.0),
        journal.ClockSet(Mode.REALTIME, 60.0),
    ]
    assert (engine.clock.mode, engine.clock.rate, engine.clock.now) == (Mode.REALTIME, 60.0, START + 2)


# Ties, retries, reading


def test_a_status_beats_a_ttl_at_the_same_instant() -> None:
    engine = engine_for({SMS: Outcome(Channel.SMS, "x", (Beat("Queued"), Beat("Delivered", TTL, TTL)))})
    assert finish(engine, SMS).status is FlowStatus.SUCCEEDED


def test_thirteen_attempts_at_the_documented_instants() -> None:
    engine = Engine(Behaviour(), START)
    send = SendFlow("app", (SMS,), Callback(Strategy.ON_COMPLETION, "http://127.0.0.1/"))
    engine.submit(send)
    instants = []
    while effect := engine.poll(FOREVER):
        for delivery in effect.deliveries:
            instants.append(engine.clock.now)
            engine.submit(RecordAnswer(delivery.number, delivery.attempt, POOR))
    gaps = [(later - before) / 60_000 for before, later in pairwise(instants)]
    assert gaps == [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440]
    [delivery] = engine.deliveries
    assert (delivery.retry, len(delivery.attempts)) == (None, 13)
    assert list(engine.deliveries.after(1)) == []
    assert len(engine.deliveries) == 1


def test_the_body_of_a_retry_is_the_flow_as_it_was() -> None:
    engine = Engine(Behaviour(), START)
    engine.submit(SendFlow("app", (SMS,), Callback(Strategy.ON_STEP, "http://127.0.0.1/")))
    first = engine.poll(FOREVER)
    assert first is not None
    [delivery] = first.deliveries
    engine.submit(RecordAnswer(delivery.number, 1, POOR))
    while not (effect := engine.poll(FOREVER)) or not effect.deliveries or effect.deliveries[0].number != 1:
        pass
    assert effect.deliveries[0].attempt == 2
    assert effect.deliveries[0].flow == delivery.flow
    assert [message.status for message in delivery.flow.messages] == ["Queued"]


def test_the_same_seed_and_commands_give_the_same_journal() -> None:
    def run(seed: int) -> tuple[journal.Entry, ...]:
        engine = Engine(Behaviour(seed=seed), START)
        engine.submit(IssueToken("app", ()))
        finish(engine, replace(VIBER, to="+306900000300"), SMS)
        finish(engine, VOICE)
        assert len(engine.journal.after(3)) == len(engine.journal) - 3
        return engine.journal.after(0)

    assert run(1) == run(1) != run(2)


def test_a_step_no_source_knows_succeeds() -> None:
    assert finish(Engine(Behaviour(sources=()), START), SMS).status is FlowStatus.SUCCEEDED


# The flow, by itself


def test_what_a_status_means() -> None:
    voice = replace(VOICE, triggers=frozenset({"Completed", "Terminated"}))
    assert judge(voice, "Ringing", steps_left=True) is Verdict.GOES_ON
    assert judge(voice, "Completed", steps_left=True) is Verdict.NEXT
    assert judge(voice, "Completed", steps_left=False) is Verdict.SUCCEEDED
    assert judge(voice, "Terminated", steps_left=False) is Verdict.NO_STEP_LEFT
    assert judge(VOICE, "Terminated", steps_left=True) is Verdict.NO_BALANCE
    assert judge(VOICE, "Failed", steps_left=True) is Verdict.NOT_A_TRIGGER


def test_being_delivered_is_not_enough_with_expire_on_delivery() -> None:
    step = replace(VIBER, expire_on_delivery=True)
    assert judge(step, "DELIVERED", steps_left=True) is Verdict.GOES_ON
    assert judge(step, "SEEN", steps_left=True) is Verdict.SUCCEEDED
    message = Message("m", START, status="DELIVERED", updated=START + 1)
    flow = Flow("f", 1, "app", (step,), START, START, messages=(message,), status=FlowStatus.IN_PROGRESS)
    expired = expire(flow, 0, START + TTL).messages[0]
    assert (expired.status, expired.reason, expired.expired_on_delivery) == ("EXPIRED", "TTL Expired", START + TTL)
    assert receive(flow, 0, "UNDELIVERED", None, START + 5) is None


def test_an_undelivered_viber_expires_without_having_expired_on_delivery() -> None:
    message = Message("m", START, status="QUEUED", updated=START)
    flow = Flow("f", 1, "app", (VIBER,), START, START, messages=(message,))
    assert expire(flow, 0, START + TTL).messages[0].expired_on_delivery is None


def test_a_message_starts_with_its_first_status_and_its_flow_with_it() -> None:
    flow = Flow("f", 1, "app", (SMS,), START, START, messages=(Message("m", START),))
    assert receive(flow, 0, "Sent", None, START + 1) is None
    queued = receive(flow, 0, RULES[Channel.SMS].first, None, START + 1)
    assert queued is not None
    assert (queued.status, queued.updated, queued.final, queued.running) == (
        FlowStatus.IN_PROGRESS,
        START + 1,
        False,
        0,
    )
