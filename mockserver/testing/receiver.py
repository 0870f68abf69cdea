"""A real webhook receiver for tests: it keeps every request, and answers as the test says."""

import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HANG, RESET = "hang", "reset"
LOCAL = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came. The names of its headers are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON. Raises ValueError if it is not JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. delay: real seconds before it is sent; the mock waits two seconds for it."""

    status: int = 200
    body: bytes | str = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0


Answer = int | str | Reply
"""A status, a Reply, "hang" (no answer, ever) or "reset" (the connection breaks)."""

Handler = Callable[[Received], Answer | None]
"""A function that answers each request, such as your own webhook handler. None is 200."""


class Receiver:
    """A webhook on a socket of its own. By default it answers 200.

    host: the name or address by which the mock reaches it. With `localhost` or 127.0.0.1, only this machine can reach
    it.
    """

    def __init__(self, host: str = LOCAL) -> None:
        self._host = host
        self._lock = threading.Condition()
        self._received: list[Received] = []
        self._next: deque[Answer] = deque()
        self._always: Answer | Handler = 200
        self.closing = threading.Event()
        self._http = _Server(self, LOCAL if host in (LOCAL, "localhost") else "0.0.0.0")  # noqa: S104 -- as asked
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), name="routee-receiver")
        self._thread.daemon = True
        self._thread.start()

    @property
    def url(self) -> str:
        """The URL for callbacks. Any other path works too."""
        return f"http://{self._host}:{self._http.server_port}/webhook"

    @property
    def requests(self) -> list[Received]:
        """The requests so far, oldest first."""
        with self._lock:
            return list(self._received)

    @property
    def payloads(self) -> list[Any]:
        """The bodies of the requests so far, as JSON."""
        return [each.json for each in self.requests]

    def answers(self, *answers: Answer) -> None:
        """Use each of these answers for one of the next requests; after that, answer as before."""
        for each in answers:
            _check(each)
        with self._lock:
            self._next.extend(answers)

    def always(self, answer: Answer | Handler) -> None:
        """Answer every request like this, or with the result of this function."""
        if not callable(answer):
            _check(answer)
        with self._lock:
            self._always = answer

    def wait(self, count: int = 1, timeout: float = 10.0) -> list[Received]:
        """Wait for `count` requests, and return them. timeout: in real seconds; then it raises AssertionError."""
        with self._lock:
            if not self._lock.wait_for(lambda: len(self._received) >= count, timeout):
                raise AssertionError(f"{len(self._received)} of {count} requests came within {timeout:g} s")
            return self._received[:count]

    def clear(self) -> None:
        """Forget the requests, and the answers that were set."""
        with self._lock:
            self._received.clear()
            self._next.clear()
            self._always = 200

    def close(self) -> None:
        """Stop listening."""
        self.closing.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def take(self, received: Received) -> Reply | str:
        """Keep a request. Return the answer to it."""
        with self._lock:
            self._received.append(received)
            answer: Answer | Handler | None = self._next.popleft() if self._next else self._always
            self._lock.notify_all()
        if callable(answer):
            answer = answer(received)
        if isinstance(answer, Reply | str):
            return answer
        return Reply(200 if answer is None else answer)


def _check(answer: Answer) -> None:
    if isinstance(answer, str) and answer not in (HANG, RESET):
        raise ValueError(f"{answer!r} is not an answer: give a status, a Reply, {HANG!r} or {RESET!r}")
    if isinstance(answer, int) and not 200 <= answer <= 599:
        raise ValueError(f"{answer} is not a status to answer with: give 200 to 599")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, receiver: Receiver, host: str) -> None:
        super().__init__((host, 0), _Connection)
        self.receiver = receiver

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing: a client may go away at any time, and a handler that fails answers 500."""


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def _take(self) -> None:
        body = self._body()
        headers = {name.lower(): value for name, value in self.headers.items()}
        received = Received(self.command, self.path, headers, body)
        try:
            reply = self.server.receiver.take(received)
        except Exception as error:  # a handler under test may raise anything
            reply = Reply(500, f"{type(error).__name__}: {error}")
        if isinstance(reply, str):
            self._break(reply)
        else:
            self._give(reply)

    def __getattr__(self, name: str) -> Any:
        """Find `_take` for every HTTP method: the library looks for `do_POST` and so on."""
        if name.startswith("do_"):
            return self._take
        raise AttributeError(name)

    def _body(self) -> bytes:
        """The body of a request, by its content-length or in chunks."""
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        body = b""
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return body

    def _give(self, reply: Reply) -> None:
        self.server.receiver.closing.wait(reply.delay)
        body = reply.body.encode() if isinstance(reply.body, str) else reply.body
        with suppress(OSError):
            self.send_response(reply.status)
            for name, value in {"content-length": str(len(body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    def _break(self, how: str) -> None:
        self.close_connection = True
        if how == HANG:
            self.server.receiver.closing.wait()
            return
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.rfile.close()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the library's name for it
        """Log nothing: requests are kept."""


@contextmanager
def receiving(host: str = LOCAL) -> Iterator[Receiver]:
    """Run a receiver while the block lasts."""
    receiver = Receiver(host)
    try:
        yield receiver
    finally:
        receiver.close()
