"""The tables hold together."""

import pytest

from mockserver.core.channels import READ, RULES, UNSENT, Channel, canonical, canonical_trigger

EVERY = list(Channel)


@pytest.mark.parametrize("channel", EVERY)
def test_every_status_named_is_a_status(channel: Channel) -> None:
    rules = RULES[channel]
    known = set(rules.statuses)
    assert rules.first == rules.statuses[0]
    assert set().union(*rules.moves.values()) <= known - {rules.first}
    assert rules.successes <= rules.ends <= known
    assert rules.broke <= rules.ends - rules.successes
    assert {canonical(channel, trigger) for trigger in rules.triggers} <= rules.ends
    assert set(rules.default_triggers) <= set(rules.triggers)
    assert rules.picked_up in (None, *rules.statuses)


@pytest.mark.parametrize("channel", EVERY)
def test_every_status_can_be_reached_and_every_message_can_end(channel: Channel) -> None:
    rules = RULES[channel]
    reached, frontier = {rules.first}, {rules.first}
    while frontier:
        frontier = set().union(*(rules.moves[status] for status in frontier)) - reached
        reached |= frontier
    assert reached == set(rules.statuses)
    assert all(rules.moves[status] & rules.ends for status in reached - rules.ends)


@pytest.mark.parametrize("channel", [Channel.VIBER, Channel.SMS])
def test_a_ttl_can_end_whatever_has_not_ended(channel: Channel) -> None:
    rules = RULES[channel]
    assert rules.expiry is not None
    status, reason = rules.expiry
    assert reason in rules.reasons
    assert all(status in rules.moves[each] for each in set(rules.statuses) - rules.ends)


def test_a_call_has_no_ttl_and_no_reasons() -> None:
    assert RULES[Channel.VOICE].expiry is None
    assert not RULES[Channel.VOICE].reasons


# rules statuses.names, statuses.moves
def test_the_statuses_spelled_as_the_contract_spells_them() -> None:
    assert {channel: " ".join(RULES[channel].statuses) for channel in EVERY} == {
        "Viber": "QUEUED DELIVERED SEEN UNDELIVERED EXPIRED FAILED UNSENT",
        "Sms": "Queued Sent Delivered Undelivered Failed Unsent",
        "Voice": "Queued Initiated Ringing InProgress Completed Busy NoAnswer Failed Unsent Terminated",
    }
    assert {channel: RULES[channel].default_triggers for channel in EVERY} == {
        "Viber": ("Expired", "Failed", "Undelivered"),
        "Sms": ("Undelivered", "Failed"),
        "Voice": ("Busy", "NoAnswer"),
    }
    assert RULES[Channel.VOICE].triggers == ("Completed", "Busy", "NoAnswer", "Failed", "Unsent", "Terminated")


# rule statuses.reasons
def test_success_is_described_as_documented() -> None:
    assert RULES[Channel.VIBER].reasons["Delivered"] == "The message was delivered to its recipient."
    assert RULES[Channel.SMS].reasons["Delivered"] == "The SMS was sent and it was delivered to its recipient."


@pytest.mark.parametrize(
    ("channel", "text", "status"),
    [
        (Channel.VIBER, "Expired", "EXPIRED"),
        (Channel.SMS, "UNDELIVERED", "Undelivered"),
        (Channel.VOICE, "noanswer", "NoAnswer"),
        (Channel.SMS, "Expired", None),
        (Channel.VOICE, "no answer", None),
    ],
)
def test_statuses_are_read_in_any_case(channel: Channel, text: str, status: str | None) -> None:
    assert canonical(channel, text) == status


@pytest.mark.parametrize(
    ("channel", "text", "status"),
    [
        (Channel.VIBER, "Expired", "EXPIRED"),
        (Channel.VOICE, "noanswer", "NoAnswer"),
        (Channel.VIBER, "Seen", None),
        (Channel.SMS, "Expired", None),
    ],
)
def test_triggers_are_statuses_that_a_step_may_turn_on(channel: Channel, text: str, status: str | None) -> None:
    assert canonical_trigger(channel, text) == status


def test_the_named_statuses_exist() -> None:
    assert READ in RULES[Channel.VIBER].successes
    assert all(UNSENT & set(RULES[channel].statuses) for channel in EVERY)
