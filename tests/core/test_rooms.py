"""The small rooms of the core: chance, clock, schedule, tokens, scenario, fates, deliveries."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core import fates
from mockserver.core.chance import Chance
from mockserver.core.channels import RULES, Channel
from mockserver.core.clock import LAST, Clock, ClockError
from mockserver.core.commands import Answer
from mockserver.core.deliveries import RETRIES, retry_after
from mockserver.core.flow import Step
from mockserver.core.scenario import Beat, IllegalTimeline, Outcome, draw
from mockserver.core.schedule import Expire, Hear, Retry, Schedule
from mockserver.core.tokens import Token, Tokens

# Chance


def test_a_seed_means_the_same_for_ever() -> None:
    assert Chance(0).uuid("flow", 1) == "677e6a17-d64b-406f-b682-efabc26efb86"
    assert [Chance(seed).between(0, 999, "delay", 1) for seed in range(4)] == [533, 903, 33, 100]


@given(st.integers(), st.lists(st.text() | st.integers()))
def test_an_id_is_a_version_4_uuid(seed: int, key: list[str | int]) -> None:
    text = Chance(seed).uuid(*key)
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", text)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers())
def test_a_draw_stays_within_its_bounds(low: int, more: int, seed: int) -> None:
    assert low <= Chance(seed).between(low, low + more, "x") <= low + more


def test_both_bounds_are_drawn_and_keys_do_not_run_together() -> None:
    assert {Chance(0).between(1, 3, n) for n in range(100)} == {1, 2, 3}
    assert Chance(0).uuid("a", 12) != Chance(0).uuid("a", 1, 2)
    assert Chance(0).uuid("1") != Chance(0).uuid(1)


# Clock


def test_the_clock_moves_forward_and_not_past_its_calendar() -> None:
    clock = Clock(5)
    clock.move(5)
    clock.move(LAST)
    assert clock.now == LAST
    with pytest.raises(ClockError, match="only moves forward"):
        clock.move(LAST - 1)
    with pytest.raises(ClockError, match="year 9999"):
        clock.move(LAST + 1)
    assert clock.now == LAST


@pytest.mark.parametrize("start", [-1, LAST + 1])
def test_the_clock_starts_within_its_calendar(start: int) -> None:
    with pytest.raises(ClockError):
        Clock(start)


# Schedule


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 1), st.booleans())), st.integers(0, 6))
def test_the_schedule_is_a_sorted_list_without_what_was_cancelled(
    entries: list[tuple[int, int, bool]], until: int
) -> None:
    schedule: Schedule[int] = Schedule()
    alive = []
    for number, (due, rank, cancelled) in enumerate(entries):
        ticket = schedule.push(due, number, rank)
        if cancelled:
            schedule.cancel(ticket)
        else:
            alive.append((due, rank, number))
    alive.sort()
    assert len(schedule) == len(alive)
    assert schedule.peek() == ((alive[0][0], alive[0][2]) if alive else None)
    assert len(schedule) == len(alive)
    popped = []
    while (taken := schedule.pop(until)) is not None:
        popped.append(taken)
    assert popped == [(due, number) for due, _, number in alive if due <= until]


def test_what_is_due_names_its_flow() -> None:
    assert {due.flow for due in (Hear("f", 0, "Sent", None), Expire("f", 0), Retry("f", 1))} == {"f"}


# Tokens


def test_a_token_lives_until_the_instant_it_expires() -> None:
    token = Token("t", "app", ("sms",), 100)
    assert (token.alive(99), token.alive(100)) == (True, False)
    assert Token("t", "app", (), None).alive(LAST)


def test_tokens_are_told_apart_by_application_and_scopes() -> None:
    tokens = Tokens()
    first = Token("1", "app", ("sms",), 100)
    tokens.add(first)
    assert len(tokens) == 1
    assert (tokens.find("1"), tokens.find("2")) == (first, None)
    assert tokens.living("app", ("sms",), 99) == first
    assert tokens.living("app", ("sms",), 100) is None
    assert tokens.living("app", (), 0) is None
    assert tokens.living("other", ("sms",), 0) is None


# Scenario


@pytest.mark.parametrize(
    ("channel", "beats", "words"),
    [
        (Channel.SMS, (), "empty; it begins with Queued"),
        (Channel.SMS, (Beat("Sent"),), "entry 1: 'Sent' cannot come here; legal: Queued"),
        (Channel.SMS, (Beat("Queued"), Beat("Delivered"), Beat("Sent")), "entry 3: 'Sent' .* legal: nothing"),
        (Channel.VIBER, (Beat("QUEUED"), Beat("SEEN"), Beat("SEEN")), "entry 3"),
        (Channel.VIBER, (Beat("QUEUED"), Beat("DELIVERED"), Beat("FAILED")), "legal: SEEN, EXPIRED"),
        (
            Channel.SMS,
            (Beat("Queued"), Beat("Failed", reason="Opted Out")),
            "unknown reason 'Opted Out'; known: Sent",
        ),
        (Channel.VOICE, (Beat("Queued"), Beat("Busy", reason="Sent")), "known: none on this channel"),
        (Channel.SMS, (Beat("Queued"), Beat("Sent", 5, 4)), "not from 5 to 4"),
        (Channel.SMS, (Beat("Queued"), Beat("Sent", -1, 4)), "not from -1 to 4"),
        (Channel.SMS, (Beat("Queued", 1, 1),), "its delay is 0"),
        (Channel.SMS, (Beat("Queued", late=True),), "its delay is 0"),
    ],
)
def test_a_timeline_no_channel_could_tell_cannot_be_built(
    channel: Channel, beats: tuple[Beat, ...], words: str
) -> None:
    with pytest.raises(IllegalTimeline, match=words):
        Outcome(channel, "impossible", beats)


def test_delays_add_up_and_late_beats_come_after_the_ttl() -> None:
    beats = (
        Beat("Queued"),
        Beat("Sent", 10, 20, "Sent"),
        Beat("Undelivered", 5, 5),
        Beat("Delivered", 7, 7, late=True),
    )
    outcome = Outcome(Channel.SMS, "a while", beats)
    highest = draw(outcome, 1_000, lambda _, high, __: high)
    assert [(report.after, report.status, report.reason) for report in highest] == [
        (0, "Queued", None),
        (20, "Sent", "Sent"),
        (25, "Undelivered", None),
        (1_007, "Delivered", None),
    ]
    assert [report.after for report in draw(outcome, None, lambda low, _, __: low)] == [0, 10, 15, 22]
    assert [report.after for report in draw(outcome, 3, lambda low, _, __: low)] == [0, 10, 15, 22]


# Fates


def reached(digit: int, channel: Channel) -> tuple[list[str], list[str | None]]:
    outcome = fates.MAGIC[channel][digit]
    return [beat.status for beat in outcome.beats], [
        beat.reason for beat in outcome.beats if beat.late or beat.reason
    ]


@pytest.mark.parametrize(
    ("digit", "viber", "sms", "voice"),
    [
        (0, "DELIVERED", "Delivered", "Completed"),
        (1, "UNDELIVERED", "Undelivered", "Busy"),
        (2, "FAILED", "Failed", "Failed"),
        (3, "QUEUED", "Sent", "NoAnswer"),
        (4, "UNSENT", "Unsent", "Unsent"),
        (5, "SEEN", "Undelivered", "Terminated"),
        (6, "DELIVERED", "Delivered", "Completed"),
        (7, "UNDELIVERED", "Failed", "Completed"),
        (8, "UNDELIVERED", "Undelivered", "Failed"),
        (9, "FAILED", "Undelivered", "Terminated"),
    ],
)
def test_the_digits_of_a_magic_recipient(digit: int, viber: str, sms: str, voice: str) -> None:
    lasts = {Channel.VIBER: viber, Channel.SMS: sms, Channel.VOICE: voice}
    for position, (channel, last) in enumerate(lasts.items()):
        digits = ["9", "9", "9"]
        digits[position] = str(digit)
        choice = fates.magic(Step(channel, "+306900042" + "".join(digits), frozenset()))
        assert choice is not None
        assert choice.outcome.beats[-1].status == last
        assert choice.why == f"magic recipient: {channel} digit {digit} is {choice.outcome.name!r}"


def test_the_late_ones_are_late_and_the_reasons_are_given() -> None:
    assert [fates.MAGIC[channel][6].beats[-1].late for channel in Channel] == [True, True, False]
    assert {outcome.beats[-1].reason for outcome in fates.MAGIC[Channel.VIBER][7:]} == {
        *("Not Viber User", "Opted Out", "Message Rejected")
    }
    assert fates.MAGIC[Channel.SMS][5].beats[-1].reason == "Unknown Number"
    assert {outcome.beats[-1].reason for outcome in fates.MAGIC[Channel.SMS][7:]} == {
        *("Carrier Violation", "Roaming", "Call Barred")
    }


@pytest.mark.parametrize(
    "to", ["+30690000031", "+3069000003100", "+306900100310x", "306900000310", "+306901000310"]
)
def test_everybody_else_is_reached(to: str) -> None:
    for channel in Channel:
        step = Step(channel, to, frozenset())
        assert fates.magic(step) is None
        assert fates.success(step).outcome.beats[-1].status in RULES[channel].successes


# Deliveries


def test_the_retry_plan_as_documented() -> None:
    minutes = [after / 60_000 for after in RETRIES]
    assert minutes == [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440]
    poor = Answer(None, "no answer", 1.0)
    assert [retry_after(attempt, poor) for attempt in range(1, 14)] == [*RETRIES, None]


@pytest.mark.parametrize(("status", "ok"), [(199, False), (200, True), (299, True), (300, False), (None, False)])
def test_only_a_2xx_is_an_answer(status: int | None, ok: bool) -> None:
    answer = Answer(status, None, 1.0)
    assert answer.ok is ok
    assert (retry_after(1, answer) is None) is ok
