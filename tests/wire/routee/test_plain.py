"""The law of the plain reading: what it reads, the careful reading reads the same; of all else it says nothing."""

import json
import random
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from mockserver.strategies import flows
from mockserver.wire.routee.careful import read_carefully
from mockserver.wire.routee.plain.send import read_plain
from mockserver.wire.routee.plain.types import ORIGIN, PATH

LAW = settings(deadline=None, max_examples=400)

TEXTS = st.text(min_size=1, max_size=40) | st.text(
    "abcé€ \u00a0\u2028\x85\x1c\x7f\u200b'\"\\/\b\f\n\r\t𝕏", min_size=1, max_size=30
)
NUMBERS = st.sampled_from(["+306900000000", "306911111111", "+447700900123", "+999123456789", "+12025550123", "+3069"])
URLS = st.from_regex(rf"\A{ORIGIN}(?:/{PATH})?\Z")
WEB = URLS | st.sampled_from(["http://127.0.0.1:8000/x", "https://example.com/a?b=c", "http://a..b/"])
SECURE = URLS | st.sampled_from(["https://example.com/a?b=c", "http://example.com/"])
ORDERS = st.integers(1, 5) | st.sampled_from([1.0, 2.5, 1_000_000, 1_000_001, 0])
SENDERS = st.sampled_from(["Shop", "+3069", "123", "A b", "a.b&c_-", "  a", "a ", "Shop\n", "ÅShop"]) | TEXTS
VOICE_SENDERS = st.sampled_from(["Shop", "+306900000000", "0"])


def shape(must: dict[str, SearchStrategy[Any]], may: dict[str, SearchStrategy[Any]]) -> SearchStrategy[Any]:
    return st.fixed_dictionaries(must, optional=may)


def asked(*statuses: str) -> SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(statuses), max_size=4)


BUTTON = shape({"caption": TEXTS, "targetUrl": WEB}, {})
VIBER = shape(
    {
        "type": st.just("Viber"),
        "to": NUMBERS,
        "senderInfoTrackingId": TEXTS,
        "message": shape({"text": TEXTS}, {"imageUrl": SECURE, "action": BUTTON}),
    },
    {
        "order": ORDERS,
        "failoverOnStatuses": asked("Expired", "Failed", "Undelivered"),
        "ttl": st.sampled_from([10, 0.5, 1_440, 3.3, 7.25, 0.1, 10.0, 1_439.9, True]) | st.floats(0, 1_500),
        "expireOnDelivery": st.booleans(),
        "label": TEXTS,
        "inboundUrl": WEB,
    },
)
SMS = shape(
    {
        "type": st.just("Sms"),
        "to": NUMBERS,
        "from": SENDERS,
        "message": shape({"body": TEXTS}, {"flash": st.booleans(), "label": TEXTS, "transcode": st.booleans()}),
    },
    {
        "order": ORDERS,
        "failoverOnStatuses": asked("Failed", "Undelivered"),
        "ttl": st.sampled_from([1, 60, 1_440, 60.0, 2.5]),
    },
)
SAID = shape({"text": TEXTS}, {"language": st.sampled_from(["en-GB", "ru-RU"]), "gender": st.just("female")})
REPEATED = {"repeat": st.sampled_from([1, 2, -1, 0, 3.0]), "bargeIn": st.booleans()}
VERBS = shape({"type": st.just("SAY"), "message": SAID}, REPEATED) | shape(
    {"type": st.just("PLAY"), "fileURL": WEB}, REPEATED
)
VOICE = shape(
    {
        "type": st.just("Voice"),
        "to": NUMBERS | shape({"phone": NUMBERS}, {}),
        "from": VOICE_SENDERS,
        "dialPlan": shape({"verbs": st.lists(VERBS, min_size=1, max_size=2)}, {}),
    },
    {"order": ORDERS, "failoverOnStatuses": asked("Busy", "NoAnswer", "Completed", "Unsent")},
)
CALLBACKS = shape({"url": WEB}, {"strategy": st.sampled_from(["OnStep", "OnCompletion"])})
SENDS = shape({"flow": st.lists(VIBER | SMS | VOICE, min_size=1, max_size=3)}, {"callback": CALLBACKS})


