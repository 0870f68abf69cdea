"""Clients that offer other protocols, or that ask before they send a body."""

import json
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mockserver.http.repeats import RepeatProtocol
from mockserver.server import Addresses, running
from mockserver.settings import Settings, Tls
from tests.http.loops import LOOPS, starting_on
from tests.http.wires import BODY, LENGTH, Wire, wire

H2C = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAA\r\n"
"""The headers that Java's HttpClient sends with every request over plain http."""

WEBSOCKET = (
    "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MTIz\r\n"
)

EXPECT = "Expect: 100-continue\r\n"

CHUNKED = "Transfer-Encoding: chunked\r\n"

CHUNKS = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (BODY[:7], BODY[7:])) + b"0\r\n\r\n"


@pytest.fixture(scope="module", params=LOOPS)
def server(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Addresses]:
    directory: Path = tmp_path_factory.mktemp("ca")
    with starting_on(request.param), running(Settings(port=0, tls=Tls(port=0, ca=directory))) as server:
        yield server


@pytest.fixture(params=["http", "https"])
def connected(server: Addresses, request: pytest.FixtureRequest) -> Iterator[Wire]:
    with wire(server, over_tls=request.param == "https") as connected:
        yield connected


# rule connections.upgrade
@pytest.mark.parametrize("offer", [H2C, WEBSOCKET, H2C.replace("Upgrade: h2c", "UPGRADE: h2c, websocket")])
@pytest.mark.parametrize(("framing", "body"), [(LENGTH, BODY), (CHUNKED, CHUNKS)], ids=["length", "chunked"])
def test_a_body_after_an_offer_of_another_protocol_is_read(
    connected: Wire, offer: str, framing: str, body: bytes
) -> None:
    head, before = connected.head(offer, framing), connected.flows()
    follow_up = connected.head(LENGTH) + BODY
    pieces = (
        (head + body,),
        (head, body),
        (head[:50], head[50:-3], head[-3:], body[:1], body[1:-1], body[-1:]),
        (head + body[:5], body[5:]),
    )
    for each in pieces:
        connected.send(*each)
        connected.accepted()
    connected.send(head + body + follow_up + head + body)
    for _ in range(3):
        connected.accepted()
    assert connected.flows() == before + 7


def test_an_offer_may_come_byte_by_byte(connected: Wire) -> None:
    whole = connected.head(H2C, LENGTH) + BODY
    for byte in whole:
        connected.connection.sendall(bytes([byte]))
    connected.accepted()


def test_an_offer_without_a_body_is_answered_too_however_many_there_are(connected: Wire) -> None:
    asked = connected.head(H2C, method="GET", path="/accounts/me/balance")
    connected.send(asked * 1_500)
    for _ in range(1_500):
        status, body = connected.answer()
        assert (status, list(json.loads(body))) == (200, ["balance", "currency"])
    assert connected.flows() >= 0


def test_an_offer_in_a_head_that_says_close_is_answered_and_closed(connected: Wire) -> None:
    connected.send(connected.head(H2C.replace("Upgrade,", "close, Upgrade,", 1), LENGTH) + BODY)
    connected.accepted()
    assert connected.closed()


def test_an_offer_with_a_wrong_body_is_refused_in_words(connected: Wire) -> None:
    connected.send(connected.head(H2C, "Content-Length: 2\r\n") + b"[]")
    status, body = connected.answer()
    assert (status, json.loads(body)["code"]) == (400, "400000000")
    connected.send(connected.head(H2C, "Content-Length: 1\r\nContent-Length: 2\r\n") + b"[]")
    assert connected.answer()[0] == 400
    assert connected.closed()


def test_connect_is_no_offer_and_refused(connected: Wire) -> None:
    connected.send(connected.head(method="CONNECT", path="connect.routee.net:443"))
    assert connected.answer()[0] == 400
    assert connected.closed()


@pytest.mark.parametrize("offer", ["", H2C], ids=["plain", "h2c"])
@pytest.mark.parametrize(("framing", "body"), [(LENGTH, BODY), (CHUNKED, CHUNKS)], ids=["length", "chunked"])
def test_a_client_that_expects_100_is_told_to_continue(connected: Wire, offer: str, framing: str, body: bytes) -> None:
    before = connected.flows()
    connected.send(connected.head(offer, EXPECT, framing))
    assert connected.answer() == (100, b"")
    connected.send(body)
    connected.accepted()
    connected.send(connected.head(offer, EXPECT, framing) + body)
    interim = connected.answer()
    if interim != (100, b""):
        assert interim[0] == 200
    else:
        connected.accepted()
    assert connected.flows() == before + 2


