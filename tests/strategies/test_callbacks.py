"""Drawn callbacks: what a server posts, in every disturbance, and the truth beside it."""

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis.strategies import SearchStrategy

from mockserver.core.channels import RULES, Channel
from mockserver.strategies import CallbackSequence, callback_sequences, callbacks, flows, transactional_flows
from mockserver.testing.receiver import Receiver, receiving
from tests.http.mocks import sms, viber, voice
from tests.strategies.drawing import all_drawn, drawn
from tests.test_simulation import posted


@pytest.fixture(scope="module")
def hook() -> Any:
    with receiving() as receiver:
        yield receiver


@given(sequence=callback_sequences(losses=True))
@settings(max_examples=25)
def test_a_server_posts_exactly_these_in_this_order(hook: Receiver, sequence: CallbackSequence) -> None:
    assert posted(sequence, hook) == sequence.bodies


@given(callback_sequences(retries=False, duplicates=False, reorderings=False))
def test_undisturbed_they_come_once_and_in_order(sequence: CallbackSequence) -> None:
    assert sequence.orderly
    assert not any(call.again for call in sequence.calls)
    assert sequence.bodies[-1] == sequence.final


@given(callback_sequences())
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
def test_whatever_the_order_the_first_final_status_is_the_last(sequence: CallbackSequence) -> None:
    finals = {body["status"] for body in sequence.bodies if body["status"] in ("Succeeded", "Failed")}
    assert finals == {sequence.final["status"]}


STEPS = {Channel.VIBER: viber(), Channel.SMS: sms(), Channel.VOICE: voice()}


def many(*channels: Channel) -> SearchStrategy[CallbackSequence]:
    """Sequences of whatever flows, or of the flow with a step on each of these channels."""
    body = {"flow": [STEPS[channel] for channel in channels]}
    return callback_sequences(body if channels else None, losses=True)


def ended_with(code: str | None, sequence: CallbackSequence) -> bool:
    return bool(sequence.document["statusCode"] == code)


SEEN: dict[str, Callable[[CallbackSequence], bool]] = {
    "an attempt fails": lambda sequence: any(call.failed for call in sequence.calls),
    "there is a fourth attempt": lambda sequence: any(call.attempt == 4 for call in sequence.calls),
    "a callback is doubled": lambda sequence: any(call.copy for call in sequence.calls),
    "callbacks are reordered": lambda sequence: (
        [call.number for call in sequence.calls] != sorted(call.number for call in sequence.calls)
    ),
    "a callback is lost": lambda sequence: len({call.number for call in sequence.calls}) < len(sequence.in_order),
    "the strategy is OnStep": lambda sequence: sequence.reply["callback"]["strategy"] == "OnStep",
    "the strategy is OnCompletion": lambda sequence: sequence.reply["callback"]["strategy"] == "OnCompletion",
    "the flow fails": lambda sequence: sequence.final["status"] == "Failed",
    "there are three messages": lambda sequence: len(sequence.document["messages"]) > 2,
    "a report comes after the end": lambda sequence: sequence.document["updatedAt"] != sequence.final["updatedAt"],
    "an Sms has parts": lambda sequence: any(each.get("parts", 1) > 1 for each in sequence.document["messages"]),
    **{f"the statusCode is {code}": partial(ended_with, code) for code in ("0", "1", "2", "3", None)},
}  # fmt: skip


@pytest.mark.parametrize("name", SEEN)
def test_everything_that_may_happen_is_drawn(name: str) -> None:
    drawn(many() | many(*Channel), SEEN[name])


@pytest.mark.parametrize("channel", Channel)
def test_every_end_of_a_message_is_drawn(channel: Channel) -> None:
    def ends(sequence: CallbackSequence) -> set[str]:
        return {message["status"]["name"] for message in sequence.document["messages"]}

    assert all_drawn(many(channel), ends, RULES[channel].ends) == RULES[channel].ends


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
def test_ones_own_flow_may_be_given(sequence: CallbackSequence) -> None:
    assert sequence.request["flow"] == MINE["flow"]
    assert sequence.reply["callback"] == {"strategy": "OnCompletion", "url": "http://127.0.0.1:9/mine"}
    assert len(sequence.in_order) == 1
    assert MINE["callback"] == {"url": "http://127.0.0.1:9/mine"}


@given(callback_sequences(flows(channels=["Voice"], max_steps=1, strategy="OnStep")))
def test_a_strategy_of_flows_may_be_given(sequence: CallbackSequence) -> None:
    assert sequence.reply["callback"]["strategy"] == "OnStep"
    assert {message["type"] for message in sequence.document["messages"]} == {"Voice"}


@given(callback_sequences(transactional_flows(channels=["Viber"], max_steps=1)))
def test_flows_of_templates_may_be_given(sequence: CallbackSequence) -> None:
    assert sequence.kind == "transactional"
    assert "templateId" in sequence.final["messages"][0]["body"]


@given(callbacks(strategy="OnStep"))
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


DRAWN = """
import sys
from hypothesis import given, settings
from mockserver.strategies import callback_sequences, scenarios

known = set(sys.modules)

@settings(max_examples=5, database=None, deadline=None)
@given(callback_sequences(), scenarios())
def draw(sequence, scenario):
    pass

draw()
loaded = set(sys.modules) - known  # the data of a country is small
print(sorted(name for name in loaded if name.startswith(("phonenumbers", "pydantic", "mockserver")) and ".data." not in name))
"""


def test_drawing_imports_nothing_heavy() -> None:
    run = subprocess.run([sys.executable, "-c", DRAWN], capture_output=True, text=True, timeout=600)
    assert (run.stdout, run.stderr) == ("[]\n", "")
