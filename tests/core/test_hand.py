"""What is done by hand, in the engine and in the oracle: steps are held, and several statuses come in one instant."""

from collections.abc import Iterator
from itertools import product

import pytest

from mockserver.core.behaviour import Behaviour, Limits
from mockserver.core.catalogue import BY_HAND, HAND, NAMED, OUTCOMES
from mockserver.core.channels import RULES, Channel
from mockserver.core.commands import HoldStep, MoveClock, PushReport, SendFlow
from mockserver.core.engine import Engine
from mockserver.core.facts import StatusChanged, StepBegun, StepHeld
from mockserver.core.step import Strategy
from tests.core.worlds import (
    FOREVER,
    SMS,
    START,
    TTL,
    VIBER,
    VOICE,
    Pair,
    World,
    callback,
    chosen,
    engine_for,
    fixed,
    step,
    triggers,
)
from tests.core.worlds import OUTCOMES as EVERY

STEPS = {Channel.VIBER: VIBER, Channel.SMS: SMS, Channel.VOICE: VOICE}


def sent(world: World) -> tuple[Pair, str]:
    """A world in the engine and in the oracle, and the id of its flow."""
    pair = Pair.behaving(Behaviour(sources=(chosen(world),)))
    flow = pair.submit(SendFlow("app", tuple(asked for asked, _ in world), callback(Strategy.ON_STEP))).flow
    assert flow is not None
    return pair, flow.id


def finish(pair: Pair) -> None:
    while pair.poll(FOREVER):
        pass
    pair.check()


def triggered(channel: Channel) -> Iterator[World]:
    """Every outcome on a channel that turns to another step whatever it hears."""
    for outcome in EVERY[channel]:
        yield [
            (step(channel, frozenset(triggers(channel))), outcome),
            (step(Channel.SMS, frozenset(), position=1), EVERY[Channel.SMS][0]),
        ]


@pytest.mark.parametrize("channel", list(Channel))
def test_a_step_is_held_at_every_moment_of_every_outcome(channel: Channel) -> None:
    for world, held, moment in product(triggered(channel), (0, 1), range(6)):
        pair, flow = sent(world)
        for _ in range(moment):
            pair.poll(FOREVER)
        pair.submit(HoldStep(flow, held))
        pair.check()
        finish(pair)


@pytest.mark.parametrize("channel", list(Channel))
def test_any_two_statuses_are_pushed_in_one_instant(channel: Channel) -> None:
    """The second one to the same message, or to the one that the first makes begin."""
    statuses = RULES[channel].statuses
    for first, second, other in product(statuses, (*statuses, "Sent", "Delivered"), (0, 1)):
        if other == 1 and second not in RULES[Channel.SMS].statuses:
            continue
        pair, flow = sent(
            [
                (step(channel, frozenset(triggers(channel))), BY_HAND[channel]),
                (step(Channel.SMS, frozenset(), position=1), BY_HAND[Channel.SMS]),
            ]
        )
        pair.poll(FOREVER)
        turns = first in triggers(channel) and first in RULES[channel].moves[RULES[channel].first]
        if (other == 1 and not turns) or (other == 0 and second not in statuses):
            continue
        pair.submit(MoveClock(START + 5))
        pair.submit(PushReport(flow, 0, first, then=(PushReport(flow, other, second),)))
        while pair.poll(START + 5):
            pass
        pair.check()
        assert pair.engine.clock.now == START + 5
        finish(pair)


def test_a_status_may_follow_to_the_step_that_the_one_before_it_begins() -> None:
    engine = engine_for({VIBER: BY_HAND[Channel.VIBER], VOICE: BY_HAND[Channel.VOICE]})
    flow = engine.submit(SendFlow("app", (VIBER, VOICE))).flow
    assert flow is not None
    engine.poll(START)
    then = (PushReport(flow.id, 1, "Ringing"), PushReport(flow.id, 1, "InProgress"))
    engine.submit(PushReport(flow.id, 0, "EXPIRED", then=then))
    while engine.poll(START):
        pass
    changes = [(e.at, e.fact.status) for e in engine.journal.after(0) if isinstance(e.fact, StatusChanged)]
    expected = ("QUEUED", "EXPIRED", "Queued", "Ringing", "InProgress")
    assert changes == [(START, status) for status in expected]


def test_a_held_message_gets_its_first_status_and_waits_for_its_ttl() -> None:
    engine = engine_for({SMS: fixed(OUTCOMES[Channel.SMS]["delivered"])})
    flow = engine.submit(SendFlow("app", (SMS,))).flow
    assert flow is not None
    assert next((at, due.status) for at, due in engine.planned(flow.id)) == (START, "Queued")
    engine.submit(HoldStep(flow.id, 0))
    [held] = [entry.fact for entry in engine.journal.of_flow(flow.id) if isinstance(entry.fact, StepHeld)]
    assert (held.step, held.dropped, held.message) == (0, 2, flow.messages[0].id)
    assert [due.status for _, due in engine.planned(flow.id)] == ["Queued"]
    assert engine.schedule.first(5)[-1][0] == START + TTL
    while engine.poll(FOREVER):
        pass
    assert engine.flows[flow.id].messages[0].reason == "Expired"


def test_a_step_that_has_not_begun_is_held_and_begins_without_a_plan() -> None:
    engine = engine_for({VIBER: OUTCOMES[Channel.VIBER]["expired"], SMS: OUTCOMES[Channel.SMS]["delivered"]})
    flow = engine.submit(SendFlow("app", (VIBER, SMS))).flow
    assert flow is not None
    engine.submit(HoldStep(flow.id, 1))
    while engine.poll(START + TTL):
        pass
    facts = [entry.fact for entry in engine.journal.of_flow(flow.id)]
    assert [(each.message, each.dropped) for each in facts if isinstance(each, StepHeld)] == [(None, 0)]
    assert [each.why for each in facts if isinstance(each, StepBegun)][1] == "taken over by hand: 'by hand'"
    assert engine.flows[flow.id].messages[1].status == "Queued"
    other = engine.submit(SendFlow("app", (VIBER, SMS))).flow
    assert other is not None
    while engine.poll(FOREVER):
        pass
    assert engine.flows[other.id].messages[1].status == "Delivered", "another flow is not held"


def test_forgotten_flows_are_held_no_more() -> None:
    engine = Engine(Behaviour(limits=Limits(flows=1)), START)
    first = engine.submit(SendFlow("app", (SMS,))).flow
    assert first is not None
    engine.submit(HoldStep(first.id, 0))
    engine.submit(PushReport(first.id, 0, "Queued"))
    engine.submit(PushReport(first.id, 0, "Delivered"))
    while engine.poll(START):
        pass
    assert engine.submit(SendFlow("app", (SMS,))).flow is not None
    before = engine.journal.written
    engine.submit(HoldStep(first.id, 0))
    assert (engine.journal.written, engine.planned(first.id)) == (before, [])


def test_by_hand_plans_nothing_on_every_channel() -> None:
    assert {channel: [each.status for each in BY_HAND[channel].moments] for channel in Channel} == {
        channel: [RULES[channel].first] for channel in Channel
    }
    assert all(NAMED[channel] == {**OUTCOMES[channel], HAND: BY_HAND[channel]} for channel in Channel)
