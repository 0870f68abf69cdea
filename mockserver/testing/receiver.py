"""A real webhook receiver for tests: it keeps every request, and answers as the test says."""

import difflib
import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Literal

from mockserver.testing.application import own_trace, serve

HANG: Literal["hang"] = "hang"
RESET: Literal["reset"] = "reset"
LOCAL = "127.0.0.1"

__tracebackhide__ = True
"""pytest shows the line of the test or of the handler, not a line of this file."""


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
    """An answer. headers: with a list as its value, one is sent for each. delay: real seconds before it is sent; the
    mock waits two seconds for it."""

    status: int = 200
    body: bytes | str = b""
    headers: Mapping[str, str | list[str]] = field(default_factory=dict)
    delay: float = 0.0


Answer = int | Literal["hang", "reset"] | Reply
"""A status, a Reply, "hang" (no answer, ever) or "reset" (the connection breaks)."""

Body = str | bytes | dict[str, Any] | list[Any] | None
"""The body of an answer; a dict or a list is sent as JSON."""

Returned = Answer | Body | tuple[Body, int] | tuple[Body, int, Mapping[str, str | list[str]]]
"""What a handler returns, as web frameworks take it; without a status it is 200."""

TAKEN = "a status, a str, bytes, a dict or list (JSON), (body, status), None or a Reply"

