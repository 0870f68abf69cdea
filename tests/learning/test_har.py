"""HAR files as three programs write them, each with what is its own: all of them say the same of the mock."""

import base64
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
import pytest

from mockserver.learning.learner import Learner
from mockserver.recordings.masking import Mask
from mockserver.recordings.readers import read
from mockserver.recordings.values import Exchange, Record, Unreadable
from mockserver.wire.errors import Refusal
from mockserver.wire.routee.tokens import read_token_request
from tests.http.mocks import sms, viber
from tests.learning.test_learner import drift
from tests.learning.worlds import BEARER, Json, World

FORM = "application/x-www-form-urlencoded"
BASIC = {"authorization": "Basic YXBwOnNlY3JldA=="}
TOKEN = {
    "access_token": "12345678-1234-4234-8234-123456789abc",
    "token_type": "bearer",
    "expires_in": 3_599,
    "scope": "failover",
    "permissions": ["MT_ROLE_FAILOVER"],
}
BROWSER = {"sec-fetch-mode": "cors", "origin": "https://shop.example", "cookie": "s=1"}
SECRET = {"authorization", "cookie"}

Writer = Callable[[Exchange], Json]


def refused(authorization: str | None) -> bytes:
    """What the mock answers to who asks for a token so."""
    try:
        read_token_request(authorization, {}, b"grant_type=client_credentials", FORM)
    except Refusal as refusal:
        return orjson.dumps(refusal.body)
    raise AssertionError


def world() -> World:
    """A login, a send, its tracking, a balance; and the requests that are refused."""
    made = World()
    at, place = made.engine.clock.now, made.place
    auth = "https://auth.routee.net/oauth/token"
    form = b"grant_type=client_credentials&scope=failover"
    asked = BASIC | {"content-type": FORM}
    made.records.append(Exchange("POST", auth, 200, place, at, asked, form, {}, orjson.dumps(TOKEN)))
    challenge = {"www-authenticate": 'Basic realm="oauth2/client"'}
    made.records.append(Exchange("POST", auth, 401, place, at, {"content-type": FORM}, form, challenge, refused(None)))
    made.track(made.send({"flow": [viber(), sms(message={"body": "Γειά σου"})]}))
    made.send({"flow": [sms(to="12")]})
    made.track(None)
    made.search()
    return made


def instant(at: int, zone: timezone = UTC) -> str:
    return datetime.fromtimestamp(at / 1_000, zone).isoformat(timespec="milliseconds")


def pairs(headers: Any) -> list[Json]:
    return [{"name": name, "value": value} for name, value in headers.items()]


def chromium(each: Exchange) -> Json:
    """As the devtools save it: HTTP/2 with its pseudo headers, fields with a `_`, and no credentials."""
    url = urlsplit(each.url)
    first = {":authority": url.netloc, ":method": each.method, ":path": url.path, ":scheme": "https"}
    asked = {name: value for name, value in (first | dict(each.asked) | BROWSER).items() if name not in SECRET}
    sent = {} if not each.sent else {"postData": {"mimeType": "application/json", "text": each.sent.decode()}}
    return {
        "_connectionId": "1234",
        "_initiator": {"type": "script", "stack": {"callFrames": []}},
        "_priority": "High",
        "_resourceType": "fetch",
        "cache": {},
        "connection": "443",
        "request": {
            "method": each.method,
            "url": each.url,
            "httpVersion": "http/2.0",
            "headers": pairs(asked),
            "queryString": [],
            "cookies": [],
            "headersSize": -1,
            "bodySize": len(each.sent or b""),
            **sent,
        },
        "response": {
            "status": each.status,
            "statusText": "",
            "httpVersion": "http/2.0",
            "headers": pairs({":status": str(each.status)} | dict(each.headers)),
            "cookies": [],
            "content": {
                "size": len(each.body or b""),
                "mimeType": "application/json",
                "text": (each.body or b"").decode(),
            },
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
            "_transferSize": 321,
            "_error": None,
            "_fetchedViaServiceWorker": False,
        },
        "serverIPAddress": "[::1]",
        "startedDateTime": instant(each.at or 0).replace("+00:00", "Z"),
        "time": 12.3,
        "timings": {
            "blocked": 1.2,
            "dns": -1,
            "ssl": -1,
            "connect": -1,
            "send": 0.1,
            "wait": 9,
            "receive": 2,
            "_queued": 1,
        },
    }


