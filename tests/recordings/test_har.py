"""Entries of HAR files, each with what one program does otherwise: it is read right, or named."""

import base64
import gzip
import json
import zlib
from typing import Any

import pytest

from mockserver.learning.learner import Learner
from mockserver.recordings.values import Exchange, Unreadable
from tests.learning.test_learner import drift
from tests.recordings.test_readers import DOCUMENT, har, reads, reasons

TRACK = "https://connect.routee.net/failover/tracking/t-1"
SEND = {"flow": [{"type": "Sms", "to": "+306900000000", "from": "A", "message": {"body": "x"}}]}
TEXT = json.dumps(DOCUMENT)


def entry(
    *, request: dict[str, Any] | None = None, response: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """A request for a flow, and its answer; with what is otherwise."""
    asked = {"method": "GET", "url": TRACK, "headers": [], "queryString": [], "cookies": [], "bodySize": 0}
    answer = {"status": 200, "headers": [], "content": {"size": len(TEXT), "text": TEXT}, "bodySize": -1}
    told = {"startedDateTime": "2030-01-01T12:00:00Z", "request": asked | (request or {})}
    return told | {"response": answer | (response or {})} | more


def one(told: dict[str, Any]) -> Exchange:
    [found] = reads(har(told))
    assert isinstance(found, Exchange), found
    return found


@pytest.mark.parametrize(
    ("started", "at"),
    [
        ("2030-01-01T12:00:00Z", 0),
        ("2030-01-01T12:00:00.25Z", 250),
        ("2030-01-01T14:00:00.250+02:00", 250),
        ("2030-01-01T07:00:00.2500000-0500", 250),
        ("2030-01-01T12:00:00.250123456Z", 250),
        ("2030-01-01T12:00:00.250123+00:00", 250),
        (1_893_499_200.25, 250),
        (1_893_499_200_250, 250),
        ("1893499200.250", 250),
        (1_893_499_200_250_000, 250),
        (1_893_499_200_250_000_000, 250),
    ],
)
def test_the_instant_of_an_entry_in_any_form(started: Any, at: int) -> None:
    assert one(entry(startedDateTime=started)).at == 1_893_499_200_000 + at


@pytest.mark.parametrize("started", ["", "yesterday", None, float("inf"), float("nan"), [], "0000-00-00T00:00:00Z"])
def test_an_instant_that_is_none_is_not_known(started: Any) -> None:
    assert one(entry(startedDateTime=started)).at is None


PACKED = base64.b64encode(gzip.compress(TEXT.encode(), mtime=0)).decode()


@pytest.mark.parametrize(
    "content",
    [
        {"size": len(TEXT), "text": TEXT, "encoding": ""},
        {"size": 40, "compression": 80, "text": TEXT},
        {"size": -1, "text": TEXT, "encoding": None},
        {"size": len(TEXT), "text": base64.b64encode(TEXT.encode()).decode(), "encoding": "base64"},
        {"size": len(TEXT), "text": base64.encodebytes(TEXT.encode() * 1).decode(), "encoding": "base64"},
        {"size": len(PACKED), "text": PACKED, "encoding": "base64", "comment": "packed by the service"},
    ],
)
def test_a_body_in_any_form(content: dict[str, Any]) -> None:
    assert one(entry(response={"content": content})).body == TEXT.encode()


@pytest.mark.parametrize(
    "content",
    [
        {"size": 73},
        {"size": -1, "mimeType": "application/json", "comment": "The response body is not included."},
        {"size": 0, "comment": "The response body is not included."},
        {"size": 73, "text": None},
    ],
)
def test_a_body_that_was_not_kept_says_nothing(content: dict[str, Any]) -> None:
    found = one(entry(response={"content": content}))
    assert found.body is None
    learner = Learner()
    learner.take(found)
    learner.finish()
    assert drift(learner) == {}
    assert learner.counts.bodiless == 1


@pytest.mark.parametrize(
    ("data", "size", "sent"),
    [
        (None, 0, b""),
        (None, -1, b""),
        (None, 120, None),
        ({"mimeType": "", "params": [], "text": ""}, 0, b""),
        ({"mimeType": "application/json", "params": [], "text": "", "comment": "It is not included."}, 9, None),
        ({"mimeType": "application/json", "text": json.dumps(SEND)}, -1, json.dumps(SEND).encode()),
        ({"mimeType": "a/b", "text": base64.b64encode(b"a=1").decode(), "encoding": "base64"}, 3, b"a=1"),
        ({"params": [{"name": "grant_type", "value": "x y"}, {"name": "scope"}]}, 3, b"grant_type=x+y&scope="),
        ({"text": None, "params": [{"name": "a", "value": "1"}]}, 3, b"a=1"),
        ({"params": [{"name": json.dumps(SEND), "value": ""}]}, 9, json.dumps(SEND).encode()),
        ({"params": [{"name": '{"a": "x', "value": '1"}'}]}, 9, b'{"a": "x=1"}'),
    ],
)
def test_the_body_of_a_request_in_any_form(data: Any, size: int, sent: bytes | None) -> None:
    request = {"method": "POST", "url": "https://connect.routee.net/failover", "bodySize": size}
    assert one(entry(request=request | ({} if data is None else {"postData": data}))).sent == sent


@pytest.mark.parametrize(
    ("response", "said"),
    [
        ({"status": 0, "_error": "net::ERR_FAILED"}, "it has no answer: the request was blocked, or broken off"),
        ({"status": -1, "_failureText": "x"}, "it has no answer: the request was blocked, or broken off"),
        ({"_charlesStatus": "EXCEPTION"}, "its answer was broken off"),
        (
            {"content": {"size": 73, "_file": "ab12.json"}},
            "its body is in a file of its own: record it with the bodies",
        ),
        (
            {"content": {"size": 9, "text": base64.b64encode(b"\x8b\x02\x80{}").decode(), "encoding": "base64"}},
            "its body is packed with br",
        ),
        ({"content": {"size": 900, "text": TEXT[:40]}}, "its body is cut off: 40 of 900 bytes are there"),
        (
            {"content": {"size": 9, "text": base64.b64encode(b"\x1f\x8b{}").decode(), "encoding": "base64"}},
            "its body was packed with gzip, and is damaged",
        ),
        ({"status": "Maria"}, "it is not as others of its form are"),
        ({"headers": [{"value": "x"}]}, "it has no name"),
        ({"headers": [7]}, "it is not as others of its form are"),
    ],
)
def test_what_cannot_be_read_right_is_named(response: dict[str, Any], said: str) -> None:
    headers = [{"name": "Content-Encoding", "value": "br"}]
    [found] = reasons(har(entry(response={"headers": headers} | response)))
    assert found.startswith(f"file, entry 1: {said}")
    assert "Maria" not in found


def test_names_of_headers_in_any_case_and_what_http_2_has_besides() -> None:
    headers = [
        *({"name": name, "value": value} for name, value in ((":path", "/x"), ("X-A", "1"), ("x-a", "2"))),
        {"name": "X-B", "value": None},
        {"name": "x-c"},
    ]
    assert one(entry(request={"headers": headers})).asked == {"x-a": "1, 2", "x-b": "", "x-c": ""}
    assert one(entry(request={"headers": {"X-A": "1", "b": ["2", "3"]}})).asked == {"x-a": "1", "b": "2, 3"}


def test_what_is_not_http_is_passed_over() -> None:
    socket = {
        "method": "GET",
        "url": "wss://shop.example/live",
        "httpVersion": "HTTP/1.1",
    }
    told = entry(request=socket, response={"status": 101}, _webSocketMessages=[{"type": "send", "data": "x"}])
    assert reads(har(told, entry(request={"url": "chrome-extension://abc/x.js"}))) == [None, None]


def test_entries_may_come_twice_and_in_any_order() -> None:
    found = reads(
        har(entry(), entry(), entry(startedDateTime="2029-01-01T12:00:00Z", pageref=None, timings={"dns": -1}))
    )
    assert len(found) == 3
    learner = Learner()
    for each in found:
        learner.take(each)
    learner.finish()
    assert learner.counts.flows == 1


@pytest.mark.parametrize("indent", [None, 2, "\t"])
@pytest.mark.parametrize("before", [{}, {"$schema": "x", "_meta": {"entries": [1]}}])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf", b"\r\n\r\n"])
def test_a_log_can_stand_after_something_else(indent: Any, before: Any, mark: bytes) -> None:
    whole = before | {"log": {"version": "1.2", "pages": [], "entries": [entry(), entry()], "comment": ""}}
    text = json.dumps(whole, indent=indent)
    assert len(reads(mark + text.encode())) == 2
    assert len(reads(mark + text.replace("\n", "\r\n").encode())) == 2


def test_a_file_packed_with_zlib_is_unpacked() -> None:
    packed = zlib.compress(har(*[entry()] * 500), 9)
    assert len(reads(packed)) == 500
    [*_, last] = reads(packed[:-9])
    assert isinstance(last, Unreadable)
    assert "it was packed, and is damaged" in str(last)
    assert reasons(b"PK\x03\x04xyz") == ["file: it is a zip archive; unpack it"]
