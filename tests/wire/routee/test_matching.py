"""What matches a search is what its plain definition says, however much is kept and held against at once."""

from collections.abc import Callable, Iterable, Mapping
from string import ascii_letters

from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.channels import Channel
from mockserver.core.flow import Flow, FlowStatus
from mockserver.core.step import FlowKind, Step
from mockserver.core.values import replace
from mockserver.wire.routee.matching import Columns
from mockserver.wire.routee.search import AT_THE_START, EVERYWHERE, FIELDS, OPERATORS, Filter, Search

VALUES: Mapping[str, Callable[[Flow], Iterable[str]]] = {
    "type": lambda flow: (step.channel for step in flow.steps),
    "to": lambda flow: (step.to for step in flow.steps),
    "status": lambda flow: (flow.status,),
    "flowKind": lambda flow: (flow.kind,),
    "terminationChannel": lambda flow: () if flow.termination is None else (flow.termination,),
}

COMPARED: Mapping[str, Callable[[str, str], bool]] = {
    "is": lambda value, term: value == term,
    "is_not": lambda value, term: value == term,
    "contains": lambda value, term: term in value,
    "starts_with": lambda value, term: value.startswith(term),
    "ends_with": lambda value, term: value.endswith(term),
}


def holds(condition: Filter, flow: Flow) -> bool:
    """The plain definition of a filter: one flow, one value at a time."""
    values = (value.casefold() for value in VALUES[condition.field](flow))
    if condition.field == "to" and condition.operator in AT_THE_START:
        values = (value.removeprefix("+") for value in values)
    found = any(COMPARED[condition.operator](value, condition.term) for value in values)
    return not found if condition.operator == "is_not" else found


TO = st.text("+01aſß%{", max_size=4) | st.text(st.characters(exclude_characters="\0"), max_size=4)
STEP = st.builds(Step, st.sampled_from(Channel), TO, st.just(frozenset()))
FLOW = st.builds(
    Flow,
    st.just("flow"),
    st.integers(1, 9),
    st.just("app"),
    st.lists(STEP, min_size=1, max_size=3).map(tuple),
    st.integers(0, 5),
    st.just(0),
    kind=st.sampled_from(FlowKind),
    status=st.sampled_from(FlowStatus),
    termination=st.none() | st.sampled_from(Channel),
)
TERM = TO | st.text("\0+01a", max_size=4) | st.sampled_from([*Channel, *FlowStatus, *FlowKind]) | st.text(ascii_letters)
FILTER = st.builds(
    Filter,
    st.sampled_from(FIELDS),
    st.sampled_from(EVERYWHERE),
    TERM.map(str.casefold),
) | st.builds(Filter, st.just("to"), st.sampled_from(OPERATORS), TERM.map(str.casefold))
SEARCH = st.builds(
    Search,
    st.none() | st.integers(0, 5),
    st.none() | st.integers(0, 5),
    filters=st.lists(FILTER, max_size=3).map(tuple),
)


@given(st.lists(FLOW, unique_by=lambda flow: flow.number), st.lists(SEARCH, min_size=1, max_size=3), st.integers(0, 9))
def test_what_matches_is_what_the_plain_definition_says(flows: list[Flow], searches: list[Search], kept: int) -> None:
    columns = Columns()
    for search in searches:
        expected = [
            flow
            for flow in flows
            if (search.start is None or search.start <= flow.created)
            and (search.end is None or flow.created <= search.end)
            and all(holds(condition, flow) for condition in search.filters)
        ]
        assert columns.matching(search, flows[:2]) == [flow for flow in flows[:2] if flow in expected]
        assert columns.matching(search, flows) == expected
        columns.forget(kept)


def test_a_flow_that_has_changed_is_found_as_it_is_now() -> None:
    columns, queued = Columns(), Flow("flow", 1, "app", (Step(Channel.SMS, "+1", frozenset()),), 0, 0)
    search = Search(filters=(Filter("status", "is", "failed"), Filter("to", "contains", "1")))
    assert columns.matching(search, [queued]) == []
    failed = replace(queued, status=FlowStatus.FAILED)
    assert columns.matching(search, [failed]) == [failed]
