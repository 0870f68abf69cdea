"""Rounds: interleaved, and whoever cannot be measured is left out aloud."""

from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import worker
from benchmarks.case import Case, Measure
from benchmarks.cases import every
from benchmarks.contenders import BARE, MOCK, Contender
from benchmarks.messages import end
from benchmarks.rounds import Row, Skipped, measured
from benchmarks.server import NotStarted


@contextmanager
def steady(contender: Contender) -> Iterator[Measure]:
    yield lambda: {"calls": 1.0}


@contextmanager
def absent(contender: Contender) -> Iterator[Measure]:
    raise NotStarted("not here")
    yield


@contextmanager
def failing(contender: Contender) -> Iterator[Measure]:
    def measure() -> dict[str, float]:
        raise ConnectionError("gone")

    yield measure


def test_rounds_are_interleaved() -> None:
    found = [(row.contender, row.round) for row in measured(Case("x", steady), [BARE, MOCK], 2) if isinstance(row, Row)]
    assert found == [("bare", 0), ("mock", 0), ("bare", 1), ("mock", 1)]


def test_a_case_may_have_fewer_rounds_and_fewer_who_take_part() -> None:
    case = Case("x", steady, kinds=frozenset({MOCK.kind}), rounds=1)
    assert len(list(measured(case, [BARE, MOCK], 5))) == 1


def test_who_cannot_be_measured_is_left_out_aloud() -> None:
    assert [str(each) for each in measured(Case("x", absent), [BARE], 2)] == ["x: bare was left out: not here"]
    assert list(measured(Case("x", failing), [BARE], 2)) == [Skipped("x", "bare", "gone")]


def test_a_process_of_its_own_measures_as_often_as_asked() -> None:
    [case] = [case for case in every(full=False) if case.name == "send-3, calls"]
    with worker.opened(case, BARE) as measure:
        assert measure() == measure()


def test_where_an_answer_ends() -> None:
    fixed = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    assert end(fixed + b"HTTP/1.1") == len(fixed)
    assert end(chunked) == len(chunked)
    assert all(end(fixed[:length]) > length for length in range(len(fixed)))
    assert all(end(chunked[:length]) > length for length in range(len(chunked)))
