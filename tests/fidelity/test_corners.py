"""Rules that the other tests only come past."""

import json
from typing import Any

import pytest

from mockserver.wire.errors import Refusal
from mockserver.wire.otp.requests import read_send as read_otp
from mockserver.wire.otp.templates import listed
from mockserver.wire.routee.requests import read_send
from tests.http.mocks import Json, mocking, sms, viber, voice
from tests.http.otp import pin


def echo(step: Json) -> Json:
    sent = read_send(json.dumps({"flow": [step]}).encode(), "app")
    return dict(json.loads(sent.steps[0].asked))


def wrong(step: Json, **more: Any) -> list[str]:
    with pytest.raises(Refusal) as refused:
        read_send(json.dumps({"flow": [step], **more}).encode(), "app")
    return [place.removeprefix("flow[0].") for place in refused.value.body["properties"]]


# rule token.trailing-slash
def test_a_token_is_had_at_a_path_with_a_slash() -> None:
    with mocking() as mock:
        answer = mock.client.post("/oauth/token/", auth=("a", "b"), data={"grant_type": "client_credentials"})
        assert (answer.status_code, answer.json()["token_type"]) == (200, "bearer")


# rules token.permissions, token.other-permissions
def test_every_scope_has_its_permission() -> None:
    with mocking() as mock:
        told = mock.login(scope="sms number_pool 2step").json()
        assert (told["scope"], told["permissions"]) == (
            "sms number_pool 2step",
            ["MT_ROLE_SMS", "MT_ROLE_NUMBER_POOL", "MT_ROLE_2STEP"],
        )


# rule send.success-status
@pytest.mark.parametrize("path", ["/failover", "/failover/transactional"])
def test_success_is_200(path: str) -> None:
    with mocking() as mock:
        answer = mock.client.post(path, json={"flow": [sms()]})
        assert (answer.status_code, answer.reason_phrase) == (200, "OK")


# rules send.sms-from, send.sms-from-signs, send.voice-from
@pytest.mark.parametrize("make", [sms, voice])
def test_who_a_message_or_a_call_is_from(make: Any) -> None:
    for sender in ("1" * 16, f"+{'1' * 16}", "Eleven chrs", "A.b_c&d-e f", "7up"):
        assert echo(make(**{"from": sender}))["from"] == sender
    for sender in ("1" * 17, "TwelveLetter", "._&-", "caf\u00e9", "a/b"):
        assert wrong(make(**{"from": sender})) == ["from"]


# rule send.label-name
def test_a_mark_for_a_name_is_left_as_it_is() -> None:
    text = "Hello [~{firstName}], your parcel is here"
    assert echo(viber(message={"text": text}))["message"]["text"] == text


# rule send.url-validity
def test_a_shortener_says_how_long() -> None:
    assert wrong(sms(urlShortener={"urlLife": 5})) == ["urlShortener.urlValidity"]
    assert wrong(sms(message={"body": "x", "urlShortener": {"urlLife": 5}})) == ["message.urlShortener.urlValidity"]


# rules send.limits, send.sip-address
def test_what_has_room_in_a_field() -> None:
    assert echo(sms(order=1_000_000))["order"] == 1_000_000
    assert wrong(sms(order=1_000_001)) == ["order"]
    assert echo(viber(senderInfoTrackingId="x" * 255))
    assert wrong(viber(senderInfoTrackingId="x" * 256)) == ["senderInfoTrackingId"]
    address = f"{'x' * 243}@example.org"
    assert echo(voice(to={"sip": address}))["to"] == {"sip": address}
    assert wrong(voice(to={"sip": f"x{address}"})) == ["to.sip"]
    assert wrong(voice(to={"sip": "example.org"})) == ["to.sip"]
    url = "http://a.example/".ljust(2_000, "x")
    assert echo(viber(inboundUrl=url))["inboundUrl"] == url
    assert wrong(viber(inboundUrl=f"{url}x")) == ["inboundUrl"]
    assert wrong(sms(), callback={"url": f"{url}x"}) == ["callback.url"]


# rules callbacks.url-without-userinfo, callbacks.no-userinfo
def test_who_a_callback_url_names_is_neither_kept_nor_echoed() -> None:
    with mocking() as mock:
        body = {"flow": [sms()], "callback": {"url": "http://me:hush@shop.test/hook", "strategy": "OnStep"}}
        answer = mock.client.post("/failover", json=body)
        assert answer.json()["callback"]["url"] == "http://shop.test/hook"
        mock.advance(until="next")
        assert [each["url"] for each in mock.callbacks()] == ["http://shop.test/hook"]


# rules otp.health, otp.health-values
def test_what_the_otp_service_says_of_itself_is_not_journalled() -> None:
    with mocking() as mock:
        about = {"service": "failover-otp", "version": "1.0.0", "status": "running", "health": "/failover-otp/health"}
        before = len(mock.client.get("/_mock/journal").json()["entries"])
        assert mock.client.get("/failover-otp").json() == about
        assert mock.client.get("/failover-otp/health").json() == {"status": "ok"}
        assert len(mock.client.get("/_mock/journal").json()["entries"]) == before


# rules otp.language, otp.language-name, otp.templates-form
def test_a_password_is_in_english_by_default() -> None:
    def language(**more: Any) -> Any:
        sent = read_otp(json.dumps({"flow": [pin(**more)]}).encode(), "app")
        return json.loads(sent.steps[0].asked).get("language")

    assert (language(), language(language="el")) == (None, "el")
    assert all("en" in each["languages"] for each in listed())


# rule otp.to-number
def test_a_number_of_a_password_is_echoed_as_it_was_sent() -> None:
    for to in ("+306900000000", "306900000000", ["306900000000"]):
        sent = read_otp(json.dumps({"flow": [pin(to=to)]}).encode(), "app")
        assert json.loads(sent.steps[0].asked)["to"] == to
        assert sent.steps[0].to == "+306900000000"


# rule otp.most-order
def test_the_order_of_a_password_has_an_end() -> None:
    with pytest.raises(Refusal) as refused:
        read_otp(json.dumps({"flow": [pin(order=1_000_001)]}).encode(), "app")
    assert refused.value.body["detail"][0]["loc"][-1] == "order"


# rule send.blank-trigger
@pytest.mark.parametrize("entry", ["", " ", None])
def test_a_trigger_is_not_blank(entry: Any) -> None:
    assert wrong(sms(failoverOnStatuses=["Failed", entry])) == ["failoverOnStatuses[1]"]
