"""A connection on which a test writes what it likes, byte for byte."""

import asyncio
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from mockserver.server import Addresses
from tests.http.mocks import sms

BODY = json.dumps({"flow": [sms()]}).encode()

LENGTH = f"Content-Length: {len(BODY)}\r\n"


UNREAD = 0.3
"""Real seconds after which a piece is left lying: nobody reads from a connection whose request waits."""

TCP = Path("/proc/net/tcp")
"""What Linux tells of its connections: a line for each end, with the bytes that lie unread there."""


def _unread(connection: socket.socket) -> bool:
    """Whether something that was written lies unread at the other end, which is on this machine."""
    if not TCP.exists():
        time.sleep(0.01)
        return False
    try:
        (_, own), (_, other) = connection.getsockname()[:2], connection.getpeername()[:2]
    except OSError:  # it was reset
        return False
    for line in TCP.read_text().splitlines()[1:]:
        _, local, remote, _, queues, *_ = line.split()
        if int(local[-4:], 16) == other and int(remote[-4:], 16) == own:
            return int(queues.partition(":")[2], 16) > 0
    return False


class Wire:
    """A connection on which a test writes what it likes, and reads answers as they come."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._file = connection.makefile("rb")
        self.token = ""
        body = b"grant_type=client_credentials"
        form = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        self.send(self.head("Authorization: Basic YTpi\r\n", form, path="/oauth/token") + body)
        self.token = json.loads(self.answer()[1])["access_token"]

    def send(self, *pieces: bytes) -> None:
        """Write each piece once the one before has been read, however busy the machine is."""
        for piece in pieces:
            self.connection.sendall(piece)
            self._be_read()

    def _be_read(self) -> None:
        patience = time.monotonic() + UNREAD
        while _unread(self.connection) and time.monotonic() < patience:
            time.sleep(0.001)

    def head(self, *headers: str, method: str = "POST", path: str = "/failover", version: str = "1.1") -> bytes:
        bearer = f"Authorization: Bearer {self.token}\r\n" if self.token else ""
        head = f"{method} {path} HTTP/{version}\r\nHost: connect.routee.net\r\n{bearer}{''.join(headers)}\r\n"
        return head.encode()

    def answer(self) -> tuple[int, bytes]:
        """The next answer: its status, and its body."""
        return self.whole_answer()[:2]

    def whole_answer(self) -> tuple[int, bytes, dict[str, str]]:
        """The next answer: its status, its body, and its headers by their names in lower case."""
        status, headers = self._file.readline(), {}
        assert status, "the mock closed the connection"
        while line := self._file.readline().strip():
            name, _, value = line.decode().partition(": ")
            headers[name.lower()] = value
        return int(status.split()[1]), self._file.read(int(headers.get("content-length", 0))), headers

    def accepted(self) -> None:
        """The next answer is the reply to a send."""
        status, body = self.answer()
        assert status == 200, body
        assert json.loads(body)["flow"][0]["message"]["body"] == "hello"

    def accepted_any(self) -> None:
        """The next answer is the reply to some send."""
        status, body = self.answer()
        assert status == 200, body

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

    def rest(self) -> bytes:
        """All that comes until the connection is closed."""
        with suppress(ConnectionResetError):
            return self._file.read()
        return b""

    def close(self) -> None:
        self._file.close()

    def closed(self) -> bool:
        return self._file.read(1) == b""


@contextmanager
def wire(mock: Addresses, *, over_tls: bool) -> Iterator[Wire]:
    """A connection to the mock, under the name that the clients of Routee know."""
    address = urlsplit(mock.tls_url if over_tls else mock.url)
    with ExitStack() as opened:
        connection = socket.create_connection((str(address.hostname), address.port or 0), timeout=60)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.enter_context(connection)
        if over_tls:
            trusting = ssl.create_default_context(cafile=mock.ca)
            connection = opened.enter_context(trusting.wrap_socket(connection, server_hostname="connect.routee.net"))
        connected = Wire(connection)
        opened.callback(connected.close)
        yield connected


@contextmanager
def stalled(loop: asyncio.AbstractEventLoop, then: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Have the loop of a running mock stand still for as long as the block lasts. then: what it does next."""
    busy, over = threading.Event(), threading.Event()

    def stand_still() -> None:
        busy.set()
        over.wait(60)
        then()

    loop.call_soon_threadsafe(stand_still)
    assert busy.wait(60)
    try:
        yield
    finally:
        over.set()
