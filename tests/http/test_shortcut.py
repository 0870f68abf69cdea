"""The shortcut: it answers exactly what the usual way answers."""

import gzip
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from mockserver.core.clock import Mode
from mockserver.http.shortcut import Shortcuts
from mockserver.server import running
from mockserver.settings import Settings, Sync
from mockserver.testing.receiver import Receiver
from mockserver.wire.routee import document
from tests.http.conftest import Gate
from tests.http.mocks import START, entered, mocking, sms, viber
from tests.http.wires import BODY, LENGTH, Wire, wire

Head = Callable[..., bytes]


def sized(body: bytes) -> str:
    return f"Content-Length: {len(body)}\r\n"


def doubled(to: str, times: int) -> bytes:
    return json.dumps({"flow": [sms(to=to, message={"body": "x" * times})]}).encode()


WRONG = b'{"flow": [{"type": "Sms"}]}'
SPACED = json.dumps({"flow": [sms(failoverOnStatuses=["failed"])]}).encode()
ZIPPED = gzip.compress(BODY)
LARGE = doubled("+306900000000", 70_000)
CLOSE, ORIGIN, EXPECT = "Connection: close\r\n", "Origin: http://elsewhere.example\r\n", "Expect: 100-continue\r\n"

SHORT: dict[str, Callable[[Head], tuple[bytes, ...]]] = {
    "at once": lambda head: (head(LENGTH) + BODY,),
    "byte by byte at the end": lambda head: (head(LENGTH)[:-3], head(LENGTH)[-3:], BODY[:1], BODY[1:-1], BODY[-1:]),
    "three in one go": lambda head: (3 * (head(LENGTH) + BODY),),
    "not plain": lambda head: (head(sized(SPACED)) + SPACED,),
}
"""Requests that take the shortcut to its end."""

NEARLY: dict[str, Callable[[Head], tuple[bytes, ...]]] = {
    "wrong": lambda head: (head(sized(WRONG)) + WRONG, head(LENGTH) + BODY),
    "no JSON": lambda head: (head(sized(b"{")) + b"{",),
    "a form": lambda head: (head(LENGTH, "Content-Type: text/plain\r\n") + BODY,),
    "an unknown token": lambda head: (head(LENGTH).replace(b"Bearer ", b"Bearer x") + BODY,),
    "no token": lambda head: (head(LENGTH).replace(b"Authorization: Bearer", b"X-Nothing:") + BODY,),
    "refused by a scenario": lambda head: (head(sized(r := doubled("+306900000001", 1))) + r, head(LENGTH) + BODY),
    "late by a scenario": lambda head: (head(sized(r := doubled("+306900000002", 1))) + r, head(LENGTH) + BODY),
    "reset by a scenario": lambda head: (head(sized(r := doubled("+306900000003", 1))) + r,),
}
"""Requests that begin to take it, and are answered the usual way."""

USUAL: dict[str, Callable[[Head], tuple[bytes, ...]]] = {
    "the last one": lambda head: (head(LENGTH, CLOSE) + BODY,),
    "of HTTP/1.0": lambda head: (head(LENGTH, version="1.0") + BODY,),
    "from another page": lambda head: (head(LENGTH, ORIGIN) + BODY,),
    "of an unknown host": lambda head: (head(LENGTH).replace(b"connect.routee.net", b"x.example") + BODY,),
    "asking first": lambda head: (head(LENGTH, EXPECT), BODY),
    "in chunks": lambda head: (head("Transfer-Encoding: chunked\r\n") + b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY),),
    "zipped": lambda head: (head(sized(ZIPPED), "Content-Encoding: gzip\r\n") + ZIPPED,),
    "long": lambda head: (head(sized(LARGE)) + LARGE,),
    "elsewhere": lambda head: (head(LENGTH, path="/failover/nowhere") + BODY,),
    "of no body": lambda head: (head(),),
}
"""Requests that never take it."""

SCENARIOS: tuple[dict[str, Any], ...] = (
    {"name": "refused", "when": {"to": "+306900000001"}, "api": {"answer": "503"}},
    {"name": "late", "when": {"to": "+306900000002"}, "api": {"delay": "200ms"}},
    {"name": "reset", "when": {"to": "+306900000003"}, "api": {"answer": "reset"}},
)


@contextmanager
def connected(**more: Any) -> Iterator[Wire]:
    with (
        running(Settings(port=0, clock=Mode.MANUAL, start=START, **more)) as server,
        wire(server, over_tls=False) as on,
    ):
        yield on


