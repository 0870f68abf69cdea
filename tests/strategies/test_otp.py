"""Drawn one-time passwords: every one of them is taken, and what its webhook gets is what a server would post."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.channels import Channel
from mockserver.strategies import CallbackSequence, callback_sequences, otp_flows
from mockserver.strategies.otp import otp_steps
from mockserver.wire.otp.requests import read_send

VIBER_FIRST = otp_flows(max_steps=3).filter(lambda flow: flow["flow"][0]["type"].casefold() == "viberotp")


@given(otp_flows(max_steps=3))
def test_every_one_is_taken(body: dict[str, Any]) -> None:
    sent = read_send(json.dumps(body).encode(), "app")
    assert len(sent.steps) == len(body["flow"])
    assert (sent.callback is None) == ("callback" not in body)


@given(otp_flows(min_steps=2, max_steps=2, to=st.just("+306900000310"), callback=True, url="http://a.example/hook"))
def test_what_is_asked_for_is_drawn(body: dict[str, Any]) -> None:
    assert [step["to"] for step in body["flow"]] == ["+306900000310"] * 2
    assert body["callback"] == {"url": "http://a.example/hook"}


@given(callback_sequences(VIBER_FIRST))
def test_every_callback_tells_something_new(sequence: CallbackSequence) -> None:
    assert sequence.kind == "otp"
    told = [json.dumps(each["steps"]) + each["status"] for each in sequence.in_order]
    assert len(set(told)) == len(told)
    assert all(call.attempt == 1 for call in sequence.calls)
    assert sequence.tracking_id == sequence.reply["flowId"]
    assert not sequence.calls or str(sequence.calls[0]).split(":")[0].isdigit()
    assert {step["channel"] for step in sequence.document["steps"]} <= {Channel.VIBER.lower(), Channel.SMS.lower()}
    assert repr(sequence).startswith("<CallbackSequence, otp, ")


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="1 to 100 steps"):
        otp_flows(min_steps=3, max_steps=2)
    with pytest.raises(ValueError, match="ViberOtp, Sms"):
        otp_steps("Voice")
