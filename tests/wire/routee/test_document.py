"""The flow document and the reply: exactly what the contract lists, in its order."""

import json
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.behaviour import Behaviour
from mockserver.core.channels import RULES, Channel
from mockserver.core.commands import SendFlow
from mockserver.core.engine import Engine
from mockserver.core.flow import Flow, FlowStatus, Message
from mockserver.core.step import Callback, FlowKind, Step, Strategy
from mockserver.core.values import replace
from mockserver.wire.routee.channels.viber import sender_name
from mockserver.wire.routee.document import balance_document, document, render, reply
from tests.core.worlds import FOREVER
from tests.wire.routee.reading import read_send

START = 1_893_499_200_440  # 2030-01-01T12:00:00.44Z
TO = "+306900000310"

VIBER = {"type": "Viber", "to": TO, "senderInfoTrackingId": "id", "inboundUrl": "http://a/in", "label": "v",
         "ttl": 0.5, "message": {"text": "hello", "action": {"caption": "Go", "targetUrl": "http://a/"}}}  # fmt: skip
SMS = {"type": "Sms", "to": TO, "from": "Sender", "message": {"body": "ж" * 71, "label": "s"}}
VOICE = {"type": "Voice", "to": {"phone": TO, "sip": "a@b"}, "from": "Sender",
         "dialPlan": {"verbs": [{"type": "SAY", "message": {"text": "hello"}}]}}  # fmt: skip


def run(*steps: dict[str, Any], until: int = FOREVER) -> Flow:
    body = orjson.dumps({"flow": steps, "callback": {"url": "http://a/"}, "restrictions": {"a": 1}})
    command: SendFlow = read_send(body, "5f9138288b71de3617a87cd3", transcode=False)
    engine = Engine(Behaviour(), START)
    flow = engine.submit(command).flow
    assert flow is not None
    while engine.poll(until):
        pass
    return engine.flows[flow.id]


# rule document.keys
def test_a_finished_flow() -> None:
    flow = run(VIBER, SMS, VOICE)
    assert json.loads(render(flow)) == document(flow)
    assert list(document(flow)) == [
        *("trackingId", "messages", "terminationChannel", "status", "statusCode", "totalPrice"),
        *("originatingService", "applicationId", "createdAt", "updatedAt"),
    ]
    whole = document(flow)
    assert (whole["status"], whole["terminationChannel"], whole["statusCode"]) == ("Succeeded", "Voice", None)
    assert (whole["originatingService"], whole["applicationId"]) == ("Failover", "5f9138288b71de3617a87cd3")
    assert whole["createdAt"] == "2030-01-01T12:00:00.44Z"
    assert whole["totalPrice"] == 0.029 + 0.09 + 0.03 == sum(each["price"] for each in whole["messages"])


@pytest.mark.parametrize("until", [START, START + 2_000, START + 5_000, FOREVER])
def test_what_is_written_is_the_document_byte_for_byte(until: int) -> None:
    for steps in ((VIBER, SMS, VOICE), (VOICE, SMS), (SMS,)):
        flow = run(*steps, until=until)
        for application in (flow.application, 'a "shop" of Žofie'):
            told = replace(flow, application=application)
            assert render(told) == orjson.dumps(document(told))


def test_a_viber_message() -> None:
    flow = run(VIBER, SMS, VOICE)
    [viber, *_] = document(flow)["messages"]
    assert viber == {
        "type": "Viber",
        "trackingId": flow.messages[0].id,
        "to": TO,
        "from": sender_name("id"),
        "country": "GR",
        "ttl": 0.5,
        "expireOnDelivery": False,
        "expiredOnDeliveryAt": None,
        "status": {
            "name": "EXPIRED",
            "reason": {
                "detailedStatus": "TTL Expired",
                "description": "The message was not delivered before its time to live ran out.",
            },
            "updatedDate": "2030-01-01T12:00:30.44Z",
        },
        "body": VIBER["message"],
        "label": "v",
        "failoverOnStatuses": ["Expired", "Failed", "Undelivered"],
        "order": 1,
        "inboundUrl": "http://a/in",
        "price": 0.029,
        "createdAt": "2030-01-01T12:00:00.44Z",
    }


