"""The digits of a magic recipient, each with what becomes of the step."""

import re
from typing import Any

import pytest

from mockserver.core import catalogue
from mockserver.core.behaviour import Behaviour
from mockserver.core.channels import RULES, Channel
from mockserver.core.engine import Engine
from mockserver.core.facts import StatusChanged
from mockserver.core.flow import Flow
from mockserver.core.step import Step
from tests.core.worlds import START, TTL, finish

ISSUE = """
    0  DELIVERED    Delivered                Delivered    Delivered               Completed
    1  UNDELIVERED  Timed Out                Undelivered  Undelivered on Handset  Busy
    2  FAILED       System Failure           Failed       Failed                  Failed
    3  EXPIRED      TTL Expired              Undelivered  Expired                 NoAnswer
    4  UNSENT       -                        Unsent       -                       Unsent
    5  SEEN         Delivered                Undelivered  Unknown Number          Terminated
    6  DELIVERED    Delivered                Delivered    Delivered               Completed
    7  UNDELIVERED  Not Viber User           Failed       Carrier Violation       Completed
    8  UNDELIVERED  Opted Out                Undelivered  Roaming                 Failed
    9  FAILED       Message Rejected         Undelivered  Call Barred             Terminated
"""
"""Per digit: what each channel's message reads in the end, with its reason."""

ROWS = [re.split(r"\s{2,}", line.strip()) for line in ISSUE.strip().splitlines()]


def played(channel: Channel, digit: int) -> tuple[Flow, list[StatusChanged]]:
    """One flow of one step, to a recipient with this digit in the channel's place and 9 in the others."""
    digits = "".join(str(digit) if each is channel else "9" for each in Channel)
    asked = Step(channel, f"+306900042{digits}", frozenset(), ttl=TTLS[channel])
    engine = Engine(Behaviour(), START)
    flow = finish(engine, asked)
    facts = [entry.fact for entry in engine.journal.after(0)]
    return flow, [fact for fact in facts if isinstance(fact, StatusChanged)]


TTLS = {Channel.VIBER: TTL, Channel.SMS: TTL, Channel.VOICE: None}


# rule statuses.delays
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_magic_recipient_gets_what_its_digits_say(row: list[str]) -> None:
    digit, *expected = row
    finals = [played(channel, int(digit))[0].messages[0] for channel in Channel]
    assert [finals[0].status, finals[0].reason or "-", finals[1].status, finals[1].reason or "-"] == expected[:4]
    assert (finals[2].status, finals[2].reason) == (expected[4], None)


@pytest.mark.parametrize("channel", [Channel.VIBER, Channel.SMS])
def test_three_is_ended_by_its_ttl_and_six_is_delivered_after_it(channel: Channel) -> None:
    for digit, causes in ((3, [("ttl", False)]), (6, [("ttl", False), ("report", True)])):
        flow, changes = played(channel, digit)
        assert flow.status == "Failed"
        assert [(change.cause, change.late) for change in changes][-len(causes) :] == causes


def test_five_is_delivered_first_and_then_seen_on_viber() -> None:
    flow, changes = played(Channel.VIBER, 5)
    assert [change.status for change in changes] == ["QUEUED", "DELIVERED", "SEEN"]
    assert flow.status == "Succeeded"


# rule statuses.machine
def test_six_is_a_call_answered_by_a_machine() -> None:
    flow, changes = played(Channel.VOICE, 6)
    assert [change.status for change in changes][-2:] == ["InProgress", "Completed"]
    assert catalogue.MAGIC[Channel.VOICE][6].name == "machine"
    assert flow.status == "Succeeded"


@pytest.mark.parametrize("channel", list(Channel))
@pytest.mark.parametrize("digit", range(10))
def test_why_says_which_digit_it_was(channel: Channel, digit: int) -> None:
    choice = catalogue.magic(Step(channel, f"+306900000{digit}{digit}{digit}", frozenset()))
    assert choice is not None
    assert choice.outcome is catalogue.MAGIC[channel][digit]
    assert choice.why == f"magic number: {channel} digit {digit} is {choice.outcome.name!r}"


@pytest.mark.parametrize("channel", list(Channel))
def test_a_digit_stands_for_each_of_ten_outcomes_and_there_are_more(channel: Channel) -> None:
    assert list(catalogue.OUTCOMES[channel].values())[:10] == list(catalogue.MAGIC[channel])
    assert {outcome.channel for outcome in catalogue.OUTCOMES[channel].values()} == {channel}
    assert "server error" in catalogue.OUTCOMES[channel]
    assert len(catalogue.MAGIC[channel]) == len({outcome.name for outcome in catalogue.MAGIC[channel]}) == 10
    assert {outcome.channel for outcome in catalogue.MAGIC[channel]} == {channel}


@pytest.mark.parametrize("channel", list(Channel))
def test_there_is_an_outcome_for_every_end_of_a_step(channel: Channel) -> None:
    outcomes, rules = [catalogue.OUTCOMES[channel][name] for name in catalogue.ENDS[channel]], RULES[channel]
    ends = {outcome.moments[-1].status for outcome in outcomes}
    assert rules.ends <= ends | ({rules.expiry[0]} if rules.expiry else set())
    assert outcomes[0].moments[-1].status in rules.successes


@pytest.mark.parametrize("to", ["+30690000031", "+3069000003100", "+306900100310x", "306900000310", "+306901000310"])
def test_everybody_else_is_reached(to: str) -> None:
    for channel in Channel:
        step = Step(channel, to, frozenset())
        assert catalogue.magic(step) is None
        assert catalogue.success(step).outcome.moments[-1].status in RULES[channel].successes


@pytest.mark.parametrize("channel", Channel)
def test_a_recipient_is_made_for_every_outcome_a_digit_stands_for(channel: Channel) -> None:
    for free, outcome in enumerate(catalogue.MAGIC[channel]):
        asked: dict[str, Any] = {channel.lower(): outcome.name}
        to = catalogue.recipient(free, **asked)
        chosen = {each: catalogue.magic(Step(each, to, frozenset())) for each in Channel}
        assert {each: choice and choice.outcome for each, choice in chosen.items()} == {
            each: outcome if each is channel else catalogue.MAGIC[each][0] for each in Channel
        }
        assert to.startswith(f"+3069000{free:02}")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"sms": "expird"}, "no digit stands for 'expird' on Sms; there are delivered, undelivered"),
        ({"free": 100}, "0 to 99, not 100"),
    ],
)
def test_an_impossible_recipient_is_refused_in_words(asked: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        catalogue.recipient(**asked)
