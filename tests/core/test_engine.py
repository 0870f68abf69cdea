"""The engine: tokens, the clock, what ends a step, ties, callbacks, replay."""

from itertools import pairwise
from typing import ClassVar

import pytest

from mockserver.core import facts, journal
from mockserver.core.behaviour import Behaviour, Effect
from mockserver.core.channels import Channel
from mockserver.core.clock import LAST, ClockError
from mockserver.core.commands import (
    Command,
    IssueToken,
    Mode,
    MoveClock,
    NoteRequest,
    NoteRestart,
    PushReport,
    RecordAnswer,
    RevokeTokens,
    SendFlow,
    SetBalance,
    SetClock,
)
from mockserver.core.engine import Engine
from mockserver.core.flow import FlowStatus
from mockserver.core.outcome import Moment, Outcome
from mockserver.core.step import Callback, Strategy
from mockserver.core.values import replace
from tests.core.worlds import FOREVER, POOR, SMS, START, TTL, VIBER, VOICE, Variant, engine_for, finish

# Tokens


def test_asking_again_gives_the_same_token_until_it_has_run_out() -> None:
    engine = Engine(Behaviour(token_life=1_000), START)
    ask = IssueToken("app", ("failover",))
    first = engine.submit(ask).token
    assert first is not None
    assert first.expires == START + 1_000
    engine.submit(MoveClock(START + 999))
    assert engine.submit(ask).token == first
    engine.submit(MoveClock(START + 1_000))
    second = engine.submit(ask).token
    assert second is not None
    assert second.value != first.value
    assert [e.fact.again for e in engine.journal.after(0) if isinstance(e.fact, facts.TokenIssued)] == [
        *(False, True, False)
    ]
    assert engine.submit(IssueToken("other", ("failover",))).token != second


def test_a_token_without_end() -> None:
    token = Engine(Behaviour(token_life=None), START).submit(IssueToken("app", ())).token
    assert token is not None
    assert token.expires is None


# The clock


def test_the_clock_never_passes_what_is_due() -> None:
    engine = engine_for({SMS: Outcome(Channel.SMS, "x", (Moment("Queued"), Moment("Sent", 50, 50)))})
    engine.submit(SendFlow("app", (SMS,)))
    engine.submit(MoveClock(START + 99))
    assert engine.clock.now == START
    engine.poll(START)
    engine.submit(MoveClock(START + 99))
    assert engine.clock.now == START + 50
    assert engine.poll(START + 49) is None
    with pytest.raises(ClockError):
        engine.submit(MoveClock(START))


def test_a_move_back_changes_nothing_and_says_why() -> None:
    engine = Engine(Behaviour(), START)
    with pytest.raises(ClockError, match="only moves forward"):
        engine.submit(MoveClock(START - 1))
    assert (engine.clock.now, len(engine.journal)) == (START, 0)


def test_a_move_is_journalled_when_somebody_makes_it_and_not_when_time_just_passes() -> None:
    engine = Engine(Behaviour(), START)
    engine.submit(MoveClock(START + 1))
    engine.submit(MoveClock(START + 1))
    engine.submit(SetClock(mode=Mode.REALTIME))
    engine.submit(MoveClock(START + 2))
    engine.submit(SetClock(rate=60.0))
    assert [entry.fact for entry in engine.journal.after(0)] == [
        facts.ClockMoved(START),
        facts.ClockSet(Mode.REALTIME, 1.0),
        facts.ClockSet(Mode.REALTIME, 60.0),
    ]
    assert (engine.clock.mode, engine.clock.rate, engine.clock.now) == (Mode.REALTIME, 60.0, START + 2)


# What ends a step


def told(*variants: Variant) -> tuple[str, str | None, str | None, list[str | None]]:
    """What became of a flow: status, statusCode, terminationChannel, and the status each message ended with."""
    flow = finish(engine_for(dict(variants)), *(asked for asked, _ in variants))
    return flow.status, flow.code, flow.termination, [message.status for message in flow.messages]


def viber(*moments: Moment, seen: bool = False) -> Variant:
    asked = replace(VIBER, triggers=frozenset({"EXPIRED", "FAILED", "UNDELIVERED"}), expire_on_delivery=seen)
    return asked, Outcome(Channel.VIBER, "played", (Moment("QUEUED"), *moments))


def sms(*moments: Moment) -> Variant:
    return SMS, Outcome(Channel.SMS, "played", (Moment("Queued"), *moments))


