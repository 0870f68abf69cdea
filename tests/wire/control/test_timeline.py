"""The journal in words: every kind of entry, as a person reads it."""

from typing import Any

import pytest

from mockserver.wire.control.journal import NAMES
from mockserver.wire.control.timeline import TELLERS, timeline

FLOW = "677e6a17-d64b-406f-b682-efabc26efb86"
CALLBACK: dict[str, Any] = {
    "kind": "callback",
    "trackingId": FLOW,
    "callback": 3,
    "url": "http://app/hook",
    "attempt": 1,
    "delivered": True,
    "status": 200,
    "error": None,
    "nextRetry": None,
}
STATUS: dict[str, Any] = {
    "kind": "status",
    "trackingId": FLOW,
    "channel": "Sms",
    "status": "Undelivered",
    "reason": None,
    "cause": "report",
    "late": False,
}
REQUEST: dict[str, Any] = {
    "kind": "request",
    "method": "POST",
    "path": "/failover",
    "status": 200,
    "error": None,
    "wrong": {},
}
MOVED: dict[str, Any] = {
    "kind": "flow",
    "trackingId": FLOW,
    "flowStatus": "InProgress",
    "statusCode": None,
    "terminationChannel": None,
}

TOLD: list[tuple[dict[str, Any], str]] = [
    ({"kind": "token", "applicationId": "app", "again": False}, "issued to app"),
    ({"kind": "token", "applicationId": "app", "again": True}, "handed out again to app"),
    ({"kind": "token", "applicationId": "app", "revoked": 2}, "2 of app revoked"),
    ({"kind": "token", "applicationId": None, "expired": 2}, "2 of all applications expired"),
    (REQUEST, "POST /failover answered 200"),
    (REQUEST | {"status": 404, "error": "Nothing lives there."}, "POST /failover answered 404: Nothing lives there."),
    ({"kind": "balance", "balance": 3.5}, "3.5 euro"),
    ({"kind": "balance", "balance": "unlimited"}, "unlimited euro"),
    (
        {"kind": "refused", "applicationId": "app", "why": "scenario 'x' answers 503"},
        "a send of app: scenario 'x' answers 503",
    ),
    ({"kind": "scenario", "scenario": "x", "change": "added"}, "x added"),
    (
        {"kind": "scenario", "scenario": "x", "change": "added", "says": {"name": "x", "why": "so", "sms": "failed"}},
        'x added: {"sms":"failed"}',
    ),
    (
        {"kind": "scenario", "scenario": "x", "change": "added", "says": {"sms": "s" * 300}},
        f'x added: {{"sms":"{"s" * 190}...',
    ),
    ({"kind": "scenario", "scenario": None, "change": "dropped"}, "all dropped"),
    (
        {"kind": "fault", "trackingId": FLOW, "callback": 2, "fault": "dropped", "why": "scenario 'x'"},
        "677e6a17 callback 2: dropped (scenario 'x')",
    ),
    (
        {"kind": "fault", "trackingId": None, "callback": None, "fault": "500", "why": "scenario 'x'"},
        "a send: 500 (scenario 'x')",
    ),
    ({"kind": "send", "trackingId": FLOW, "channels": ["Viber", "Sms"]}, "677e6a17 Viber, then Sms"),
    (
        {"kind": "step", "trackingId": FLOW, "channel": "Sms", "to": "+306900000300", "outcome": "failed", "why": "so"},
        "677e6a17 Sms to +306900000300 will be failed: so",
    ),
    (
        {"kind": "step", "trackingId": FLOW, "channel": "Sms", "to": "+30", "outcome": "timeline", "why": "so"},
        "677e6a17 Sms to +30 goes by a timeline: so",
    ),
    (STATUS, "677e6a17 Sms Undelivered"),
    (STATUS | {"reason": "Undelivered"}, "677e6a17 Sms Undelivered"),
    (
        STATUS | {"reason": "Roaming", "cause": "pushed", "late": True},
        "677e6a17 Sms Undelivered (Roaming, pushed by hand, late)",
    ),
    (STATUS | {"reason": "Expired", "cause": "ttl"}, "677e6a17 Sms Undelivered (its ttl ran out)"),
    (STATUS | {"cause": "server error"}, "677e6a17 Sms Undelivered (server error)"),
    (
        {"kind": "ignored", "trackingId": FLOW, "channel": "Sms", "status": "Sent", "standing": "Delivered"},
        "677e6a17 Sms cannot become Sent: it is Delivered",
    ),
    (
        {"kind": "ignored", "trackingId": FLOW, "channel": "Sms", "status": "Sent", "standing": ""},
        "677e6a17 Sms cannot become Sent: it is not sent",
    ),
    ({"kind": "unseen", "trackingId": FLOW, "channel": "Viber"}, "677e6a17 Viber was delivered, and not seen in time"),
    (
        {"kind": "hold", "trackingId": FLOW, "channel": "Sms", "dropped": 2},
        "677e6a17 Sms is taken over by hand: 2 planned statuses dropped",
    ),
    (
        {"kind": "hold", "trackingId": FLOW, "channel": "Sms", "dropped": 1},
        "677e6a17 Sms is taken over by hand: 1 planned status dropped",
    ),
    (
        {"kind": "hold", "trackingId": FLOW, "channel": "Sms", "dropped": 0},
        "677e6a17 Sms is taken over by hand: no planned statuses dropped",
    ),
    (MOVED, "677e6a17 is InProgress"),
    (
        MOVED | {"flowStatus": "Failed", "statusCode": "2", "terminationChannel": "Sms"},
        "677e6a17 is Failed over Sms, statusCode 2",
    ),
    (
        {"kind": "inbound", "trackingId": FLOW, "message": "Thanks", "callback": 4},
        "677e6a17 was answered 'Thanks': callback 4",
    ),
    (
        {"kind": "answered", "trackingId": FLOW, "step": 1, "answeredBy": "machine", "callback": 4},
        "677e6a17 a machine answered the call: callback 4",
    ),
    (CALLBACK, "677e6a17 callback 3 to http://app/hook: answered 200"),
    (
        CALLBACK | {"attempt": 2, "delivered": False, "error": "answered 500", "nextRetry": "2030-01-01T12:00:30Z"},
        "677e6a17 callback 3, attempt 2 to http://app/hook: answered 500; again at 2030-01-01T12:00:30Z",
    ),
    (
        CALLBACK | {"delivered": False, "error": "answered 500"},
        "677e6a17 callback 3 to http://app/hook: answered 500; given up",
    ),
    ({"kind": "clock", "from": "2030-01-01T12:00:00Z"}, "moved here from 2030-01-01T12:00:00Z"),
    ({"kind": "clock", "mode": "realtime", "rate": 60.0}, "realtime, at rate 60"),
    ({"kind": "restart", "downMs": 3_200, "again": []}, "the server was down for 3.2 s"),
    ({"kind": "restart", "downMs": 20, "again": [4]}, "the server was down for 0.02 s; posted again: callback 4"),
    ({"kind": "restart", "downMs": 0, "again": [4, 9]}, "the server was down for 0 s; posted again: callbacks 4, 9"),
]


