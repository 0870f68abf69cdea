"""What is to be verified: what is understood, what is refused, and what is said of it."""

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.channels import Channel
from mockserver.core.commands import Answer, NoteRequest, PushInbound
from mockserver.core.deliveries import Delivery
from mockserver.core.facts import CallbackAttempted, RequestAnswered, StatusChanged
from mockserver.core.flow import Flow, FlowStatus, Message
from mockserver.core.journal import Entry
from mockserver.core.outcome import Cause
from mockserver.core.step import Callback, Step, Strategy
from mockserver.core.values import replace
from mockserver.wire.errors import Refusal
from mockserver.wire.verify.expectations import Count, Expectation, Snapshot, nearest, tell
from mockserver.wire.verify.request import MODELS, Verification, read_verification

Json = dict[str, Any]


def read(asked: Any) -> Verification:
    return read_verification(json.dumps(asked).encode())


def refused(asked: Any) -> Json:
    with pytest.raises(Refusal) as caught:
        read(asked)
    assert caught.value.status == 400
    assert '{"expect": [{"sends"' in caught.value.body["developerMessage"]
    return dict(caught.value.body.get("properties", {}))


def step(channel: Channel, to: str, label: str, text: str) -> Step:
    return Step(channel, to, frozenset(), label=label, text=text, sender="Parcels")


def flow(number: int, to: str, label: str, *, callback: Callback | None = None) -> Flow:
    steps = (step(Channel.VIBER, to, f"{label}-viber", "hello"), step(Channel.SMS, to, label, "your code is 1234"))
    return Flow(f"flow-{number}", number, "app", steps, 0, 0, callback)


HOOK = Callback(Strategy.ON_STEP, "http://hook/")
SENT = flow(1, "+306900000300", "order 1", callback=HOOK)
QUEUED = replace(SENT, messages=(Message("v", 0, status="QUEUED"),), status=FlowStatus.IN_PROGRESS)
EXPIRED = replace(QUEUED, messages=(Message("v", 0, status="EXPIRED"), Message("s", 0)))
FAILED = replace(
    EXPIRED,
    messages=(EXPIRED.messages[0], Message("s", 0, status="Undelivered")),
    status=FlowStatus.FAILED,
    code="2",
    termination=Channel.SMS,
)
LATE = replace(FAILED, messages=(Message("v", 0, status="SEEN"), FAILED.messages[1]))
OTHER = flow(2, "+306900000301", "order 2")


def heard(number: int, channel: Channel, status: str) -> Entry:
    return Entry(number, 0, StatusChanged("flow-1", 0, channel, "m", status, None, Cause.REPORT, late=False))


def attempted(number: int, status: int | None, error: str | None = None) -> Entry:
    return Entry(
        100 + number,
        0,
        CallbackAttempted("flow-1", number, 1, HOOK.url, Answer(status, error, 1.0), None, status == 200),
    )


STATUSES = (
    heard(1, Channel.VIBER, "QUEUED"),
    heard(2, Channel.VIBER, "EXPIRED"),
    heard(3, Channel.SMS, "Undelivered"),
    heard(4, Channel.VIBER, "SEEN"),
)
REQUESTS = (
    Entry(5, 0, RequestAnswered(NoteRequest("POST", "/failover", 200, "app"))),
    Entry(6, 0, RequestAnswered(NoteRequest("POST", "/failover", 400, "app", "Wrong!", (("flow[0].to", "is bad"),)))),
    Entry(7, 0, RequestAnswered(NoteRequest("GET", "/failover/tracking/x", 404, "app", "There is no such flow."))),
)
DELIVERIES = (
    Delivery(1, QUEUED, HOOK.url, (attempted(1, 200),)),
    Delivery(2, EXPIRED, HOOK.url, (attempted(2, 500),), next=30_000),
    Delivery(3, EXPIRED, HOOK.url, (attempted(3, None, "it hung up"),), copy_of=2),
    Delivery(4, FAILED, HOOK.url),
    Delivery(5, FAILED, "http://inbound/", inbound=(PushInbound("flow-1", 0, "http://inbound/", "hi"), 0)),
    Delivery(6, LATE, HOOK.url),
)
RECORD = Snapshot((FAILED, OTHER), DELIVERIES, (*STATUSES, *REQUESTS))