def hold(body: bytes) -> bool:
    """Whether a body is plain; if it is, the careful reading must read the same, strict or not."""
    plain = read_plain(body, "app", transcode=True)
    if plain is None:
        return False
    for strict in (False, True):
        assert read_carefully(body, "app", strict=strict) == plain
    return True


def mutated(body: bytes, chance: random.Random) -> bytes:
    """The body with a byte or a few changed, lost, doubled or put in."""
    changed = bytearray(body)
    for _ in range(chance.randint(1, 2)):
        at = chance.randrange(len(changed))
        match chance.randint(0, 4):
            case 0:
                changed[at] = chance.randrange(256)
            case 1:
                del changed[at]
            case 2:
                changed.insert(at, chance.choice(b' "\\,:{}[]0159.eE-tfn\x00\xff\x0b'))
            case 3:
                del changed[at : at + chance.randint(1, 20)]
            case _:
                changed[at:at] = changed[at : at + chance.randint(1, 10)]
        if not changed:
            return b"{}"
    return bytes(changed)


@LAW
@given(SENDS, st.randoms(use_true_random=False), st.booleans())
def test_the_law_holds_for_what_is_nearly_plain(send: Any, chance: random.Random, escaped: bool) -> None:
    body = json.dumps(send, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    hold(body)
    for _ in range(3):
        hold(mutated(body, chance))


@LAW
@given(flows(), st.randoms(use_true_random=False))
def test_the_law_holds_for_whatever_is_valid(flow: Any, chance: random.Random) -> None:
    body = orjson.dumps(flow)
    hold(body)
    for _ in range(3):
        hold(mutated(body, chance))


TO = "+306900000000"
TYPICAL: list[dict[str, Any]] = [
    {
        "type": "Viber",
        "to": TO,
        "ttl": 2.5,
        "senderInfoTrackingId": "shop",
        "message": {
            "text": "Hi €",
            "imageUrl": "https://img.example.com/1.jpg",
            "action": {"caption": "Buy", "targetUrl": "http://shop.example.com/?a=1"},
        },
        "failoverOnStatuses": ["Expired"],
        "inboundUrl": "http://127.0.0.1:8000/inbound",
    },
    {"type": "Sms", "to": TO[1:], "from": "Shop", "message": {"body": "Hi …", "transcode": False, "label": "a"}},
    {
        "type": "Voice",
        "to": {"phone": TO},
        "from": "+302100000000",
        "order": 1,
        "dialPlan": {
            "verbs": [
                {"type": "SAY", "message": {"text": "Hi", "language": "el-GR"}, "repeat": 2},
                {"type": "PLAY", "fileURL": "https://example.com/a.mp3", "bargeIn": True},
            ]
        },
    },
]


@pytest.mark.parametrize("steps", [[step] for step in TYPICAL] + [TYPICAL], ids=["Viber", "Sms", "Voice", "all three"])
@pytest.mark.parametrize("callback", [{}, {"callback": {"strategy": "OnStep", "url": "http://127.0.0.1:9/hook"}}])
def test_what_clients_usually_send_is_plain(steps: Any, callback: Any) -> None:
    assert hold(orjson.dumps({"flow": steps} | callback))


@pytest.mark.parametrize(
    "change",
    [
        {"to": "0"},
        {"to": None},
        {"order": 0},
        {"ttl": 0},
        {"from": ""},
        {"type": "sms"},
        {"message": {"body": " "}},
        {"message": {"body": "a", "label": ""}},
        {"unknown": 1},
        {"failoverOnStatuses": "Failed"},
        {"failoverOnStatuses": ["failed"]},
        {"failoverOnStatuses": []},
    ],
    ids=str,
)
def test_whatever_needs_a_second_look_is_not_plain(change: dict[str, Any]) -> None:
    step = {"type": "Sms", "to": TO, "from": "Shop", "message": {"body": "Hi"}}
    assert hold(orjson.dumps({"flow": [step]}))
    assert not hold(orjson.dumps({"flow": [step | change]}))