@pytest.mark.parametrize(("entry", "text"), TOLD, ids=[text[:40] for _, text in TOLD])
def test_an_entry_is_one_line(entry: dict[str, Any], text: str) -> None:
    day, line = timeline([entry | {"at": "2030-01-01T12:00:00Z"}])
    assert (day, line) == ("2030-01-01", f"12:00:00.000  {entry['kind']:<8}  {text}")


def test_every_kind_has_its_line() -> None:
    assert TELLERS.keys() == set(NAMES) == {entry["kind"] for entry, _ in TOLD}


HOOK = "http://127.0.0.1:9/hook"
NOBODY = f"{HOOK}: nothing listens there; is the application started, and on that port? (ConnectionRefusedError)"


def attempt(callback: int, number: int, at: str, again: str | None, error: str | None = NOBODY) -> dict[str, Any]:
    entry = CALLBACK | {"callback": callback, "attempt": number, "at": f"2030-01-01T{at}Z", "url": HOOK}
    failed = {"delivered": False, "status": None, "error": error}
    return entry | {"nextRetry": again and f"2030-01-01T{again}Z"} | (failed if error else {})


def test_retries_that_fail_alike_are_one_line_and_a_url_and_an_error_are_told_once() -> None:
    entries = [
        attempt(1, 1, "12:00:00", "12:00:30"),
        attempt(2, 1, "12:00:00", "12:00:30"),
        attempt(1, 2, "12:00:30", "12:01:30"),
        attempt(2, 2, "12:00:30", "12:01:30"),
        None,
        attempt(1, 3, "12:01:30", None),
        attempt(2, 3, "12:01:30", "12:03:30", "answered 500"),
        attempt(2, 4, "12:03:30", None, None),
    ]
    assert [line for line in timeline(entries) if line] == [
        "2030-01-01",
        f"12:00:00.000  callback  677e6a17 callback 1 to {NOBODY}; again at 2030-01-01T12:00:30Z",
        "              callback  677e6a17 callback 2: the same as callback 1; again at 2030-01-01T12:00:30Z",
        "12:01:30.000  callback  677e6a17 callback 1, attempts 2 to 3: the same, until +1 min 30 s; given up",
        "              callback  677e6a17 callback 2, attempt 2: the same, at +30 s; again at 2030-01-01T12:01:30Z",
        "              callback  677e6a17 callback 2, attempt 3: answered 500; again at 2030-01-01T12:03:30Z",
        "12:03:30.000  callback  677e6a17 callback 2, attempt 4: answered 200",
    ]