def told(expectation: Expectation, record: Snapshot) -> Json:
    """The verdict, looked for in all things at once."""
    found = [thing for thing in expectation.things(record) if expectation.fits(record, thing)]
    newest_first = enumerate(reversed(expectation.things(record)))
    misses = [
        expectation.miss(record, thing, age) for age, thing in newest_first if not expectation.fits(record, thing)
    ]
    return tell(expectation, record, found, nearest(misses))


def verify(asked: Json, record: Snapshot = RECORD) -> Json:
    [expectation] = read(asked).expectations
    return told(expectation, record)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"sends": {}}, 2),
        ({"sends": {"to": "306900000300"}}, 1),
        ({"sends": {"to": "+3069*", "channel": "sms", "label": "order *", "text": "your code is *"}}, 2),
        ({"sends": {"from": "Parcels", "applicationId": "app", "kind": "Failover", "channels": ["viber", "Sms"]}}, 2),
        ({"sends": {"callbackUrl": "http://*"}}, 1),
        ({"sends": {"callbackUrl": ""}}, 1),
        ({"sends": {"to": None, "label": "order 1"}, "count": None}, 1),
        ({"flow": {"to": "+306900000300"}, "status": "failed", "statusCode": "2", "terminationChannel": "SMS"}, 1),
        ({"flow": {"label": "order 1"}, "heard": ["Viber EXPIRED", "Sms *"]}, 1),
        ({"flow": {"label": "order 2"}, "exactly": []}, 1),
        ({"flow": {}}, 2),
        ({"callback": {}}, 6),
        ({"callback": {"status": "InProgress"}}, 3),
        ({"callback": {"messageStatus": "Viber EXPIRED"}}, 2),
        ({"callback": {"messageStatus": "expired"}}, 2),
        ({"callback": {"messageStatus": "Sms Undelivered"}}, 1),
        ({"callback": {"messageStatus": "SEEN"}}, 1),
        ({"callback": {"url": "*inbound*", "trackingId": "flow-1"}}, 1),
        ({"callback": {"to": "+306900000300", "delivered": True, "attempts": 1}}, 1),
        ({"callback": {"delivered": False, "attempts": {"atMost": 0}}}, 3),
        ({"request": {"method": "post", "path": "/failover"}}, 2),
        ({"request": {"status": 400, "error": "flow[0].to is"}}, 1),
        ({"request": {"path": "/failover/tracking/*", "error": "no such"}}, 1),
    ],
)
def test_what_is_found(asked: Json, found: int) -> None:
    told = verify(asked)
    assert (told["ok"], told["found"]) == (True, found), told
    assert told["says"].endswith("as expected")
    if "flow" not in asked:
        assert verify(asked | {"count": found})["ok"]
        assert not verify(asked | {"count": found + 1})["ok"]


@pytest.mark.parametrize(
    ("asked", "differs"),
    [
        ({"sends": {"to": "+306900000302"}}, {"to": "is '+306900000301', not '+306900000302'"}),
        ({"sends": {"channel": "Sms", "label": "order 1-viber"}}, {"label": "is 'order 1', not 'order 1-viber'"}),
        ({"sends": {"channels": ["Sms", "Viber"]}}, {"channels": "are Viber, Sms; not Sms, Viber"}),
        (
            {"sends": {"to": "+306900000301", "callbackUrl": "*"}, "count": 2},
            {"to": "is '+306900000300', not '+306900000301'"},
        ),
        (
            {"sends": {"text": "*", "callbackUrl": "http://hooks/"}},
            {"callbackUrl": "is 'http://hook/', not 'http://hooks/'"},
        ),
        ({"flow": {"to": "+306900000300"}, "status": "Succeeded"}, {"status": "is 'Failed', not 'Succeeded'"}),
        (
            {"flow": {"trackingId": "flow-1"}, "heard": ["Viber EXPIRED", "Sms Delivered"]},
            {"heard": "breaks off: after Viber EXPIRED came Sms Undelivered, Viber SEEN; Sms Delivered never came"},
        ),
        (
            {"flow": {"trackingId": "flow-1"}, "exactly": ["Viber QUEUED", "Viber SEEN"]},
            {"exactly": "differs: after Viber QUEUED came Viber EXPIRED, not Viber SEEN"},
        ),
        ({"callback": {"messageStatus": "QUEUED", "attempts": 3}}, {"attempts": "is 1, not 3"}),
        (
            {"callback": {"url": "http://hook/", "messageStatus": "EXPIRED", "delivered": True}},
            {"delivered": "is given up: attempt 1 was not answered: it hung up"},
        ),
        ({"callback": {"messageStatus": "Undelivered", "delivered": True}}, {"delivered": "is under way"}),
        ({"request": {"status": 503, "error": "Wrong!"}}, {"status": "is 400, not 503"}),
        ({"request": {"status": 404, "error": "flow"}, "count": 2}, {"status": "is 400, not 404"}),
    ],
)
def test_the_nearest_miss_says_how_it_differs(asked: Json, differs: Json) -> None:
    told = verify(asked)
    assert not told["ok"]
    assert told["nearest"][0]["differs"] == differs
    assert len(told["nearest"]) <= 3
    assert all(f"{name} {words}" in told["says"] for name, words in differs.items())


