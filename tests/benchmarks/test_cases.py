"""Every case can be measured: the requests are answered as they should be, in process; names tell cases apart."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial

import pytest

from benchmarks.case import Case, Measure
from benchmarks.cases import engine, every
from benchmarks.cases.requests import in_process
from benchmarks.contenders import BARE, MOCK, Contender, Kind
from benchmarks.exchanges import EXCHANGES, SEARCHES, Exchange
from benchmarks.messages import body
from benchmarks.rounds import Row, measured

FLOWS = 25

Opened = Callable[..., AbstractContextManager[Measure]]


@pytest.mark.parametrize("exchange", [*EXCHANGES, *SEARCHES], ids=lambda exchange: exchange.name)
def test_a_mock_answers_each_request_as_expected(exchange: Exchange) -> None:
    with in_process(Kind.MOCK, exchange, FLOWS) as (server, requests):
        for request in requests[:3]:
            assert body(server.ask(request), exchange.status)


def test_bare_answers_as_much_and_with_the_same_status() -> None:
    [exchange] = [exchange for exchange in EXCHANGES if exchange.name == "send-refused"]
    with in_process(Kind.MOCK, exchange) as (mock, requests), in_process(Kind.BARE, exchange) as (bare, same):
        assert len(body(mock.ask(requests[0]), 400)) == len(body(bare.ask(same[0]), 400))


def test_names_tell_cases_apart() -> None:
    names = [case.name for case in every(full=True)]
    assert len(set(names)) == len(names)
    assert {case.name for case in every(full=False)} < set(names)


@pytest.mark.parametrize("contender", [MOCK, BARE], ids=lambda contender: contender.name)
@pytest.mark.parametrize("opened", [engine.events, engine.turns], ids=lambda opened: opened.__name__)
def test_the_engine_and_its_schedule_are_measured(opened: Opened, contender: Contender) -> None:
    [row] = measured(Case("small", partial(opened, pending=1_000)), [contender], 1)
    assert isinstance(row, Row)
    assert all(value > 0 for value in row.figures.values())
