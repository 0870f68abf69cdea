"""Repeats: a request whose head is known is answered exactly as if it had been parsed."""

import json
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, ClassVar

import pytest

from mockserver.core.clock import Mode
from mockserver.http.repeats import MOST_HEADS, RepeatProtocol
from mockserver.server import running
from mockserver.settings import Settings, Sync
from mockserver.testing.receiver import Receiver
from tests.http.conftest import Gate
from tests.http.mocks import START, entered, sms
from tests.http.test_protocol import H2C
from tests.http.test_shortcut import SCENARIOS, Head, connected, doubled, sized
from tests.http.wires import Wire, stalled, wire

PLAIN = doubled("+306900000000", 1)
LENGTH = sized(PLAIN)


def padded(body: bytes) -> bytes:
    return body.ljust(len(PLAIN))


REPEATED: dict[str, Callable[[Head], tuple[bytes, ...]]] = {
    "once": lambda head: (head(LENGTH) + PLAIN,),
    "four times": lambda head: 4 * (head(LENGTH) + PLAIN,),
    "with another body": lambda head: (head(LENGTH) + padded(PLAIN.replace(b"xx", b"y")),),
    "wrong": lambda head: (head(LENGTH) + padded(b'{"flow": [{"type": "Sms"}]}'), head(LENGTH) + PLAIN),
    "wrong, with an offer of another protocol": lambda head: (
        head(LENGTH, H2C) + PLAIN,
        head(LENGTH, H2C) + padded(b'{"flow": [{"type": "Sms"}]}'),
        head(LENGTH, H2C) + PLAIN,
    ),
    "no JSON": lambda head: (head(LENGTH) + padded(b"{"), head(LENGTH) + PLAIN),
    "refused by a scenario": lambda head: (head(LENGTH) + doubled("+306900000001", 1), head(LENGTH) + PLAIN),
    "late by a scenario": lambda head: (head(LENGTH) + doubled("+306900000002", 1), head(LENGTH) + PLAIN),
    "reset by a scenario": lambda head: (head(LENGTH) + doubled("+306900000003", 1),),
}
"""Requests whose head is known."""

PARSED: dict[str, Callable[[Head], tuple[bytes, ...]]] = {
    "in two pieces": lambda head: (head(LENGTH), PLAIN),
    "in three": lambda head: (head(LENGTH)[:9], head(LENGTH)[9:] + PLAIN[:9], PLAIN[9:]),
    "two in one go": lambda head: (2 * (head(LENGTH) + PLAIN),),
    "and the beginning of the next": lambda head: (head(LENGTH) + PLAIN + head(LENGTH)[:9], head(LENGTH)[9:] + PLAIN),
    "after an empty line": lambda head: (b"\r\n" + head(LENGTH) + PLAIN,),
    "of another length": lambda head: (head(sized(PLAIN[:-1] + b" }")) + PLAIN[:-1] + b" }",),
    "of an unknown token": lambda head: (head(LENGTH).replace(b"Bearer ", b"Bearer x") + PLAIN,),
    "the last one": lambda head: (head(LENGTH, "Connection: close\r\n") + PLAIN,),
    "elsewhere": lambda head: (head(LENGTH, path="/failover/nowhere") + PLAIN,),
    "nonsense": lambda head: (b"nonsense\r\n\r\n",),
}
"""Requests whose head is not, or that do not come alone and whole."""


def exchange(pieces: Callable[[Head], tuple[bytes, ...]], **more: Any) -> list[bytes]:
    """All that a new mock answers after a plain send on the same connection, but for the date."""
    with connected(**more) as on:
        for scenario in SCENARIOS:
            body = json.dumps(scenario).encode()
            on.send(on.head(sized(body), path="/_mock/scenarios").replace(b"connect.routee.net", b"mock") + body)
            assert on.answer()[0] in (200, 201)
        on.send(on.head(LENGTH) + PLAIN)
        on.accepted_any()
        on.send(*pieces(on.head))
        with suppress(OSError):  # it was reset
            on.connection.shutdown(socket.SHUT_WR)
        return [line for line in on.rest().splitlines() if not line.lower().startswith(b"date:")]