def mitmproxy(each: Exchange) -> Json:
    """As `save.har` writes it: bodies that are no text for it in base64, no `time`, microseconds in the instant."""
    sent = {
        "mimeType": each.asked.get("content-type", ""),
        "text": (each.sent or b"").decode(),
        "params": [{"name": name, "value": value} for name, value in parse_qsl((each.sent or b"").decode())],
    }
    return {
        "startedDateTime": datetime.fromtimestamp((each.at or 0) / 1_000, UTC).isoformat(timespec="microseconds"),
        "request": {
            "method": each.method,
            "url": each.url,
            "httpVersion": "HTTP/2.0",
            "cookies": [],
            "headers": pairs(each.asked),
            "queryString": [],
            "headersSize": 123,
            "bodySize": len(each.sent or b""),
            **({"postData": sent} if each.sent else {}),
        },
        "response": {
            "status": each.status,
            "statusText": "",
            "httpVersion": "HTTP/2.0",
            "cookies": [],
            "headers": pairs(each.headers),
            "content": {
                "size": len(each.body or b""),
                "compression": 0,
                "mimeType": "",
                "text": base64.b64encode(each.body or b"").decode(),
                "encoding": "base64",
            },
            "redirectURL": "",
            "headersSize": 45,
            "bodySize": len(each.body or b""),
        },
        "cache": {},
        "timings": {"connect": -1.0, "ssl": -1.0, "send": 0.5, "receive": 1.5, "wait": 5.0},
        "serverIPAddress": "127.0.0.1",
    }


def charles(each: Exchange) -> Json:
    """As Charles exports it: an instant of the local zone, capital headers, comments, a form only as its fields."""
    sent: Json = {"mimeType": each.asked.get("content-type", "application/json"), "comment": ""}
    if FORM in each.asked.values():
        sent["params"] = [{"name": name, "value": value} for name, value in parse_qsl((each.sent or b"").decode())]
    else:
        sent["text"] = (each.sent or b"").decode()
    return {
        "startedDateTime": instant(each.at or 0, timezone(timedelta(hours=2))),
        "time": 17,
        "request": {
            "method": each.method,
            "url": each.url.replace(".net/", ".net:443/"),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": pairs({name.title(): value for name, value in each.asked.items()}),
            "queryString": [],
            **({"postData": sent} if each.sent else {}),
            "headersSize": 0,
            "bodySize": len(each.sent or b""),
            "comment": "",
        },
        "response": {
            "_charlesStatus": "COMPLETE",
            "status": each.status,
            "statusText": "OK",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": pairs({name.title(): value for name, value in each.headers.items()}),
            "content": {
                "size": len(each.body or b""),
                "compression": 10,
                "mimeType": "application/json;charset=utf-8",
                "text": base64.b64encode(each.body or b"").decode(),
                "encoding": "base64",
                "comment": "",
            },
            "redirectURL": None,
            "headersSize": 0,
            "bodySize": 99,
        },
        "cache": {},
        "timings": {"dns": 0, "connect": 0, "ssl": 0, "send": 0, "wait": 15, "receive": 2},
        "serverIPAddress": "127.0.0.1",
    }


WRITERS: tuple[Writer, ...] = (chromium, mitmproxy, charles)


def har(*entries: Json, indent: int | None = None) -> bytes:
    creator = {"name": "any", "version": "1.0", "comment": ""}
    log = {"version": "1.2", "comment": "", "creator": creator, "pages": [], "entries": entries}
    return json.dumps({"log": log}, indent=indent).encode()


def reads(data: bytes) -> list[Record | None]:
    return list(read(io.BytesIO(data), "file"))


def learnt(records: list[Record | None]) -> Learner:
    learner = Learner()
    for each in records:
        learner.take(each)
    learner.finish()
    return learner


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "marked"])
def test_what_each_program_writes_is_read_as_what_was_there(writer: Writer, mark: bytes) -> None:
    there = [each for each in world().records if isinstance(each, Exchange)]
    found = reads(mark + har(*map(writer, there), indent=2))
    assert len(found) == len(there)
    for each, wanted in zip(found, there, strict=True):
        assert isinstance(each, Exchange)
        assert (each.method, each.path, each.status, each.at) == (wanted.method, wanted.path, wanted.status, wanted.at)
        assert (each.sent, each.body) == (wanted.sent, wanted.body)
        assert not [name for name in (*each.asked, *each.headers) if name.startswith(":")]


