"""The documented matrix: Voice, then Viber, then Sms, and what the flow comes to; twenty-one rows."""

import pytest

from mockserver.core.channels import Channel
from mockserver.core.outcome import Outcome
from mockserver.core.step import Step
from tests.core.worlds import OUTCOMES, agree

VOICE = Step(Channel.VOICE, "+15555550100", frozenset({"Busy", "NoAnswer", "Failed", "Unsent", "Terminated"}))
VIBER = Step(Channel.VIBER, "+15555550101", frozenset({"EXPIRED", "FAILED", "UNDELIVERED"}), ttl=600_000)
SMS = Step(Channel.SMS, "+15555550102", frozenset({"Undelivered", "Failed"}), ttl=600_000)

MATRIX = """
    Completed   -            -            Succeeded
    Busy        DELIVERED    -            Succeeded
    Busy        UNDELIVERED  Delivered    Succeeded
    Busy        UNDELIVERED  Undelivered  Failed
    Busy        UNDELIVERED  Failed       Failed
    NoAnswer    DELIVERED    -            Succeeded
    NoAnswer    UNDELIVERED  Delivered    Succeeded
    NoAnswer    UNDELIVERED  Undelivered  Failed
    NoAnswer    UNDELIVERED  Failed       Failed
    Failed      DELIVERED    -            Succeeded
    Failed      UNDELIVERED  Delivered    Succeeded
    Failed      UNDELIVERED  Undelivered  Failed
    Failed      UNDELIVERED  Failed       Failed
    Unsent      DELIVERED    -            Succeeded
    Unsent      UNDELIVERED  Delivered    Succeeded
    Unsent      UNDELIVERED  Undelivered  Failed
    Unsent      UNDELIVERED  Failed       Failed
    Terminated  DELIVERED    -            Succeeded
    Terminated  UNDELIVERED  Delivered    Succeeded
    Terminated  UNDELIVERED  Undelivered  Failed
    Terminated  UNDELIVERED  Failed       Failed
"""
ROWS = [line.split() for line in MATRIX.strip().splitlines()]


def ending(channel: Channel, status: str) -> Outcome:
    """The first outcome that ends with this status; for a step that must not be reached, any."""
    ends = {outcome.moments[-1].status: outcome for outcome in reversed(OUTCOMES[channel])}
    return ends.get(status, OUTCOMES[channel][0])


# rule statuses.matrix
@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_the_documented_matrix_holds(row: list[str]) -> None:
    *statuses, status = row
    reached = [each for each in statuses if each != "-"]
    asked = (VOICE, VIBER, SMS)
    flow = agree([(step, ending(step.channel, heard)) for step, heard in zip(asked, statuses, strict=True)], None)
    assert len(ROWS) == 21
    assert [message.status for message in flow.messages] == reached
    assert (flow.status, flow.code) == (status, "2" if status == "Failed" else None)
    assert flow.termination == asked[len(reached) - 1].channel