def voice(status: str, *triggers: str) -> Variant:
    asked = replace(VOICE, triggers=frozenset(triggers))
    return asked, Outcome(Channel.VOICE, "played", (Moment("Queued"), Moment(status, 9, 9)))


DELIVERED, REACHED = Moment("DELIVERED", 5, 5), sms(Moment("Delivered", 5, 5))

TOLD = {
    "delivered is enough": (
        [viber(DELIVERED), REACHED],
        ("Succeeded", None, "Viber", ["DELIVERED"]),
    ),
    "seen later only updates the message": (
        [viber(DELIVERED, Moment("SEEN", 5, 5)), REACHED],
        ("Succeeded", None, "Viber", ["SEEN"]),
    ),
    "seen long after the ttl updates it too": (
        [viber(DELIVERED, Moment("SEEN", 5, 5, late=True)), REACHED],
        ("Succeeded", None, "Viber", ["SEEN"]),
    ),
    "with expireOnDelivery, seen in time ends it well": (
        [viber(DELIVERED, Moment("SEEN", 5, 5), seen=True), REACHED],
        ("Succeeded", None, "Viber", ["SEEN"]),
    ),
    "with expireOnDelivery, seen on the last instant is in time": (
        [viber(DELIVERED, Moment("SEEN", TTL - 5, TTL - 5), seen=True), REACHED],
        ("Succeeded", None, "Viber", ["SEEN"]),
    ),
    "with expireOnDelivery, never seen is expired": (
        [viber(DELIVERED, seen=True), REACHED],
        ("Succeeded", None, "Sms", ["EXPIRED", "Delivered"]),
    ),
    "with expireOnDelivery, seen too late changes nothing": (
        [viber(DELIVERED, Moment("SEEN", 1, 1, late=True), seen=True), REACHED],
        ("Succeeded", None, "Sms", ["SEEN", "Delivered"]),
    ),
    "a late delivery leaves a running flow to its current step": (
        [viber(Moment("DELIVERED", 1, 1, late=True)), sms(Moment("Failed", 5, 5))],
        ("Failed", "2", "Sms", ["DELIVERED", "Failed"]),
    ),
    "a late delivery leaves a final flow as it ended": (
        [sms(Moment("Delivered", 1, 1, late=True))],
        ("Failed", "2", "Sms", ["Delivered"]),
    ),
    "an expired Sms is Undelivered": ([sms()], ("Failed", "2", "Sms", ["Undelivered"])),
    "completed is a success": ([voice("Completed"), REACHED], ("Succeeded", None, "Voice", ["Completed"])),
    "completed in the list turns to the next step": (
        [voice("Completed", "Completed"), REACHED],
        ("Succeeded", None, "Sms", ["Completed", "Delivered"]),
    ),
    "completed in the list of the last step is a success": (
        [voice("Completed", "Completed")],
        ("Succeeded", None, "Voice", ["Completed"]),
    ),
    "a trigger with no step left is code 2": (
        [voice("Busy", "Busy")],
        ("Failed", "2", "Voice", ["Busy"]),
    ),
    "a final status not in the list is code 3 though steps remain": (
        [voice("Busy", "NoAnswer"), REACHED],
        ("Failed", "3", "Voice", ["Busy"]),
    ),
    "no balance is code 1 though steps remain": (
        [voice("Terminated", "Busy"), REACHED],
        ("Failed", "1", "Voice", ["Terminated"]),
    ),
    "no balance in the list is a trigger like any other": (
        [voice("Terminated", "Terminated")],
        ("Failed", "2", "Voice", ["Terminated"]),
    ),
}


# rules statuses.success, statuses.ttl-end, statuses.no-balance, statuses.no-step-left, statuses.not-a-trigger
@pytest.mark.parametrize(("variants", "expected"), TOLD.values(), ids=TOLD)
def test_what_ends_a_step_and_what_comes_next(variants: list[Variant], expected: tuple[object, ...]) -> None:
    assert told(*variants) == expected


# rule statuses.not-seen
def test_expired_on_delivery_is_the_instant_the_ttl_of_a_delivered_message_ran_out() -> None:
    for moments, instant in (((DELIVERED,), START + TTL), ((), None), ((DELIVERED, Moment("SEEN", 5, 5)), None)):
        asked, outcome = viber(*moments, seen=True)
        assert finish(engine_for({asked: outcome}), asked).messages[0].expired_on_delivery == instant