@pytest.mark.parametrize("writer", WRITERS)
def test_none_of_them_shows_a_drift_that_there_is_not(writer: Writer) -> None:
    there: list[Record | None] = [*world().records]
    entries = [writer(each) for each in there if isinstance(each, Exchange)]
    plain, learner = learnt(there), learnt(reads(har(*entries)))
    assert drift(plain) == drift(learner) == {}
    assert learner.counts == plain.counts
    assert {"send.success-status", "token.reply", "tracking.unknown"} <= {*learner.findings.confirmed}


@pytest.mark.parametrize(
    ("error", "status"), [("invalid_token", 401), ("unauthorized", 401)], ids=["wrong token", "no token"]
)
def test_credentials_that_a_browser_leaves_out_are_not_taken_as_missing(error: str, status: int) -> None:
    body = orjson.dumps({"error": error, "error_description": "no"})
    made = World()
    made.ask("POST", "/failover", status, body, BEARER if error == "invalid_token" else {"accept": "*/*"})
    made.ask("GET", "/failover-otp/otp/failover", 401, b'{"detail":"Invalid token"}')
    [one, other] = [each for each in made.records if isinstance(each, Exchange)]
    found = reads(har(chromium(one), chromium(other)))
    masked = [Mask(b"key").record(each) for each in found if isinstance(each, Exchange)]
    assert drift(learnt(found)) == drift(learnt([*masked])) == {}


def test_a_wrong_secret_that_a_browser_leaves_out_is_still_a_wrong_secret() -> None:
    body = {"timestamp": 1, "status": 401, "error": "Unauthorized", "message": "no", "path": "/oauth/token"}
    challenge = {"www-authenticate": "Basic"}
    form = b"grant_type=client_credentials"
    url, asked = "https://auth.routee.net/oauth/token", BASIC | {"content-type": FORM}
    place = World().place
    entry = chromium(Exchange("POST", url, 401, place, 1, asked, form, challenge, orjson.dumps(body)))
    assert drift(learnt(reads(har(entry)))) == {}


def test_what_a_browser_asks_by_itself_is_passed_over() -> None:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}
    made = World()
    for path in ("/failover", "/oauth/token", "/failover-otp/otp/send-failover"):
        made.ask("OPTIONS", path, 200, b"", asked)
    entries = [chromium(each) for each in made.records if isinstance(each, Exchange)]
    assert reads(har(*entries)) == [None, None, None]


def test_what_was_blocked_is_named_only_where_the_service_was_asked() -> None:
    made = World()
    made.ask("GET", "/accounts/me/balance", 0, b"")
    [asked] = [each for each in made.records if isinstance(each, Exchange)]
    blocked = chromium(asked)
    blocked["response"] |= {"_error": "net::ERR_BLOCKED_BY_CLIENT", "content": {"size": 0, "mimeType": "x-unknown"}}
    others = [
        blocked | {"request": blocked["request"] | {"url": url}}
        for url in ("https://ads.example/x.js", "data:text/plain,x", "blob:https://shop.example/1", "about:blank")
    ]
    tunnel = charles(asked)
    tunnel["request"] |= {"method": "CONNECT", "url": "https://connect.routee.net:443"}
    tunnel["response"] |= {"status": 200}
    none = mitmproxy(asked)
    none["response"] |= {"content": {}, "_error": "connection reset"}
    found = reads(har(*others, tunnel, blocked, none))
    assert found[:5] == [None] * 5
    assert [str(each) for each in found[5:] if isinstance(each, Unreadable)] == [
        f"file, entry {number}: it has no answer: the request was blocked, or broken off" for number in (6, 7)
    ]


def test_a_body_that_was_not_kept_is_unknown_and_not_empty() -> None:
    [first] = [each for each in world().records[:1] if isinstance(each, Exchange)]
    entry = chromium(first)
    del entry["response"]["content"]["text"]
    [found] = reads(har(entry))
    assert isinstance(found, Exchange)
    assert found.body is None


@pytest.mark.parametrize("writer", WRITERS)
def test_nothing_of_a_pseudo_header_or_of_another_is_left_when_it_is_masked(writer: Writer) -> None:
    made = World()
    flow = made.send({"flow": [sms()]})
    made.track(flow)
    assert flow is not None
    found = reads(har(*(writer(each) for each in made.records if isinstance(each, Exchange))))
    mask = Mask(b"key")
    told = "".join(str(mask.record(each)) for each in found if isinstance(each, Exchange))
    assert flow.id not in told
    assert "connect.example" not in told
    assert "shop.example" not in told
