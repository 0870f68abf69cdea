"""Scenarios: every small pair of them, and every small set of faults, in the engine and in the oracle."""

from itertools import product

import pytest

from mockserver.core.behaviour import Behaviour
from mockserver.core.catalogue import OUTCOMES
from mockserver.core.channels import Channel
from mockserver.core.commands import Command, DropScenario, MeetRequest, PutScenario, RecordAnswer, SendFlow
from mockserver.core.engine import Engine
from mockserver.core.facts import FaultPlayed, StepBegun
from mockserver.core.faults import NONE, ApiAnswer, ApiFault, CallbackFaults, Endpoint, Which
from mockserver.core.matcher import When, stars
from mockserver.core.outcome import Choice
from mockserver.core.scenario import Part, Scenario, WeightedOutcome
from mockserver.core.scenarios import Scenarios
from mockserver.core.step import Step, Strategy
from mockserver.core.values import replace
from tests.core.worlds import FOREVER, GOOD, POOR, SMS, START, VIBER, Pair, callback, finish

FAILED, ROAMING, REACHED = (WeightedOutcome(OUTCOMES[Channel.SMS][name]) for name in ("failed", "roaming", "delivered"))
EXPIRED = WeightedOutcome(OUTCOMES[Channel.VIBER]["expired"])

WHENS = (None, When(to=stars("*")), When(label=stars("other")))
PARTS = (
    (),
    (Part(Channel.SMS, ((FAILED,),)),),
    (Part(Channel.SMS, ((ROAMING,), (FAILED, replace(REACHED, weight=3)))), Part(Channel.VIBER, ((EXPIRED,),))),
    (Part(Channel.VIBER, ((EXPIRED,),)), Part(Channel.SMS, ((ROAMING,),)), Part(Channel.SMS, ((REACHED,),), step=2)),
)


def silent(_: Step) -> Choice | None:
    return None


def every_scenario(name: str) -> list[Scenario]:
    return [
        Scenario(name, parts, when, priority=priority, uses=uses)
        for parts, when, priority, uses in product(PARTS, WHENS, (0, 1), (None, 1))
    ]


def test_every_pair_of_small_scenarios_is_played_as_the_oracle_plays_it() -> None:
    for one, other in product(every_scenario("one"), every_scenario("other")):
        pair = Pair.behaving(Behaviour(sources=(silent,)))
        commands: list[Command] = [PutScenario(one), PutScenario(other), *[SendFlow("app", (VIBER, SMS))] * 3]
        for command in commands:
            pair.submit(command)
            while pair.poll(FOREVER):
                pass
        pair.check()


WHICHES = (
    NONE,
    Which(percent=100),
    Which(percent=50),
    Which(last=True),
    Which(numbers=frozenset({1})),
    Which(0, frozenset({2, 3})),
)


# rules scenarios.duplicates, scenarios.timeouts
@pytest.mark.parametrize("strategy", list(Strategy))
@pytest.mark.parametrize("answer", [GOOD, POOR], ids=["answered", "not answered"])
def test_every_small_set_of_callback_faults_is_played_as_the_oracle_plays_it(
    strategy: Strategy, answer: object
) -> None:
    sets = product(WHICHES, WHICHES, WHICHES, ((0, 0), (1_000, 9_000)), (0, 1))
    for dropped, duplicated, reordered, delay, timeouts in sets:
        faults = CallbackFaults(delay, dropped, duplicated, reordered, timeouts)
        pair = Pair.behaving(Behaviour(sources=(silent,)))
        pair.submit(PutScenario(Scenario("bad line", callbacks=faults)))
        pair.submit(SendFlow("app", (SMS,), callback(strategy)))
        while effect := pair.poll(FOREVER):
            for delivery in effect.deliveries:
                pair.submit(RecordAnswer(delivery.number, delivery.attempt, GOOD if answer is GOOD else POOR))
        pair.check()


FAULTS = [
    *map(ApiFault, (500, 503, 429, *ApiAnswer)),
    ApiFault(None, 500),
    ApiFault(ApiAnswer.LOST, 1_000),
    ApiFault(404, 1, "nobody is here", 30),
]


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_of_the_api_is_played_as_the_oracle_plays_it(fault: ApiFault) -> None:
    pair = Pair.behaving(Behaviour(sources=(silent,)))
    pair.submit(PutScenario(Scenario("trouble", api=fault, uses=2, when=When(step=2))))
    effects = [pair.submit(SendFlow("app", steps)) for steps in ((SMS,), *[(VIBER, SMS)] * 3)]
    assert [effect.fault for effect in effects] == [None, fault, fault, None]
    assert [effect.flow is None for effect in effects[1:3]] == [not fault.accepts] * 2
    pair.check()


