"""The tracking search: what is understood, what is found, how it comes back."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from mockserver.core.channels import Channel
from mockserver.core.flow import Flow, FlowStatus, Message
from mockserver.core.step import Step
from mockserver.wire.errors import Refusal
from mockserver.wire.routee.search import Filter, Search, read_search
from tests.wire.routee.reading import page_document


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


# rules tracking.filters, tracking.every-step
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
        ([by("to", "3069", "starts_with")], [2, 1]),
        ([by("to", "+3069", "contains")], [2, 1]),
        ([by("to", "+", "contains")], [2, 1]),
        ([by("to", "+5555", "contains")], []),
        ([by("to", "+0100", "ends_with")], []),
        ([by("to", "0100", "ends_with")], [2]),
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


# rules tracking.filters, tracking.most-filters
def test_one_bare_filter_and_an_empty_body() -> None:
    assert read_search({}, json.dumps(by("type", "Sms")).encode()).filters == (Filter("type", "is", "sms"),)
    assert read_search({}, b"") == read_search({}, b"[]") == read_search({}, b"null") == Search()


# rule tracking.dates
def test_dates_are_compared_with_the_creation_ends_included() -> None:
    second = "1970-01-01T00:00:02Z"
    assert found(dateStart=second) == ["flow-3", "flow-2"]
    assert found(dateEnd=second) == ["flow-2", "flow-1"]
    assert found(dateStart=second, dateEnd=second) == ["flow-2"]
    assert read_search({"dateStart": "2025-05-05T17:00 02:00"}, b"").start == 1_746_457_200_000


# rule tracking.pages
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


# rules tracking.pages, tracking.empty-page
def test_a_page_beyond_the_end_and_one_with_nothing_at_all() -> None:
    beyond = page_document(Search(page=10**9, size=2_000), NEWEST_FIRST)
    assert (beyond["content"], beyond["totalPages"], beyond["first"], beyond["last"]) == ([], 1, False, True)
    nothing = page_document(Search(), ())
    assert (nothing["totalPages"], nothing["first"], nothing["last"]) == (0, True, True)
    third = page_document(Search(page=3), ())
    assert (third["number"], third["totalPages"], third["first"], third["last"]) == (3, 0, True, True)


# rules tracking.most-size, tracking.unknown-fields
@pytest.mark.parametrize(
    ("query", "body", "paths"),
    [
        ({"page": "-1", "size": "0"}, b"", {"page", "size"}),
        ({"page": "x", "size": "2001"}, b"", {"page", "size"}),
        ({"page": "1" * 50, "size": "٣"}, b"", {"page", "size"}),
        ({"page": "1" * 5_000}, b"", {"page"}),
        ({"dateStart": "yesterday", "dateEnd": "2025-99-01"}, b"", {"dateStart", "dateEnd"}),
        ({"dateStart": "2025-05-05", "dateEnd": "2025-05-04"}, b"", {"dateEnd"}),
        ({}, b'[{"fieldName":"typo","searchTerm":""},5]', {"[0].fieldName", "[0].searchTerm", "[1]"}),
        ({}, b'{"fieldName":["type"],"searchTerm":5,"searchOperator":{}}', {"[0].fieldName", "[0].searchTerm"}),
        ({}, b'{"fieldName":"type","searchTerm":"x","searchOperator":"contains"}', {"[0].searchOperator"}),
        ({"page": "x"}, b"[1]", {"page", "[0]"}),
        ({"page": "x", "dateEnd": "soon"}, b"{", {"page", "dateEnd"}),
        ({"size": "x"}, b"5", {"size"}),
        ({"size": "x"}, b"[" + b"{}," * 100 + b"{}]", {"size"}),
    ],
)
def test_everything_wrong_is_named(query: dict[str, str], body: bytes, paths: set[str]) -> None:
    with pytest.raises(Refusal) as caught:
        read_search(query, body)
    assert caught.value.status == 400
    assert caught.value.body["properties"].keys() == paths


@pytest.mark.parametrize(
    ("wrong", "key", "near"),
    [
        ({"fieldName": "terminationChanel"}, "fieldName", "terminationChannel"),
        ({"fieldName": "TO"}, "fieldName", "to"),
        ({"fieldName": "to", "searchOperator": "IS_NOT"}, "searchOperator", "is_not"),
        ({"fieldName": "to", "searchOperator": "startswith"}, "searchOperator", "starts_with"),
    ],
)
def test_a_near_miss_is_named(wrong: dict[str, str], key: str, near: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_search({}, json.dumps(wrong | {"searchTerm": "x"}).encode())
    assert caught.value.body["properties"][f"[0].{key}"].endswith(f"; did you mean {near}?")


# rule tracking.most-filters
@pytest.mark.parametrize("body", [b"5", b"0", b"true", b"false", b'"x"', b'""', b"[", b"\xff"])
def test_a_body_that_holds_no_filters(body: bytes) -> None:
    with pytest.raises(Refusal, match=r"^400: The body (is not JSON|must be an array of filters)"):
        read_search({}, body)


# rule tracking.most-filters
def test_a_search_has_twenty_filters_at_the_most() -> None:
    assert len(read_search({}, json.dumps([by("type", "Sms")] * 20).encode()).filters) == 20
    with pytest.raises(Refusal, match="has 21 filters; a search takes at most 20"):
        read_search({}, json.dumps([by("type", "Sms")] * 21).encode())


def test_blank_parameters_are_absent_and_of_repeated_ones_the_last_counts() -> None:
    assert read_search({"page": "", "size": " ", "dateStart": "", "other": "x"}, b" ") == Search()
    assert read_search(QueryParams("page=x&page=2&size=5"), b"") == Search(page=2, size=5)


def test_a_flow_that_is_not_on_the_page_is_not_rendered() -> None:
    unreadable = Step(Channel.SMS, "+306900000001", frozenset(), asked=b"{")
    message = Message("m", 0, part_ids=("s",), status="Queued", updated=0)
    off = Flow("off", 4, "app", (unreadable,), 0, 0, messages=(message,))
    page = page_document(Search(page=1, size=1), (off, ONE, off))
    assert [each["trackingId"] for each in page["content"]] == ["flow-1"]
    with pytest.raises(ValueError, match="line 1"):
        page_document(Search(page=0, size=1), (off, ONE, off))


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
    unique_by=lambda flow: flow.number,
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


def naive(field: str, operator: str, term: str, flow: Flow) -> bool:
    """One filter, told once more: by regular expression instead of by table."""
    values = {
        "type": [str(step.channel) for step in flow.steps],
        "to": [step.to for step in flow.steps],
        "status": [str(flow.status)],
        "terminationChannel": [str(flow.termination)] if flow.termination else [],
    }[field]
    word, optional = re.escape(term.removeprefix("+")), r"\+?" if field == "to" else ""
    pattern = {
        "is": f"^{optional}{word}$",
        "is_not": f"^{optional}{word}$",
        "starts_with": f"^{optional}{word}",
        "contains": re.escape(term),
        "ends_with": f"{re.escape(term)}$",
    }[operator]
    return any(re.search(pattern, value, re.IGNORECASE) for value in values) is not (operator == "is_not")


FILTERS = st.tuples(
    st.sampled_from(["type", "status", "terminationChannel"]),
    st.sampled_from(["is", "is_not"]),
    st.sampled_from([*map(str, Channel), "sms", "VIBER", *map(str, FlowStatus), "succeeded"]),
) | st.tuples(
    st.just("to"),
    st.sampled_from(["is", "is_not", "contains", "starts_with", "ends_with"]),
    st.from_regex(r"\+?[0-9]{1,3}", fullmatch=True) | st.sampled_from(["+", "306900000001", "+15555550100"]),
)


@given(FLOWS, st.lists(FILTERS, max_size=3))
def test_filters_find_what_a_naive_search_finds(flows: list[Flow], filters: list[tuple[str, str, str]]) -> None:
    body = json.dumps([by(field, term, operator) for field, operator, term in filters]).encode()
    found = page_document(read_search({"size": "2000"}, body), flows)["content"]
    expected = [each for each in flows if all(naive(*condition, each) for condition in filters)]
    assert [each["trackingId"] for each in found] == [each.id for each in expected]


def test_the_dates_are_real() -> None:
    assert datetime.fromtimestamp(1_746_457_200, UTC).isoformat() == "2025-05-05T15:00:00+00:00"