def test_the_step_that_comes_nearest_is_named() -> None:
    told = verify({"sends": {"channel": "Sms", "text": "your code is 1235"}})
    assert told["nearest"][0] == {
        "trackingId": "flow-2",
        "step": 2,
        "differs": {"text": "is 'your code is 1234', not 'your code is 1235'"},
    }
    assert told["says"].startswith(
        "expected at least 1 send with channel 'Sms', text 'your code is 1235', found none; the nearest: text is"
    )


def test_where_the_flow_that_is_meant_is_there_the_others_are_left_out() -> None:
    there = verify({"flow": {"to": "+306900000300"}, "status": "Queued", "statusCode": "3"})
    assert [miss["trackingId"] for miss in there["nearest"]] == ["flow-1"]
    assert "refused" not in there
    elsewhere = verify({"flow": {"to": "+306900000309"}, "status": "Queued"})
    assert [miss["trackingId"] for miss in elsewhere["nearest"]] == ["flow-2", "flow-1"]
    assert elsewhere["refused"][0]["wrong"] == {"flow[0].to": "is bad"}


def test_a_refused_send_is_reported() -> None:
    told = verify({"sends": {}, "count": 3})
    assert told["says"] == "expected 3 sends, found 2; 1 send was refused"
    assert [entry["number"] for entry in told["refused"]] == [6]
    assert told["nearest"] == []
    twice = verify({"sends": {}, "count": 3}, dataclasses.replace(RECORD, entries=(*REQUESTS, *REQUESTS)))
    assert twice["says"] == "expected 3 sends, found 2; 2 sends were refused"


def test_what_is_too_many_is_reported() -> None:
    told = verify({"callback": {}, "count": {"atMost": 4}})
    assert told["says"] == "expected at most 4 callbacks, found 6"
    assert [each["callback"] for each in told["matched"]] == [6, 5, 4]
    assert verify({"request": {}, "count": 0})["says"] == "expected no request, found 3"
    assert [each["flow"] for each in verify({"sends": {}, "count": 1})["matched"]] == [2, 1]


def test_finding_nothing_is_reported() -> None:
    nothing = Snapshot((), (), (), forgotten=5)
    assert verify({"callback": {"url": "x"}}, nothing)["says"] == (
        "expected at least 1 callback with url 'x', found none; there is no callback at all"
    )
    unasked = Snapshot((OTHER,), (), ())
    assert verify({"callback": {}}, unasked)["says"] == (
        "expected at least 1 callback, found none; there is no callback at all: no flow was sent with callback.url"
    )
    assert verify({"flow": {"to": "x"}, "heard": ["*"]}, nothing)["says"] == (
        "expected at least 1 flow with to 'x', heard [*], found none; there is no flow at all;"
        " the oldest 5 entries of the journal are forgotten"
    )
    assert verify({"sends": {}, "count": 0}, nothing)["says"] == "no send matches, as expected"
    assert verify({"sends": {"text": "x" * 99}}, nothing)["says"].startswith(
        f"expected at least 1 send with text '{'x' * 60}...', found none"
    )
    assert "delivered true" in verify({"callback": {"delivered": True}}, nothing)["says"]