# rules document.parts, document.parts-together
def test_an_sms_has_an_entry_for_each_of_its_parts() -> None:
    flow = run(VIBER, SMS, VOICE)
    first, second = document(flow)["messages"][1:3]
    assert (first["part"], second["part"], first["parts"], second["parts"]) == (1, 2, 2, 2)
    assert first["smsId"] != second["smsId"]
    unlike = {"part", "smsId"}
    assert {k: v for k, v in first.items() if k not in unlike} == {k: v for k, v in second.items() if k not in unlike}
    assert list(first) == [
        *("type", "messageId", "smsId", "to", "from", "country", "operator", "ttl", "status", "body", "price"),
        *("label", "order", "part", "parts", "latency", "failoverOnStatuses", "createdAt"),
    ]
    assert (first["body"], first["price"], first["label"], first["latency"]) == ("ж" * 71, 0.045, "s", 0)
    assert first["status"]["name"] == "Undelivered"
    assert first["status"]["updatedDate"].count(":") == 2
    assert "." not in first["status"]["updatedDate"]


# rules document.voice, document.voice-to
def test_a_call() -> None:
    flow = run(VIBER, SMS, VOICE)
    voice = document(flow)["messages"][-1]
    assert list(voice) == [
        *("type", "messageId", "to", "from", "country", "status", "duration", "price", "order"),
        *("failoverOnStatuses", "createdAt"),
    ]
    assert list(voice["status"]) == ["name", "updatedDate"]
    assert 8 <= voice["duration"] <= 40
    assert voice["to"] == TO


# rules document.voice-to, document.paid
def test_a_call_that_is_going_on_has_no_duration_and_no_price_yet() -> None:
    flow = run(VOICE | {"to": "+306900000000"})
    going_on = replace(flow, messages=(replace(flow.messages[0], status="InProgress"),))
    [voice] = document(going_on)["messages"]
    assert (voice["duration"], voice["price"]) == (0, 0)


# rule document.no-status
def test_a_step_that_was_not_heard_of_has_no_message() -> None:
    flow = run(SMS, until=START - 1)
    assert len(flow.messages) == 1
    assert document(flow) == {
        "trackingId": flow.id,
        "messages": [],
        "terminationChannel": None,
        "status": "Queued",
        "statusCode": None,
        "totalPrice": 0,
        "originatingService": "Failover",
        "applicationId": "5f9138288b71de3617a87cd3",
        "createdAt": "2030-01-01T12:00:00.44Z",
        "updatedAt": "2030-01-01T12:00:00.44Z",
    }


# rule document.latency
def test_a_delivered_sms_has_its_latency_and_a_queued_one_no_reason() -> None:
    flow = run(SMS | {"to": "+306900000000"})
    sms = document(flow)["messages"][0]
    assert sms["latency"] == ((flow.messages[0].updated or 0) - START) // 1_000 > 0
    assert sms["status"]["reason"]["detailedStatus"] == "Delivered"
    queued = document(run(SMS, until=START))["messages"][0]
    assert (queued["status"]["name"], queued["status"]["reason"]) == ("Queued", None)


def test_expired_on_delivery_is_dated() -> None:
    flow = run(VIBER | {"to": "+306900000000", "expireOnDelivery": True})
    [viber] = document(flow)["messages"]
    assert (viber["status"]["name"], viber["expiredOnDeliveryAt"]) == ("EXPIRED", "2030-01-01T12:00:30.44Z")
    assert (flow.status, flow.code) == (FlowStatus.FAILED, "2")


