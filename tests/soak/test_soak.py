"""A small soak, and the account itself: it finds what it is there to find."""

import pytest

from tests.soak.kinds import kinds
from tests.soak.ledger import Ledger
from tests.soak.mischief import ATTEMPTS, Mischief
from tests.soak.run import Plan, soak
from tests.soak.verdict import MIB, Verdict

CALM = Mischief(seed=1, share=0)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(kinds(1), CALM)


def hear(ledger: Ledger, number: int, *callbacks: int) -> None:
    for callback in callbacks:
        ledger.enter(number, 0, ATTEMPTS, kinds(1)[0].says[callback])


def test_a_few_hundred_flows_lose_nothing_in_any_mode_of_the_clock() -> None:
    said: list[str] = []
    verdict = soak(Plan(flows=400, share=20), said.append)
    assert verdict.passed, str(verdict)
    assert verdict.posts > verdict.taken > 400
    assert said[-1].startswith("400 of 400 flows")


def test_every_callback_once_and_in_order_is_as_it_should_be(ledger: Ledger) -> None:
    hear(ledger, 0, *range(len(kinds(1)[0].says)))
    assert (ledger.faults, ledger.missing(1)) == ({}, {})


def test_a_callback_that_is_lost_is_missed(ledger: Ledger) -> None:
    hear(ledger, 0, *range(len(kinds(1)[0].says) - 1))
    assert ledger.missing(1) == {"lost": 1, "not final": 1}


def test_a_flow_that_is_never_heard_of_is_missed(ledger: Ledger) -> None:
    assert ledger.missing(1)["not final"] == 1


def test_a_callback_that_comes_twice_is_found(ledger: Ledger) -> None:
    hear(ledger, 0, 0, 0)
    assert ledger.faults == {"doubled": 1}


def test_a_callback_that_comes_too_early_is_found(ledger: Ledger) -> None:
    hear(ledger, 0, 1, 0)
    assert ledger.faults["out of order"] > 0


def test_a_callback_that_says_what_its_flow_never_does_is_found(ledger: Ledger) -> None:
    ledger.enter(0, 0, ATTEMPTS, "Sms Eaten, Succeeded")
    assert ledger.faults == {"unknown": 1}


def test_a_callback_is_answered_badly_as_often_as_planned_and_then_well() -> None:
    ledger = Ledger(kinds(1), mischief := Mischief(seed=1, share=100))
    failures = mischief.failures(0, 0, 3)
    assert failures > 0
    ways = [ledger.enter(0, 0, 3, kinds(1)[0].says[0]) for _ in range(failures + 1)]
    assert ways[-1] is None
    assert None not in ways[:-1]
    assert ledger.faults == {}


def test_memory_that_grows_fails_the_soak() -> None:
    flat = Verdict(1, 1, 1, {}, [], 100 * MIB, 110 * MIB, 1.0)
    grown = Verdict(1, 1, 1, {}, [], 100 * MIB, 200 * MIB, 1.0)
    assert (flat.passed, grown.passed) == (True, False)
    assert "not flat" in str(grown)
