from typing import Any

import pytest
from hypothesis import given

from mockserver.strategies import CallbackSequence, callback_sequences


class TrustsTheOrder:
    """Believes that the last callback has the latest status."""

    def __init__(self) -> None:
        self.status = ""

    def webhook(self, body: dict[str, Any]) -> None:
        self.status = body["status"]


class CountsTwice:
    """Counts every callback of a flow that has succeeded, also a repeated one."""

    def __init__(self) -> None:
        self.delivered = 0

    def webhook(self, body: dict[str, Any]) -> None:
        self.delivered += body["status"] == "Succeeded"


@given(callback_sequences())
def ends_as_the_flow_did(sequence: CallbackSequence) -> None:
    handler = TrustsTheOrder()
    for body in sequence.bodies:
        handler.webhook(body)
    assert handler.status == sequence.final["status"]


@given(callback_sequences(reorderings=False))
def counts_a_flow_once(sequence: CallbackSequence) -> None:
    handler = CountsTwice()
    for body in sequence.bodies:
        handler.webhook(body)
    assert handler.delivered == (sequence.final["status"] == "Succeeded")


def test_both_are_caught() -> None:
    with pytest.raises(AssertionError, match="assert 'InProgress' == "):
        ends_as_the_flow_did()
    with pytest.raises(AssertionError, match=r"assert \d+ == "):
        counts_a_flow_once()