@pytest.fixture
def repeats(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each piece of a connection that was looked at, whether it is a repeat."""
    seen: list[bool] = []
    real = RepeatProtocol._repeats

    def watched(self: RepeatProtocol, data: bytes) -> bool:
        seen.append(real(self, data))
        return seen[-1]

    monkeypatch.setattr(RepeatProtocol, "_repeats", watched)
    return seen


@pytest.mark.parametrize("kept", [None, *Sync])
@pytest.mark.parametrize("name", [*REPEATED, *PARSED])
def test_the_answer_is_the_same_as_when_it_is_parsed(
    name: str, kept: Sync | None, repeats: list[bool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces = (REPEATED | PARSED)[name]
    where = [{"data": tmp_path / each, "sync": kept} if kept else {} for each in ("one", "two")]
    said = exchange(pieces, **where[0])
    assert said or "reset" in name
    assert any(repeats) is (name in REPEATED)
    monkeypatch.setattr(RepeatProtocol, "_repeats", lambda *_: False)
    closing = b"connection: close"  # said too when the client has closed its side while the answer waited
    parsed = exchange(pieces, **where[1])
    assert [line for line in said if line != closing] == [line for line in parsed if line != closing]


def test_heads_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.http.repeats.MOST_HEADS", 3)
    found: list[int] = []
    decide = RepeatProtocol._decide

    def counted(self: RepeatProtocol, *args: Any) -> Any:
        try:
            return decide(self, *args)
        finally:
            found.append(len(self._heads))

    monkeypatch.setattr(RepeatProtocol, "_decide", counted)
    with connected() as on:
        for each in range(8):
            on.send(on.head(LENGTH, f"X-Request: {each}\r\n") + PLAIN)
            on.accepted_any()
        on.send(on.head(LENGTH, f"X-Request: {5_000 * 'x'}\r\n") + PLAIN)
        on.accepted_any()
    assert MOST_HEADS > 3
    assert max(found) == 3
    assert found[-1] == found[-2]


class Ageing(RepeatProtocol):
    """Time passes for it when a test says so."""

    made: ClassVar[list["Ageing"]] = []

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.timeout_keep_alive = 600
        self.made.append(self)

    def age(self) -> None:
        self._heard -= 600


def test_a_connection_in_use_is_not_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.server.RepeatProtocol", Ageing)
    with connected() as on:
        for _ in range(3):
            on.send(on.head(LENGTH) + PLAIN)
            on.accepted_any()
            aged = Ageing.made[-1]
            aged.loop.call_soon_threadsafe(aged.timeout_keep_alive_handler)
            aged.loop.call_soon_threadsafe(aged.age)
        aged.loop.call_soon_threadsafe(aged.timeout_keep_alive_handler)
        assert on.rest() == b""  # closed once it is


def test_what_came_while_the_loop_was_busy_is_answered_though_the_connection_was_idle_for_long(
    connections: list[RepeatProtocol],
) -> None:
    with connected() as on:
        on.send(on.head(LENGTH) + PLAIN)
        on.accepted_any()
        with stalled(connections[-1].loop, connections[-1].timeout_keep_alive_handler):
            on.send(on.head(LENGTH) + PLAIN)
        on.accepted_any()


@pytest.mark.parametrize("how", ["gone", "half closed", "stopped"])
def test_a_client_that_leaves_while_its_reply_waits_holds_nothing_up(
    how: str, tmp_path: Path, receiver: Receiver, gate: Gate, repeats: list[bool]
) -> None:
    body = json.dumps({"flow": [sms()], "callback": {"strategy": "OnStep", "url": receiver.url}}).encode()
    settings = Settings(port=0, clock=Mode.MANUAL, start=START, data=tmp_path)
    with ExitStack() as outside:
        with running(settings) as server:
            on = outside.enter_context(wire(server, over_tls=False))
            for _ in range(2):
                on.send(on.head(sized(body)) + body)
                on.accepted_any()
            gate.open = False
            on.send(on.head(sized(body)) + body)
            gate.await_reply()
            gate.open = True
            assert repeats[-1]
            if how == "stopped":
                gate.let_go()
            else:
                _leave(on, how)
                gate.let_go()
                if how == "half closed":
                    on.accepted_any()
                with entered(server.url) as mock:
                    mock.advance(until="idle")  # no flow waits for its reply any more
                    assert {callback["state"] for callback in mock.callbacks()} == {"delivered"}
        if how == "stopped":
            on.accepted_any()
            assert on.rest() == b""


@pytest.mark.parametrize("end", [False, True])
@pytest.mark.parametrize("most", [9, 65_536])
def test_what_comes_behind_a_request_whose_reply_waits_is_answered_after_it(
    most: int, end: bool, tmp_path: Path, gate: Gate, connections: list[RepeatProtocol], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.http.repeats.MOST_BEHIND", most)
    with connected(data=tmp_path) as on:
        on.send(on.head(LENGTH) + PLAIN)
        on.accepted_any()
        gate.open = False
        on.send(on.head(LENGTH) + PLAIN)
        gate.await_reply()
        on.send(on.head(LENGTH) + PLAIN, on.head(LENGTH)[:9])  # the second piece is not read, if 9 bytes are too many
        gate.open = True
        flow = connections[-1].flow
        assert flow.read_paused is (most == 9)
        gate.let_go()
        for _ in range(2):
            on.accepted_any()
        on.send(on.head(LENGTH)[9:] + PLAIN)
        if end:
            on.connection.shutdown(socket.SHUT_WR)
        on.accepted_any()
        assert not flow.read_paused
        assert on.rest() == b"" if end else on.flows() == 4


def _leave(on: Wire, how: str) -> None:
    if how == "gone":
        on.connection.close()
    else:
        on.connection.shutdown(socket.SHUT_WR)
    time.sleep(0.1)


def test_nothing_is_sent_twice_when_it_cannot_be_kept(tmp_path: Path, gate: Gate) -> None:
    with connected(data=tmp_path) as on:
        for _ in range(2):
            on.send(on.head(LENGTH) + PLAIN)
            on.accepted_any()
        gate.open = gate.lets = False
        on.send(on.head(LENGTH) + PLAIN)
        gate.let_go()
        gate.open = True
        assert on.answer()[0] == 503
        on.send(on.head(LENGTH) + PLAIN)
        on.accepted_any()
        assert on.flows() == 4