def exchange(pieces: Callable[[Head], tuple[bytes, ...]], *, scenarios: bool = False, **more: Any) -> list[bytes]:
    """All that a new mock answers on one connection, but for the date. more: of its settings."""
    with connected(**more) as on:
        if scenarios:
            for scenario in SCENARIOS:
                body = json.dumps(scenario).encode()
                on.send(on.head(sized(body), path="/_mock/scenarios").replace(b"connect.routee.net", b"mock") + body)
                status, said = on.answer()
                assert status in (200, 201), said
        on.send(*pieces(on.head))
        with suppress(OSError):  # it was reset
            on.connection.shutdown(socket.SHUT_WR)
        return [line for line in on.rest().splitlines() if not line.lower().startswith(b"date:")]


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each request that was looked at, whether it takes the shortcut."""
    seen: list[bool] = []
    find = Shortcuts.find

    def watched(self: Shortcuts, scope: Any) -> Any:
        found = find(self, scope)
        if scope["path"].startswith("/failover"):
            seen.append(found is not None)
        return found

    monkeypatch.setattr(Shortcuts, "find", watched)
    return seen


@pytest.mark.parametrize("name", [*SHORT, *NEARLY, *USUAL])
def test_the_answer_is_the_same_as_without_it(name: str, taken: list[bool], monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = (SHORT | NEARLY | USUAL)[name]
    said = exchange(pieces, scenarios=name in NEARLY)
    assert said or "reset" in name
    assert any(taken) is (name not in USUAL)
    monkeypatch.setattr(Shortcuts, "find", lambda *_: None)
    assert exchange(pieces, scenarios=name in NEARLY) == said


@pytest.mark.parametrize("sync", list(Sync))
@pytest.mark.parametrize("name", [*SHORT, *NEARLY, *USUAL])
def test_the_answer_is_the_same_when_it_waits_until_it_is_kept(name: str, sync: Sync, tmp_path: Path) -> None:
    pieces = (SHORT | NEARLY | USUAL)[name]
    said = exchange(pieces, scenarios=name in NEARLY)
    waited = exchange(pieces, scenarios=name in NEARLY, data=tmp_path, sync=sync)
    closing = b"connection: close"  # said too when the client has closed its side while the answer waited
    assert [line for line in waited if line != closing] == [line for line in said if line != closing]


@pytest.mark.parametrize("how", ["gone", "half closed"])
def test_a_client_that_leaves_while_its_reply_waits_holds_nothing_up(
    how: str, tmp_path: Path, receiver: Receiver, gate: Gate
) -> None:
    body = json.dumps({"flow": [sms()], "callback": {"strategy": "OnStep", "url": receiver.url}}).encode()
    settings = Settings(port=0, clock=Mode.MANUAL, start=START, data=tmp_path)
    with running(settings) as server, wire(server, over_tls=False) as on:
        gate.open = False
        on.send(on.head(sized(body)) + body)
        gate.await_reply()
        gate.open = True
        (on.connection.close if how == "gone" else lambda: on.connection.shutdown(socket.SHUT_WR))()
        time.sleep(0.1)
        gate.let_go()
        if how == "half closed":
            assert on.answer()[0] == 200
        with entered(server.url) as mock:
            mock.advance(until="idle")  # the flow waits for no reply any more
            assert {callback["state"] for callback in mock.callbacks()} == {"delivered"}


@pytest.mark.parametrize("name", SHORT)
def test_a_plain_send_needs_no_task(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with connected() as on:
        monkeypatch.setattr("starlette.applications.Starlette.__call__", None)  # every other way leads through here
        on.send(*SHORT[name](on.head))
        on.accepted()


def test_a_fault_of_the_mock_is_answered_and_the_next_flow_goes_its_way(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> bytes:
        raise RuntimeError("a bug")

    with mocking() as mock:
        monkeypatch.setattr(document, "reply", broken)
        body = {"flow": [viber()], "callback": {"strategy": "OnStep", "url": receiver.url}}
        answer = mock.client.post("/failover", json=body)
        assert (answer.status_code, answer.json()["code"]) == (500, "500000000")
        monkeypatch.undo()
        with entered(mock.url) as again:
            again.send(viber(), url=receiver.url)
            again.advance(until="idle")  # nothing waits for the reply that never came
            assert {callback["state"] for callback in again.callbacks()} == {"delivered"}


def test_a_reply_comes_before_the_callbacks_of_its_flow(receiver: Receiver) -> None:
    with mocking(clock=Mode.INSTANT) as mock:
        for _ in range(5):
            mock.send(sms(), url=receiver.url)
        mock.client.post("/_mock/clock/advance", json={"until": "idle"})
        said = [entry["kind"] for entry in mock.client.get("/_mock/journal").json()["entries"]]
        assert said.index("request") < said.index("callback")


def test_a_request_that_has_not_come_whole_is_told_that_the_mock_stops() -> None:
    with ExitStack() as outside:
        with running(Settings(port=0)) as server:
            on = outside.enter_context(wire(server, over_tls=False))
            on.send(on.head(LENGTH) + BODY[:5])
        assert on.answer()[0] == 503
