"""The tracking search: what is understood, what is found, how it comes back."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.channels import Channel
from mockserver.core.flow import Flow, FlowStatus, Step
from mockserver.wire.errors import Refusal
from mockserver.wire.search import Filter, Search, page_document, read_search


def flow(number: int, *steps: tuple[Channel, str], created: int = 0, **more: Any) -> Flow:
    asked = tuple(Step(channel, to, frozenset()) for channel, to in steps)
    return Flow(f"flow-{number}", number, "app", asked, created, created, **more)


ONE = flow(1, (Channel.SMS, "+306900000001"), created=1_000, status=FlowStatus.SUCCEEDED, termination=Channel.SMS)
TWO = flow(
    2, (Channel.VIBER, "+306900000002"), (Channel.SMS, "+15555550100"), created=2_000, status=FlowStatus.IN_PROGRESS
)
THREE = flow(3, (Channel.VOICE, "sip:a@b"), created=3_000, status=FlowStatus.FAILED, termination=Channel.VOICE)
NEWEST_FIRST = (THREE, TWO, ONE)


def found(*filters: dict[str, str], **query: str) -> list[str]:
    search = read_search(query, json.dumps(filters).encode())
    return [each["trackingId"] for each in page_document(search, NEWEST_FIRST)["content"]]


def by(field: str, term: str, operator: str = "is") -> dict[str, str]:
    return {"fieldName": field, "searchOperator": operator, "searchTerm": term}


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        ([], [3, 2, 1]),
        ([by("type", "sms")], [2, 1]),
        ([by("type", "SMS", "is_not")], [3]),
        ([by("status", "inprogress")], [2]),
        ([by("status", "Failed", "is_not")], [2, 1]),
        ([by("terminationChannel", "Sms")], [1]),
        ([by("terminationChannel", "Sms", "is_not")], [3, 2]),
        ([by("to", "+306900000001")], [1]),
        ([by("to", "306900000001")], [1]),
        ([by("to", "55555", "contains")], [2]),
        ([by("to", "+3069", "starts_with")], [2, 1]),
        ([by("to", "02", "ends_with")], [2]),
        ([by("to", "SIP:", "starts_with")], [3]),
        ([by("to", "+15555550100", "is_not")], [3, 1]),
        ([by("type", "Sms"), by("status", "Succeeded")], [1]),
        ([by("type", "Sms"), by("type", "Voice")], []),
        ([{"fieldName": "type", "searchTerm": " Voice "}], [3]),
    ],
)
def test_filters(filters: list[dict[str, str]], numbers: list[int]) -> None:
    assert found(*filters) == [f"flow-{number}" for number in numbers]


def test_one_bare_filter_and_an_empty_body() -> None:
    assert read_search({}, json.dumps(by("type", "Sms")).encode()).filters == (Filter("type", "is", "sms"),)
    assert read_search({}, b"") == read_search({}, b"[]") == read_search({}, b"null") == Search()


def test_dates_are_compared_with_the_creation_ends_included() -> None:
    second = "1970-01-01T00:00:02Z"
    assert found(dateStart=second) == ["flow-3", "flow-2"]
    assert found(dateEnd=second) == ["flow-2", "flow-1"]
    assert found(dateStart=second, dateEnd=second) == ["flow-2"]
    assert read_search({"dateStart": "2025-05-05T17:00 02:00"}, b"").start == 1_746_457_200_000


def test_a_page() -> None:
    document = page_document(Search(page=1, size=2), NEWEST_FIRST)
    assert {name: value for name, value in document.items() if name != "content"} == {
        "totalPages": 2,
        "totalElements": 3,
        "number": 1,
        "size": 2,
        "numberOfElements": 1,
        "first": False,
        "last": True,
    }
    assert [each["trackingId"] for each in document["content"]] == ["flow-1"]


def test_a_page_beyond_the_end_and_one_with_nothing_at_all() -> None:
    beyond = page_document(Search(page=10**9, size=2_000), NEWEST_FIRST)
    assert (beyond["content"], beyond["totalPages"], beyond["first"], beyond["last"]) == ([], 1, False, True)
    nothing = page_document(Search(), ())
    assert (nothing["totalPages"], nothing["first"], nothing["last"]) == (0, True, True)


@pytest.mark.parametrize(
    ("query", "body", "paths"),
    [
        ({"page": "-1", "size": "0"}, b"", {"page", "size"}),
        ({"page": "x", "size": "2001"}, b"", {"page", "size"}),
        ({"page": "1" * 50, "size": "٣"}, b"", {"page", "size"}),
        ({"dateStart": "yesterday", "dateEnd": "2025-99-01"}, b"", {"dateStart", "dateEnd"}),
        ({"dateStart": "2025-05-05", "dateEnd": "2025-05-04"}, b"", {"dateEnd"}),
        ({}, b'[{"fieldName":"typo","searchTerm":""},5]', {"[0].fieldName", "[0].searchTerm", "[1]"}),
        ({}, b'{"fieldName":["type"],"searchTerm":5,"searchOperator":{}}', {"[0].fieldName", "[0].searchTerm"}),
        ({}, b'{"fieldName":"type","searchTerm":"x","searchOperator":"contains"}', {"[0].searchOperator"}),
        ({"page": "x"}, b"[1]", {"page", "[0]"}),
    ],
)
def test_everything_wrong_is_named(query: dict[str, str], body: bytes, paths: set[str]) -> None:
    with pytest.raises(Refusal) as caught:
        read_search(query, body)
    assert caught.value.status == 400
    assert caught.value.body["properties"].keys() == paths


def test_a_near_miss_is_named() -> None:
    with pytest.raises(Refusal) as caught:
        read_search({}, b'{"fieldName":"terminationChanel","searchTerm":"x"}')
    assert caught.value.body["properties"]["[0].fieldName"].endswith("did you mean terminationChannel?")


@given(st.dictionaries(st.sampled_from(["dateStart", "dateEnd", "page", "size"]), st.text()), st.binary())
def test_anything_is_a_search_or_a_refusal(query: dict[str, str], body: bytes) -> None:
    try:
        read_search(query, body)
    except Refusal as refusal:
        assert refusal.status == 400


FLOWS = st.lists(
    st.builds(
        flow,
        st.integers(0, 99),
        st.tuples(st.sampled_from(Channel), st.sampled_from(["+306900000001", "+15555550100"])),
        created=st.integers(0, 5),
        status=st.sampled_from(FlowStatus),
        termination=st.none() | st.sampled_from(Channel),
    ),
    max_size=12,
)


@given(
    FLOWS,
    st.integers(0, 3),
    st.integers(1, 5),
    st.none() | st.integers(0, 5),
    st.none() | st.sampled_from(FlowStatus),
)
def test_pages_are_slices_of_what_answers(
    flows: list[Flow], page: int, size: int, start: int | None, status: FlowStatus | None
) -> None:
    filters = () if status is None else (Filter("status", "is", status.casefold()),)
    document = page_document(Search(start, None, page, size, filters), flows)
    expected = [each for each in flows if (start is None or each.created >= start) and status in (None, each.status)]
    shown = expected[page * size : (page + 1) * size]
    assert [each["trackingId"] for each in document["content"]] == [each.id for each in shown]
    assert (document["totalElements"], document["numberOfElements"]) == (len(expected), len(shown))
    assert document["totalPages"] * size >= len(expected) > (document["totalPages"] - 1) * size or not expected


def test_the_dates_are_real() -> None:
    assert datetime.fromtimestamp(1_746_457_200, UTC).isoformat() == "2025-05-05T15:00:00+00:00"
