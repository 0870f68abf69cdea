"""Drawn flows: every one of them is taken, over a socket too, and the simplest comes first."""

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from mockserver.core.catalogue import OUTCOMES, magic
from mockserver.core.channels import RULES, Channel
from mockserver.core.step import Callback, FlowKind, Step, Strategy
from mockserver.numbering.examples import example_numbers
from mockserver.strategies import (
    flows,
    magic_numbers,
    numbers,
    senders,
    sms_steps,
    template_steps,
    texts,
    transactional_flows,
    viber_steps,
    voice_steps,
)
from mockserver.wire.routee.channels.viber import CONTENT, TAKEN
from mockserver.wire.routee.channels.voice import DIAL_PLANS
from mockserver.wire.routee.requests import read_send
from tests.http.mocks import Mock, mocking
from tests.strategies.drawing import drawn

Json = dict[str, Any]

STEPS = {"Sms": sms_steps(), "Viber": viber_steps(), "Voice": voice_steps()}


def read(body: Json, kind: FlowKind = FlowKind.FAILOVER) -> Any:
    return read_send(json.dumps(body).encode(), "app", kind=kind, strict=True)


@given(flows())
@settings(max_examples=200)
def test_every_flow_is_taken_by_the_strictest_mock(body: Json) -> None:
    assert 1 <= len(read(body).steps) <= 3
    assert set(types(body)) <= {dict, list, str, int, float, bool, type(None)}


def types(thing: Any) -> Iterator[type]:
    """Every type inside, so that nothing hides that only looks like a text."""
    yield type(thing)
    for inner in [*thing, *thing.values()] if isinstance(thing, dict) else thing if isinstance(thing, list) else ():
        yield from types(inner)


@given(transactional_flows(max_steps=5))
def test_every_flow_of_templates_is_taken(body: Json) -> None:
    assert read(body, FlowKind.TRANSACTIONAL).kind == "transactional"


@pytest.mark.parametrize("name", STEPS)
@given(data=st.data())
def test_every_step_is_taken(name: str, data: st.DataObject) -> None:
    [step] = read({"flow": [data.draw(STEPS[name])]}).steps
    assert step.channel == name


@pytest.fixture(scope="module")
def strictest() -> Iterator[Mock]:
    with mocking(strict_fields=True) as mock:
        yield mock


@given(free=flows(), templates=transactional_flows())
@settings(max_examples=60)
def test_a_server_takes_them(strictest: Mock, free: Json, templates: Json) -> None:
    for path, body in (("/failover", free), ("/failover/transactional", templates)):
        answer = strictest.client.post(path, json=body)
        assert answer.status_code == 200, answer.text


def test_the_simplest_flow_is_one_short_sms() -> None:
    assert find(flows(), lambda _: True, random=Random(0)) == {
        "flow": [{"type": "Sms", "to": "+306900000000", "from": "Sender", "message": {"body": "0"}}]
    }


OPEN: dict[str, Callable[[Json], bool]] = {
    "a number without its plus": lambda step: step["to"][:1] != "+",
    "a type in capitals": lambda step: step["type"] == "SMS",
    "triggers with commas between": lambda step: "," in str(triggers(step, str)),
    "an array of triggers": lambda step: len(triggers(step, list)) == 2,
    "fields of a step left out or not": lambda step: {"order", "ttl", "urlShortener"} <= step.keys(),
    "fields of a message left out or not": lambda step: {"flash", "label", "transcode"} <= step["message"].keys(),
    "characters beyond 16 bits": lambda step: any(ord(character) > 0xFFFF for character in step["message"]["body"]),
    "a text of several parts": lambda step: len(step["message"]["body"]) > 160,
}


def triggers(step: Json, kind: type[str | list[str]]) -> str | list[str]:
    """The triggers of a step, if they are told in this way."""
    told = step.get("failoverOnStatuses")
    return told if isinstance(told, kind) else kind()


@pytest.mark.parametrize("what", OPEN)
def test_what_the_contract_leaves_open_is_drawn(what: str) -> None:
    drawn(sms_steps(), OPEN[what])