@pytest.mark.parametrize("endpoint", list(Endpoint))
@pytest.mark.parametrize("when", [*WHENS, When(), When(to=stars("+1*")), When(step=2)])
def test_every_request_meets_faults_as_the_oracle_has_it(endpoint: Endpoint, when: When | None) -> None:
    for places in ({Endpoint.SEND}, {endpoint}, {*Endpoint}):
        fault = ApiFault(503, endpoints=frozenset(places))
        pair = Pair.behaving(Behaviour(sources=(silent,)))
        flow = pair.submit(SendFlow("app", (SMS,))).flow
        assert flow is not None
        pair.submit(PutScenario(Scenario("trouble", api=fault, uses=3, when=when)))
        for asked in (None, flow.id, "nowhere", flow.id, None):
            pair.submit(MeetRequest(endpoint, asked))
        pair.submit(SendFlow("app", (SMS,)))
        pair.check()


def test_a_fault_of_requests_without_a_message_is_for_whoever_matches_anything() -> None:
    met = []
    for when in (None, When(), When(to=stars("*")), When(to=stars("+1*")), When(to=stars("*"), step=1)):
        engine = Engine(Behaviour(), START)
        engine.submit(PutScenario(Scenario("down", api=ApiFault(503, endpoints=frozenset(Endpoint)), when=when)))
        met.append(engine.submit(MeetRequest(Endpoint.TOKEN)).fault is not None)
    assert met == [True, True, True, False, False]


def test_a_fault_in_words() -> None:
    assert str(ApiFault(502, 0, "<html>", 5)) == "502, a body of its own, Retry-After 5"
    assert str(ApiFault(ApiAnswer.LOST, 1_500)) == "lost, answered 1.5 s late"
    assert str(ApiFault(503)) == "503"
    assert str(ApiFault(None, 500)) == "answered 0.5 s late"


def test_a_flow_that_cannot_be_paid_at_once_is_no_use_of_a_scenario() -> None:
    engine = Engine(Behaviour(balance=0, refuse_at_once=True, sources=()), START)
    engine.submit(PutScenario(Scenario("once", PARTS[1], uses=1)))
    assert engine.submit(SendFlow("app", (SMS,))).refused
    assert engine.scenarios.uses("once") == 0


def test_an_operator_belongs_to_the_message_and_not_to_the_step() -> None:
    engine = Engine(Behaviour(), START)
    engine.submit(PutScenario(Scenario("there", (Part(Channel.SMS, ((replace(FAILED, operator="Vodafone"),),)),))))
    flow = finish(engine, replace(SMS, operator="Cosmote"))
    assert (flow.steps[0].operator, flow.messages[0].operator) == ("Cosmote", "Vodafone")


def test_one_with_the_same_name_keeps_its_place_and_forgets_its_uses() -> None:
    scenarios = Scenarios()
    for name in ("a", "b"):
        scenarios.put(Scenario(name, PARTS[1], uses=1))
    scenarios.used("a", 1)
    scenarios.used("a", 1)
    assert (scenarios.uses("a"), scenarios.uses("b"), len(scenarios)) == (1, 0, 2)
    scenarios.put(Scenario("a", PARTS[2]))
    assert [each.name for each in scenarios] == ["b", "a"]
    assert scenarios.uses("a") == 0
    scenarios.drop("a")
    scenarios.took_turn("a", SMS, 0)
    assert len(scenarios) == 1


def test_what_would_be_chosen_with_one_more_scenario_changes_nothing() -> None:
    engine = Engine(Behaviour(), START)
    engine.submit(PutScenario(Scenario("a", PARTS[2], uses=3)))
    engine.scenarios.used("a", 1)
    before = (list(engine.scenarios), len(engine.scenarios), engine.scenarios.uses("a"), engine.journal.written)
    asked = engine.selection.joined_by(Scenario("a", PARTS[1])), engine.selection.joined_by(Scenario("b", PARTS[1]))
    assert [[each.name for each in other.scenarios] for other in asked] == [["a"], ["b", "a"]]
    assert [other.scenarios.uses("a") for other in asked] == [0, 1]
    assert [other.outcome(SMS, 0, 2).scenario for other in asked] == ["a", "b"]
    after = (list(engine.scenarios), len(engine.scenarios), engine.scenarios.uses("a"), engine.journal.written)
    assert after == before


def test_dropping_in_mid_flow_leaves_the_steps_to_come_to_others() -> None:
    engine = Engine(Behaviour(), START)
    engine.submit(PutScenario(Scenario("gone", PARTS[2], uses=1)))
    engine.submit(SendFlow("app", (VIBER, SMS)))
    engine.submit(DropScenario("gone"))
    while engine.poll(FOREVER):
        pass
    reasons = [entry.fact.why for entry in engine.journal.after(0) if isinstance(entry.fact, StepBegun)]
    assert reasons == ["default scenario 'gone': 'expired'", "by default: 'delivered'"]


def test_turns_are_kept_apart_by_recipient_channel_and_step() -> None:
    turns = ((ROAMING,), (FAILED,), (REACHED,))
    engine = Engine(Behaviour(), START)
    engine.submit(PutScenario(Scenario("s", (Part(Channel.SMS, turns), Part(Channel.SMS, turns, step=2)))))
    other = replace(SMS, to="+15555550101")
    ends = []
    for steps in ((SMS,), (other,), (SMS, SMS), (SMS,)):
        flow = finish(engine, *steps)
        ends.append([message.status for message in flow.messages])
    assert ends == [["Undelivered"], ["Undelivered"], ["Failed", "Undelivered"], ["Delivered"]]