# rule statuses.trigger
def test_the_next_step_starts_the_instant_the_one_before_it_reports_its_trigger() -> None:
    first, second = viber(Moment("FAILED", 123, 123)), REACHED
    flow = finish(engine_for(dict([first, second])), first[0], second[0])
    assert [message.created - START for message in flow.messages] == [0, 123]


# rule statuses.ttl-start
def test_a_ttl_counts_from_the_moment_its_own_step_begins() -> None:
    first, second = viber(), sms()
    engine = engine_for(dict([first, second]))
    flow = finish(engine, first[0], second[0])
    assert [message.updated for message in flow.messages] == [START + TTL, START + 2 * TTL]


def test_what_is_pending_and_what_comes_next_can_be_read() -> None:
    engine = engine_for(dict([sms(Moment("Delivered", 5, 5))]))
    assert (engine.pending, engine.peek()) == (0, None)
    flow = engine.submit(SendFlow("app", (SMS,))).flow
    assert flow is not None
    assert (engine.pending, engine.peek()) == (3, (START, flow.id))
    engine.poll(START)
    assert (engine.pending, engine.peek()) == (2, (START + 5, flow.id))
    engine.poll(START + 5)
    assert (engine.pending, engine.peek()) == (0, None)


# Ties, retries, reading


# rule statuses.ttl-tie
def test_a_status_beats_a_ttl_at_the_same_instant() -> None:
    engine = engine_for({SMS: Outcome(Channel.SMS, "x", (Moment("Queued"), Moment("Delivered", TTL, TTL)))})
    assert finish(engine, SMS).status is FlowStatus.SUCCEEDED


def test_a_status_beats_a_ttl_at_the_same_instant_though_it_arrived_later_and_is_another_flows() -> None:
    unheard, reached = sms(), viber(Moment("DELIVERED", TTL - 7, TTL - 7))
    engine = engine_for(dict([unheard, reached]))
    first = engine.submit(SendFlow("app", (unheard[0],))).flow
    engine.poll(START)
    engine.submit(MoveClock(START + 7))
    second = engine.submit(SendFlow("app", (reached[0],))).flow
    assert first is not None
    assert second is not None
    while engine.poll(FOREVER):
        pass
    on_the_instant = [entry.fact for entry in engine.journal.after(0) if entry.at == START + TTL]
    changes = [(fact.flow, fact.status) for fact in on_the_instant if isinstance(fact, facts.StatusChanged)]
    assert changes == [(second.id, "DELIVERED"), (first.id, "Undelivered")]


# rule callbacks.retries
def test_thirteen_attempts_at_the_documented_instants() -> None:
    engine = Engine(Behaviour(), START)
    send = SendFlow("app", (SMS,), Callback(Strategy.ON_COMPLETION, "http://127.0.0.1/"))
    engine.submit(send)
    instants = []
    while effect := engine.poll(FOREVER):
        for delivery in effect.deliveries:
            instants.append(engine.clock.now)
            engine.submit(RecordAnswer(delivery.number, delivery.attempt, POOR))
    gaps = [(later - before) / 60_000 for before, later in pairwise(instants)]
    assert gaps == [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440]
    [delivery] = engine.deliveries
    assert (delivery.next, len(delivery.attempts)) == (None, 13)
    assert list(engine.deliveries.after(1)) == []
    assert len(engine.deliveries) == 1


# rule callbacks.same-body
def test_the_body_of_a_retry_is_the_flow_as_it_was() -> None:
    engine = Engine(Behaviour(), START)
    engine.submit(SendFlow("app", (SMS,), Callback(Strategy.ON_STEP, "http://127.0.0.1/")))
    first = engine.poll(FOREVER)
    assert first is not None
    [delivery] = first.deliveries
    engine.submit(RecordAnswer(delivery.number, 1, POOR))
    while not (effect := engine.poll(FOREVER)) or not effect.deliveries or effect.deliveries[0].number != 1:
        pass
    assert effect.deliveries[0].attempt == 2
    assert effect.deliveries[0].flow == delivery.flow
    assert [message.status for message in delivery.flow.messages] == ["Queued"]


def test_the_same_seed_and_commands_give_the_same_journal() -> None:
    def run(seed: int) -> tuple[journal.Entry, ...]:
        engine = Engine(Behaviour(seed=seed), START)
        engine.submit(IssueToken("app", ()))
        finish(engine, replace(VIBER, to="+306900000300"), SMS)
        finish(engine, VOICE)
        assert len(engine.journal.after(3)) == len(engine.journal) - 3
        return engine.journal.after(0)

    assert run(1) == run(1) != run(2)