@pytest.mark.parametrize("content", TAKEN, ids=lambda content: "+".join(sorted(content)))
def test_every_content_viber_takes_is_drawn(content: set[str]) -> None:
    drawn(viber_steps(), lambda step: step["message"].keys() == content)
    assert find(viber_steps(content=content), lambda _: True, random=Random(0))["message"].keys() == content


@pytest.mark.parametrize("spelling", DIAL_PLANS)
def test_every_spelling_of_the_dial_plan_is_drawn(spelling: str) -> None:
    drawn(voice_steps(), lambda step: spelling in step)


@pytest.mark.parametrize("way", ["phone", "viber", "sip"])
def test_every_way_to_call_is_drawn(way: str) -> None:
    drawn(voice_steps(), lambda step: isinstance(step["to"], dict) and way in step["to"])


def test_every_template_is_one() -> None:
    drawn(template_steps(), lambda step: {"templateParams", "deliveryScope", "seq"} <= step.keys())


@given(flows(channels=["viber", "VOICE"], min_steps=2, max_steps=2, to=st.just("+306900000310"), strategy="onstep"))
def test_what_is_asked_for_is_drawn(body: Json) -> None:
    command = read(body)
    assert len(command.steps) == 2
    assert {step.channel for step in command.steps} <= {Channel.VIBER, Channel.VOICE}
    assert {step.to for step in command.steps if "sip" not in step.to} <= {"+306900000310"}
    assert command.callback is not None
    assert command.callback.strategy == "OnStep"


@pytest.mark.parametrize("strategy", ["OnStep", "OnCompletion", None])
def test_callbacks_are_asked_for_or_not(strategy: str | None) -> None:
    def asks(body: Json) -> bool:
        callback = read(body).callback
        return bool(strategy == (callback and callback.strategy))

    drawn(flows(), asks)


@given(flows(url="http://127.0.0.1:9/", strategy="OnCompletion"))
def test_callbacks_go_where_they_should(body: Json) -> None:
    assert read(body).callback == Callback(Strategy.ON_COMPLETION, "http://127.0.0.1:9/")


@given(numbers())
def test_a_number_is_nobodys(number: str) -> None:
    assert number.startswith("+3069000") or number in example_numbers()


@given(magic_numbers(viber="expired", voice="busy"))
def test_a_magic_number_comes_to_what_is_asked(number: str) -> None:
    assert number.startswith("+3069000")
    for channel, name in ((Channel.VIBER, "expired"), (Channel.VOICE, "busy")):
        choice = magic(Step(channel, number, frozenset()))
        assert choice is not None
        assert choice.outcome == OUTCOMES[channel][name]


@given(texts(20), senders())
def test_texts_and_senders(text: str, sender: str) -> None:
    assert 0 < len(text) <= 20
    assert text.strip()
    assert read({"flow": [{"type": "Sms", "to": "+306900000000", "from": sender, "message": {"body": text}}]})


@pytest.mark.parametrize(
    ("make", "arguments", "words"),
    [
        (flows, {"channels": ["Sms", "Vibr"]}, "not 'Vibr'; did you mean Viber?"),
        (flows, {"channels": []}, "at least one of Viber, Sms, Voice"),
        (flows, {"min_steps": 0}, "1 to 100 steps, not 0 to 3"),
        (flows, {"min_steps": 4}, "1 to 100 steps, not 4 to 3"),
        (flows, {"strategy": "OnStp"}, "not 'OnStp'; did you mean OnStep?"),
        (viber_steps, {"content": ["text", "imageUrl"]}, r"does not take imageUrl \+ text; it takes text; imageUrl"),
        (viber_steps, {"content": []}, "does not take nothing"),
        (magic_numbers, {"sms": "expird"}, "no digit stands for 'expird' on Sms"),
    ],
)
def test_arguments_that_make_no_sense_are_refused_in_words(make: Any, arguments: Json, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make(**arguments)


def test_the_tables_are_those_of_the_channels() -> None:
    assert set(CONTENT) == set().union(*TAKEN)
    assert set(RULES) == {Channel(name) for name in STEPS}
