"""Recordings that are not as they should be: cut off, shuffled, doubled, of several accounts, with clocks that jump."""

import io
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.dialect import DEFAULT, Dialect
from mockserver.fidelity.table import SWITCHES
from mockserver.learning import report
from mockserver.learning.learner import Learner
from mockserver.learning.sightings import Recorded
from mockserver.learning.stories import tell
from mockserver.recordings.lines import line
from mockserver.recordings.masking import Mask
from mockserver.recordings.readers import read
from mockserver.recordings.values import Callback, Exchange, Record, Unreadable
from mockserver.wire.dialect import read_text, write_text
from tests.dialects import altered
from tests.http.mocks import sms, viber
from tests.learning.test_dialects import HOOK, LONG, tour
from tests.learning.test_learner import drift
from tests.learning.worlds import World

TOUR = tour(DEFAULT).records


def of(records: list[Any], dialect: Dialect = DEFAULT) -> Learner:
    learner = Learner(dialect)
    for each in records:
        learner.take(each)
    learner.finish()
    return learner


@given(st.randoms(use_true_random=False))
def test_the_order_in_a_file_does_not_matter(shuffle: random.Random) -> None:
    """A HAR file has the entries in the order of their answers, and a log of several workers in any."""
    records = [*TOUR]
    shuffle.shuffle(records)
    found = of(records)
    assert drift(found) == {}
    assert found.adopted() == DEFAULT
    assert found.counts.flows == of(TOUR).counts.flows


@given(st.sets(st.integers(0, len(TOUR) - 1)))
def test_what_is_missing_is_no_drift_of_what_is_there(left_out: set[int]) -> None:
    found = drift(of([each for at, each in enumerate(TOUR) if at not in left_out]))
    # A callback that was lost looks like one that was never posted: docs/howto/recordings.md says so.
    assert found.keys() <= {"callbacks.retries", "callbacks.first", "callbacks.taken", "callbacks.ok"}


@pytest.mark.parametrize("cut", range(1, len(TOUR), 3))
def test_a_recording_that_is_cut_off_shows_no_drift(cut: int) -> None:
    written = b"".join(line(each) for each in TOUR if isinstance(each, Exchange | Callback))
    begun = written.splitlines(keepends=True)
    data = b"".join(begun[:cut]) + begun[cut][: len(begun[cut]) // 2]
    records = [*read(io.BytesIO(data), "cut")]
    assert sum(isinstance(each, Unreadable) for each in records) == 1
    assert drift(of(records)) == {}


@pytest.mark.parametrize("dialect", [DEFAULT, *altered()])
def test_a_masked_recording_says_the_same(dialect: Dialect) -> None:
    records = tour(dialect).records
    mask = Mask(b"key")
    masked = [mask.record(each) for each in records if isinstance(each, Exchange | Callback)]
    plain, hidden = of(records), of(masked)
    assert [*drift(hidden)] == [*drift(plain)]
    assert hidden.adopted() == plain.adopted()
    for rule, tally in plain.findings.tallies.items():
        other = hidden.findings.tallies[rule]
        assert (other.confirmed, other.contradicted) == (tally.confirmed, tally.contradicted), rule


def test_doubled_exchanges_are_no_drift() -> None:
    assert drift(of([each for each in TOUR for _ in range(2)])) == {}


@pytest.mark.parametrize("dialect", altered())
def test_two_accounts_in_one_recording_show_both(dialect: Dialect) -> None:
    """What differs between them is seen both ways, and nothing else is seen."""
    [switch] = [name for name in SWITCHES if getattr(dialect, name) != getattr(DEFAULT, name)]
    found = of([*TOUR, *_renamed(tour(dialect).records)])
    [rule] = found.findings.contradicted
    assert rule == SWITCHES[switch].id
    assert found.findings.tallies[rule].confirmed
    assert not found.undecided


BAD, DOWN = [500, 500, 500], [0, 0, 0]


@pytest.mark.parametrize("other", [Dialect(taken_answers="any"), Dialect(retry_plan=())], ids=["any", "no plan"])
@pytest.mark.parametrize("alone", [True, False])
def test_what_is_not_posted_again_after_a_bad_answer_is_decided_where_a_webhook_was_down(
    other: Dialect, alone: bool
) -> None:
    """An account where any answer counts posts again what got none. One with no plan never does."""
    for answers, decided in (([200, *BAD], False), ([200, 500, *DOWN], True)):
        records = [] if alone else _of_account(DEFAULT, [200, *BAD])
        found = of([*records, *_renamed(_of_account(other, answers))])
        assert found.undecided is not decided
        said = " ".join(" ".join(report.text(found, Mask(b"key"))).split())
        assert ("two dialects fit" in said) is not decided
        assert (report.document(found, Mask(b"key"))["undecided"] != {}) is not decided
        if decided:
            any_counts = other.taken_answers == "any"
            assert found.findings.contradicted == ["callbacks.taken" if any_counts else "callbacks.retries"]
            assert not alone or found.adopted() == other


def test_a_plan_that_ends_is_no_other_count_of_answers() -> None:
    found = of(_of_account(Dialect(retry_plan=(30, 60)), [500, 500, 500, 500, 500, 500]))
    assert (found.findings.contradicted, found.undecided) == (["callbacks.retries"], False)


def _of_account(dialect: Dialect, answers: list[int]) -> list[Record]:
    """A recording of one flow of an account, and of how the days went on after it."""
    world = World(dialect, queue=[*answers])
    world.play({"when": {"to": "*"}, "viber": "expired", "sms": "delivered"})
    flow = world.send({"flow": [viber(), sms()]} | HOOK)
    world.run(world.engine.clock.now + LONG)
    world.track(flow)
    return world.records


def _renamed(records: list[Record]) -> list[Record]:
    """The same of another account: its flows have other ids."""
    written = b"".join(line(each) for each in records if isinstance(each, Exchange | Callback))
    ids = {str(flow.id) for flow in _flows(records)}
    for each in ids:
        written = written.replace(each.encode(), f"{'0' * 8}{each[8:]}".encode())
    return [each for each in read(io.BytesIO(written), "other") if each is not None]


def _flows(records: list[Record]) -> list[Recorded]:
    over: list[Recorded] = []
    learner = Learner(over=over.append)
    for each in records:
        learner.take(each)
    learner.finish()
    return over


@pytest.mark.parametrize("jump", [-86_400_000, -3_600_000, 3_600_000, 86_400_000])
def test_a_clock_of_the_recorder_that_jumps_is_no_drift_of_the_service(jump: int) -> None:
    """The instants of the service itself do not jump: only those of the recorder, such as at the end of summer time."""
    half = len(TOUR) // 2
    records: list[Any] = [
        replace(each, at=(each.at or 0) + (jump if at >= half else 0))
        for at, each in enumerate(TOUR)
        if isinstance(each, Exchange | Callback)
    ]
    assert drift(of(records)).keys() <= {"callbacks.retries", "callbacks.taken", "callbacks.ok"}


def test_without_instants_there_is_no_drift_and_a_story_all_the_same() -> None:
    world = World(queue=[500])
    world.send({"flow": [{"type": "Sms", "to": "+306900000000", "from": "A", "message": {"body": "x"}}]} | HOOK)
    world.run()
    records: list[Any] = [replace(each, at=None) for each in world.records if isinstance(each, Exchange | Callback)]
    assert drift(of(records)) == {}
    [flow] = _flows(records)
    story = tell(flow)
    assert story is not None


ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    10**30,
    1e308,
    -0.0,
    "",
    "x",
    "2030-01-01T12:00:00Z",
    [],
    [1],
    {},
    {"a": []},
    [[{}]],
)


