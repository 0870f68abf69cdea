"""What a dialect has read and echoed otherwise, and that it changes nothing else."""

import json
from typing import Any

import orjson
import pytest

from mockserver.core.commands import SendFlow
from mockserver.core.dialect import DEFAULT, Dialect
from mockserver.core.step import FlowKind, Strategy
from mockserver.wire.errors import Refusal
from mockserver.wire.routee.requests import read_send
from tests.dialects import altered
from tests.http.mocks import Json, sms, viber, voice

HOOK = "http://shop.test/hook"


def read(*steps: Json, dialect: Dialect = DEFAULT, kind: FlowKind = FlowKind.FAILOVER, **body: Any) -> SendFlow:
    return read_send(json.dumps({"flow": list(steps)} | body).encode(), "app", kind=kind, dialect=dialect)


def echo(step: Json, dialect: Dialect = DEFAULT) -> Json:
    fields: Json = orjson.loads(read(step, dialect=dialect).steps[0].asked)
    return fields


def wrong(*steps: Json, dialect: Dialect = DEFAULT, kind: FlowKind = FlowKind.FAILOVER, **body: Any) -> Json:
    with pytest.raises(Refusal) as refused:
        read(*steps, dialect=dialect, kind=kind, **body)
    return dict(refused.value.body["properties"])


def without(step: Json, name: str) -> Json:
    return {key: value for key, value in step.items() if key != name}


@pytest.mark.parametrize("dialect", altered())
def test_a_send_in_which_no_switch_matters_is_read_as_by_default(dialect: Dialect) -> None:
    callback = {"strategy": "OnStep", "url": HOOK}
    sent = read(viber(ttl=0.5), sms(ttl=10), dialect=dialect, callback=callback, restrictions={"a": 1})
    assert sent == read(viber(ttl=0.5), sms(ttl=10), callback=callback, restrictions={"a": 1})


@pytest.mark.parametrize("dialect", altered())
def test_what_is_wrong_by_default_stays_wrong_where_no_switch_matters(dialect: Dialect) -> None:
    assert wrong(sms(to="nobody", ttl=-1), dialect=dialect) == wrong(sms(to="nobody", ttl=-1))


# rule send.type-echo
def test_the_type_is_echoed_as_it_was_sent() -> None:
    asked = sms() | {"type": " SMS"}
    assert (echo(asked)["type"], echo(asked, Dialect(type_echo="as-sent"))["type"]) == ("Sms", "SMS")


# rule send.viber-ttl-echo
@pytest.mark.parametrize("more", [{}, {"ttl": 10}, {"ttl": 10.0}])
def test_a_whole_ttl_of_viber_is_echoed_with_a_decimal(more: Json) -> None:
    decimal = read(viber(**more), dialect=Dialect(viber_ttl_echo="decimal")).steps[0]
    assert b'"ttl":10.0,' in decimal.asked
    assert b'"ttl":10,' in read(viber(**more)).steps[0].asked
    assert decimal.ttl == 600_000
    assert echo(sms(ttl=10), Dialect(viber_ttl_echo="decimal")) == echo(sms(ttl=10))


# rule send.dial-plan-echo, send.dial-plan
@pytest.mark.parametrize("name", ["dialPlan", "dialplan", "dialPlans"])
def test_a_dial_plan_is_echoed_under_its_own_name(name: str) -> None:
    asked = without(voice(), "dialPlan") | {name: voice()["dialPlan"]}
    default, own = echo(asked), echo(asked, Dialect(dial_plan_echo="as-sent"))
    assert own == {name if key == "dialPlans" else key: value for key, value in default.items()}
    assert list(own) == [name if key == "dialPlans" else key for key in default]
    assert read(asked, dialect=Dialect(dial_plan_echo="as-sent")).steps[0].text == "hello"


# rule send.empty-triggers
@pytest.mark.parametrize("empty", [[], ",", " , ,"])
def test_no_status_needs_to_be_a_trigger(empty: Any) -> None:
    asked, dialect = sms(failoverOnStatuses=empty), Dialect(empty_triggers="none")
    assert read(asked).steps[0].triggers == {"Undelivered", "Failed"}
    assert read(asked, dialect=dialect).steps[0].triggers == frozenset()
    assert echo(asked, dialect)["failoverOnStatuses"] == []
    assert read(sms(), dialect=dialect).steps[0].triggers == {"Undelivered", "Failed"}


