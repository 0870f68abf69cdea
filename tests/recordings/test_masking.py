"""A masked recording: nothing of anybody is left in it, and the story is the same."""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.numbering.numbers import read_number
from mockserver.recordings.fields import SAFE_HEADERS, Kind
from mockserver.recordings.lines import line
from mockserver.recordings.masking import Mask, key_of
from mockserver.recordings.permutation import permuted, reshaped
from mockserver.recordings.values import Callback, Exchange, Place
from mockserver.simulation import read, simulate
from mockserver.wire.errors import Refusal
from mockserver.wire.services import read_send

PLACE = Place("file", 1)
MASK = Mask(b"key")

NUMBER = st.integers(0, 9_999_999).map(lambda digits: f"+30690{digits:07}")


PAGE = Path(__file__).parents[2] / "docs" / "howto" / "recordings.md"


def word(head: str) -> st.SearchStrategy[str]:
    """A word that stands nowhere else."""
    return st.from_regex(rf"{head}[a-z]{{6,8}}", fullmatch=True)


WORD = word("qz")
TEXT = st.lists(WORD, min_size=1, max_size=4).map(" ".join)
ID = st.uuids().map(str)
URL = st.builds("https://{}.example/{}?key={}".format, word("hx"), word("px"), word("yq"))


@st.composite
def sends(draw: st.DrawFn) -> dict[str, Any]:
    to = draw(NUMBER)
    action = {"caption": draw(WORD), "targetUrl": draw(URL)}
    viber = {
        "type": "Viber",
        "to": to,
        "senderInfoTrackingId": draw(ID),
        "label": draw(TEXT),
        "message": {"text": draw(TEXT), "action": action},
    }
    sms = {
        "type": "Sms",
        "to": to,
        "from": draw(NUMBER | WORD.map(lambda word: word[:11])),
        "message": {"body": draw(TEXT)},
    }
    own = {"customer": draw(TEXT), draw(NUMBER): [draw(ID), draw(st.integers(10**8, 10**9))]}
    return {"flow": [viber, sms], "callback": {"strategy": "OnStep", "url": draw(URL)}, "restrictions": own}


def personal(data: Any, name: str = "") -> Iterator[str]:
    """What is somebody's in a send."""
    if isinstance(data, dict):
        for each, value in data.items():
            yield from personal(value, each)
            yield from (each,) if each.startswith("+") else ()
    elif isinstance(data, list):
        for each in data:
            yield from personal(each, name)
    elif name not in ("type", "strategy"):
        text = str(data)
        yield from (
            (text, text.lstrip("+")) if not text.startswith("https") else text[8:].replace(".example", "").split("/")
        )


def story(send: dict[str, Any]) -> list[Exchange | Callback]:
    """What is recorded of a flow that fails over, answers and callbacks too."""
    played = simulate(read(send), outcomes=["expired", "delivered"])
    head = {"authorization": "Basic " + base64.b64encode(b"application-one:secret-of-it").decode()}
    exchange = Exchange(
        "POST",
        "https://connect.routee.net/failover",
        200,
        PLACE,
        0,
        head,
        json.dumps(send).encode(),
        {},
        orjson.dumps(played.reply),
    )
    return [exchange, *(Callback(orjson.dumps(call.body), PLACE, 5, send["callback"]["url"]) for call in played.calls)]


@given(sends())
def test_nothing_of_anybody_is_left_and_the_same_in_gives_the_same_out(send: dict[str, Any]) -> None:
    records = story(send)
    written = b"".join(line(MASK.record(each)) for each in records).decode()
    left = [each for each in (*personal(send), "application-one", "secret-of-it") if each in written]
    assert not left
    again = Mask(b"key")
    assert written == b"".join(line(again.record(each)) for each in records).decode()