def test_what_was_not_given_is_left_out() -> None:
    bare = {"type": "Viber", "to": "+80012345678", "senderInfoTrackingId": "id", "message": {"text": "hello"}}
    [viber] = document(run(bare))["messages"]
    assert not {"label", "inboundUrl", "country"} & viber.keys()
    assert None not in viber.values() or [k for k, v in viber.items() if v is None] == ["expiredOnDeliveryAt"]


def test_the_reply() -> None:
    flow = run(SMS, VOICE)
    said = json.loads(reply(flow))
    assert list(said) == ["trackingId", "flow", "callback", "restrictions", "createdAt"]
    assert said["callback"] == {"strategy": "OnCompletion", "url": "http://a/"}
    assert said["restrictions"] == {"a": 1}
    assert [step["order"] for step in said["flow"]] == [1, 2]
    plain = json.loads(reply(replace(flow, callback=None, restrictions=None)))
    assert list(plain) == ["trackingId", "flow", "createdAt"]
    stepwise = json.loads(reply(replace(flow, callback=Callback(Strategy.ON_STEP, "http://b/"))))
    assert stepwise["callback"]["strategy"] == "OnStep"


def test_the_reply_to_a_transactional_send_says_its_kind() -> None:
    said = json.loads(reply(replace(run(SMS), kind=FlowKind.TRANSACTIONAL)))
    assert said["flowKind"] == "transactional"
    assert list(said)[-2:] == ["flowKind", "createdAt"]


def test_a_viber_message_has_its_keys_in_order() -> None:
    [viber, *_] = document(run(VIBER, SMS))["messages"]
    assert list(viber) == [
        *("type", "trackingId", "to", "from", "country", "ttl", "expireOnDelivery", "expiredOnDeliveryAt"),
        *("status", "body", "label", "failoverOnStatuses", "order", "inboundUrl", "price", "createdAt"),
    ]
    assert list(viber["status"]) == ["name", "reason", "updatedDate"]


# rules statuses.reasons, statuses.descriptions
@pytest.mark.parametrize(
    ("channel", "reason"), [(channel, reason) for channel in Channel for reason in RULES[channel].reasons]
)
def test_every_reason_is_described(channel: Channel, reason: str) -> None:
    flow = run(VIBER if channel is Channel.VIBER else SMS)
    told = replace(flow, messages=(replace(flow.messages[0], reason=reason),))
    assert document(told)["messages"][0]["status"]["reason"] == {
        "detailedStatus": reason,
        "description": RULES[channel].reasons[reason],
    }


@given(st.integers(0, 10_000_000), st.integers(1, 9))
def test_prices_carry_no_noise(price: int, parts: int) -> None:
    ids = tuple(map(str, range(parts)))
    step = Step(Channel.SMS, TO, frozenset(), parts=parts, price=price)
    message = Message("m", START, part_ids=ids, status="Sent", updated=START)
    flow = Flow("f", 1, "a", (step,), START, START, messages=(message,))
    told = json.loads(render(flow), parse_float=Decimal, parse_int=Decimal)
    assert [each["price"] for each in told["messages"]] == [Decimal(price) / 10_000] * parts
    assert told["totalPrice"] == Decimal(price * parts) / 10_000


# rules account.balance, account.euro
@pytest.mark.parametrize(("balance", "says"), [(0, 0), (905, 0.0905), (20_000, 2), (None, 1_000_000)])
def test_the_balance(balance: int | None, says: float) -> None:
    assert json.loads(balance_document(balance)) == {
        "balance": says,
        "currency": {"code": "EUR", "name": "Euro", "sign": "€"},
    }


# rule document.viber-from
@given(st.text(min_size=1), st.text(min_size=1))
def test_a_senders_name_is_stable_and_never_its_id(one: str, other: str) -> None:
    assert sender_name(one) == sender_name(one) != one
    assert (sender_name(one) == sender_name(other)) == (one == other)
