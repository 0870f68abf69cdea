"""What the control API understands and says."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.clock import LAST, Until
from mockserver.core.commands import Mode, SetClock
from mockserver.wire.control.views import Page, clock_document, read_advance, read_clock, read_page
from mockserver.wire.errors import Refusal


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({"by": 600}, Until(by=600_000)),
        ({"by": "10m"}, Until(by=600_000)),
        ({"by": "PT10M", "limit": 5}, Until(by=600_000, limit=5)),
        ({"to": "1970-01-01T00:00:01Z"}, Until(to=1_000)),
        ({"until": "next"}, Until(events=1)),
        ({"until": "idle"}, Until()),
        ({"until": {"final": "x"}}, Until(flow="x")),
    ],
)
def test_moves(asked: Any, wanted: Until) -> None:
    assert read_advance(json.dumps(asked).encode()) == wanted


@pytest.mark.parametrize(
    ("asked", "paths"),
    [
        ({}, set()),
        ({"by": 1, "to": "x"}, {"by", "to"}),
        ({"by": 1, "fast": True}, {"fast"}),
        ({"by": -1, "limit": 0}, {"by", "limit"}),
        ({"by": None}, {"by"}),
        ({"to": 5}, {"to"}),
        ({"until": "never"}, {"until"}),
        ({"until": {"final": 5}}, {"until"}),
        ({"until": "idle", "limit": True}, {"limit"}),
        ([], set()),
        ("x", set()),
    ],
)
def test_bad_moves(asked: Any, paths: set[str]) -> None:
    with pytest.raises(Refusal) as caught:
        read_advance(json.dumps(asked).encode())
    assert caught.value.status == 400
    assert caught.value.body.get("properties", {}).keys() == paths
    assert '"until"' in caught.value.body["developerMessage"] or paths


@pytest.mark.parametrize(
    ("asked", "command"),
    [
        ({"mode": "instant"}, SetClock(Mode.INSTANT)),
        ({"rate": 60}, SetClock(rate=60.0)),
        ({"mode": "realtime", "rate": 0.5}, SetClock(Mode.REALTIME, 0.5)),
    ],
)
def test_settings(asked: Any, command: SetClock) -> None:
    assert read_clock(json.dumps(asked).encode()) == command


@pytest.mark.parametrize(
    ("asked", "paths"),
    [
        ({}, set()),
        ({"mode": "fast", "rate": 0}, {"mode", "rate"}),
        ({"mode": None, "rate": None}, {"mode", "rate"}),
        ({"mode": ["manual"], "rate": True}, {"mode", "rate"}),
        ({"mode": "manual", "speed": 2}, {"speed"}),
        ({"rate": 1e7}, {"rate"}),
    ],
)
def test_bad_settings(asked: Any, paths: set[str]) -> None:
    with pytest.raises(Refusal) as caught:
        read_clock(json.dumps(asked).encode())
    assert caught.value.body.get("properties", {}).keys() == paths


def test_pages_of_callbacks() -> None:
    assert read_page({}) == Page(None, 0, 1_000)
    assert read_page({"trackingId": "x", "after": "5", "limit": "2"}) == Page("x", 5, 2)
    with pytest.raises(Refusal) as caught:
        read_page({"after": "-1", "limit": "x", "flow": "y"})
    assert caught.value.body["properties"].keys() == {"after", "limit", "flow"}


@given(
    st.binary()
    | st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_anything_is_a_move_or_a_refusal(body: bytes) -> None:
    for read in (read_advance, read_clock):
        with pytest.raises(Refusal):
            read(body)


def test_the_clock_as_it_is_read() -> None:
    assert clock_document(0, Mode.MANUAL, 1.0, 0, None) == {
        "now": "1970-01-01T00:00:00Z",
        "mode": "manual",
        "rate": 1,
        "pending": 0,
        "next": None,
    }
    read = clock_document(0, Mode.REALTIME, 0.5, 2, 1_000)
    assert (read["rate"], read["next"]) == (0.5, "1970-01-01T00:00:01Z")
    assert clock_document(0, Mode.MANUAL, 1.0, 1, LAST + 1)["next"] is None