@given(sends())
def test_a_masked_send_is_the_same_story(send: dict[str, Any]) -> None:
    exchange, *callbacks = map(MASK.record, story(send))
    assert isinstance(exchange, Exchange)
    masked = json.loads(exchange.sent or b"")
    before, after = (read_send(json.dumps(each).encode(), "app") for each in (send, masked))
    for one, other in zip(before.steps, after.steps, strict=True):
        assert (one.channel, one.country, one.operator, one.parts) == (
            other.channel,
            other.country,
            other.operator,
            other.parts,
        )
        assert (one.price, one.ttl, one.triggers) == (other.price, other.ttl, other.triggers)
    assert before.steps[0].to == before.steps[1].to
    assert after.steps[0].to == after.steps[1].to
    reply = json.loads(exchange.body or b"")
    assert {callback.body and json.loads(callback.body)["trackingId"] for callback in callbacks} == {
        reply["trackingId"]
    }
    assert reply["flow"] == [json.loads(step.asked) for step in after.steps]
    for callback, raw in zip(callbacks, story(send)[1:], strict=True):
        assert [told(each) for each in json.loads(callback.body or b"")["messages"]] == [
            told(each) for each in json.loads(raw.body or b"")["messages"]
        ]


def test_nothing_of_a_one_time_password_is_left() -> None:
    viber = {
        "type": "ViberOtp",
        "to": ["306900001234"],
        "order": 1,
        "ttl": 60,
        "senderInfoTrackingId": "a5f1c0de-0000-4000-8000-000000000001",
        "templateId": "0aac888f-2ee2-4112-9659-1755a951966a",
        "pin": "qzw739154",
        "businessName": "qzBakery",
        "parameter": "qzGreeting",
        "label": "qzLabel",
    }
    send = {"flow": [viber], "callback": {"url": "https://qzhost.example/qzpath?qz=qzsecret"}}
    played = simulate(read(send, kind="otp"), outcomes=["delivered"])
    exchange = Exchange(
        "POST",
        "https://x.routee.net/failover-otp/otp/send-failover",
        200,
        PLACE,
        sent=orjson.dumps(send),
        body=orjson.dumps(played.reply),
    )
    records: list[Exchange | Callback] = [
        exchange,
        *(Callback(orjson.dumps(call.body), PLACE) for call in played.calls),
    ]
    written = b"".join(line(MASK.record(each)) for each in records).decode()
    assert not [
        each for each in ("qz", "0001234", "739154", "a5f1c0de", "0aac888f") if each in written.replace("?qz=", "")
    ]
    assert [json.loads(MASK.record(each).body or b"")["steps"][0]["status"] for each in records[1:]] == [
        call.body["steps"][0]["status"] for call in played.calls
    ]


def told(message: Any) -> tuple[Any, ...]:
    return message["type"], message["status"], message["createdAt"], message["price"], message.get("operator")


@given(st.sampled_from([*Kind]), sends())
def test_what_is_kept_is_kept_and_nothing_else(kept: Kind, send: dict[str, Any]) -> None:
    mask = Mask(b"key", [kept])
    written = b"".join(line(mask.record(each)) for each in story(send)).decode()
    samples = {
        Kind.NUMBERS: send["flow"][0]["to"][1:],
        Kind.TEXTS: send["flow"][1]["message"]["body"],
        Kind.IDS: send["flow"][0]["senderInfoTrackingId"],
        Kind.HOSTS: send["callback"]["url"].split("/")[2].removesuffix(".example"),
        Kind.QUERIES: send["callback"]["url"].rpartition("=")[2],
    }
    assert {kind for kind, value in samples.items() if value in written} == ({kept} & samples.keys())


