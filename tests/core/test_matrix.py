"""The documented matrix: Voice, then Viber, then Sms, and what the flow comes to; twenty-one rows."""

import pytest

from mockserver.core.channels import RULES, Channel
from mockserver.core.commands import SendFlow
from mockserver.core.engine import Engine
from mockserver.core.flow import Flow, Step
from mockserver.core.scenario import Outcome
from tests.core.worlds import FOREVER, OUTCOMES, engine_for

VOICE = Step(Channel.VOICE, "+15555550100", frozenset({"Busy", "NoAnswer", "Failed", "Unsent", "Terminated"}))
VIBER = Step(Channel.VIBER, "+15555550100", frozenset({"EXPIRED", "FAILED", "UNDELIVERED"}), ttl=600_000)
SMS = Step(Channel.SMS, "+15555550100", frozenset(RULES[Channel.SMS].default_triggers), ttl=600_000)

OUTCOME_OF = {
    (outcome.channel, outcome.beats[-1].status): outcome
    for channel in Channel
    for outcome in reversed(OUTCOMES[channel])
}

NOT_REACHED = ("Busy", "NoAnswer", "Failed", "Unsent", "Terminated")
ROWS = [("Completed", None, None, "Succeeded", "Voice")] + [
    (voice, *rest)
    for voice in NOT_REACHED
    for rest in (
        ("DELIVERED", None, "Succeeded", "Viber"),
        ("UNDELIVERED", "Delivered", "Succeeded", "Sms"),
        ("UNDELIVERED", "Undelivered", "Failed", "Sms"),
        ("UNDELIVERED", "Failed", "Failed", "Sms"),
    )
]


def outcome(channel: Channel, status: str | None) -> Outcome:
    return OUTCOME_OF[channel, status] if status else OUTCOMES[channel][0]


def test_the_matrix_has_twenty_one_rows() -> None:
    assert len(ROWS) == 21


@pytest.mark.parametrize(("voice", "viber", "sms", "status", "channel"), ROWS)
def test_row(voice: str, viber: str | None, sms: str | None, status: str, channel: str) -> None:
    engine = engine_for(
        {
            VOICE: outcome(Channel.VOICE, voice),
            VIBER: outcome(Channel.VIBER, viber),
            SMS: outcome(Channel.SMS, sms),
        }
    )
    flow = run(engine)
    heard = [message.status for message in flow.messages]
    assert heard == [each for each in (voice, viber, sms) if each is not None]
    assert (flow.status, flow.termination) == (status, channel)
    assert flow.code == ("2" if status == "Failed" else None)


def run(engine: Engine) -> Flow:
    flow = engine.submit(SendFlow("app", (VOICE, VIBER, SMS))).flow
    assert flow is not None
    while engine.poll(FOREVER):
        pass
    return engine.flows[flow.id]