def test_turns_begin_again_when_a_scenario_does() -> None:
    engine = Engine(Behaviour(), START)
    twice = PutScenario(Scenario("twice", (Part(Channel.SMS, ((ROAMING,), (FAILED,))),)))
    ends = []
    story: list[list[Command]] = [[twice], [], [twice], [], [DropScenario("twice"), twice]]
    for commands in story:
        for command in commands:
            engine.submit(command)
        ends.append(finish(engine, SMS).messages[0].status)
    assert ends == ["Undelivered", "Failed", "Undelivered", "Failed", "Undelivered"]


@pytest.mark.parametrize("change", [PutScenario(Scenario("other", uses=1)), DropScenario("other")])
def test_turns_go_on_when_another_scenario_comes_or_goes(change: Command) -> None:
    engine = Engine(Behaviour(), START)
    engine.submit(PutScenario(Scenario("other", api=ApiFault(delay=1), when=When(to=stars("nobody")))))
    engine.submit(PutScenario(Scenario("twice", (Part(Channel.SMS, ((ROAMING,), (FAILED,))),))))
    ends = [finish(engine, SMS).messages[0].status]
    engine.submit(change)
    ends.append(finish(engine, SMS).messages[0].status)
    assert ends == ["Undelivered", "Failed"]


def test_of_more_turns_than_are_kept_the_oldest_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.core.scenarios.MOST_TURNS", 1)
    engine = Engine(Behaviour(), START)
    engine.submit(PutScenario(Scenario("twice", (Part(Channel.SMS, ((ROAMING,), (FAILED,))),))))
    other = replace(SMS, to="+15555550101")
    ends = [finish(engine, step).messages[0].status for step in (SMS, SMS, other, SMS)]
    assert ends == ["Undelivered", "Failed", "Undelivered", "Undelivered"]


def test_a_share_is_of_a_hundred_and_neither_more_nor_less() -> None:
    for percent in (0, 1, 30, 99, 100):
        which = Which(percent=percent)
        hit = [drawn for drawn in range(1, 101) if which.hits(1, final=False, drawn=drawn)]
        assert hit == list(range(1, percent + 1))


def test_weights_share_out_what_is_drawn() -> None:
    scenarios = Scenarios()
    weighted_outcomes = (replace(FAILED, weight=2), replace(REACHED, weight=1), replace(ROAMING, weight=3))
    scenarios.put(Scenario("s", (Part(Channel.SMS, (weighted_outcomes,)),)))
    drawn = []
    for number in range(1, 7):
        choice = scenarios.default(SMS, 0, 1, lambda total, number=number: number)  # type: ignore[misc]
        assert choice is not None
        drawn.append(choice.outcome.name)
    assert drawn == ["failed", "failed", "delivered", "roaming", "roaming", "roaming"]


# The nearest miss


def test_the_nearest_scenario_is_the_one_with_the_fewest_differences() -> None:
    engine = Engine(Behaviour(), START)
    far, near = When(to=stars("+30*"), label=stars("a")), When(to=stars("+30*"))
    engine.submit(PutScenario(Scenario("far", PARTS[1], far)))
    engine.submit(PutScenario(Scenario("near", PARTS[1], near)))
    engine.submit(PutScenario(Scenario("mute", (), near)))
    finish(engine, SMS)
    [why] = [entry.fact.why for entry in engine.journal.after(0) if isinstance(entry.fact, StepBegun)]
    assert why == (
        "by default: 'delivered'; no scenario matched, the nearest was 'near': to is '+15555550100', not '+30*'"
    )


def test_faults_name_their_scenario_and_their_callback() -> None:
    engine = Engine(Behaviour(), START)
    engine.submit(PutScenario(Scenario("bad line", callbacks=CallbackFaults(dropped=Which(numbers=frozenset({2}))))))
    engine.submit(SendFlow("app", (SMS,), callback(Strategy.ON_STEP)))
    while engine.poll(FOREVER):
        pass
    [fault] = [entry.fact for entry in engine.journal.after(0) if isinstance(entry.fact, FaultPlayed)]
    assert (fault.fault, fault.why, fault.callback) == ("dropped", "scenario 'bad line'", 2)


def test_a_flow_whose_callbacks_go_wrong_is_a_use() -> None:
    engine = Engine(Behaviour(), START)
    dropping = CallbackFaults(dropped=Which(percent=100))
    engine.submit(PutScenario(Scenario("once", callbacks=dropping, uses=1)))
    for expected in (0, 3):
        engine.submit(SendFlow("app", (SMS,), callback(Strategy.ON_STEP)))
        posted = 0
        while effect := engine.poll(FOREVER):
            posted += len(effect.deliveries)
        assert posted == expected
    engine.submit(SendFlow("app", (SMS,)))
    assert engine.scenarios.uses("once") == 1
