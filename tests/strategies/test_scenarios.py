"""Drawn scenarios: the loader reads every one of them, in JSON and in YAML, and a server plays them."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
import yaml
from hypothesis import find, given, settings

from mockserver.core.behaviour import Behaviour
from mockserver.core.channels import RULES, Channel
from mockserver.core.commands import PutScenario
from mockserver.core.engine import Engine
from mockserver.core.flow import Flow
from mockserver.core.scenario import Scenario
from mockserver.loader import ScenarioLibrary
from mockserver.strategies import flows, scenarios
from mockserver.wire.routee.requests import read_send
from mockserver.wire.scenario.language import KEYS
from mockserver.wire.scenario.texts import read_text
from tests.http.mocks import Mock, mocking, sms
from tests.strategies.drawing import all_drawn

SHELF = ScenarioLibrary()
FOREVER = 10**15


def read(document: Any) -> Scenario:
    return read_text(json.dumps(document), "f.json", "named", SHELF.source)


@given(scenarios())
@settings(max_examples=300)
def test_every_scenario_is_read_and_in_yaml_it_says_the_same(document: Any) -> None:
    scenario = read(document)
    again = read_text(yaml.safe_dump(document, sort_keys=False), "f.yaml", "named", SHELF.source)
    assert (scenario.parts, scenario.when, scenario.callbacks, scenario.api) == (
        *(again.parts, again.when, again.callbacks, again.api),
    )


@given(scenarios(), flows(strategy="OnStep"))
def test_every_scenario_can_be_played_to_its_end(document: Any, body: Any) -> None:
    engine = Engine(Behaviour(), 0)
    engine.submit(PutScenario(read(document)))
    sent = engine.submit(read_send(json.dumps(body).encode(), "app"))
    while engine.poll(FOREVER):
        pass
    assert (sent.flow is None) == (sent.fault is not None and not sent.fault.accepts)
    assert all(flow.final or goes_on_for_ever(flow) for flow in engine.flows.values())


def goes_on_for_ever(flow: Flow) -> bool:
    """Whether a flow is at a call whose timeline was drawn without an end: a call has no ttl."""
    step, message = flow.steps[len(flow.messages) - 1], flow.messages[-1]
    return step.ttl is None and message.status not in RULES[step.channel].ends


@pytest.fixture(scope="module")
def mock() -> Iterator[Mock]:
    with mocking(behaviour=Behaviour(token_life=None)) as mock:
        yield mock


@given(scenarios(faults=False))
@settings(max_examples=40)
def test_a_server_takes_them(mock: Mock, document: Any) -> None:
    answer = mock.client.post("/_mock/scenarios", json=document)
    assert answer.status_code == 201, answer.text
    mock.send(sms())
    assert mock.advance(until="idle")["stopped"] == "idle"


def test_every_key_of_the_language_is_drawn() -> None:
    assert all_drawn(scenarios(use=["lost-reply"]), inside, KEYS) >= KEYS


def inside(thing: Any) -> set[str]:
    if isinstance(thing, dict):
        return set(thing).union(*map(inside, thing.values()))
    return set().union(*map(inside, thing)) if isinstance(thing, list) else set()


def test_the_simplest_scenario_is_a_line() -> None:
    assert find(scenarios(), lambda _: True, random=Random(0)) in [
        {channel.lower(): name} for channel, name in FIRST.items()
    ]


FIRST = {Channel.VIBER: "delivered", Channel.SMS: "delivered", Channel.VOICE: "completed"}


@given(scenarios(channels=["sms"], faults=False))
def test_they_say_only_what_is_asked_for(document: Any) -> None:
    scenario = read(document)
    assert {part.channel for part in scenario.parts} <= {Channel.SMS}
    assert (scenario.callbacks, scenario.api) == (None, None)


@pytest.mark.parametrize(
    ("channels", "words"), [(["Sms", "fax"], "of Viber, Sms, Voice, not 'fax'"), ([], "at least one of")]
)
def test_a_channel_there_is_not_is_refused_in_words(channels: list[str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        scenarios(channels=channels)
