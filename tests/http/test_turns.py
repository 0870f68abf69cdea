"""Answers that are ready in one turn of the loop are written together, at its end, and none is lost on the way."""

import asyncio
import socket
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from mockserver.core.clock import Mode
from mockserver.http.repeats import RepeatProtocol
from mockserver.http.shortcut import Accepted
from mockserver.http.turns import MOST, Turn
from mockserver.server import running
from mockserver.settings import Settings
from tests.http.mocks import START
from tests.http.test_repeats import LENGTH, PLAIN
from tests.http.wires import Wire, stalled, wire


def _write(written: list[int], number: int, may: bool) -> None:
    assert may
    written.append(number)


@pytest.mark.anyio
async def test_what_is_ready_in_one_turn_is_written_at_its_end_in_order() -> None:
    turn, written = Turn(), list[int]()
    for number in range(3):
        turn.wait(partial(_write, written, number))
    assert written == []
    await asyncio.sleep(0)
    assert written == [0, 1, 2]
    turn.wait(partial(_write, written, 3))
    await asyncio.sleep(0)
    assert written == [0, 1, 2, 3]


@pytest.mark.anyio
async def test_no_more_wait_for_each_other_than_may() -> None:
    turn, written = Turn(), list[bool]()
    for _ in range(MOST + 1):
        turn.wait(written.append)
    assert written == [True] * MOST
    await asyncio.sleep(0)
    assert written == [True] * (MOST + 1)


@pytest.mark.anyio
async def test_one_that_cannot_be_written_keeps_no_other() -> None:
    turn, written = Turn(), list[bool]()
    told: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["exception"]))

    def broken(_: bool) -> None:
        raise OSError("a broken line")

    for waiter in (written.append, broken, written.append):
        turn.wait(waiter)
    await asyncio.sleep(0)
    assert written == [True, True]
    assert [str(error) for error in told] == ["a broken line"]


@pytest.mark.anyio
async def test_who_waits_because_of_another_waits_for_the_next_turn() -> None:
    turn, written = Turn(), list[bool]()
    turn.wait(lambda _: turn.wait(written.append))
    await asyncio.sleep(0)
    assert written == []
    await asyncio.sleep(0)
    assert written == [True]


@pytest.fixture
def doings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the mock does, in order: it takes a repeat, or writes its answer."""
    done: list[str] = []
    repeats, write = RepeatProtocol._repeats, RepeatProtocol.write_reply

    def taken(self: RepeatProtocol, data: bytes) -> bool:
        done.append("taken")
        return repeats(self, data)

    def written(self: RepeatProtocol, reply: Accepted) -> None:
        done.append("written")
        write(self, reply)

    monkeypatch.setattr(RepeatProtocol, "_repeats", taken)
    monkeypatch.setattr(RepeatProtocol, "write_reply", written)
    return done


def _ask(on: Wire) -> None:
    on.connection.sendall(on.head(LENGTH) + PLAIN)


def _ask_and_end(on: Wire) -> None:
    _ask(on)
    on.connection.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize("ask", [_ask, _ask_and_end])
def test_requests_that_came_while_the_loop_was_busy_are_read_before_any_is_answered(
    ask: Callable[[Wire], None], doings: list[str], connections: list[RepeatProtocol]
) -> None:
    with (
        running(Settings(port=0, clock=Mode.MANUAL, start=START)) as server,
        wire(server, over_tls=False) as one,
        wire(server, over_tls=False) as two,
    ):
        for on in (one, two):
            on.send(on.head(LENGTH) + PLAIN)
            on.accepted_any()
        doings.clear()
        with stalled(connections[-1].loop):
            ask(one)
            ask(two)
        one.accepted_any()
        two.accepted_any()
    assert doings == ["taken", "taken", "written", "written"]
