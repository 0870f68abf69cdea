"""Reading a send of one-time passwords: what is taken, and what is wrong with what is not."""

import json
from typing import Any

import pytest

from mockserver.core.commands import SendFlow
from mockserver.core.step import FlowKind
from mockserver.wire.errors import MOST, Refusal
from mockserver.wire.otp.requests import read_send
from mockserver.wire.otp.templates import TEMPLATES
from tests.http.otp import TO, code, pin


def read(*flow: Any, **more: Any) -> SendFlow:
    return read_send(json.dumps({"flow": list(flow), **more}).encode(), "app")


def wrong(*flow: Any, **more: Any) -> dict[str, str]:
    with pytest.raises(Refusal) as caught:
        read(*flow, **more)
    assert caught.value.status == 422
    return {"/".join(map(str, each["loc"])): each["type"] for each in caught.value.body["detail"]}


# rules otp.types, otp.viber-triggers, otp.other-triggers
def test_a_send_is_read() -> None:
    sent = read(
        code(2, label="b"), pin(1, label="a", failoverAfterDelivered=True), callback={"url": "http://a.example"}
    )
    first, second = sent.steps
    assert (sent.kind, sent.callback and sent.callback.url) == (FlowKind.OTP, "http://a.example")
    assert (first.to, first.ttl, first.label, first.sender, first.text) == (TO, 60_000, "a", "bank", "123456")
    assert (second.ttl, second.label, second.sender, second.text) == (120_000, "b", "Bank", "Your code is 123456.")
    assert first.failover_after_delivered
    assert first.triggers == {"EXPIRED", "FAILED", "UNDELIVERED", "UNSENT"}
    assert second.triggers == {"Undelivered", "Failed"}
    assert (first.price, second.price) == (160, 450)


# rule otp.after-delivered-where
def test_the_last_step_waits_for_nobody() -> None:
    assert not read(pin(failoverAfterDelivered=True)).steps[0].failover_after_delivered


# rule otp.not-seen
def test_the_other_name_of_a_field_is_taken() -> None:
    assert read(pin(failover_after_delivered=True), code(2)).steps[0].failover_after_delivered
    both = pin(failover_after_delivered=True, failoverAfterDelivered=True)
    assert read(both, code(2)).steps[0].failover_after_delivered


# rules otp.type-case, otp.blanks, otp.to-number, otp.parameters
def test_a_step_is_echoed_as_it_was_sent_but_for_its_type_and_its_blanks() -> None:
    sent = read(
        pin(type=" viberOTP ", to=[TO[1:]], validity=5, mine={"a": "", "b": 1}, label="", trackingId="x", ttl=0)
    )
    assert json.loads(sent.steps[0].asked) == pin(to=[TO[1:]], validity=5, mine={"a": "", "b": 1}, ttl=0)


# rules otp.template-ids, otp.business-name
@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.type)
def test_every_template_is_taken_with_what_it_needs(template: Any) -> None:
    step = pin(templateId=template.id.upper(), templateType=template.type, businessName="Bank")
    assert read(step).steps[0].text == "123456"