def test_what_an_error_quotes_is_masked() -> None:
    send = {
        "flow": [{"type": "Sms", "to": "+306900001234", "from": "My shop name is long", "message": {"body": "Hello"}}]
    }
    answer = {
        "code": "400000000",
        "developerMessage": "Validation Error!",
        "properties": {"flow[0].from": "'My shop name is long' is too long for mail@shop.example, +306900001234"},
    }
    masked = MASK.record(
        Exchange("POST", "https://x.example/failover", 400, PLACE, sent=orjson.dumps(send), body=orjson.dumps(answer))
    )
    assert isinstance(masked, Exchange)
    told = json.loads(masked.body or b"")
    assert (told["code"], told["developerMessage"]) == ("400000000", "Validation Error!")
    sentence = told["properties"]["flow[0].from"]
    assert sentence.endswith(f"{json.loads(masked.sent or b'')['flow'][0]['to']}")
    assert "is too long for" in sentence
    assert not [each for each in ("My shop", "mail", "1234") if each in sentence]


def test_secrets_are_masked_wherever_they_stand() -> None:
    exchange = Exchange(
        "POST",
        "https://auth.routee.net/oauth/token?grant_type=client_credentials&secret=sesame-open",
        200,
        PLACE,
        asked={"authorization": "sesame-open", "cookie": "a=sesame-open", "x-key": "sesame-open", "accept": "*/*"},
        sent=b"grant_type=client_credentials&client_secret=sesame-open",
        headers={"set-cookie": "a=sesame-open", "content-type": "application/json"},
        body=b'{"access_token":"sesame-open","token_type":"bearer","expires_in":3599,"scope":"sms","permissions":[]}',
    )
    masked = MASK.record(exchange)
    assert b"sesame" not in line(masked)
    assert isinstance(masked, Exchange)
    assert masked.sent is not None
    assert masked.sent.startswith(b"grant_type=client_credentials&client_secret=")
    assert json.loads(masked.body or b"") | {"access_token": ""} == json.loads(exchange.body or b"") | {
        "access_token": ""
    }
    assert masked.headers == {"content-type": "application/json"}


@pytest.mark.parametrize(
    "number", ["+306900000300", "306900000300", "00306900000300", "+35799123456", "+12025550143", "+46701740605"]
)
def test_a_number_becomes_another_of_its_country_and_network(number: str) -> None:
    masked = MASK.number(number)
    assert masked != number
    assert len(masked) == len(number)
    one, other = (read_number(each.removeprefix("00")) for each in (number, masked))
    assert (one.country, one.operator) == (other.country, other.operator)
    assert MASK.number(number.lstrip("+0")) == masked.lstrip("+0")


@given(st.integers(1, 3_000), st.data())
def test_numbers_are_permuted_one_to_one(size: int, data: st.DataObject) -> None:
    few = data.draw(st.sets(st.integers(0, size - 1), max_size=50))
    found = {permuted(each, size, b"key") for each in few}
    assert len(found) == len(few)
    assert found <= set(range(size))


@given(st.sets(st.text(max_size=90), max_size=8) | st.sets(st.from_regex(r"[0-9a-z]{5}", fullmatch=True), max_size=50))
def test_texts_keep_their_shape(texts: set[str]) -> None:
    for text in texts:
        masked = reshaped(text, b"key")
        assert len(masked) == len(text)
        for one, other in zip(text, masked, strict=True):
            assert one == other or (one.isalnum() and other.isalnum())
    plain = {text for text in texts if text.isascii()}
    assert len({reshaped(text, b"key") for text in plain}) == len(plain)


