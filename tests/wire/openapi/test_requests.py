"""The document of Routee's API takes what the mock takes, and refuses what it refuses, as far as a schema can."""

import json
from typing import Any

import pytest
from hypothesis.strategies import SearchStrategy

from mockserver.strategies import MISTAKES, Mistake, flows, mistakes, transactional_flows
from mockserver.wire.errors import Refusal
from mockserver.wire.openapi.rules import or_blank
from mockserver.wire.routee.careful import read_carefully
from mockserver.wire.routee.channels.viber import SENDER
from tests.wire.openapi.documents import DOCUMENTS, Json, drawn, validator
from tests.wire.routee.test_requests import ACTION, SAY, SMS, TEXT, VIBER, VOICE

SCHEMAS = {"/failover": "Send", "/failover/transactional": "SendTemplates"}

BEYOND = (
    "holds NUL",
    "has no calling code",
    "has two decimal places",
    "is no URL",
    "nests too deep",
    "differs from dialPlan",
)
"""The mistakes, by the end of their names, that no schema can tell."""


@pytest.mark.parametrize(
    ("path", "bodies"), [("/failover", flows()), ("/failover/transactional", transactional_flows())]
)
def test_it_takes_every_flow(path: str, bodies: SearchStrategy[Json]) -> None:
    for body in drawn(bodies, 150):
        validator("routee", SCHEMAS[path]).validate(body)


def test_it_refuses_every_mistake_that_a_schema_can_tell() -> None:
    unseen = [name for name in MISTAKES if not any(map(_refuses, drawn(mistakes(name), 1)))]
    assert [name for name in unseen if not name.endswith(BEYOND)] == []


def _refuses(mistake: Mistake) -> bool:
    return mistake.body is None or not validator("routee", SCHEMAS[mistake.path]).is_valid(mistake.body)


def step(base: Json, **fields: Any) -> Json:
    return {"flow": [base | fields]}


_NO_ACTION = {"action": {"caption": "", "targetUrl": ""}}
_NO_VIDEO = {"viberVideo": {"videoUrl": "", "videoThumbnail": "", "fileSize": 0, "duration": 0}}
_PLAN = {"verbs": [SAY]}
_UNPLANNED = {name: value for name, value in VOICE.items() if name != "dialPlan"}
_EVERY_FIELD: Json = {
    "type": "Viber",
    "to": VIBER["to"],
    "from": "",
    "senderInfoTrackingId": "id",
    "message": {"body": "", "flash": False, "text": "hello", "imageUrl": ""} | _NO_ACTION | _NO_VIDEO,
    "inboundUrl": "",
    "expireOnDelivery": False,
    "label": "",
    "ttl": 0,
    "order": 0,
    "failoverOnStatuses": [],
    "dialPlan": None,
    "urlShortener": {"urlValidity": 0},
}
"""What a widely copied client sends: every field of every channel, blank where it is unused."""


@pytest.mark.parametrize(
    "body",
    [
        {"flow": [_EVERY_FIELD], "callback": {"strategy": "", "url": ""}, "restrictions": None},
        *(step(SMS, type=kind) for kind in ("sms", "SMS", " sMs ")),
        *(step(_UNPLANNED, **{name: _PLAN}) for name in ("dialPlan", "dialplan", "dialPlans")),
        step(VOICE, to={"phone": VOICE["to"], "viber": "", "sip": ""}),
        step(VOICE, to="306900000000", ttl="whatever", machineDetection={"strategy": "", "eventUrl": ""}),
        *(step(SMS, failoverOnStatuses=each) for each in (["FAILED"], "failed , Undelivered,", "", " , ,", None)),
        *(step(VIBER, ttl=each) for each in (0.5, 10.1, 0, None, 1440)),
        step(SMS, ttl=5.0, order=None, colour="red"),
        step(VIBER, message=TEXT | ACTION | {"imageUrl": None}, label=None),
        step(SMS) | {"callback": {"url": "HTTP://a/", "strategy": "ONSTEP"}},
        step(SMS) | {"callback": None, "restrictions": {"a": [1, {"b": None}]}},
        step(VOICE, dialPlan={"verbs": [{"type": "PLAY", "fileURL": "http://a/b.mp3", "repeat": -1}]}),
        step(VOICE, dialPlan={"verbs": [SAY | {"message": {"text": "x", "language": "", "gender": None}}]}),
    ],
)
def test_it_takes_what_is_written_in_other_ways(body: Json) -> None:
    validator("routee", "Send").validate(body)
    taken(body)


@pytest.mark.parametrize(
    "body",
    [
        step(VIBER, **{"from": "Shop"}),
        step(SMS, senderInfoTrackingId="id"),
        step(SMS, message={"body": "x", "text": "y"}),
        step(VIBER, message=TEXT | {"imageUrl": "https://a/b"}),
        step(VIBER, message=TEXT | {"action": {"caption": "Go", "targetUrl": ""}}),
        step(VOICE, machineDetection={"strategy": "Hangup", "eventUrl": "http://a/"}),
        step(VOICE, to={"phone": "", "sip": ""}),
        step(_UNPLANNED),
        step(_UNPLANNED, dialplan={"verbs": []}),
        step(SMS) | {"callback": {"strategy": "OnStep", "url": ""}},
        step(SMS, failoverOnStatuses="Busy"),
        step(VIBER, ttl=0.4),
        {"flow": []},
    ],
)
def test_it_refuses_what_does_not_go_together(body: Json) -> None:
    assert not validator("routee", "Send").is_valid(body)
    with pytest.raises(Refusal):
        taken(body)


def taken(body: Json) -> None:
    read_carefully(json.dumps(body).encode(), "app")


def test_it_says_what_names_the_sender_of_a_viber_message() -> None:
    schemas = DOCUMENTS["routee"]["components"]["schemas"]
    for name in ("ViberStep", "TemplateStep"):
        told = schemas[name]["properties"]["senderInfoTrackingId"]["description"]
        assert "names the sender of a Viber message" in told
        assert SENDER["from"] in str(schemas[name])


@pytest.mark.parametrize(
    ("schema", "loose"),
    [
        ({"type": "string", "maxLength": 5}, {"type": ["string", "null"], "maxLength": 5}),
        ({"type": "string", "pattern": "^a"}, {"type": ["string", "null"], "pattern": r"^\s*$|^a"}),
        ({"type": "string", "minLength": 1, "pattern": r"\S"}, {"type": ["string", "null"]}),
        ({"type": "integer", "minimum": 1}, {"type": ["integer", "null"], "minimum": 0}),
        ({"type": "integer", "minimum": -1}, {"type": ["integer", "null"], "minimum": -1}),
        ({"type": "number", "exclusiveMinimum": 0}, {"type": ["number", "null"], "minimum": 0}),
        ({"$ref": "#/a", "default": 1}, {"anyOf": [{"$ref": "#/a"}, {"type": "null"}], "default": 1}),
        (
            {"type": "string", "enum": ["a"]},
            {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "string", "const": ""}, {"type": "null"}]},
        ),
        ({}, {}),
    ],
)
def test_a_field_may_be_blank_in_the_way_of_its_type(schema: Json, loose: Json) -> None:
    assert or_blank(schema) == loose
