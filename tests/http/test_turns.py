"""Answers that are ready in one turn of the loop are written together, at its end, and none is lost on the way."""

import asyncio
import socket
from collections.abc import Callable
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

REPLY = Accepted(b"{}", lambda: None)


class Line:
    """A connection that notes what is written, or cannot write."""

    def __init__(self, loop: asyncio.AbstractEventLoop, written: list["Line"], *, broken: bool = False) -> None:
        self.loop = loop
        self._written = written
        self._broken = broken

    def depart(self, reply: Accepted) -> None:
        if self._broken:
            raise OSError("a broken line")
        self._written.append(self)


@pytest.mark.anyio
async def test_what_is_ready_in_one_turn_is_written_at_its_end_in_order() -> None:
    loop, turn, written = asyncio.get_running_loop(), Turn(), list[Line]()
    lines = [Line(loop, written) for _ in range(3)]
    for line in lines:
        turn.add(line, REPLY)
    assert written == []
    await asyncio.sleep(0)
    assert written == lines
    turn.add(lines[0], REPLY)
    await asyncio.sleep(0)
    assert written == [*lines, lines[0]]


@pytest.mark.anyio
async def test_no_more_wait_for_each_other_than_may() -> None:
    loop, turn, written = asyncio.get_running_loop(), Turn(), list[Line]()
    for _ in range(MOST + 1):
        turn.add(Line(loop, written), REPLY)
    assert len(written) == MOST
    await asyncio.sleep(0)
    assert len(written) == MOST + 1


@pytest.mark.anyio
async def test_one_that_cannot_be_written_keeps_no_other() -> None:
    loop, turn, written = asyncio.get_running_loop(), Turn(), list[Line]()
    told: list[Any] = []
    loop.set_exception_handler(lambda _, context: told.append(context["exception"]))
    lines = [Line(loop, written), Line(loop, written, broken=True), Line(loop, written)]
    for line in lines:
        turn.add(line, REPLY)
    await asyncio.sleep(0)
    assert written == [lines[0], lines[2]]
    assert [str(error) for error in told] == ["a broken line"]


@pytest.fixture
def doings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the mock does, in order: it takes a repeat, or writes its answer."""
    done: list[str] = []
    add, depart = Turn.add, RepeatProtocol.depart

    def adds(self: Turn, connection: Any, reply: Accepted) -> None:
        done.append("taken")
        add(self, connection, reply)

    def departs(self: RepeatProtocol, reply: Accepted) -> None:
        done.append("written")
        depart(self, reply)

    monkeypatch.setattr(Turn, "add", adds)
    monkeypatch.setattr(RepeatProtocol, "depart", departs)
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


def test_what_was_written_is_not_written_again() -> None:
    loop, written = asyncio.new_event_loop(), list[Line]()
    turn = Turn()
    turn.add(Line(loop, written), REPLY)
    turn.end()
    assert len(written) == 1
    loop.run_until_complete(asyncio.sleep(0))
    assert len(written) == 1
    loop.close()