@given(
    st.recursive(
        st.none() | st.text() | st.integers() | st.booleans(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_body_can_be_masked(data: Any) -> None:
    body = json.dumps(data).encode()
    record = Callback(body, PLACE, url="http://[", headers={"a": "b"})
    masked = MASK.record(record)
    line(masked)
    assert key_of(record) == key_of(record) != key_of(masked)
    MASK.record(Exchange("GET", "http://h:x/?%zz", 200, PLACE, sent=b"\xff=", body=b"\xff"))


def test_a_refusal_is_a_refusal_after_masking() -> None:
    send = {"flow": [{"type": "Sms", "to": "12", "from": "A" * 30, "ttl": 0.5, "message": {"body": "x" * 50_000}}]}
    wrong = []
    for each in (send, MASK.json(send)):
        with pytest.raises(Refusal) as caught:
            read_send(json.dumps(each).encode(), "app")
        wrong.append(set(caught.value.body["properties"]))
    assert wrong[0] == wrong[1]


def test_a_token_is_the_same_in_two_recordings_and_a_short_secret_is_not() -> None:
    token, secret = "12345678-1234-4234-8234-123456789abc", "sesame-open"
    one, other = (Mask(key, lasting=True) for key in (b"one", b"other"))
    for each in (one, other):
        assert token not in str(each.json({"access_token": token}))
    assert one.json({"access_token": token}) == other.json({"access_token": token})
    assert one.headers({"authorization": f"Bearer {token}"}) == other.headers({"authorization": f"Bearer {token}"})
    assert one.json({"client_secret": secret}) != other.json({"client_secret": secret})
    assert Mask(b"one").json({"access_token": token}) != Mask(b"other").json({"access_token": token})


@pytest.mark.parametrize("text", ["0000000000", "+000 000 0000", "00-000-00000", "+0000000", "0030 690 000 0000"])
def test_a_number_of_nothing_but_zeros_is_nothing_to_stumble_over(text: str) -> None:
    mask = Mask(b"key")
    for masked in (mask.number(text), mask.json({"to": text})["to"], mask.sentence(f"not sent to {text}.")[12:-1]):
        assert [each for each in masked if each not in "0123456789"] == [
            each for each in text if each not in "0123456789"
        ]
        assert len(masked) == len(text)


@given(st.text("0123456789abcdefABCDEF", min_size=12, max_size=40), st.text("0123456789abcdefABCDEF", min_size=12))
def test_an_id_in_letters_of_both_cases_stays_one(text: str, other: str) -> None:
    masked = reshaped(text, b"key")
    assert len(masked) == len(text)
    assert set(masked) <= set("0123456789abcdefABCDEF")
    assert (reshaped(other, b"key") == masked) is (other == text)


def test_a_uuid_in_letters_of_both_cases_stays_one() -> None:
    mask = Mask(b"key")
    for text in ("677e6aC7-d64b-406f-b682-efabc26efb86", "677E6AC7-D64B-406F-B682-EFABC26EFB86", "677e6ac7" * 4):
        masked = mask.json({"trackingId": text})["trackingId"]
        assert masked != text
        assert [each for each in masked if not each.isalnum()] == [each for each in text if not each.isalnum()]
        assert int(masked.replace("-", ""), 16)


# Headers

UNKNOWN = (
    "cookie",
    "set-cookie",
    "x-api-key",
    "x-request-id",
    "user-agent",
    "server",
    "host",
    "x-forwarded-for",
    "etag",
)


def test_the_manual_names_the_headers_that_stay() -> None:
    said = PAGE.read_text().partition("## What is masked")[2].partition("Of headers,")[2].partition("; and")[0]
    assert {
        each for each in re.findall(r"`([a-z-]+)`", said) if each not in ("record", "probe", "--masked")
    } == SAFE_HEADERS


@pytest.mark.parametrize("keep", [(), [kind for kind in Kind if kind is not Kind.TOKENS]], ids=["learn", "record"])
def test_every_header_that_the_manual_does_not_name_is_left_out(keep: list[Kind]) -> None:
    headers = dict.fromkeys((*SAFE_HEADERS, *UNKNOWN), "no-store")
    told = Mask(b"key", keep).headers(headers | {"authorization": "Bearer sesame-open-1"})
    assert told.keys() == SAFE_HEADERS | {"authorization"}
    assert {told[name] for name in SAFE_HEADERS} == {"no-store"}
    assert told["authorization"].startswith("Bearer ")
    assert "sesame" not in told["authorization"]


def test_what_a_header_that_stays_quotes_is_masked() -> None:
    told = MASK.headers({"www-authenticate": 'Bearer realm="https://shop.example/maria", error="+306900001234"'})
    assert told["www-authenticate"].startswith('Bearer realm="https://')
    assert not [each for each in ("shop", "maria", "0001234") if each in told["www-authenticate"]]
