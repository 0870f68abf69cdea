"""Stories: durations as people write them, sends without what goes without saying, and rehearsals that go astray."""

from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.channels import Channel
from mockserver.core.step import FlowKind
from mockserver.wire.code import rehearsal, sends
from mockserver.wire.code.story import Advance, Next, Story, ToTtl, UntilFinal, UntilIdle, spelled
from mockserver.wire.instants import read_duration
from mockserver.wire.routee.requests import read_send
from tests.http.mocks import sms, viber, voice

SMS = Story(
    kind=FlowKind.FAILOVER,
    body={"flow": [sms()]},
    strategy="OnStep",
    to="+306900000000",
    plan=((Channel.SMS, "delivered"),),
    deeds=(UntilFinal(),),
    heard=("Sms Queued", "Sms Sent", "Sms Delivered"),
    status="Succeeded",
    termination=Channel.SMS,
)


@given(st.integers(0, 10**12))
def test_a_duration_is_read_back_as_it_was(milliseconds: int) -> None:
    assert read_duration(spelled(milliseconds)) == milliseconds


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        *((0, "0s"), (1, "1ms"), (999, "999ms"), (1_500, "1.5s"), (60_000, "1m"), (600_000, "10m"), (61_500, "1m1.5s")),
        *((86_400_000, "1d"), (90_061_001, "1d1h1m1.001s"), (3_600_000, "1h")),
    ],
)
def test_a_duration_is_as_short_as_people_write_it(milliseconds: int, text: str) -> None:
    assert spelled(milliseconds) == text


def test_a_story_holds_if_it_leads_to_the_same() -> None:
    assert rehearsal.holds(SMS)
    assert rehearsal.holds(replace(SMS, strategy=None, deeds=(UntilIdle(),)))
    assert rehearsal.holds(replace(SMS, deeds=(Next(), Next(), Next())))


@pytest.mark.parametrize(
    "change",
    [
        {"plan": ((Channel.SMS, "failed"),)},
        {"plan": ((Channel.SMS, "nonsense"),)},
        {"plan": ((Channel.SMS, "by hand"),)},
        {"heard": ("Sms Queued",)},
        {"status": "Failed"},
        {"deeds": ()},
        {"deeds": (Advance(-1),)},
        {"deeds": (Next(),) * 9},
        {"deeds": (UntilFinal(), ToTtl("after"))},
        {"deeds": (Advance(2_500),)},
    ],
)
def test_a_story_that_leads_elsewhere_or_to_nothing_does_not_hold(change: dict[str, Any]) -> None:
    assert not rehearsal.holds(replace(SMS, **change))


def test_a_story_with_too_many_events_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsal, "PATIENCE", 2)
    assert not rehearsal.holds(SMS)


@pytest.mark.parametrize(
    "body",
    [
        {"flow": [viber(ttl=5, expireOnDelivery=True), sms(), voice()]},
        {"flow": [sms(order=20), sms(order=10)]},
        {"flow": [sms(failoverOnStatuses=["Failed"], message={"body": "x", "flash": True, "label": "y"})]},
        {"flow": [voice({"phone": "+306900000000", "sip": "sip:a@example.com"})], "restrictions": {"a": [1, {"b": 2}]}},
    ],
)
def test_a_plain_send_is_the_same_and_can_lose_nothing_more(body: dict[str, Any]) -> None:
    whole = read_send(orjson.dumps(body), "app")
    echo: Any = {"flow": [orjson.loads(step.asked) for step in whole.steps]}
    echo |= {"restrictions": body["restrictions"]} if "restrictions" in body else {}
    plain = sends.plain(echo, FlowKind.FAILOVER)
    again = read_send(orjson.dumps(plain), "app")
    assert [orjson.loads(step.asked) for step in again.steps] == echo["flow"]
    assert len(orjson.dumps(plain)) <= len(orjson.dumps(echo))
    assert plain == sends.plain(plain, FlowKind.FAILOVER)
    assert plain.get("restrictions") == body.get("restrictions")


def test_a_send_with_very_many_fields_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    body = {"flow": [sms(ttl=1_200)]}
    assert sends.plain(body, FlowKind.FAILOVER) == {"flow": [sms()]}
    monkeypatch.setattr(sends, "MOST", 2)
    assert sends.plain(body, FlowKind.FAILOVER) == body


def test_steps_of_one_channel_are_planned_one_by_one() -> None:
    plan = ((Channel.SMS, "failed"), (Channel.SMS, "delivered"))
    assert rehearsal.scenario(plan, None) == {
        "name": "as-it-was",
        "when": {"to": "*"},
        "steps": [{"sms": "failed"}, {"sms": "delivered"}],
    }