REFUSED = {
    401: ("POST", "/failover", LENGTH),
    400: ("POST", "/failover", LENGTH + "Content-Type: text/plain\r\n"),
    403: ("PUT", "/_mock/balance", LENGTH),
    404: ("POST", "/nowhere", LENGTH),
    405: ("PUT", "/failover", LENGTH),
    413: ("POST", "/failover", "Content-Length: 99999999\r\n"),
}


# rule connections.continue
@pytest.mark.parametrize("status", REFUSED)
def test_a_refusal_in_place_of_100_continue_closes_and_says_so(server: Addresses, status: int) -> None:
    method, path, headers = REFUSED[status]
    origin = "Origin: https://evil.example\r\n" if status == 403 else ""
    with wire(server, over_tls=False) as connected:
        connected.token = "nonsense" if status == 401 else connected.token
        connected.send(connected.head(EXPECT, headers, origin, method=method, path=path))
        got, body, said = connected.whole_answer()
        assert (got, said.get("connection")) == (status, "close")
        assert json.loads(body)
        assert connected.closed()


def test_a_refusal_of_who_asks_and_sends_at_once_keeps_the_connection(connected: Wire) -> None:
    asked = connected.head(EXPECT, LENGTH, path="/nowhere") + BODY
    connected.send(asked, asked[:-5], asked[-5:])
    for _ in range(2):
        assert connected.answer()[0] == 404
    assert connected.flows() >= 0


def test_a_refusal_of_who_does_not_ask_keeps_the_connection(connected: Wire) -> None:
    connected.send(connected.head(LENGTH, path="/nowhere"))
    assert connected.answer()[0] == 404
    connected.send(BODY)
    assert connected.flows() >= 0


def test_who_asks_with_a_bad_token_is_refused_before_the_body_is_sent(connected: Wire) -> None:
    connected.token = "nonsense"
    connected.send(connected.head(EXPECT, LENGTH))
    status, body = connected.answer()
    assert (status, json.loads(body)["error"]) == (401, "invalid_token")


LARGE = 20_000_000
"""Bytes of a body that no socket holds until it is read."""


@pytest.mark.parametrize("path", ["/failover", "/_mock/scenarios", "/failover/nowhere"])
def test_a_refusal_reaches_a_client_that_says_close_and_is_still_speaking(connected: Wire, path: str) -> None:
    head = connected.head(f"Content-Length: {LARGE}\r\n", "Connection: close\r\n", path=path)
    connected.connection.sendall(head.replace(b"connect.routee.net", b"localhost") + LARGE * b" ")
    assert connected.answer()[0] in (404, 413)


def test_a_refusal_of_what_is_no_http_reaches_a_client_that_is_still_speaking(connected: Wire) -> None:
    connected.connection.sendall(b"nonsense\r\n\r\n" + LARGE * b" ")
    assert connected.answer()[0] == 400


def test_a_client_that_never_ends_is_not_waited_for(
    connections: list[RepeatProtocol], connected: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RepeatProtocol, "linger", 0.1)
    monkeypatch.setattr(
        RepeatProtocol, "patience", 0.01
    )  # what has not come whole is looked at, and not answered twice
    connected.send(connected.head(f"Content-Length: {LARGE}\r\n", "Connection: close\r\n", path="/_mock/scenarios"))
    assert connected.answer()[0] == 413
    patience = time.monotonic() + 60
    while not connections[-1].transport.is_closing() and time.monotonic() < patience:
        connected.send(b" ")
    assert connections[-1].transport.is_closing()
    assert connected.rest() == b""


SPOILT: dict[str, Callable[[Callable[..., bytes]], bytes]] = {
    "while an answer that needs no body is on its way": lambda head: (
        head(CHUNKED, path="/failover/nowhere") + b"nonsense\r\n"
    ),
    "with too long a head": lambda head: b"nonsense" + 70_000 * b"x" + b"\r\n\r\n",
}
"""Requests that cannot be read."""


@pytest.mark.parametrize("name", SPOILT)
def test_nothing_is_said_after_the_refusal_of_what_cannot_be_read(
    name: str, connected: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    connected.connection.sendall(SPOILT[name](connected.head))
    assert connected.answer()[0] in (400, 431)
    assert connected.rest() == b""
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