def _leaves(data: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of all values inside of a value."""
    items: Any = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for name, value in items:
        yield (*place, name)
        yield from _leaves(value, (*place, name))


def _put(data: Any, place: tuple[Any, ...], value: Any) -> Any:
    if not place:
        return value
    copy = dict(data) if isinstance(data, dict) else [*data]
    copy[place[0]] = _put(data[place[0]], place[1:], value)
    return copy


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_no_value_in_any_place_is_too_odd(value: Any) -> None:
    """Each value of each kind of row is replaced in its turn: something is said of it, and nothing breaks."""
    rows: dict[frozenset[Any], Any] = {}
    for each in TOUR:
        if isinstance(each, Exchange | Callback):
            row = json.loads(line(each))
            rows.setdefault(frozenset(place for place in _leaves(row) if len(place) < 5), row)
    made = [_put(row, place, value) for row in rows.values() for place in _leaves(row)]
    text = "\n".join(json.dumps(each) for each in made).encode()
    over: list[Recorded] = []
    learner, mask = Learner(over=over.append), Mask(b"key")
    for record in read(io.BytesIO(text), "odd"):
        learner.take(record)
        if isinstance(record, Exchange | Callback):
            line(mask.record(record))
    learner.finish()
    assert [*report.text(learner, mask, everything=True)]
    assert json.dumps(report.document(learner, mask), default=str)
    for flow in over[:200]:
        assert flow.kind_of
        tell(flow)


@given(
    st.lists(st.integers(1, 10**15), min_size=1, max_size=150), st.sampled_from(["404", "x", "404000001", "", "9" * 9])
)
def test_a_dialect_that_is_adopted_can_be_read(waits: list[int], code: str) -> None:
    """Whatever a service does: what no dialect can say is only named."""
    world = World()
    world.send({"flow": [sms()]} | HOOK)
    world.run()
    [callback, *_] = [each for each in world.records if isinstance(each, Callback)]
    at, posts = callback.at or 0, [callback]
    for wait in waits:
        at += wait
        posts.append(replace(callback, at=at, status=500))
    world.track(None)
    refused = world.records[-1]
    assert isinstance(refused, Exchange)
    body = (refused.body or b"").replace(b"404000000", code.encode())
    found = of([*world.records, *posts, replace(refused, body=body)])
    assert read_text(write_text(found.adopted()), "adopted") == found.adopted()


@pytest.mark.parametrize("count", [2, 10**5, 10**18])
def test_a_count_of_parts_that_nobody_has_costs_nothing(count: int) -> None:
    world = World()
    world.track(world.send({"flow": [sms(message={"body": "x" * 400})]}))
    world.run()
    world.track(next(iter(world.engine.flows.values())))
    last = world.records[-1]
    assert isinstance(last, Exchange)
    body = (last.body or b"").replace(b'"parts":3', b'"parts":%d' % count)
    assert body != last.body
    assert "document.parts" in drift(of([replace(last, body=body)]))
