"""The requests in the journal: which are kept, and which were refused."""

import pytest

from mockserver.core import requests
from mockserver.core.behaviour import Behaviour, Limits
from mockserver.core.commands import NoteRequest, SetBalance
from mockserver.core.engine import Engine

GOOD, BAD = NoteRequest("POST", "/failover", 200, "app"), NoteRequest("POST", "/failover", 400, "app", "Wrong!")


def test_requests_are_known_by_the_numbers_of_their_entries() -> None:
    engine = Engine(Behaviour(), 0)
    for command in (GOOD, SetBalance(5), BAD, GOOD):
        engine.submit(command)
    assert engine.requests.numbers() == (1, 3, 4)
    assert engine.requests.numbers(refused=True) == (3,)
    assert engine.requests.refused == 1


def test_what_the_journal_forgets_is_no_request_any_more() -> None:
    engine = Engine(Behaviour(limits=Limits(entries=2)), 0)
    for command in (BAD, GOOD, BAD):
        engine.submit(command)
    assert (engine.requests.numbers(), engine.requests.numbers(refused=True)) == ((2, 3), (3,))
    engine.submit(SetBalance(1))
    assert (engine.requests.numbers(), engine.requests.refused) == ((3,), 1)
    engine.submit(SetBalance(2))
    assert (engine.requests.numbers(), engine.requests.refused) == ((), 0)


def test_numbers_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "OFTEN", 4)
    engine = Engine(Behaviour(limits=Limits(entries=2)), 0)
    for _ in range(40):
        engine.submit(BAD)
        assert len(engine.requests._all) <= 6
        assert len(engine.requests._refused) <= 6
    assert engine.requests.numbers() == (39, 40)
