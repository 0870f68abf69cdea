"""POST /failover/transactional: as /failover, but that a Viber step is a template."""

import json
from typing import Any

import pytest

from mockserver.core.behaviour import Behaviour
from mockserver.core.channels import Channel
from mockserver.core.commands import SendFlow
from mockserver.core.engine import Engine
from mockserver.core.step import FlowKind
from mockserver.core.values import replace
from mockserver.wire.errors import Refusal
from mockserver.wire.routee.document import document, reply
from mockserver.wire.routee.search import Search, read_search
from tests.core.worlds import FOREVER
from tests.wire.routee.reading import page_document, read_send

TO = "+306900000000"
TEMPLATE: dict[str, Any] = {
    "type": "Viber",
    "to": TO,
    "senderInfoTrackingId": "id",
    "templateId": "t1",
    "templateLang": "el",
}
SMS: dict[str, Any] = {"type": "Sms", "to": TO, "from": "Sender", "message": {"body": "hello"}}


def read(*steps: dict[str, Any], **options: Any) -> SendFlow:
    return read_send(json.dumps({"flow": steps}).encode(), "app", kind=FlowKind.TRANSACTIONAL, **options)


def wrong(*steps: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(Refusal) as caught:
        read(*steps)
    return dict(caught.value.body["properties"])


# rules templates.step, templates.seq, templates.seq-number
def test_a_template_is_echoed_with_its_defaults() -> None:
    [step] = read(TEMPLATE).steps
    assert json.loads(step.asked) == TEMPLATE | {
        "order": 1,
        "failoverOnStatuses": ["Expired", "Failed", "Undelivered"],
        "ttl": 10,
        "expireOnDelivery": False,
        "templateParams": {},
        "deliveryScope": "PRIMARY_DEVICE",
        "seq": None,
    }
    assert (step.channel, step.ttl) == (Channel.VIBER, 600_000)
    assert step.price > 0


# rule templates.params
def test_what_fills_a_template_is_the_callers_own_blank_or_not() -> None:
    more = {
        "templateParams": {"name": "", "count": 0, "ok": False, "none": None},
        "deliveryScope": "ALL_DEVICES",
        "seq": 7,
    }
    [step] = read(TEMPLATE | more).steps
    asked = json.loads(step.asked)
    assert {name: asked[name] for name in more} == more


# rules templates.step, templates.no-message
@pytest.mark.parametrize(
    ("step", "paths"),
    [
        ({"type": "Viber", "to": TO, "senderInfoTrackingId": "id"}, {"templateId", "templateLang"}),
        (TEMPLATE | {"message": {"text": "hello"}, "label": "l"}, {"message", "label"}),
        (
            TEMPLATE | {"templateParams": ["x"], "deliveryScope": "EVERYWHERE", "seq": "x"},
            {"templateParams", "deliveryScope", "seq"},
        ),
        (SMS | {"templateId": "t"}, {"templateId"}),
        (TEMPLATE | {"from": "me"}, {"from"}),
    ],
)
def test_what_is_wrong_is_named(step: dict[str, Any], paths: set[str]) -> None:
    assert {path.removeprefix("flow[0].") for path in wrong(step)} == paths


def test_blank_messages_and_labels_are_passed_over() -> None:
    assert read(TEMPLATE | {"message": {"text": ""}, "label": ""}) == read(TEMPLATE)
    assert read(SMS | {"templateId": "", "templateParams": {}}).steps[0].channel is Channel.SMS


# rules templates.reply, templates.search, templates.filter, templates.document
def test_the_reply_says_the_kind_of_flow_and_the_document_shows_the_template() -> None:
    engine = Engine(Behaviour(), 0)
    sent = engine.submit(read(TEMPLATE, SMS)).flow
    assert sent is not None
    assert json.loads(reply(sent))["flowKind"] == "transactional"
    while engine.poll(FOREVER):
        pass
    flow = engine.flows[sent.id]
    assert document(flow)["messages"][0]["body"] == {"templateId": "t1", "templateLang": "el", "templateParams": {}}
    by_kind = read_search({}, b'{"fieldName":"flowKind","searchTerm":"Transactional"}')
    assert page_document(by_kind, [flow, replace(flow, kind=FlowKind.FAILOVER)])["totalElements"] == 1
    assert page_document(Search(), [flow])["totalElements"] == 1