@pytest.mark.parametrize(
    ("asked", "count", "words"),
    [
        (2, Count(2, 2), "2"),
        (0, Count(0, 0), "0"),
        ({"atLeast": 2}, Count(2, None), "at least 2"),
        ({"atMost": 2}, Count(None, 2), "at most 2"),
        ({"atLeast": 1, "atMost": 3}, Count(1, 3), "1 to 3"),
    ],
)
def test_counts(asked: Any, count: Count, words: str) -> None:
    [expectation] = read({"sends": {}, "count": asked}).expectations
    assert expectation.count == count
    assert str(count) == words


def test_one_or_many_and_for_how_long() -> None:
    bare = read({"sends": {"to": "x"}, "within": "1500ms"})
    listed = read({"expect": [{"sends": {"to": "x"}}], "within": 1.5})
    assert bare == listed == read({"expect": {"sends": {"to": "x"}}, "within": "PT1.5S"})
    assert bare.within == 1.5
    assert read({"sends": {}, "within": None}).within == 0


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ({}, {"expect": "must hold one of sends, flow, callback, request"}),
        ({"send": {}}, {"expect": "must hold one of sends, flow, callback, request; did you mean sends?"}),
        ({"sends": {}, "flow": {}}, {"expect": "must hold only one of sends, flow, callback, request"}),
        ({"expect": []}, {"expect": "must be an array of 1 to 100 expectations"}),
        ({"expect": [{"sends": {}}] * 101}, {"expect": "must be an array of 1 to 100 expectations"}),
        ({"expect": None}, {"expect": "must be an array of 1 to 100 expectations"}),
        ({"expect": [5]}, {"expect[0]": "must hold one of sends, flow, callback, request"}),
        ({"expect": [{"sends": {}}], "wihtin": 5}, {"wihtin": "is not known here; did you mean within?"}),
        ({"sends": {}, "within": "61s"}, {"within": "must be at most 60 s"}),
        ({"sends": {"too": "x"}}, {"sends.too": "is not known here; did you mean to?"}),
        ({"sends": {"to": 5}}, {"sends.to": 'must be a text; put it in quotes: "5"'}),
        ({"sends": []}, {"sends": "must be an object"}),
        ({"sends": {"channel": "Vibr"}}, {"sends.channel": "must be one of Viber, Sms, Voice; did you mean Viber?"}),
        ({"expect": [{"sends": {"channels": []}}]}, {"expect[0].sends.channels": "must hold at least one entry"}),
        ({"flow": {}, "count": -1}, {"count": 'must be a number, or {"atLeast": 1, "atMost": 3} or one of the two'}),
        (
            {"flow": {"to": "x"}, "heard": ["Sms Delivred"]},
            {
                "heard[0]": 'must be a channel and a status of it, such as "Viber EXPIRED"; did you mean Sms Delivered?',
            },
        ),
        ({"request": {"status": 99}}, {"request.status": "must be at least 100"}),
    ],
)
def test_what_cannot_be_verified_is_named(asked: Any, wrong: Json) -> None:
    assert refused(asked) == wrong


@pytest.mark.parametrize(
    "count", [-1, 1.5, True, "2", [], {}, {"atLeast": None}, {"least": 1}, {"atLeast": 3, "atMost": 2}, 10**10]
)
def test_bad_counts(count: Any) -> None:
    assert refused({"sends": {}, "count": count}).keys() == {"count"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["to", "label", "count", "heard", "status", "atLeast", "channels", "within", *MODELS, "expect"]),
        inner,
        max_size=3,
    ),
    max_leaves=9,
)  # fmt: skip


@given(st.one_of(JSON, st.fixed_dictionaries({"expect": st.lists(JSON, max_size=3)})))
def test_anything_is_either_verified_or_refused(asked: Any) -> None:
    try:
        verification = read(asked)
    except Refusal as refusal:
        assert refusal.status == 400
    else:
        for expectation in verification.expectations:
            assert json.dumps(told(expectation, RECORD))
