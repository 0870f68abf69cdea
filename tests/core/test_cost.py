"""What a message costs, what is given back, and what happens when the money runs out."""

import pytest

from mockserver.core import facts
from mockserver.core.behaviour import Behaviour
from mockserver.core.channels import Channel
from mockserver.core.commands import SendFlow
from mockserver.core.cost import Purse, cost, talked
from mockserver.core.engine import Engine
from mockserver.core.flow import FlowStatus
from mockserver.core.outcome import Choice, Moment, Outcome
from mockserver.core.values import replace
from tests.core.worlds import FOREVER, SMS, START, VIBER, VOICE, engine_for, finish


# rule scenarios.unpaid
def test_a_balance_runs_out_in_mid_flow() -> None:
    engine = Engine(Behaviour(balance=200), START)
    viber = replace(VIBER, to="+306900000300")
    flow = finish(engine, viber, SMS)
    assert [message.status for message in flow.messages] == ["EXPIRED", "Unsent"]
    assert (flow.status, flow.code, engine.purse.balance) == (FlowStatus.FAILED, "1", 40)
    assert [cost(flow, 0), cost(flow, 1)] == [160, 0]
    begun = [e.fact.why for e in engine.journal.after(0) if isinstance(e.fact, facts.StepBegun)]
    assert begun[1] == "the balance is too low: 'unsent'"


def test_what_costs_exactly_the_balance_is_sent_and_parts_are_paid_each() -> None:
    engine = Engine(Behaviour(balance=900), START)
    flow = finish(engine, replace(SMS, parts=2))
    assert (flow.status, engine.purse.balance) == (FlowStatus.SUCCEEDED, 0)
    assert len(flow.messages[0].part_ids) == len(set(flow.messages[0].part_ids)) == 2
    assert finish(engine, SMS).code == "1"
    assert engine.purse.balance == 0


def test_what_cannot_be_paid_costs_nothing_at_any_time() -> None:
    engine = Engine(Behaviour(balance=899), START)
    sent = engine.submit(SendFlow("app", (replace(SMS, parts=2),))).flow
    assert sent is not None
    while True:
        assert (cost(engine.flows[sent.id], 0), engine.purse.balance) == (0, 899)
        if not engine.poll(FOREVER):
            break
    assert engine.flows[sent.id].code == "1"


# rule document.paid
def test_what_was_unsent_is_given_back() -> None:
    engine = Engine(Behaviour(balance=1_000), START)
    assert finish(engine, replace(SMS, to="+306900000040")).code == "1"
    assert engine.purse.balance == 1_000


# rule send.at-once
def test_a_send_that_cannot_be_paid_may_be_refused_at_once_and_leaves_no_trace_but_a_line() -> None:
    engine = Engine(Behaviour(balance=449, refuse_at_once=True), START)
    effect = engine.submit(SendFlow("app", (SMS,)))
    assert (effect.flow, effect.refused, len(engine.flows)) == (None, "the balance is too low: 'unsent'", 0)
    assert [entry.fact for entry in engine.journal.after(0)] == [
        facts.SendRefused("app", "the balance is too low: 'unsent'")
    ]
    assert engine.submit(SendFlow("app", (replace(SMS, price=449),))).flow is not None


# rule send.at-once
def test_a_magic_recipient_without_balance_is_refused_at_once_too() -> None:
    engine = Engine(Behaviour(refuse_at_once=True), START)
    assert engine.submit(SendFlow("app", (replace(SMS, to="+306900000040"),))).refused
    assert not engine.submit(SendFlow("app", (replace(SMS, to="+306900000010"),))).refused


# rule document.paid
def test_a_call_is_paid_by_started_minute_when_it_is_over() -> None:
    outcome = Outcome(
        Channel.VOICE, "long", (Moment("Queued"), Moment("InProgress", 5, 5), Moment("Completed", 60_001, 60_001))
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


@pytest.mark.parametrize(("milliseconds", "minutes"), [(0, 0), (1, 1), (60_000, 1), (60_001, 2), (120_000, 2)])
@pytest.mark.parametrize("end", ["Completed", "Failed", "Terminated"])
def test_every_started_minute_is_paid_however_the_call_ends(milliseconds: int, minutes: int, end: str) -> None:
    moments = (Moment("Queued"), Moment("InProgress", 7_000, 7_000), Moment(end, milliseconds, milliseconds))
    flow = finish(engine_for({VOICE: Outcome(Channel.VOICE, "a call", moments)}), VOICE)
    assert cost(flow, 0) == 300 * minutes


# rule document.paid
def test_a_message_is_paid_from_the_moment_its_step_begins_whatever_comes_of_it() -> None:
    for digits in ("000", "111", "222", "333", "555", "666"):
        engine = Engine(Behaviour(balance=1_000), START)
        engine.submit(SendFlow("app", (replace(SMS, to=f"+306900000{digits}", parts=2),)))
        assert engine.purse.balance == 100
        while engine.poll(FOREVER):
            assert engine.purse.balance == 100


def test_a_step_too_dear_turns_to_the_next_if_the_caller_listed_it() -> None:
    engine = Engine(Behaviour(balance=299), START)
    flow = finish(engine, replace(VOICE, triggers=frozenset({"Unsent"})), replace(VIBER, to="+306900000000"))
    assert [message.status for message in flow.messages] == ["Unsent", "DELIVERED"]
    assert [message.paid for message in flow.messages] == [False, True]
    assert (flow.status, engine.purse.balance) == (FlowStatus.SUCCEEDED, 139)


def test_an_unlimited_balance_pays_everything() -> None:
    engine, dear = Engine(Behaviour(balance=None), START), replace(SMS, price=10**9)
    assert finish(engine, dear).status is FlowStatus.SUCCEEDED
    assert engine.purse.balance is None
    assert Purse(None).affords(dear)
