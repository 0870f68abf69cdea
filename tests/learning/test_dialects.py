"""A recording of the mock under any dialect shows no drift there, and exactly what differs under the default."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.core.dialect import DEFAULT, Dialect
from mockserver.core.values import replace
from mockserver.fidelity.table import SWITCHES
from mockserver.learning.learner import Learner
from mockserver.strategies.flows import flows
from tests.dialects import ALTERED, altered
from tests.http.mocks import sms, viber, voice
from tests.learning.test_learner import drift
from tests.learning.worlds import World

HOOK = {"callback": {"strategy": "OnStep", "url": "https://shop.example/hook"}}

LONG = 4 * 86_400_000


def tour(dialect: Dialect) -> World:
    """A recording in which every switch shows."""
    world = World(dialect, answers={1: (500, 500, 500, 500, 500), 2: (0, 0, 0, 0), 3: (202,), 4: (500,)})
    world.ask_without_bearer()
    world.track(None)
    world.track(world.send({"flow": [viber(type="viber"), sms(type="SMS")]} | HOOK))
    world.run(world.engine.clock.now + LONG)
    world.play(
        {
            "when": {"to": "+306900000077"},
            "viber": [{"at": 0, "status": "QUEUED"}, {"at": "10m", "status": "DELIVERED"}],
        }
    )
    world.send({"flow": [viber("+306900000077"), sms("+306900000077")]} | HOOK)
    world.run(world.engine.clock.now + LONG)
    world.send({"flow": [voice(dialPlan=None, dialplan={"verbs": [{"type": "SAY", "message": {"text": "Hello"}}]})]})
    world.send({"flow": [sms(failoverOnStatuses=[])], "callback": {"url": HOOK["callback"]["url"]}})
    world.send({"flow": [sms(order=1), sms(order=1)]})
    world.send({"flow": [sms(label="")]})
    world.send({"flow": [sms(senderInfoTrackingId="x")]})
    world.send({"flow": [sms()], "callback": {"strategy": "OnStep"}})
    world.run(world.engine.clock.now + LONG)
    world.search()
    return world


def learnt(world: World, dialect: Dialect) -> Learner:
    learner = Learner(dialect)
    for each in world.records:
        learner.take(each)
    learner.finish()
    return learner


@pytest.mark.parametrize("dialect", altered())
def test_one_switch_is_found_and_nothing_else(dialect: Dialect) -> None:
    world = tour(dialect)
    own = learnt(world, dialect)
    assert drift(own) == {}
    assert own.adopted() == dialect
    by_default = learnt(world, DEFAULT)
    [switch] = [name for name in SWITCHES if getattr(dialect, name) != getattr(DEFAULT, name)]
    assert by_default.findings.contradicted == [SWITCHES[switch].id]
    assert by_default.adopted() == dialect


def test_waits_that_another_rule_hides_are_found_with_it() -> None:
    """What was posted again after a 204 seems to be taken at first, and has its part in the plan."""
    dialect = replace(DEFAULT, taken_answers="200", retry_plan=(3, 6))
    world = World(dialect, queue=[204, 204, 204, 204, 204, 204])
    world.send({"flow": [sms()]} | HOOK)
    world.run()
    found = learnt(world, DEFAULT).adopted()
    assert (found.taken_answers, found.retry_plan[:2]) == ("200", (3, 6))
    assert found == learnt(world, found).adopted()


def test_every_switch_shows_in_the_tour() -> None:
    found = learnt(tour(DEFAULT), DEFAULT)
    assert drift(found) == {}
    assert {rule.id for rule in SWITCHES.values()} <= set(found.findings.confirmed)


PICKED = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from([*rule.alternatives]) for name, rule in SWITCHES.items()}
)


@settings(max_examples=30)
@given(PICKED)
def test_several_switches_are_found_together(picked: dict[str, Any]) -> None:
    dialect = replace(DEFAULT, **picked)
    world = tour(dialect)
    assert drift(learnt(world, dialect)) == {}
    found = learnt(world, DEFAULT)
    assert set(found.findings.contradicted) <= {SWITCHES[name].id for name in picked}


@settings(max_examples=60)
@given(flows(), st.sampled_from([*ALTERED.values()]))
def test_a_recording_under_any_dialect_shows_no_drift_there(send: dict[str, Any], dialect: Dialect) -> None:
    world = World(dialect, queue=[500, 200, 0])
    flow = world.send(send)
    if flow is not None:
        world.track(flow)
    world.run()
    assert drift(learnt(world, dialect)) == {}
