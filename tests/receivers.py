"""A real webhook receiver on a real socket, for tests: it records what comes and answers as it is told to."""

import json
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Received:
    """One request, as it came. connection: the port it came from, which tells connections apart."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Reaction = Callable[["Handler"], None]


class Receiver(ThreadingHTTPServer):
    """Answers each request by the next reaction in `reactions`, and by `always` when there is none left."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[Received] = []
        self.reactions: deque[Reaction] = deque()
        self.always: Reaction = answer(200)
        self.on_request: Callable[[Received], None] = lambda _: None
        self.open = self.most_open = 0
        self.closing = threading.Event()
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"

    @property
    def bodies(self) -> list[Any]:
        return [request.json for request in self.requests]

    def wait_for(self, count: int) -> None:
        """Until so many requests have come."""
        deadline = time.monotonic() + 20
        while len(self.requests) < count:
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(self.requests)} requests came, not {count}")
            time.sleep(0.005)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection the mock dropped is no news."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        received = Received(self.path, dict(self.headers.items()), body, self.client_address[1])
        with self.server.lock:
            self.server.requests.append(received)
            self.server.open += 1
            self.server.most_open = max(self.server.most_open, self.server.open)
            reaction = self.server.reactions.popleft() if self.server.reactions else self.server.always
        try:
            self.server.on_request(received)
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
    """Send a TCP reset in the place of an answer."""
    handler.close_connection = True
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.rfile.close()


def hang_up(handler: Handler) -> None:
    """Close the connection in the place of an answer."""
    handler.close_connection = True


def garbage(handler: Handler) -> None:
    """Answer with what is not HTTP."""
    handler.wfile.write(b"\x00\x01 good evening \xff\r\n\r\n")
    handler.close_connection = True


def endless(handler: Handler) -> None:
    """Answer well, and never come to the end of the body."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    with suppress(OSError):
        while not handler.server.closing.wait(0.01):
            handler.wfile.write(b"5\r\nagain\r\n")
    handler.close_connection = True


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port, for as long as the block lasts."""
    with Receiver() as receiver:
        thread = threading.Thread(target=receiver.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.closing.set()
            receiver.shutdown()
            thread.join()
