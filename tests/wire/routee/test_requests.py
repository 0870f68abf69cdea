"""POST /failover: what is taken, how it is echoed, and what is said of everything wrong."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.channels import RULES, Channel
from mockserver.core.commands import SendFlow
from mockserver.core.step import Callback, FlowKind, Strategy
from mockserver.wire.errors import Refusal
from tests.wire.routee.reading import read_send

Json = dict[str, Any]

TO = "+306900000000"
SMS: Json = {"type": "Sms", "to": TO, "from": "Sender", "message": {"body": "hello"}}
VIBER: Json = {"type": "Viber", "to": TO, "senderInfoTrackingId": "id", "message": {"text": "hello"}}
SAY: Json = {"type": "SAY", "message": {"text": "hello", "language": "en-GB"}}
VOICE: Json = {"type": "Voice", "to": TO, "from": "Sender", "dialPlan": {"verbs": [SAY]}}
CHANNELS = {"Sms": SMS, "Viber": VIBER, "Voice": VOICE}

IMAGE = {"imageUrl": "https://example.com/i.jpg"}
ACTION = {"action": {"caption": "Go", "targetUrl": "https://example.com"}}
FILE = {"viberFile": {"fileName": "a.pdf", "fileType": "pdf", "fileUrl": "https://example.com/a.pdf"}}
VIDEO = {
    "viberVideo": {
        "videoUrl": "https://example.com/v.mp4",
        "videoThumbnail": "https://example.com/v.jpg",
        "fileSize": 1_000,
        "duration": 60,
    }
}
TEXT = {"text": "hello"}


def read(*steps: Json, **more: Any) -> SendFlow:
    options = {name: more.pop(name) for name in ("strict", "transcode") if name in more}
    return read_send(json.dumps({"flow": list(steps), **more}).encode(), "app", **options)


def echo(step: Json, **options: Any) -> Json:
    [only] = read(step, **options).steps
    return dict(json.loads(only.asked))


def wrong(*steps: Any, **more: Any) -> Json:
    with pytest.raises(Refusal) as caught:
        read(*steps, **more)
    body = caught.value.body
    assert caught.value.status == 400
    assert list(body) == ["code", "developerMessage", "entity", "properties"]
    assert (body["code"], body["developerMessage"]) == ("400000000", "Validation Error!")
    return dict(body["properties"])


def wrong_step(base: Json, **fields: Any) -> Json:
    return {path.removeprefix("flow[0]").removeprefix("."): text for path, text in wrong(base | fields).items()}


# What is taken


def test_an_sms_is_echoed_with_its_defaults() -> None:
    assert echo(SMS) == {
        "type": "Sms",
        "to": TO,
        "from": "Sender",
        "order": 1,
        "failoverOnStatuses": ["Undelivered", "Failed"],
        "ttl": 1200,
        "message": {"body": "hello", "flash": False},
    }


def test_a_viber_message_is_echoed_with_its_defaults() -> None:
    assert echo(VIBER) == {
        "type": "Viber",
        "to": TO,
        "order": 1,
        "failoverOnStatuses": ["Expired", "Failed", "Undelivered"],
        "ttl": 10,
        "expireOnDelivery": False,
        "senderInfoTrackingId": "id",
        "message": {"text": "hello"},
    }


def test_a_call_is_echoed_with_its_defaults() -> None:
    assert echo(VOICE) == {
        "type": "Voice",
        "to": TO,
        "from": "Sender",
        "order": 1,
        "failoverOnStatuses": ["Busy", "NoAnswer"],
        "dialPlans": {"verbs": [SAY | {"bargeIn": False}]},
    }


# rules send.voice-to-echo, send.duplicate-orders
def test_routees_own_sample_is_taken_and_runs_by_order_and_position() -> None:
    play = {"type": "PLAY", "fileURL": "http://example.com/hello.mp3", "repeat": 2}
    voice = VOICE | {
        "to": {"phone": TO, "viber": "", "sip": ""},
        "dialPlan": {"verbs": [play, SAY]},
        "order": 2,
    }
    command = read(SMS | {"order": 1}, voice, VIBER | {"order": 2})
    assert [step.channel for step in command.steps] == ["Sms", "Voice", "Viber"]
    asked = json.loads(command.steps[1].asked)
    assert asked["to"] == {"phone": TO}
    assert asked["dialPlans"]["verbs"][0] == play | {"bargeIn": False}


# rule send.order
def test_steps_run_by_ascending_order_and_those_without_stand_at_their_position() -> None:
    command = read(SMS | {"order": 3}, VIBER, VOICE | {"order": 1})
    assert [(step.channel, json.loads(step.asked)["order"]) for step in command.steps] == [
        ("Voice", 1),
        ("Viber", 2),
        ("Sms", 3),
    ]


# rules send.dial-plan, send.dial-plan-echo
@pytest.mark.parametrize("spelling", ["dialPlan", "dialplan", "dialPlans"])
def test_every_spelling_of_the_dial_plan(spelling: str) -> None:
    plan = VOICE["dialPlan"]
    step = {name: value for name, value in VOICE.items() if name != "dialPlan"} | {spelling: plan}
    assert echo(step) == echo(VOICE)
    assert echo(step | {"dialPlan": {}, "dialplan": {"verbs": []}, "dialPlans": None, spelling: plan}) == echo(VOICE)
    bad = wrong(step | {spelling: {"verbs": [{"type": "SAY"}]}})
    assert list(bad) == [f"flow[0].{spelling}.verbs[0].message"]


# rule send.two-dial-plans
def test_two_different_dial_plans_are_one_too_many() -> None:
    bad = wrong_step(VOICE, dialPlans={"verbs": [SAY, SAY]})
    assert bad == {"dialPlans": "says something else than dialPlan; send one of them"}
    assert echo(VOICE | {"dialPlans": VOICE["dialPlan"]}) == echo(VOICE)


# rules send.type-case, send.type-echo
@pytest.mark.parametrize("kind", ["sms", "SMS", "Sms", " sMs "])
def test_the_type_in_any_case(kind: str) -> None:
    assert echo(SMS | {"type": kind})["type"] == "Sms"


# rule send.plus
@pytest.mark.parametrize("name", CHANNELS)
def test_a_plus_is_optional_and_always_echoed(name: str) -> None:
    assert echo(CHANNELS[name] | {"to": TO[1:]})["to"] == TO


# rules send.voice-to, send.sip-address
def test_a_call_goes_to_phone_viber_or_sip() -> None:
    for to, reached in (
        ({"phone": TO[1:]}, TO),
        ({"viber": TO}, TO),
        ({"sip": "sip:me@example.com"}, "sip:me@example.com"),
        ({"phone": "", "viber": "", "sip": "me@example.com"}, "me@example.com"),
    ):
        [step] = read(VOICE | {"to": to}).steps
        assert step.to == reached


# rules send.triggers, send.default-triggers, send.empty-triggers
@pytest.mark.parametrize(
    ("given_statuses", "echoed", "triggers"),
    [
        (["FAILED"], ["FAILED"], {"Failed"}),
        ("failed , Undelivered,", ["failed", "Undelivered"], {"Failed", "Undelivered"}),
        ([], ["Undelivered", "Failed"], {"Undelivered", "Failed"}),
        ("", ["Undelivered", "Failed"], {"Undelivered", "Failed"}),
        (None, ["Undelivered", "Failed"], {"Undelivered", "Failed"}),
        ([" failed "], ["failed"], {"Failed"}),
        (" , ,", ["Undelivered", "Failed"], {"Undelivered", "Failed"}),
    ],
)
def test_failover_on_statuses(given_statuses: Any, echoed: list[str], triggers: set[str]) -> None:
    step = SMS | {"failoverOnStatuses": given_statuses}
    assert echo(step)["failoverOnStatuses"] == echoed
    assert read(step).steps[0].triggers == triggers


# rules send.trigger-statuses, send.other-triggers
@pytest.mark.parametrize("name", CHANNELS)
def test_every_documented_trigger_is_taken_and_every_other_is_not(name: str) -> None:
    channel = Channel(name)
    for status in RULES[channel].triggers:
        assert echo(CHANNELS[name] | {"failoverOnStatuses": [status]})["failoverOnStatuses"] == [status]
    others = {"Expired", "Failed", "Undelivered", "Busy", "Queued", "DELIVERED", "nonsense"}
    for status in others - set(RULES[channel].triggers):
        assert list(wrong_step(CHANNELS[name], failoverOnStatuses=[status])) == ["failoverOnStatuses[0]"]


# rules send.ttl, send.whole-numbers, send.viber-ttl-echo
@pytest.mark.parametrize(
    ("base", "ttl", "echoed", "milliseconds"),
    [
        (SMS, 1, 1, 60_000),
        (SMS, 1440, 1440, 86_400_000),
        (SMS, 5.0, 5, 300_000),
        (SMS, 0, 1200, 72_000_000),
        (VIBER, 0.5, 0.5, 30_000),
        (VIBER, 10.1, 10.1, 606_000),
        (VIBER, 1440, 1440, 86_400_000),
        (VIBER, None, 10, 600_000),
        (VOICE, 99, None, None),
        (VOICE, "whatever", None, None),
    ],
)
def test_ttl(base: Json, ttl: Any, echoed: float | None, milliseconds: int | None) -> None:
    step = base | {"ttl": ttl}
    assert echo(step).get("ttl") == echoed
    assert read(step).steps[0].ttl == milliseconds


# rule send.viber-combinations
@pytest.mark.parametrize(
    "content",
    [
        TEXT,
        IMAGE,
        TEXT | ACTION,
        TEXT | IMAGE | ACTION,
        VIDEO,
        VIDEO | TEXT,
        VIDEO | TEXT | ACTION,
        FILE,
    ],
    ids="+".join,
)
def test_the_contents_viber_takes(content: Json) -> None:
    assert echo(VIBER | {"message": content})["message"] == content


# rules send.viber-combinations, send.some-content
@pytest.mark.parametrize(
    "content",
    [
        {},
        TEXT | IMAGE,
        IMAGE | ACTION,
        VIDEO | ACTION,
        FILE | TEXT,
        FILE | IMAGE,
        FILE | VIDEO,
        ACTION,
        VIDEO | IMAGE,
    ],
    ids="+".join,
)
def test_the_contents_viber_refuses(content: Json) -> None:
    assert list(wrong_step(VIBER, message=content)) == ["message"]


def test_what_the_core_is_told_of_a_step() -> None:
    [sms] = read(SMS | {"message": {"body": "ж" * 71}}).steps
    assert (sms.parts, sms.price, sms.country, sms.to) == (2, 450, "GR", TO)
    [text], [promotional] = read(VIBER).steps, read(VIBER | {"message": IMAGE}).steps
    assert text.price < promotional.price
    [call] = read(VOICE | {"to": {"sip": "a@b"}}).steps
    assert (call.country, call.operator, call.parts) == (None, None, 1)


# rule send.transcode-false
@pytest.mark.parametrize(
    ("wish", "setting", "parts"),
    [(None, True, 1), (None, False, 2), (True, False, 1), (False, True, 2)],
)
def test_transcode_is_the_callers_wish_or_else_the_applications_setting(
    wish: bool | None, setting: bool, parts: int
) -> None:
    step = SMS | {"message": {"body": "Α" * 71, "transcode": wish}}
    assert read(step, transcode=setting).steps[0].parts == parts
    assert echo(step)["message"].get("transcode") is wish


# rules send.sms-message, send.url-shortener, send.machine-detection
def test_everything_a_step_may_hold_is_echoed_where_it_stood() -> None:
    shortener = {"urlValidity": 3_600}
    sms = echo(
        SMS
        | {
            "message": {"body": "x", "flash": True, "label": "l", "urlShortener": shortener},
            "urlShortener": shortener,
        }
    )
    assert sms["message"] == {"body": "x", "flash": True, "label": "l", "urlShortener": shortener}
    assert sms["urlShortener"] == shortener
    viber = {"label": "l", "inboundUrl": "http://example.com/in", "expireOnDelivery": True}
    assert viber.items() <= echo(VIBER | viber).items()
    assert read(VIBER | viber).steps[0].expire_on_delivery
    voice = {"machineDetection": {"strategy": "Continue", "eventUrl": "http://example.com/e"}}
    assert voice.items() <= echo(VOICE | voice).items()


# Callback and restrictions


# rules send.strategy-case, send.default-strategy
@pytest.mark.parametrize(
    ("callback", "read_as"),
    [
        ({"url": "http://a/"}, Callback(Strategy.ON_COMPLETION, "http://a/")),
        ({"url": "http://a/", "strategy": "onstep"}, Callback(Strategy.ON_STEP, "http://a/")),
        ({"url": "https://a/?b=c", "strategy": "ONCOMPLETION"}, Callback(Strategy.ON_COMPLETION, "https://a/?b=c")),
        ({"url": "", "strategy": ""}, None),
        ({}, None),
        (None, None),
    ],
)
def test_callbacks(callback: Any, read_as: Callback | None) -> None:
    assert read(SMS, callback=callback).callback == read_as


# rule send.strategy-without-url
@pytest.mark.parametrize(
    ("callback", "paths"),
    [
        ({"strategy": "OnStep"}, {"callback.url"}),
        ({"strategy": "OnStp", "url": "ftp://x"}, {"callback.strategy", "callback.url"}),
        ({"strategy": 5, "url": 5}, {"callback.strategy", "callback.url"}),
        ("http://a/", {"callback"}),
        ([1], {"callback"}),
    ],
)
def test_callbacks_that_are_wrong(callback: Any, paths: set[str]) -> None:
    assert wrong(SMS, callback=callback).keys() == paths


# rules send.restrictions, send.nul
def test_restrictions_are_any_object_and_echoed() -> None:
    assert read(SMS, restrictions={"a": [1, {"b": None}]}).restrictions == b'{"a":[1,{"b":null}]}'
    assert read(SMS, restrictions={}).restrictions is None
    assert wrong(SMS, restrictions=[1]) == {"restrictions": "must be an object"}
    assert wrong(SMS, restrictions={"a": ["\0"]}) == {"restrictions": "must not hold a NUL character"}


# Everything wrong, all of it at once


# rules send.voice-to, send.order, send.whole-numbers, send.sms-message, send.url-shortener, send.viber-content
# rules send.viber-file, send.file-size, send.no-template, send.verbs, send.other-verbs, send.say, send.own-case
# rules send.machine-detection, send.foreign-fields
@pytest.mark.parametrize(
    ("base", "fields", "said"),
    [
        (SMS, {"to": ""}, {"to": "is required"}),
        (SMS, {"to": 306900000000}, {"to": 'must be a text; put it in quotes: "306900000000"'}),
        (SMS, {"to": {"phone": TO}}, {"to": "must be a text"}),
        (SMS, {"from": "TwelveLetter"}, {"from": "at most 11"}),
        (SMS, {"from": "12345678901234567"}, {"from": "at most 16 digits"}),
        (SMS, {"from": "---"}, {"from": "at most 11"}),
        (SMS, {"order": -1}, {"order": "must be at least 1"}),
        (SMS, {"order": 1.5}, {"order": "must be a whole number"}),
        (SMS, {"order": True}, {"order": "must be a whole number"}),
        (SMS, {"ttl": 1441}, {"ttl": "must be at most 1440"}),
        (SMS, {"ttl": "10"}, {"ttl": "must be a whole number"}),
        (SMS, {"ttl": 10**30}, {"ttl": "must be at most 1440"}),
        (SMS, {"message": "hello"}, {"message": "must be an object"}),
        (SMS, {"message": {"body": "  "}}, {"message.body": "is required"}),
        (SMS, {"message": {"body": "a\0b"}}, {"message.body": "NUL"}),
        (SMS, {"message": {"body": "x", "flash": "yes"}}, {"message.flash": "must be true or false"}),
        (
            SMS,
            {"message": {"body": "x", "label": "l" * 351}},
            {"message.label": "at most 350 characters; it has 351"},
        ),
        (SMS, {"message": {"body": "x", "transcode": 1}}, {"message.transcode": "must be true or false"}),
        (SMS, {"urlShortener": {"urlValidity": 3_599}}, {"urlShortener.urlValidity": "must be at least 3600"}),
        (
            SMS,
            {"message": {"body": "x", "urlShortener": {"urlValidity": 2_592_001}}},
            {"message.urlShortener.urlValidity": "must be at most 2592000"},
        ),
        (SMS, {"failoverOnStatuses": ["Faild"]}, {"failoverOnStatuses[0]": "did you mean Failed?"}),
        (SMS, {"failoverOnStatuses": {"a": 1}}, {"failoverOnStatuses": "must be an array"}),
        (SMS, {"failoverOnStatuses": [1]}, {"failoverOnStatuses[0]": "must be a text"}),
        (VIBER, {"ttl": 0.4}, {"ttl": "must be at least 0.5"}),
        (VIBER, {"ttl": 1.25}, {"ttl": "at most one decimal place"}),
        (VIBER, {"ttl": 1e308}, {"ttl": "must be at most 1440"}),
        (VIBER, {"ttl": 1440.1}, {"ttl": "must be at most 1440"}),
        (VIBER, {"senderInfoTrackingId": ""}, {"senderInfoTrackingId": "is required"}),
        (VIBER, {"label": "l" * 351}, {"label": "at most 350"}),
        (VIBER, {"inboundUrl": "example.com"}, {"inboundUrl": "http or https URL"}),
        (VIBER, {"inboundUrl": "http://[::1"}, {"inboundUrl": "with a host"}),
        (VIBER, {"expireOnDelivery": "yes"}, {"expireOnDelivery": "must be true or false"}),
        (VIBER, {"message": {"text": "x" * 1_001}}, {"message.text": "at most 1000 characters"}),
        (VIBER, {"message": {"imageUrl": "http://a/b"}}, {"message.imageUrl": "https URL"}),
        (VIBER, {"message": {"imageUrl": "https://a/" + "b" * 1_000}}, {"message.imageUrl": "at most 1000"}),
        (VIBER, {"message": TEXT | {"action": {"caption": "Go"}}}, {"message.action.targetUrl": "is required"}),
        (
            VIBER,
            {"message": TEXT | {"action": {"caption": "x" * 31, "targetUrl": "nowhere"}}},
            {"message.action.caption": "at most 30", "message.action.targetUrl": "URL"},
        ),
        (
            VIBER,
            {"message": {"viberFile": {"fileName": "x" * 26, "fileType": "exe", "fileUrl": "http://a"}}},
            {
                "message.viberFile.fileName": "at most 25",
                "message.viberFile.fileType": "must be one of doc, docx",
                "message.viberFile.fileUrl": "https",
            },
        ),
        (
            VIBER,
            {"message": {"viberVideo": {"videoUrl": "https://a/", "fileSize": 209_715_201, "duration": 601}}},
            {
                "message.viberVideo.videoThumbnail": "is required",
                "message.viberVideo.fileSize": "must be at most",
                "message.viberVideo.duration": "must be at most 600",
            },
        ),
        (VIBER, {"templateId": "t"}, {"templateId": "POST /failover/transactional"}),
        (
            VIBER,
            {"message": TEXT | {"templateLang": "en"}},
            {"message.templateLang": "POST /failover/transactional"},
        ),
        (VOICE, {"to": {"phone": "", "sip": ""}}, {"to": "at least one of phone, viber, sip"}),
        (VOICE, {"to": {"phone": "12", "sip": "x"}}, {"to.phone": "E.164", "to.sip": "SIP address"}),
        (VOICE, {"to": "12"}, {"to": "E.164"}),
        (VOICE, {"to": 306900000000}, {"to": 'must be a text; put it in quotes: "306900000000"'}),
        (VOICE, {"to": [TO]}, {"to": "must be an object"}),
        (VOICE, {"dialPlan": None}, {"dialPlan": "is required"}),
        (VOICE, {"dialPlan": {"verbs": []}}, {"dialPlan.verbs": "is required"}),
        (VOICE, {"dialPlan": {"verbs": {"type": "SAY"}}}, {"dialPlan.verbs": "must be an array"}),
        (
            VOICE,
            {"dialPlan": {"verbs": [{"type": "SING"}]}},
            {"dialPlan.verbs[0].type": "must be one of SAY, PLAY"},
        ),
        (VOICE, {"dialPlan": {"verbs": [{"repeat": 1}]}}, {"dialPlan.verbs[0].type": "is required: SAY or PLAY"}),
        (
            VOICE,
            {"dialPlan": {"verbs": [SAY, {"type": "PLAY", "fileURL": "x", "repeat": -2}]}},
            {"dialPlan.verbs[1].fileURL": "URL", "dialPlan.verbs[1].repeat": "must be at least -1"},
        ),
        (VOICE, {"dialPlan": {"verbs": [SAY | {"repeat": 2**70}]}}, {"dialPlan.verbs[0].repeat": "at most 2147483647"}),
        (
            VOICE,
            {"dialPlan": {"verbs": [{"type": "SAY", "message": {"language": "en-UK", "gender": "other"}}]}},
            {
                "dialPlan.verbs[0].message.text": "is required",
                "dialPlan.verbs[0].message.language": "did you mean en-US?",
                "dialPlan.verbs[0].message.gender": "must be one of male, female",
            },
        ),
        (
            VOICE,
            {"machineDetection": {"strategy": "Hang up"}},
            {"machineDetection.strategy": "did you mean Hangup?"},
        ),
        (
            VOICE,
            {"machineDetection": {"strategy": "Hangup", "eventUrl": "http://a/"}},
            {"machineDetection.eventUrl": "only for the strategy Continue"},
        ),
        (SMS, {"dialPlan": {"verbs": [SAY]}}, {"dialPlan": "belongs to Voice steps; this one is Sms"}),
        (SMS, {"label": "l"}, {"label": "the label of an Sms stands inside its message"}),
        (SMS, {"message": {"body": "x", "text": "y"}}, {"message.text": "belongs to Viber steps"}),
        (
            VIBER,
            {"message": TEXT | {"label": "l"}},
            {"message.label": "the label of a Viber message stands on the step"},
        ),
        (VIBER, {"from": "me"}, {"from": "this one is Viber, and senderInfoTrackingId names its sender"}),
        (VOICE, {"message": {"body": "x"}}, {"message": "belongs to Sms and Viber steps; this one is Voice"}),
    ],
)
def test_one_thing_wrong(base: Json, fields: Json, said: dict[str, str]) -> None:
    found = wrong_step(base, **fields)
    assert found.keys() == said.keys()
    for path, words in said.items():
        assert words in found[path]


# rules send.errors, send.error-texts
def test_everything_wrong_is_named_at_once() -> None:
    found = wrong(
        SMS | {"to": "", "ttl": 0.5, "message": {}},
        "step",
        {"type": "Vibr", "order": -1},
        VIBER | {"message": TEXT | IMAGE | {"body": "x"}, "ttl": 2_000, "dialplan": {"verbs": [SAY]}},
        callback={"strategy": "OnStep"},
        restrictions="none",
    )
    assert found.keys() == {
        *("flow[0].to", "flow[0].ttl", "flow[0].message.body", "flow[1]"),
        *("flow[2].type", "flow[2].to", "flow[2].order"),
        *(
            "flow[3].message",
            "flow[3].message.body",
            "flow[3].ttl",
            "flow[3].dialplan",
            "callback.url",
            "restrictions",
        ),
    }
    assert found["flow[2].type"].endswith("did you mean Viber?")


def test_a_step_of_an_unknown_channel_names_its_other_mistakes_too() -> None:
    found = wrong({"type": "Vibr", "to": 306900000000, "order": -1, "failoverOnStatuses": 5}, {"to": "12"}, {"type": 5})
    assert found.keys() == {
        *("flow[0].type", "flow[0].to", "flow[0].order", "flow[0].failoverOnStatuses"),
        *("flow[1].type", "flow[1].to", "flow[2].type", "flow[2].to"),
    }
    assert "put it in quotes" in found["flow[0].to"]
    assert found["flow[0].failoverOnStatuses"].startswith('must be an array of statuses such as ["Failed"]')


@pytest.mark.parametrize("depth", [100, 500, 980, 1_000, 1_015])
@pytest.mark.parametrize("name", ["to", "type", "message", "failoverOnStatuses", "ttl", "dialPlan", "colour"])
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_what_nests_deeply_is_refused(depth: int, name: str, opening: bytes, closing: bytes) -> None:
    deep = opening * depth + b"1" + closing * depth
    fields = b'"%b":%b,"dialplan":%b,"callback":%b' % (name.encode(), deep, deep, deep)
    with pytest.raises(Refusal) as caught:
        read_send(b'{"flow":[{"type":"Voice",%b}],%b}' % (fields, fields), "app", strict=True)
    assert caught.value.status == 400


@pytest.mark.parametrize(("flow", "said"), [(None, "is required"), ({}, "is required"), ([], "is required"),
                                            ("x", "must be an array"), ({"a": 1}, "must be an array")])  # fmt: skip
def test_bad_flows(flow: Any, said: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_send(orjson.dumps({"flow": flow}), "app")
    text = caught.value.body["properties"]["flow"]
    assert said in text or text == "must hold at least one step"


# rule send.most-steps
def test_the_number_of_steps_is_limited() -> None:
    assert len(read(*[SMS] * 100).steps) == 100
    assert wrong(*[{}] * 10_000) == {"flow": "must hold at most 100 steps; it holds 10000"}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"{", "not JSON"),
        (b'{"flow": [}', "line 1 column 11"),
        (b"[]", "must be a JSON object"),
        (b'"x"', "must be a JSON object"),
        (b"null", "must be a JSON object"),
        (b'{"flow": NaN}', "not JSON"),
        (b'{"flow": Infinity}', "not JSON"),
        (b'{"flow": 1e999}', "not JSON"),
        (b'{"flow": "\\ud800"}', "not JSON"),
        (b'{"flow": "\xff"}', "not JSON"),
        (b'\xef\xbb\xbf{"flow": []}', "not JSON"),
        (b"[" * 50_000, "not JSON"),
        (b"[" * 100_000, "more than 50,000 arrays and objects"),
        (b'{"flow":' * 5_000, "not JSON"),
    ],
)
def test_what_is_no_json_object(body: bytes, words: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_send(body, "app")
    assert (caught.value.status, caught.value.body["code"]) == (400, "400000000")
    assert words in caught.value.body["developerMessage"]


# rule send.restrictions-depth
def test_a_deep_object_in_restrictions_is_refused_by_name() -> None:
    body = b'{"flow":[' + orjson.dumps(SMS) + b'],"restrictions":' + b'{"a":' * 800 + b"1" + b"}" * 800 + b"}"
    with pytest.raises(Refusal) as caught:
        read_send(body, "app")
    assert list(caught.value.body["properties"]) == ["restrictions"]


# rule send.large-numbers
@pytest.mark.parametrize("number", ["18446744073709551616", "-9223372036854775809", "1" + "0" * 300])
@pytest.mark.parametrize("where", ['{{"a":{}}}', '{{"a":[1,{{"b":"1e99","c":[{}]}}]}}'])
def test_a_number_that_would_lose_digits_is_refused_by_name(number: str, where: str) -> None:
    body = f'{{"flow":[{json.dumps(SMS)}],"restrictions":{where.format(number)}}}'
    with pytest.raises(Refusal) as caught:
        read_send(body.encode(), "app")
    [(field, text)] = caught.value.body["properties"].items()
    assert (field, "put it in quotes" in text) == ("restrictions", True)


# rule send.large-numbers
@pytest.mark.parametrize(
    "number", ["18446744073709551615", "-9223372036854775808", "0.5", "1.5", '"18446744073709551616"', '"1e30"']
)
def test_a_number_that_keeps_its_digits_is_echoed(number: str) -> None:
    body = f'{{"flow":[{json.dumps(SMS)}],"restrictions":{{"a":{number}}}}}'
    assert read_send(body.encode(), "app").restrictions == f'{{"a":{number}}}'.encode()


# rules send.nul, send.large-numbers, templates.params, templates.seq-number
@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("templateParams", b'{"a":' * 800 + b"1" + b"}" * 800, "nests too deeply"),
        ("templateParams", b'{"a":"\\u0000"}', "NUL"),
        ("templateParams", b'{"a":1' + b"0" * 25 + b"}", "64 bits"),
        ("seq", b"1" + b"0" * 25, "must be at most"),
    ],
)
def test_what_a_template_cannot_echo_is_refused_by_name(field: str, value: bytes, words: str) -> None:
    template = {name: VIBER[name] for name in VIBER if name != "message"} | {"templateId": "t", "templateLang": "en"}
    step = orjson.dumps(template)[:-1] + b',"%b":%b}' % (field.encode(), value)
    with pytest.raises(Refusal) as caught:
        read_send(b'{"flow":[%b]}' % step, "app", kind=FlowKind.TRANSACTIONAL)
    [(path, text)] = caught.value.body["properties"].items()
    assert (path, words in text) == (f"flow[0].{field}", True)


# rule send.same-key
def test_of_two_keys_with_one_name_the_last_counts() -> None:
    body = b'{"flow":[],"flow":[' + orjson.dumps(SMS) + b"]}"
    assert len(read_send(body, "app").steps) == 1


# Blanks and strictness

BLANK: Json = {
    "to": {"phone": "", "viber": "", "sip": ""},
    "from": "",
    "message": {
        "body": "",
        "flash": False,
        "text": "",
        "imageUrl": "",
        "action": {"caption": "", "targetUrl": ""},
        "viberFile": None,
        "viberVideo": {"fileSize": 0, "duration": 0},
    },
    "senderInfoTrackingId": "",
    "inboundUrl": "",
    "expireOnDelivery": False,
    "label": "",
    "ttl": 0,
    "order": 0,
    "failoverOnStatuses": [],
    "dialPlan": {"verbs": []},
    "machineDetection": {"strategy": "", "eventUrl": ""},
    "urlShortener": {"urlValidity": 0},
}


# rules send.blank-clients, send.blank-fields
@pytest.mark.parametrize("name", CHANNELS)
def test_a_client_that_sends_every_field_blank_is_understood(name: str) -> None:
    full = BLANK | CHANNELS[name]
    if name != "Voice":
        full["message"] = BLANK["message"] | CHANNELS[name]["message"]
    assert echo(full, callback={"strategy": "", "url": ""}) == echo(CHANNELS[name])


# rule send.unknown-fields
@pytest.mark.parametrize("name", CHANNELS)
def test_unknown_fields_are_passed_over_and_strictly_refused(name: str) -> None:
    step = CHANNELS[name] | {"failoverOnStatus": ["x"]}
    assert echo(step) == echo(CHANNELS[name])
    assert wrong(step, strict=True, colour=1) == {
        "colour": "is not known here",
        "flow[0].failoverOnStatus": "is not known here; did you mean failoverOnStatuses?",
    }


def test_strictly_even_a_blank_field_of_another_channel_is_refused() -> None:
    assert list(wrong(SMS | {"label": ""}, strict=True)) == ["flow[0].label"]
    assert list(wrong(SMS, strict=True, callback={"url": "http://a/", "retry": 1})) == ["callback.retry"]
    assert read(SMS, VIBER, VOICE | {"ttl": 10}, strict=True).steps


@pytest.mark.parametrize(
    ("step", "path"),
    [
        (SMS | {"colour": ""}, "flow[0].colour"),
        (SMS | {"message": {"body": "x", "colour": 0}}, "flow[0].message.colour"),
        (VIBER | {"message": TEXT | {"action": {"colour": None}}}, "flow[0].message.action.colour"),
        (VOICE | {"to": {"phone": TO, "fax": ""}}, "flow[0].to.fax"),
        (VOICE | {"dialPlan": {}, "dialplan": {"verbs": [SAY], "colour": []}}, "flow[0].dialplan.colour"),
    ],
)
def test_strictly_even_a_blank_unknown_field_is_refused(step: Json, path: str) -> None:
    assert wrong(step, strict=True) == {path: "is not known here"}
    assert read(step).steps


def test_strictly_a_blank_callback_may_hold_nothing_unknown() -> None:
    assert list(wrong(SMS, strict=True, callback={"url": "", "retry": 0})) == ["callback.retry"]


def test_errors_come_in_the_order_of_the_fields() -> None:
    strange = dict.fromkeys("zyxwvutsrq", 1)
    assert list(wrong(SMS | strange, strict=True, **strange)) == [
        *"zyxwvutsrq",
        *(f"flow[0].{name}" for name in "zyxwvutsrq"),
    ]


# Anything at all

NAMES = st.sampled_from(
    [
        *BLANK,
        *[
            "type",
            "flow",
            "callback",
            "restrictions",
            "body",
            "text",
            "verbs",
            "strategy",
            "url",
            "phone",
            "templateId",
            "dialPlans",
        ],
    ]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from([*Channel, TO, "SAY", "OnStep"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(), inner, max_size=5),
    max_leaves=12,
)


@st.composite
def nearly_right(draw: st.DrawFn) -> Json:
    """A right step with anything at all in some of its places."""
    step = dict(draw(st.sampled_from(list(CHANNELS.values()))))
    for name in draw(st.lists(NAMES, max_size=3)):
        step[name] = draw(VALUES)
    return step


@given(st.lists(nearly_right() | VALUES, max_size=4), VALUES, VALUES, st.booleans())
def test_anything_is_a_send_or_a_refusal(flow: list[Any], callback: Any, restrictions: Any, strict: bool) -> None:
    body = json.dumps({"flow": flow, "callback": callback, "restrictions": restrictions}).encode()
    try:
        command = read_send(body, "app", strict=strict)
    except Refusal as refusal:
        assert refusal.status == 400
        assert refusal.body["developerMessage"]
    else:
        assert [json.loads(step.asked)["type"] for step in command.steps] == [step.channel for step in command.steps]


@given(st.binary())
def test_any_bytes_are_a_send_or_a_refusal(body: bytes) -> None:
    with pytest.raises(Refusal):
        read_send(body, "app")


@given(nearly_right())
def test_what_is_echoed_is_taken_again_and_echoed_the_same(step: Json) -> None:
    try:
        asked = echo(step)
    except (Refusal, TypeError):
        return
    assert echo(asked) == asked