# rule send.duplicate-orders
def test_orders_can_have_to_differ() -> None:
    steps = (sms(order=2), viber(), sms(order=2))
    assert len(read(*steps).steps) == 3
    text = "is 2, as in another step; each step must have its own"
    assert wrong(*steps, dialect=Dialect(duplicate_orders="refused")) == {"flow[1].order": text, "flow[2].order": text}


# rule send.blank-fields
@pytest.mark.parametrize(
    ("more", "place"),
    [({"ttl": 0}, "ttl"), ({"order": 0}, "order"), ({"message": {"body": "a", "flash": ""}}, "message.flash")],
)
def test_a_blank_can_be_a_value(more: Json, place: str) -> None:
    dialect = Dialect(blank_fields="as-sent")
    read(sms(**more))
    assert list(wrong(sms(**more), dialect=dialect)) == [f"flow[0].{place}"]
    assert read(sms(ttl=None, message={"body": "a", "label": None}), dialect=dialect) == read(
        sms(message={"body": "a"})
    )


def test_blanks_that_are_values_are_so_everywhere() -> None:
    dialect = Dialect(blank_fields="as-sent")
    assert echo(sms(message={"body": "a", "label": ""}), dialect)["message"]["label"] == ""
    assert list(wrong(sms(dialPlan={}), dialect=dialect)) == ["flow[0].dialPlan"]
    assert list(wrong(sms(), callback={"strategy": "", "url": ""}, dialect=dialect)) == [
        "callback.strategy",
        "callback.url",
    ]
    assert list(wrong(sms(), restrictions="", dialect=dialect)) == ["restrictions"]
    assert read(sms(), restrictions={}, dialect=dialect).restrictions == b"{}"
    assert read(sms(dialPlan=None), callback=None, restrictions=None, dialect=dialect) == read(sms())


# rule send.foreign-fields, send.no-template, templates.no-message
def test_a_field_of_another_channel_can_be_ignored() -> None:
    dialect, template = Dialect(foreign_fields="ignored"), {"templateId": "a", "templateLang": "el"}
    more: Json = {"dialPlan": 5, "senderInfoTrackingId": "x", "message": {"body": "hello", "imageUrl": "x"}}
    assert list(wrong(sms(**more))) == ["flow[0].dialPlan", "flow[0].senderInfoTrackingId", "flow[0].message.imageUrl"]
    assert read(sms(**more), dialect=dialect) == read(sms())
    assert read(viber(**{"from": "Shop"}), dialect=dialect) == read(viber())
    for step in (sms(templateId="a"), viber(templateId="a")):
        assert list(wrong(step, dialect=dialect)) == ["flow[0].templateId"]
    asked = without(viber(), "message") | template
    for name in ("label", "message"):
        assert list(wrong(asked | {name: viber()["message"]}, dialect=dialect, kind=FlowKind.TRANSACTIONAL)) == [
            f"flow[0].{name}"
        ]


def test_strict_fields_refuse_them_all_the_same() -> None:
    body = json.dumps({"flow": [sms(dialPlan=5)]}).encode()
    with pytest.raises(Refusal):
        read_send(body, "app", strict=True, dialect=Dialect(foreign_fields="ignored"))


# rule send.default-strategy
def test_a_callback_without_a_strategy_can_be_on_every_step() -> None:
    dialect = Dialect(default_strategy="OnStep")
    asked = [read(sms(), callback={"url": HOOK} | more, dialect=dialect).callback for more in ({}, {"strategy": ""})]
    assert [each and each.strategy for each in asked] == [Strategy.ON_STEP] * 2
    own = read(sms(), callback={"url": HOOK, "strategy": "oncompletion"}, dialect=dialect).callback
    assert own is not None
    assert own.strategy is Strategy.ON_COMPLETION


# rule send.strategy-without-url
@pytest.mark.parametrize("callback", [{"strategy": "OnStep"}, {"strategy": "OnStep", "url": ""}])
def test_a_strategy_without_a_url_can_be_no_callback(callback: Json) -> None:
    assert list(wrong(sms(), callback=callback)) == ["callback.url"]
    assert read(sms(), callback=callback, dialect=Dialect(strategy_without_url="ignored")).callback is None
