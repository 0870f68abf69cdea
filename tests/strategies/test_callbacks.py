"""Drawn callbacks: what a server posts, in every disturbance, and the truth beside it."""

from collections.abc import Callable
from functools import lru_cache
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings

from mockserver.core.channels import RULES, Channel
from mockserver.strategies import CallbackSequence, callback_sequences, callbacks, flows, transactional_flows
from tests.http.mocks import sms, viber
from tests.receivers import Receiver, receiving
from tests.test_simulation import posted

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
EVERYTHING = callback_sequences(losses=True)


@pytest.fixture(scope="module")
def hook() -> Any:
    with receiving() as receiver:
        yield receiver


@given(sequence=EVERYTHING)
@settings(PATIENT, max_examples=25)
def test_a_server_posts_exactly_these_in_this_order(hook: Receiver, sequence: CallbackSequence) -> None:
    hook.requests.clear()
    assert posted(sequence, hook) == sequence.bodies


@given(callback_sequences(retries=False, duplicates=False, reorderings=False))
@PATIENT
def test_undisturbed_they_come_once_and_in_order(sequence: CallbackSequence) -> None:
    assert sequence.orderly
    assert not any(call.again for call in sequence.calls)
    assert sequence.bodies[-1] == sequence.final


@given(callback_sequences())
@PATIENT
def test_what_is_told_of_a_sequence_is_true(sequence: CallbackSequence) -> None:
    seen: set[int] = set()
    for call in sequence.calls:
        assert call.body == sequence.in_order[call.number - 1]
        assert call.again == (call.number in seen)
        assert call.again or not call.copy or call.number not in seen
        seen.add(call.number)
    assert seen == set(range(1, len(sequence.in_order) + 1))
    assert sequence.final in sequence.bodies
    assert sequence.final["status"] == sequence.document["status"] in ("Succeeded", "Failed")
    assert {body["trackingId"] for body in sequence.bodies} == {sequence.tracking_id}
    assert sum(not call.copy for call in sequence.calls) == len(seen) + sum(call.failed for call in sequence.calls)


@given(callback_sequences())
@PATIENT
def test_whatever_the_order_the_first_final_status_is_the_last(sequence: CallbackSequence) -> None:
    finals = {body["status"] for body in sequence.bodies if body["status"] in ("Succeeded", "Failed")}
    assert finals == {sequence.final["status"]}


@lru_cache
def many() -> list[CallbackSequence]:
    drawn: list[CallbackSequence] = []

    @settings(PATIENT, max_examples=300, database=None, derandomize=True, phases=[Phase.generate])
    @given(EVERYTHING)
    def draw(sequence: CallbackSequence) -> None:
        drawn.append(sequence)

    draw()
    return drawn


MAY_HAPPEN: dict[str, Callable[[CallbackSequence], bool]] = {
    "an attempt is answered badly": lambda sequence: any(call.failed for call in sequence.calls),
    "a callback comes four times": lambda sequence: any(call.attempt == 4 for call in sequence.calls),
    "one is a duplicate": lambda sequence: any(call.copy for call in sequence.calls),
    "they come out of order": lambda sequence: numbers(sequence) != sorted(numbers(sequence)),
    "one is lost": lambda sequence: len(set(numbers(sequence))) < len(sequence.in_order),
    "every step is told": lambda sequence: sequence.reply["callback"]["strategy"] == "OnStep",
    "the end alone is told": lambda sequence: sequence.reply["callback"]["strategy"] == "OnCompletion",
    "the flow fails": lambda sequence: sequence.final["status"] == "Failed",
    "three messages are sent": lambda sequence: len(sequence.document["messages"]) > 2,
    "something happens after the end": lambda sequence: sequence.document["updatedAt"] != sequence.final["updatedAt"],
    "an Sms has several parts": lambda sequence: any(each.get("parts", 1) > 1 for each in messages(sequence)),
    **{
        f"the statusCode is {code}": lambda sequence, code=code: sequence.document["statusCode"] == code  # type: ignore[misc]
        for code in ("0", "1", "2", "3", None)
    },
}


def numbers(sequence: CallbackSequence) -> list[int]:
    return [call.number for call in sequence.calls]


def messages(sequence: CallbackSequence) -> list[Any]:
    return list(sequence.document["messages"])


@pytest.mark.parametrize("what", MAY_HAPPEN)
def test_everything_that_may_happen_is_drawn(what: str) -> None:
    assert any(map(MAY_HAPPEN[what], many()))


@pytest.mark.parametrize("channel", Channel)
def test_every_end_of_a_message_is_drawn(channel: Channel) -> None:
    messages = [message for sequence in many() for message in sequence.document["messages"]]
    ended = {message["status"]["name"] for message in messages if message["type"] == channel}
    assert ended == RULES[channel].ends


def test_the_simplest_is_one_sms_that_is_delivered() -> None:
    simplest = find(callback_sequences(), lambda _: True, random=Random(0))
    assert repr(simplest).splitlines() == [
        "<CallbackSequence, OnStep, delivered:",
        "  1: Sms Queued -> InProgress",
        "  2: Sms Sent -> InProgress",
        "  3: Sms Delivered -> Succeeded>",
    ]


MINE = {"flow": [viber(), sms()], "callback": {"url": "http://127.0.0.1:9/mine"}}


@given(callback_sequences(MINE, strategy="oncompletion"))
@PATIENT
def test_ones_own_flow_may_be_given(sequence: CallbackSequence) -> None:
    assert sequence.request["flow"] == MINE["flow"]
    assert sequence.reply["callback"] == {"strategy": "OnCompletion", "url": "http://127.0.0.1:9/mine"}
    assert len(sequence.in_order) == 1
    assert MINE["callback"] == {"url": "http://127.0.0.1:9/mine"}


@given(callback_sequences(flows(channels=["Voice"], max_steps=1, strategy="OnStep")))
@PATIENT
def test_a_strategy_of_flows_may_be_given(sequence: CallbackSequence) -> None:
    assert sequence.reply["callback"]["strategy"] == "OnStep"
    assert {message["type"] for message in sequence.document["messages"]} == {"Voice"}


@given(callback_sequences(transactional_flows(channels=["Viber"], max_steps=1)))
@PATIENT
def test_flows_of_templates_may_be_given(sequence: CallbackSequence) -> None:
    assert sequence.kind == "transactional"
    assert "templateId" in sequence.final["messages"][0]["body"]


@given(callbacks(strategy="OnStep"))
@PATIENT
def test_one_callback_is_a_document_of_a_flow(body: Any) -> None:
    assert list(body)[:2] == ["trackingId", "messages"]
    assert body["status"] in ("InProgress", "Succeeded", "Failed")
    assert body["messages"]


def test_a_flow_that_is_not_valid_is_refused_in_words() -> None:
    @settings(database=None)
    @given(callback_sequences({"flow": [sms(to="12")]}))
    def draw(_: CallbackSequence) -> None: ...

    with pytest.raises(ValueError, match=r"flow\[0\]\.to: must be a number in E\.164 form"):
        draw()
    with pytest.raises(ValueError, match="not 'OnEnd'"):
        callback_sequences(strategy="OnEnd")
