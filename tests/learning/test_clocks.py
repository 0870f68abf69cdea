"""Recordings by another clock than the service's: of a mock at any rate, moved by hand, or that jumps.

What rests on the recorder's clock is not looked at then. All else is, and stories are told all the same.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.dialect import DEFAULT, Dialect
from mockserver.core.facts import StatusChanged
from mockserver.core.values import replace as turned
from mockserver.learning import report
from mockserver.learning.clocks import Clocks
from mockserver.learning.learner import Learner
from mockserver.learning.sightings import Recorded, told_by
from mockserver.learning.stories import play, tell
from mockserver.recordings.masking import Mask
from mockserver.recordings.values import Callback, Exchange, Place, Record
from mockserver.strategies.flows import flows
from tests.dialects import altered
from tests.http.mocks import sms, viber
from tests.learning.test_dialects import HOOK, tour
from tests.learning.test_learner import drift
from tests.learning.worlds import START, World

RECORDED = START + 7_777_777
"""When the recorder began, by its own clock."""


def _at_rate(rate: float) -> Callable[[int, int], int]:
    return lambda at, _: round((at - START) / rate)


CLOCKS: dict[str, Callable[[int, int], int]] = {
    **{f"rate {rate}": _at_rate(rate) for rate in (0.2, 2, 5, 60, 1_000, 100_000)},
    "instant": lambda _, number: number,
    "by hand": lambda at, number: 40 * number + 3_000 * ((at - START) // 600_000 % 7),
}
"""What the recorder's clock shows: milliseconds since it began, by the service's instant and the number of a record."""

TIMED = {"callbacks.retries", "callbacks.taken", "callbacks.ok", "token.same-again", "token.life", "otp.no-retry"}

LONG_FLOW = {"flow": [viber("+306900000077"), sms("+306900000077")]} | HOOK


def recorded(records: list[Record], clock: str) -> list[Record]:
    """The same, as it is recorded by another clock."""
    return [
        replace(each, at=RECORDED + CLOCKS[clock](each.at or 0, number))
        for number, each in enumerate(records)
        if isinstance(each, Exchange | Callback)
    ]


def learnt(records: list[Record], over: list[Recorded] | None = None) -> Learner:
    learner = Learner(over=(over if over is not None else []).append)
    for each in records:
        learner.take(each)
    learner.finish()
    return learner


def token(at: int, value: int, left: int) -> Exchange:
    """A request for a token that was answered so."""
    body = orjson.dumps({"access_token": f"{value:032x}", "token_type": "bearer", "expires_in": left})
    asked, form = {"authorization": "Basic YTpi"}, b"grant_type=client_credentials"
    return Exchange("POST", "https://a.example/oauth/token", 200, Place("x", 1), RECORDED + at, asked, form, {}, body)


@pytest.mark.parametrize("clock", CLOCKS)
def test_at_another_rate_there_is_no_drift(clock: str) -> None:
    records = tour(DEFAULT).records
    own, other = learnt(records), learnt(recorded(records, clock))
    assert (own.clocks.agree, other.clocks.agree) == (True, False)
    assert drift(other) == {}
    assert other.adopted() == DEFAULT
    assert set(own.findings.confirmed) - set(other.findings.confirmed) <= TIMED
    assert not TIMED & set(other.findings.confirmed)


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("dialect", altered())
def test_switches_that_need_no_clock_are_found_all_the_same(clock: str, dialect: Dialect) -> None:
    found = learnt(recorded(tour(dialect).records, clock))
    waits = (dialect.retry_plan, dialect.taken_answers) != (DEFAULT.retry_plan, DEFAULT.taken_answers)
    assert found.adopted() == (DEFAULT if waits else dialect)


@pytest.mark.parametrize("clock", CLOCKS)
@given(flows(strategy="OnStep"), st.lists(st.sampled_from((200, 500, 0)), max_size=6))
def test_a_scenario_is_learnt_whatever_the_clock(clock: str, send: dict[str, Any], answers: list[int]) -> None:
    """It hears the same at the same instants, and as many callbacks are posted."""
    world = World(queue=[500, 200, *answers])
    world.play({"when": {"to": "+306900000077"}, "viber": [{"at": 0, "status": "QUEUED"}]})
    world.send(LONG_FLOW)
    world.run()
    flow = world.send(send)
    assert flow is not None
    began = world.engine.clock.now
    world.run()
    over = list[Recorded]()
    learner = learnt(recorded(world.records, clock), over)
    assert not learner.clocks.agree
    [mine] = [each for each in over if each.id == flow.id]
    story = tell(mine, timed=False)
    assert story is not None
    assert story.problem == ""
    facts = [(entry.at - began, entry.fact) for entry in world.engine.journal.of_flow(flow.id)]
    assert play(story).heard == tuple(
        (at, each.channel, each.status) for at, each in facts if isinstance(each, StatusChanged)
    )
    posted = [orjson.loads(each.body) for each in world.records if isinstance(each, Callback)]
    assert Counter(told[1:] for _, told in play(story).attempts) == Counter(
        told_by(each)[1:] for each in posted if each["trackingId"] == flow.id
    )


def test_it_is_said_in_words_and_for_machines() -> None:
    records = tour(DEFAULT).records
    for learner, agree in ((learnt(records), True), (learnt(recorded(records, "rate 60")), False)):
        said = "\n".join(report.text(learner, Mask(b"key")))
        assert ("let a mock run at rate 1" in said) is not agree
        assert report.document(learner, Mask(b"key"))["clocksAgree"] is agree


def test_tokens_alone_tell_the_rate() -> None:
    """A token that is the same has as much less to live as time went by; so the next one may be another."""
    fast = [token(0, 1, 3_599), token(20_000, 1, 2_399), token(60_000, 2, 3_599), token(61_000, 3, 3_599)]
    assert "token.same-again" not in drift(learnt([*fast]))
    slow = [token(0, 1, 3_599), token(20_000, 1, 3_579), token(60_000, 2, 3_599), token(61_000, 3, 3_599)]
    assert "token.same-again" in drift(learnt([*slow]))


@pytest.mark.parametrize("late", [1_000, 30_000, 86_400_000])
def test_callbacks_that_come_late_are_no_other_clock(late: int) -> None:
    records = [
        replace(each, at=(each.at or 0) + late) if isinstance(each, Callback) else each
        for each in tour(DEFAULT).records
    ]
    assert learnt([*records]).clocks.agree


@pytest.mark.parametrize("ahead", [-86_400_000, -3_000, 3_000, 86_400_000])
def test_a_clock_that_is_wrong_and_goes_well_is_no_other_clock(ahead: int) -> None:
    records: list[Record] = [
        replace(each, at=(each.at or 0) + ahead)
        for each in tour(turned(DEFAULT, retry_plan=(3, 6))).records
        if isinstance(each, Exchange | Callback)
    ]
    over = list[Recorded]()
    learner = learnt(records, over)
    assert learner.clocks.agree
    assert learner.adopted().retry_plan == (3, 6)
    stories = [tell(each, learner.adopted()) for each in over]
    if ahead < 0:  # otherwise it looks as if all callbacks came late
        assert not [each.problem for each in stories if each is not None and each.problem]


def test_a_log_of_a_webhook_tells_that_time_flies() -> None:
    records = [each for each in tour(DEFAULT).records if isinstance(each, Callback)]
    for clock in CLOCKS:
        assert learnt(recorded([*records], clock)).clocks.agree is (clock == "rate 0.2"), clock
    assert learnt([*records]).clocks.agree


def test_a_service_that_is_slow_to_answer_and_instants_in_whole_seconds_are_no_other_clock() -> None:
    clocks = Clocks()
    clocks.note(0, 0, prompt=True)
    clocks.note(1_000, 4_000, prompt=True)
    clocks.note(3_000, 4_900)
    assert clocks.agree
    clocks.note(3_500, 6_000)
    assert not clocks.agree


def test_a_burst_of_sends_tells_nothing_before_something_else_does() -> None:
    clocks = Clocks()
    for number in range(50):
        clocks.note(number, 2 * number, prompt=True)
    assert clocks.agree
    clocks.note(30_000, 60_000, prompt=True)
    assert not clocks.agree
