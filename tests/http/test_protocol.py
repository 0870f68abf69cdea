"""Clients that offer other protocols, or that ask before they send a body."""

import json
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mockserver.server import Addresses, running
from mockserver.settings import Settings, Tls
from tests.http.mocks import sms

H2C = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAA\r\n"
"""The headers that Java's HttpClient sends with every request over plain http."""

WEBSOCKET = (
    "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MTIz\r\n"
)

EXPECT = "Expect: 100-continue\r\n"

CHUNKED = "Transfer-Encoding: chunked\r\n"

BODY = json.dumps({"flow": [sms()]}).encode()

CHUNKS = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (BODY[:7], BODY[7:])) + b"0\r\n\r\n"

LENGTH = f"Content-Length: {len(BODY)}\r\n"


class Wire:
    """A connection on which a test writes what it likes, and reads answers as they come."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._file = connection.makefile("rb")
        self.token = ""
        body = b"grant_type=client_credentials"
        form = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        self.send(self.head("Authorization: Basic YTpi\r\n", form, path="/oauth/token") + body)
        self.token = json.loads(self.answer()[1])["access_token"]

    def send(self, *pieces: bytes) -> None:
        """Write each piece, with time between them to be read one by one."""
        for piece in pieces:
            self._connection.sendall(piece)
            time.sleep(0.01)

    def head(self, *headers: str, method: str = "POST", path: str = "/failover", version: str = "1.1") -> bytes:
        bearer = f"Authorization: Bearer {self.token}\r\n" if self.token else ""
        head = f"{method} {path} HTTP/{version}\r\nHost: connect.routee.net\r\n{bearer}{''.join(headers)}\r\n"
        return head.encode()

    def answer(self) -> tuple[int, bytes]:
        """The next answer: its status, and its body."""
        status, length = self._file.readline(), 0
        assert status, "the mock closed the connection"
        while line := self._file.readline().strip():
            name, _, value = line.decode().partition(": ")
            length = int(value) if name.lower() == "content-length" else length
        return int(status.split()[1]), self._file.read(length)

    def accepted(self) -> None:
        """The next answer is the reply to a send."""
        status, body = self.answer()
        assert status == 200, body
        assert json.loads(body)["flow"][0]["message"]["body"] == "hello"

    def flows(self) -> int:
        """How many flows were sent, asked on the same connection."""
        self.send(
            self.head("Connection: keep-alive\r\n", method="GET", path="/_mock/flows").replace(
                b"connect.routee.net", b"mock"
            )
        )
        status, body = self.answer()
        assert status == 200, body
        return len(json.loads(body)["flows"])

    def closed(self) -> bool:
        return self._file.read(1) == b""


@contextmanager
def wire(mock: Addresses, *, over_tls: bool) -> Iterator[Wire]:
    """A connection to the mock, under the name that the clients of Routee know."""
    address = urlsplit(mock.tls_url if over_tls else mock.url)
    with ExitStack() as opened:
        connection = socket.create_connection((str(address.hostname), address.port or 0), timeout=20)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.enter_context(connection)
        if over_tls:
            trusting = ssl.create_default_context(cafile=mock.ca)
            connection = opened.enter_context(trusting.wrap_socket(connection, server_hostname="connect.routee.net"))
        yield Wire(connection)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    directory: Path = tmp_path_factory.mktemp("ca")
    with running(Settings(port=0, tls=Tls(port=0, ca=directory))) as server:
        yield server


@pytest.fixture(params=["http", "https"])
def connected(server: Addresses, request: pytest.FixtureRequest) -> Iterator[Wire]:
    with wire(server, over_tls=request.param == "https") as connected:
        yield connected


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
        connected._connection.sendall(bytes([byte]))
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


def test_a_client_that_expects_100_with_a_bad_token_is_refused_before_it_sends_its_body(connected: Wire) -> None:
    connected.token = "nonsense"
    connected.send(connected.head(EXPECT, LENGTH))
    status, body = connected.answer()
    assert (status, json.loads(body)["error"]) == (401, "invalid_token")