Handler = Callable[[Received], Returned]
"""A function that answers each request, such as your own webhook handler."""


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
        self._failures: list[BaseException] = []
        self._served = ExitStack()
        self.closing = threading.Event()
        self._http = _Server(self, LOCAL if host in (LOCAL, "localhost") else "0.0.0.0")  # noqa: S104 -- as asked
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), name="routee-receiver")
        self._thread.daemon = True
        self._thread.start()

    @property
    def url(self) -> str:
        """The URL for callbacks. Any other path works too."""
        return f"{self._place}/webhook"

    @property
    def _place(self) -> str:
        return f"http://{self._host}:{self._http.server_port}"

    @property
    def requests(self) -> list[Received]:
        """The requests so far, oldest first."""
        with self._lock:
            return list(self._received)

    @property
    def payloads(self) -> list[Any]:
        """The bodies of the requests so far, as JSON."""
        return [each.json for each in self.requests]

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Say what it has, for a name that it does not have."""
            names = ", ".join(each for each in dir(self) if not each.startswith("_"))
            raise AttributeError(f"the receiver has no {name} (it has {names})")

    def take_failures(self) -> list[BaseException]:
        """Return what the handler has raised, oldest first, and forget it. A wrong return value is a TypeError."""
        with self._lock:
            failures, self._failures = self._failures, []
        return failures

    def check(self) -> None:
        """Raise what the handler raised first, if anything, and forget the rest. A test does so at its end."""
        if (raised := first(self.take_failures())) is not None:
            raise raised

    def answers(self, *answers: Answer) -> None:
        """Use each of these answers for one of the next requests; after that, answer as before."""
        for each in answers:
            _check(each)
        with self._lock:
            self._next.extend(answers)

    def always(self, answer: Answer | Handler) -> None:
        """Answer every request like this, or with what this function returns.

        It may return a status, a str, bytes, a dict or list (JSON), (body, status), None or a Reply. What it raises
        answers 500, and fails the test.
        """
        if not callable(answer):
            _check(answer)
        with self._lock:
            self._always = answer

    def app(self, app: Any) -> str:
        """Answer every request with an application, WSGI or ASGI. Return its URL, without a path.

        Requests are kept as ever, and `answers` still comes first. What the application raises fails the test, also
        where its framework answers 500 by itself. An ASGI application runs in the event loop of the caller, if there is
        one. Raises TypeError for what is no application.
        """
        served = serve(app, self._place, partial(self._fail, _name(app)))
        self._served.callback(served.close)
        self.always(served)
        return self._place

    def wait(self, count: int = 1, timeout: float = 10.0) -> list[Received]:
        """Wait for `count` requests, and return them. timeout: in real seconds; then it raises AssertionError."""
        with self._lock:
            if not self._lock.wait_for(lambda: len(self._received) >= count, timeout):
                raise AssertionError(f"{len(self._received)} of {count} requests came within {timeout:g} s")
            return self._received[:count]

    def clear(self) -> None:
        """Forget the requests, the answers that were set, and what a handler raised."""
        with self._lock:
            self._received.clear()
            self._failures.clear()
            self._next.clear()
            self._always = 200

    def close(self) -> None:
        """Stop listening."""
        self.closing.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
        self._served.close()

    def take(self, received: Received) -> Reply | str:
        """Keep a request. Return the answer to it."""
        with self._lock:
            self._received.append(received)
            answer: Answer | Handler = self._next.popleft() if self._next else self._always
            self._lock.notify_all()
        if not callable(answer):
            return _reply(answer)
        try:
            return _reply(answer(received))
        except BaseException as error:
            self._fail(_name(answer), error, f", for {received.method} {received.path}")
            return Reply(500, f"{type(error).__name__}: {error}")

    def _fail(self, who: str, error: BaseException, when: str = "") -> None:
        error.add_note(f"The webhook handler {who} raised this{when}.")
        with self._lock:
            self._failures.append(own_trace(error))


def first(failures: Sequence[BaseException]) -> BaseException | None:
    """The first of what a handler raised, with the number of those after it; None if there is none."""
    if len(failures) > 1:
        failures[0].add_note(f"It raised {len(failures) - 1} more after that.")
    return failures[0] if failures else None


def _reply(returned: Any) -> Reply | str:
    """An answer, in any of the forms that a handler can return. Raises TypeError and ValueError, in words."""
    match returned:
        case None:
            return Reply()
        case Reply() | "hang" | "reset":
            return returned
        case str() | bytes():
            return Reply(200, returned)
        case dict() | list():
            return Reply(200, json.dumps(returned), {"content-type": "application/json"})
        case int() if not isinstance(returned, bool):
            _check(returned)
            return Reply(returned)
        case (str() | bytes() | dict() | list() | None as body, int() as status, *more) if len(more) < 2:
            whole = Reply(200, body) if isinstance(body, str) else _reply(body)
            assert isinstance(whole, Reply)  # noqa: S101 -- only a status and a str can be anything else
            _check(status)
            return replace(whole, status=status, headers={**whole.headers, **(more[0] if more else {})})
    if isinstance(returned, Coroutine):
        returned.close()
        raise TypeError("a webhook handler is called without await: make it a plain function, not an `async def`")
    swapped = isinstance(returned, tuple) and returned and isinstance(returned[0], int)
    hint = "; the body comes before the status" if swapped else ""
    raise TypeError(f"a webhook handler cannot return {returned!r}: return {TAKEN}{hint}")


def _name(handler: Any) -> str:
    named = getattr(handler, "app", handler)
    return str(getattr(named, "__qualname__", type(named).__qualname__))


def _check(answer: Any) -> None:
    if not isinstance(answer, int | str | Reply) or isinstance(answer, bool):
        raise TypeError(f"{answer!r} is not an answer: give a status, a Reply, {HANG!r} or {RESET!r}")
    if isinstance(answer, str) and answer not in (HANG, RESET):
        near = difflib.get_close_matches(answer, (HANG, RESET), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"{answer!r} is not an answer: give a status, a Reply, {HANG!r} or {RESET!r}{hint}")
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
        reply = self.server.receiver.take(Received(self.command, self.path, headers, body))
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
            for name, values in {"content-length": str(len(body)), **reply.headers}.items():
                for value in [values] if isinstance(values, str) else values:
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
    """Run a receiver while the block lasts. At its end it raises what a handler raised."""
    receiver = Receiver(host)
    try:
        yield receiver
    finally:
        receiver.close()
    receiver.check()