def test_retries_that_go_on_are_told_at_the_end() -> None:
    moved = {"kind": "clock", "from": "2030-01-01T12:02:00Z", "at": "2030-01-01T12:03:00Z"}
    entries = [attempt(1, 1, "12:00:00", "12:00:30"), attempt(1, 2, "12:00:30", "12:01:30"), moved]
    assert list(timeline(entries))[-1] == (
        "              callback  677e6a17 callback 1, attempt 2: the same, at +30 s; again at 2030-01-01T12:01:30Z"
    )


def test_a_scenario_that_gets_more_words_is_told_once() -> None:
    def added(name: str, **says: str) -> dict[str, Any]:
        entry = {"kind": "scenario", "scenario": name, "change": "added", "says": {"name": name, **says}}
        return entry | {"at": "2030-01-01T12:00:00Z"}

    dropped = {"kind": "scenario", "scenario": None, "change": "dropped", "at": "2030-01-01T12:00:00Z"}
    entries = [
        added("a", viber="failed"),
        added("a", viber="failed", sms="failed"),
        added("b", sms="failed"),
        added("b", sms="delivered"),
        dropped,
        dropped,
        added("c", sms="failed"),
        None,
        added("c", sms="failed", voice="busy"),
    ]
    assert [line.removeprefix("12:00:00.000").strip() for line in timeline(entries)] == [
        "",
        "2030-01-01",
        'scenario  a added: {"viber":"failed","sms":"failed"}',
        'scenario  b added: {"sms":"failed"}',
        'scenario  b added: {"sms":"delivered"}',
        "scenario  all dropped",
        "scenario  all dropped",
        'scenario  c added: {"sms":"failed"}',
        "",
        'scenario  c added: {"sms":"failed","voice":"busy"}',
    ]


def test_day_and_time_stand_where_they_change_and_what_was_wrong_below() -> None:
    wrong = REQUEST | {"status": 400, "error": "Validation Error!", "wrong": {"flow": "is required", "x": "is odd"}}
    moments = ("2030-01-01T12:00:00Z", "2030-01-01T12:00:00Z", "2030-01-01T12:00:00.5Z", "2030-01-02T12:00:00.5Z")
    assert list(timeline({**wrong, "at": at} if at.endswith(":00Z") else {**REQUEST, "at": at} for at in moments)) == [
        "2030-01-01",
        "12:00:00.000  request   POST /failover answered 400: Validation Error!",
        "                          flow is required",
        "                          x is odd",
        "              request   POST /failover answered 400: Validation Error!",
        "                          flow is required",
        "                          x is odd",
        "12:00:00.500  request   POST /failover answered 200",
        "2030-01-02",
        "12:00:00.500  request   POST /failover answered 200",
    ]
