"""A sandbox keeps so much and no more, and says so."""

from mockserver.core.behaviour import Behaviour, Limits
from mockserver.core.commands import Answer, PushInbound, PushReport, PutScenario, RecordAnswer, SendFlow
from mockserver.core.deliveries import Delivery
from mockserver.core.engine import Engine
from mockserver.core.facts import CallbackAttempted, SendRefused
from mockserver.core.flow import FlowStatus
from mockserver.core.scenario import Scenario
from mockserver.core.step import Strategy
from mockserver.core.values import replace
from tests.core.worlds import FOREVER, SMS, START, callback, finish

BIG = replace(SMS, asked=b"x" * 40)
POOR = Answer(500, "answered 500", 1.0)


def keeping(**limits: int) -> Engine:
    return Engine(Behaviour(limits=Limits(**limits)), START)


def test_flows_that_ended_first_make_room_and_running_ones_do_not() -> None:
    engine = keeping(flows=2)
    first = finish(engine, SMS)
    running = engine.submit(SendFlow("app", (SMS,))).flow
    third = engine.submit(SendFlow("app", (SMS,))).flow
    assert running
    assert third
    assert first.id not in engine.flows
    assert (len({first.id, running.id, third.id}), third.number, engine.store.forgotten) == (3, 3, 1)
    refused = engine.submit(SendFlow("app", (SMS,)))
    assert refused.full == "2 flows are kept and none of them has ended"
    assert engine.journal.after(0)[-1].fact == SendRefused("app", refused.full)
    while engine.poll(FOREVER):
        pass
    ends = {flow.id: flow.updated for flow in engine.flows.values()}
    assert engine.submit(SendFlow("app", (SMS,))).flow
    first_to_end = min((running.id, third.id), key=ends.__getitem__)
    assert first_to_end not in engine.flows
    assert len(engine.flows) == 2


def test_bytes_are_counted_as_sent_and_given_back() -> None:
    engine = keeping(payload=100)
    for _ in range(5):
        finish(engine, BIG)
        assert engine.store.payload <= 100
    assert len(engine.flows) == 2
    assert engine.submit(SendFlow("app", (BIG,), restrictions=b"y" * 60)).flow
    assert (len(engine.flows), engine.store.payload) == (1, 100)
    full = engine.submit(SendFlow("app", (replace(SMS, asked=b"z"),))).full
    assert full == "100 bytes of flows are kept that have not ended, and 100 is the most"


def test_each_part_of_a_step_weighs_what_the_step_does() -> None:
    engine = keeping(payload=100)
    assert engine.submit(SendFlow("app", (replace(BIG, parts=2),))).flow
    assert engine.store.payload == 80
    assert engine.submit(SendFlow("app", (BIG,))).full
    finish(engine, replace(BIG, asked=b"x" * 20))
    assert engine.submit(SendFlow("app", (replace(BIG, parts=3),))).full


def test_what_is_due_for_a_forgotten_flow_has_no_effect() -> None:
    engine = keeping(flows=1)
    old = engine.submit(SendFlow("app", (SMS,), callback(Strategy.ON_STEP))).flow
    assert old
    deliveries: list[Delivery] = []
    while not engine.flows[old.id].final:
        effect = engine.poll(FOREVER)
        assert effect
        deliveries += effect.deliveries
    engine.submit(RecordAnswer(1, 1, POOR))
    engine.submit(PushReport(old.id, 0, "Undelivered"))
    new = engine.submit(SendFlow("app", (SMS,))).flow
    assert new
    assert (list(engine.flows), list(engine.deliveries), len(engine.deliveries)) == ([new.id], [], 3)
    mark = len(engine.journal)
    engine.submit(RecordAnswer(2, 1, POOR))
    assert len(engine.journal) == mark
    while engine.poll(FOREVER):
        pass
    facts = [entry.fact for entry in engine.journal.after(mark)]
    assert not [fact for fact in facts if getattr(fact, "flow", new.id) != new.id]
    assert not [fact for fact in facts if isinstance(fact, CallbackAttempted)]


def test_uses_are_remembered_of_forgotten_flows() -> None:
    engine = keeping(flows=1)
    engine.submit(PutScenario(Scenario("twice", uses=2, api=None, parts=())))
    engine.scenarios.used("twice", 1)
    engine.scenarios.used("other", 1)
    engine.scenarios.forget(1)
    assert (engine.scenarios.uses("twice"), engine.scenarios.uses("other")) == (1, 1)
    engine.scenarios.used("twice", 2)
    assert engine.scenarios.uses("twice") == 2
    engine.scenarios.put(Scenario("twice"))
    assert engine.scenarios.uses("twice") == 0


def test_uses_run_out_though_the_flows_are_forgotten() -> None:
    from mockserver.core.catalogue import OUTCOMES
    from mockserver.core.scenario import Part, WeightedOutcome

    engine = keeping(flows=1)
    failing = Part(SMS.channel, ((WeightedOutcome(OUTCOMES[SMS.channel]["failed"]),),))
    engine.submit(PutScenario(Scenario("twice", (failing,), uses=2)))
    ends = [finish(engine, SMS).messages[0].status for _ in range(4)]
    assert ends == ["Failed", "Failed", "Delivered", "Delivered"]


def test_the_callbacks_of_a_forgotten_flow_are_forgotten() -> None:
    engine = keeping(flows=1)
    for _ in range(2):
        engine.submit(SendFlow("app", (SMS,), callback(Strategy.ON_STEP)))
        while engine.poll(FOREVER):
            pass
    assert [each.number for each in engine.deliveries] == [4, 5, 6]
    assert [each.number for each in engine.deliveries.after(4)] == [5, 6]
    assert engine.deliveries.get(1) is None


def test_the_answers_of_recipients_weigh_as_long_as_their_flow_is_kept() -> None:
    engine = keeping(payload=100, flows=1)
    answered = finish(engine, BIG)
    answer = PushInbound(answered.id, 0, "u" * 10, "m" * 20, "n" * 7, "f" * 3)
    assert engine.store.has_room(answer)
    engine.submit(answer)
    assert engine.store.payload == 80
    assert not engine.store.has_room(answer)
    finish(engine, BIG)
    assert engine.store.payload == 40
    engine.submit(answer)
    assert engine.store.payload == 40, "an answer to a flow that is forgotten is nothing"


def test_flows_are_counted_by_how_they_ended_and_not_once_they_are_forgotten() -> None:
    engine = keeping(flows=2)
    failed = replace(SMS, to="+306900000020")
    finish(engine, SMS)
    finish(engine, failed)
    assert dict(engine.store.ended) == {FlowStatus.SUCCEEDED: 1, FlowStatus.FAILED: 1}
    engine.submit(SendFlow("app", (SMS,)))
    assert {status: number for status, number in engine.store.ended.items() if number} == {FlowStatus.FAILED: 1}
