"""A raw webhook receiver, for tests of what leaves the mock: it sees connections, speaks TLS, and answers with any bytes.

A test that needs only requests and answers takes `mockserver.testing.receiver`, as users do.
"""

import json
import socket
import ssl
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any


@dataclass(frozen=True, slots=True)
class Received:
    """One request, as it came. connection: the number of the connection it came on, from 1."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Reaction = Callable[["Handler"], None]


class Receiver(ThreadingHTTPServer):
    """Answers each request by the next reaction in `reactions`, and by `always` when there is none left.

    Every connection has a thread of its own.
    """

    daemon_threads = False
    request_queue_size = 256

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.tls = tls
        self.requests: list[Received] = []
        self.reactions: deque[Reaction] = deque()
        self.always: Reaction = answer(200)
        self.open = self.most_open = self.hung_up = 0
        self.closing = threading.Event()
        self.lock = threading.Lock()
        self.numbers = count(1)
        self.connections: set[socket.socket] = set()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.server_port}/hook"

    @property
    def bodies(self) -> list[Any]:
        return [request.json for request in self.requests]

    def wait_for(self, count: int, timeout: float = 60) -> None:
        """Until so many requests have come."""
        self._wait(lambda: len(self.requests), count, timeout, "requests came")

    def wait_for_hung_up(self, count: int, timeout: float = 60) -> None:
        """Until so many connections have been closed on this side."""
        self._wait(lambda: self.hung_up, count, timeout, "connections were closed")

    def _wait(self, seen: Callable[[], int], wanted: int, timeout: float, what: str) -> None:
        deadline = time.monotonic() + timeout
        while seen() < wanted:
            if time.monotonic() > deadline:
                raise AssertionError(f"{seen()} {what}, not {wanted}")
            time.sleep(0.005)

    def get_request(self) -> tuple[socket.socket, Any]:
        """The handshake of TLS is left to the connection's own thread."""
        connection, address = super().get_request()
        if self.tls is not None:
            connection = self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self.lock:
            self.connections.discard(request)
            self.hung_up += 1

    def let_go(self) -> None:
        """Wake every thread that waits for a client or for `closing`, so that it ends."""
        self.closing.set()
        with self.lock:
            waiting = tuple(self.connections)
        for connection in waiting:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing: the mock may drop a connection."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Receiver

    def setup(self) -> None:
        with self.server.lock:
            self.server.connections.add(self.request)
            self.number = next(self.server.numbers)
        super().setup()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        received = Received(self.command, self.path, dict(self.headers.items()), body, self.number)
        with self.server.lock:
            self.server.requests.append(received)
            self.server.open += 1
            self.server.most_open = max(self.server.most_open, self.server.open)
            reaction = self.server.reactions.popleft() if self.server.reactions else self.server.always
        try:
            reaction(self)
        finally:
            with self.server.lock:
                self.server.open -= 1

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


def answer(status: int, body: bytes = b"", **headers: str) -> Reaction:
    def react(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return react


def after(seconds: float, reaction: Reaction) -> Reaction:
    def react(handler: Handler) -> None:
        handler.server.closing.wait(seconds)
        reaction(handler)

    return react


def hang(handler: Handler) -> None:
    """Never answer."""
    handler.server.closing.wait()
    handler.close_connection = True


def reset(handler: Handler) -> None:
    """Send a TCP reset instead of an answer."""
    handler.close_connection = True
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.rfile.close()


def hang_up(handler: Handler) -> None:
    """Close the connection instead of an answer."""
    handler.close_connection = True


def hang_up_after(reaction: Reaction) -> Reaction:
    """Answer, and close the connection without announcing it."""

    def react(handler: Handler) -> None:
        reaction(handler)
        handler.close_connection = True

    return react


def raw(answer: bytes) -> Reaction:
    """Answer with these bytes, whatever they are, and close the connection."""
    return hang_up_after(verbatim(answer))


def verbatim(answer: bytes) -> Reaction:
    """Answer with these bytes, whatever they are, and keep the connection."""

    def react(handler: Handler) -> None:
        handler.wfile.write(answer)

    return react


garbage = raw(b"\x00\x01 good evening \xff\r\n\r\n")


def stall(handler: Handler) -> None:
    """Answer 200, and never send the second half of the body."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf")
    hang(handler)


def endless(handler: Handler) -> None:
    """Answer 200, with a body that never ends."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    with suppress(OSError):
        while not handler.server.closing.wait(0.01):
            handler.wfile.write(b"5\r\nagain\r\n")
    handler.close_connection = True


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver on a free port, for as long as the block lasts; afterwards no thread or socket of it is left."""
    with Receiver(tls) as receiver:
        thread = threading.Thread(target=receiver.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield receiver
        finally:
            receiver.shutdown()
            thread.join()
            receiver.let_go()