def test_every_flow_message_and_part_has_an_id_of_its_own() -> None:
    engine = Engine(Behaviour(), START)
    flows = [finish(engine, replace(VIBER, to="+306900000300"), replace(SMS, parts=3)) for _ in range(2)]
    messages = [message for flow in flows for message in flow.messages]
    ids = [flow.id for flow in flows] + [each for m in messages for each in (m.id, *m.part_ids)]
    assert len(set(ids)) == len(ids) == 2 + 4 + 6


def test_a_step_no_source_knows_succeeds() -> None:
    assert finish(Engine(Behaviour(sources=()), START), SMS).status is FlowStatus.SUCCEEDED


# Pushed by hand


def test_a_pushed_status_is_due_at_once_and_says_that_it_was_pushed() -> None:
    engine = Engine(Behaviour(), START)
    flow = engine.submit(SendFlow("app", (SMS,))).flow
    assert flow is not None
    engine.poll(START)
    assert engine.submit(PushReport(flow.id, 0, "Undelivered", "Unknown Number")) == Effect()
    assert engine.poll(START) is not None
    changed = [entry.fact for entry in engine.journal.after(0) if isinstance(entry.fact, facts.StatusChanged)]
    assert [(fact.status, fact.reason, fact.cause) for fact in changed] == [
        ("Queued", None, "report"),
        ("Undelivered", "Unknown Number", "pushed"),
    ]
    assert engine.flows[flow.id].code == "2"
    while engine.poll(FOREVER):
        pass
    assert [type(entry.fact) for entry in engine.journal.after(0)][-2:] == [
        facts.ReportIgnored,
        facts.StatusChanged,
    ]


# The account, changed from outside


def test_revoked_tokens_are_gone_and_never_come_again() -> None:
    engine = Engine(Behaviour(), START)
    first, other = (engine.submit(IssueToken(name, ())).token for name in ("app", "other"))
    assert first is not None
    assert other is not None
    engine.submit(RevokeTokens("app"))
    assert (engine.tokens.find(first.value), engine.tokens.find(other.value)) == (None, other)
    second = engine.submit(IssueToken("app", ())).token
    assert second is not None
    assert second.value != first.value
    engine.submit(RevokeTokens())
    assert len(engine.tokens) == 0
    revoked = [entry.fact for entry in engine.journal.after(0) if isinstance(entry.fact, facts.TokensRevoked)]
    assert revoked == [facts.TokensRevoked("app", 1), facts.TokensRevoked(None, 2)]


def test_the_balance_can_be_set_and_taken_off() -> None:
    engine = Engine(Behaviour(balance=0), START)
    assert finish(engine, SMS).code == "1"
    engine.submit(SetBalance(1_000))
    assert finish(engine, SMS).code is None
    engine.submit(SetBalance(None))
    assert engine.purse.balance is None
    told = [entry.fact for entry in engine.journal.after(0) if isinstance(entry.fact, facts.BalanceSet)]
    assert told == [facts.BalanceSet(1_000), facts.BalanceSet(None)]


def test_a_request_is_noted_and_changes_nothing_else() -> None:
    engine = Engine(Behaviour(), START)
    asked = NoteRequest("POST", "/failover", 400, "app", "Validation Error!", (("flow", "is required"),))
    assert engine.submit(asked) == Effect()
    assert [entry.fact for entry in engine.journal.after(0)] == [facts.RequestAnswered(asked)]


def test_a_restart_is_noted_and_changes_nothing_else() -> None:
    engine = Engine(Behaviour(), START)
    engine.submit(NoteRestart(3_200, (1, 2)))
    assert [entry.fact for entry in engine.journal.after(0)] == [facts.Restarted(3_200, (1, 2))]
    assert engine.pending == 0


def test_a_tap_hears_what_the_log_is_told_also_when_it_was_given_up() -> None:
    class Ear:
        heard: ClassVar[list[object]] = []

        def submitted(self, command: Command, *, silent: bool) -> None:
            self.heard.append((command, silent))

        def happened(self) -> None:
            self.heard.append("an event")

    engine = Engine(Behaviour(), START, Mode.REALTIME)
    engine.log.tap = ear = Ear()
    engine.log.give_up()
    engine.submit(SetBalance(1))
    engine.submit(MoveClock(START + 5))
    engine.submit(SendFlow("app", (SMS,)))
    engine.poll(LAST)
    assert ear.heard == [
        (SetBalance(1), False),
        (MoveClock(START + 5), True),
        (SendFlow("app", (SMS,)), False),
        "an event",
    ]