# rules otp.to, otp.to-number, otp.order, otp.ttl, otp.ttl-limits, otp.label, otp.label-length, otp.viber
# rules otp.business-by-id, otp.wrong-template-type, otp.parameters, otp.type-case, otp.most-fields
@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"to": None}, {"to": "missing"}),
        ({"to": 306912345678}, {"to": "string_type"}),
        ({"to": [TO, TO]}, {"to": "value_error"}),
        ({"to": "12"}, {"to": "value_error"}),
        ({"order": 0}, {"order": "missing"}),
        ({"order": -1}, {"order": "greater_than_equal"}),
        ({"order": 1.5}, {"order": "int_type"}),
        ({"ttl": None}, {"ttl": "missing"}),
        ({"ttl": -1}, {"ttl": "greater_than_equal"}),
        ({"ttl": 86_401}, {"ttl": "less_than_equal"}),
        ({"ttl": False}, {"ttl": "missing"}),
        ({"label": "x" * 351}, {"label": "too_long"}),
        ({"senderInfoTrackingId": ""}, {"senderInfoTrackingId": "missing"}),
        ({"templateId": "basic"}, {"templateId": "value_error"}),
        ({"templateType": "with_love"}, {"templateType": "literal_error"}),
        ({"templateType": "with_type"}, {"templateType": "value_error"}),
        ({"templateId": TEMPLATES[2].id}, {"businessName": "missing"}),
        (
            {"templateId": "00000000-0000-4000-8000-000000000000", "templateType": "with_reason"},
            {"businessName": "missing"},
        ),
        ({"pin": "123"}, {"pin": "value_error"}),
        ({"pin": "12345678901"}, {"pin": "value_error"}),
        ({"pin": 123456}, {"pin": "string_type"}),
        ({"reason": "x" * 51}, {"reason": "string_too_long"}),
        ({"reason": "see www.example.com"}, {"reason": "value_error"}),
        ({"validity": 1.5}, {"validity": "int_type"}),
        ({"failoverAfterDelivered": "yes"}, {"failoverAfterDelivered": "bool_type"}),
        ({"type": "Voice"}, {"type": "literal_error"}),
        ({"type": None}, {"type": "missing"}),
        ({"reason": "a" * 2_000_000}, {"reason": "string_too_long"}),
        ({"businessName": "a" * 2_000_000}, {"businessName": "too_long"}),
        ({"language": "www." * 500_000}, {"language": "too_long"}),
        ({"note": "\0"}, {"note": "value_error"}),
        ({"label": "\0"}, {"label": "value_error"}),
        ({"mine": {"deep": {"note": ["\0"]}}, "note": "\0"}, {"mine": "value_error", "note": "value_error"}),
        ({"mine": 2**64}, {"mine": "value_error"}),
        ({"mine": [{"a": -(2**63) - 1}]}, {"mine": "value_error"}),
        ({str(number): 0.5 for number in range(1_000)}, {"": "too_long"}),
    ],
    ids=str,
)
def test_each_wrong_field_is_named(fields: dict[str, Any], found: dict[str, str]) -> None:
    expected = {"/".join(filter(None, ("body", "flow", "0", name))): kind for name, kind in found.items()}
    assert wrong(pin(**fields)) == expected


# rules otp.sms, otp.sms-from, otp.after-delivered-where
def test_an_sms_has_rules_of_its_own() -> None:
    assert wrong(code(1, message={"body": " "}, failoverAfterDelivered=True) | {"from": None}) == {
        "body/flow/0/from": "missing",
        "body/flow/0/message/body": "missing",
        "body/flow/0/failoverAfterDelivered": "extra_forbidden",
    }
    assert wrong(code(message={"body": "\u4e2d" * 30_000})) == {"body/flow/0/message/body": "value_error"}


# rules otp.order, otp.callback, otp.errors-form
def test_every_wrong_field_of_every_step_is_named_at_once() -> None:
    found = wrong(pin(ttl=-1), pin(1, pin="1"), 7, callback={"strategy": "OnStep"})
    assert found == {
        "body/flow/0/ttl": "greater_than_equal",
        "body/flow/1/pin": "value_error",
        "body/flow/1/order": "value_error",
        "body/flow/2": "dict_type",
        "body/callback/url": "missing",
    }


# rules otp.steps, otp.most-steps, otp.errors-form
@pytest.mark.parametrize(
    ("body", "place", "kind"),
    [
        (b"", "body", "json_invalid"),
        (b"{", "body", "json_invalid"),
        (b"[]", "body", "dict_type"),
        (b"{}", "body/flow", "missing"),
        (b'{"flow": {"a": 1}}', "body/flow", "list_type"),
        (b'{"flow": []}', "body/flow", "too_short"),
        (b'{"flow": [%b]}' % b",".join([b"{}"] * 101), "body/flow", "too_long"),
    ],
)
def test_what_is_no_send_is_named_too(body: bytes, place: str, kind: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_send(body, "app")
    [found] = caught.value.body["detail"]
    assert ("/".join(found["loc"]), found["type"]) == (place, kind)


def test_a_callback_that_is_no_object_or_blank() -> None:
    assert wrong(pin(), callback="http://a.example") == {"body/callback": "dict_type"}
    assert read(pin(), callback={"url": ""}).callback is None


def test_only_so_many_are_named() -> None:
    flow = [pin(order + 1, ttl=-1, pin="1", label="x" * 351) for order in range(50)]
    with pytest.raises(Refusal) as caught:
        read(*flow)
    assert len(caught.value.body["detail"]) == MOST + 1
    assert caught.value.body["detail"][-1]["msg"] == "and 50 more"
    assert len(caught.value.explain()[1]) == MOST + 1
