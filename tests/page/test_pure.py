"""The pure modules of the page, run in the browser itself: folding the journal, and laying instants out."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.core.channels import RULES, Channel
from mockserver.strategies import flows, otp_flows, scenarios, transactional_flows
from tests.http.mocks import Json, Mock, mocking
from tests.page.browser import looking

FEW = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
MANY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

FOLD = """async ({signals, cut}) => {
  const {fold, NOTHING} = await import('./fold.js');
  const plain = (world) => JSON.stringify({...world, lines: [...world.lines]});
  const all = fold(NOTHING, signals);
  const parts = fold(fold(NOTHING, signals.slice(0, cut)), signals.slice(cut));
  return {same: plain(all) === plain(parts), lines: [...all.lines.values()], newest: all.newest, seen: all.seen, untouched: NOTHING.lines.size === 0};
}"""

SCALE = """async ({marks, width, still, asked}) => {
  const {scale} = await import('./scale.js');
  const {at, folds, ticks, width: whole} = scale(marks, width, (length) => 20 + String(length).length * 6, still);
  return {xs: asked.map(at), places: marks.map((mark) => at(mark.at)), folds, ticks: ticks.map(at), width: whole};
}"""


@pytest.fixture(scope="module")
def world() -> Iterator[Mock]:
    with mocking() as mock:
        yield mock


@pytest.fixture(scope="module")
def script(browser: Any, world: Mock) -> Iterator[Any]:
    with looking(browser, f"{world.url}/_mock/ui/") as sight:
        yield sight.page


AGAIN = """async (view) => {
  const {bodyOf, draftOf} = await import('./draft.js');
  return bodyOf(draftOf(view), 'http://sink.invalid/');
}"""

SENDS = st.one_of(
    st.tuples(st.just("failover"), flows()),
    st.tuples(st.just("transactional"), transactional_flows()),
    st.tuples(st.just("otp"), otp_flows()),
)
"""Sends of every kind."""

RESTART = {"at": "2030-01-01T12:00:00Z", "kind": "restart", "downMs": 1_200, "again": [1]}
"""What the journal of a sandbox says that was kept while its server was down."""


def told(
    mock: Mock, bodies: list[tuple[str, Json]], plays: list[Json], moves: list[int]
) -> tuple[list[Json], list[Json]]:
    """Play some flows in a world of its own. Return its journal and its flows."""
    mock.client.post("/_mock/reset").raise_for_status()
    for number, scenario in enumerate(plays):
        mock.client.post("/_mock/scenarios", json={"name": f"s{number}", **scenario})
    for (kind, body), seconds in zip(bodies, moves, strict=True):
        mock.client.post(f"/_mock/flows?kind={kind}", json=body)
        mock.advance(by=f"{seconds}s")
    entries = mock.client.get("/_mock/journal?limit=1000").json()["entries"]
    return entries, mock.client.get("/_mock/flows?limit=1000").json()["flows"]


@FEW
@given(bodies=st.lists(SENDS, min_size=1, max_size=4), plays=st.lists(scenarios(), max_size=2), data=st.data())
def test_folding_a_part_and_then_the_rest_is_folding_all(
    world: Mock, script: Any, bodies: list[tuple[str, Json]], plays: list[Json], data: st.DataObject
) -> None:
    moves = data.draw(st.lists(st.integers(0, 90_000), min_size=len(bodies), max_size=len(bodies)))
    entries, lines = told(world, bodies, plays, moves)
    entries.append(RESTART | {"number": len(entries) + 1})
    signals = [{"event": entry["kind"], "data": entry} for entry in entries]
    cut = data.draw(st.integers(0, len(signals)))
    folded = script.evaluate(FOLD, {"signals": signals, "cut": cut})
    assert folded["same"]
    assert folded["untouched"]
    assert folded["newest"] == len(lines)
    assert folded["seen"] == entries[-1]["number"]
    known = ("flow", "trackingId", "createdAt", "channels", "status", "statusCode", "terminationChannel", "webhook")
    assert [{name: line[name] for name in known} for line in folded["lines"]] == [
        {name: line[name] for name in known} for line in lines
    ]
    assert [[each for each in line["heard"] if each] for line in folded["lines"]] == [line["heard"] for line in lines]


@FEW
@given(send=SENDS)
def test_a_flow_sent_again_is_the_same_send(world: Mock, script: Any, send: tuple[str, Json]) -> None:
    kind, body = send
    views = []
    for _ in range(2):
        sent = world.client.post(f"/_mock/flows?kind={kind}", json=body)
        assert sent.status_code == 200, sent.text
        id_ = sent.json().get("trackingId") or sent.json()["flowId"]
        views.append(world.client.get(f"/_mock/flows/{id_}").json())
        body = script.evaluate(AGAIN, views[-1])
    asked = ("kind", "steps", "callback", "restrictions", "to")
    assert {name: views[1][name] for name in asked} == {name: views[0][name] for name in asked}


MARKS = st.lists(
    st.fixed_dictionaries(
        {
            "lane": st.sampled_from(["step 1", "step 2", "webhook", "now"]),
            "at": st.integers(0, 200_000_000) | st.sampled_from([0, 1, 500, 20_000, 20_001, 600_000]),
            "room": st.integers(0, 200),
            "named": st.booleans(),
        }
    ),
    min_size=1,
    max_size=40,
    unique_by=lambda mark: (mark["lane"], mark["at"]),
)


@MANY
@given(marks=MARKS, width=st.integers(120, 1_600), still=st.booleans(), asked=st.lists(st.integers(0, 200_000_000)))
def test_later_is_further_right_and_nothing_in_a_lane_overlaps(
    script: Any, marks: list[Json], width: int, still: bool, asked: list[int]
) -> None:
    laid = script.evaluate(SCALE, {"marks": marks, "width": width, "still": still, "asked": sorted(asked)})
    assert laid["xs"] == sorted(laid["xs"])
    placed = sorted(zip((mark["at"] for mark in marks), laid["places"], marks, strict=True), key=lambda each: each[0])
    assert all(0 <= x <= laid["width"] for _, x, _ in placed)
    for lane in {mark["lane"] for mark in marks}:
        own = [(x, mark["room"]) for _, x, mark in placed if mark["lane"] == lane]
        for (x, room), (following, _) in itertools.pairwise(own):
            assert following + 0.01 >= x + room
    for _, (earlier, x, _), (later, following, _) in zip(range(len(placed)), placed, placed[1:], strict=False):
        assert (x < following) == (earlier < later)
    folds = laid["folds"]
    instants = sorted({mark["at"] for mark in marks})
    assert [fold["length"] for fold in folds] == [
        later - earlier for earlier, later in itertools.pairwise(instants) if later - earlier > 20_000
    ]
    for fold, following in itertools.pairwise(folds):
        half = [(20 + len(str(each["length"])) * 6) / 2 for each in (fold, following)]
        assert fold["x"] + half[0] <= following["x"] - half[1]


def test_every_word_that_can_be_pressed_is_one_of_the_channel(script: Any) -> None:
    deeds = script.evaluate("async () => (await import('./deeds.js')).DEEDS")
    assert deeds.keys() == {str(channel) for channel in Channel}
    for channel, listed in deeds.items():
        rules = RULES[Channel(channel)]
        assert len(listed) <= 7, "keys 1 to 9 press them, and one or two more"
        for deed in listed:
            assert set(deed["path"]) <= set(rules.statuses)
            assert deed.get("reason", "Delivered") in rules.reasons or not deed.get("reason")


@pytest.mark.parametrize(
    ("hash_", "route"),
    [
        ("", {"sandbox": "default", "flow": None, "step": None, "tab": "why", "q": "", "only": "all"}),
        (
            "#/a%20b/flow/x%2Fy?step=2&tab=journal&q=a%26b&only=failed",
            {"sandbox": "a b", "flow": "x/y", "step": 2, "tab": "journal", "q": "a&b", "only": "failed"},
        ),
        (
            "#/s/flow/%?step=-1&tab=none&only=none",
            {"sandbox": "s", "flow": "%", "step": None, "tab": "why", "q": "", "only": "all"},
        ),
    ],
)
def test_a_link_is_read_and_written_back(script: Any, hash_: str, route: Json) -> None:
    read = script.evaluate("async (hash) => (await import('./route.js')).read(hash)", hash_)
    assert read == route
    again = "async (route) => { const {read, write} = await import('./route.js'); return read(write(route)); }"
    assert script.evaluate(again, read) == route
