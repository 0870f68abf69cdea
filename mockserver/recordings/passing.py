"""A pass-through: it stands between an application and a service, answers what came back, and tells what it saw.

The bytes of an answer are passed on as they come, head and body. To know where it ends, each goes over a connection of
its own. A request is passed on with its own headers, apart from those that are about the connection.
"""

import io
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from socketserver import BaseServer
from typing import Any, cast
from urllib.parse import urlsplit

import orjson

from mockserver.recordings.tls_port import Door, TlsPort
from mockserver.recordings.trust import fault, trusting
from mockserver.recordings.values import Callback, Exchange, Place, Record
from mockserver.tls import CA_PATH

PATIENCE = 60.0
"""Real seconds that a service may be silent."""

FAREWELL = 5.0
"""Real seconds that the end waits for what is under way."""

LARGEST = 1 << 26
"""The most bytes of a body."""

CONNECTION = {"connection", "content-length", "host", "keep-alive", "proxy-connection", "transfer-encoding", "expect"}
"""Headers of a request that are about its connection, and made anew."""

Told = Callable[[Record], None]

_Response = tuple[int, Mapping[str, str], bytes]


@dataclass(frozen=True, slots=True)
class Way:
    """Requests whose path begins with `start` go to a base URL. cut: without that beginning. calls_back: they are
    callbacks, on their way to a webhook."""

    start: str
    to: str
    cut: bool = False
    calls_back: bool = False


def is_loopback(url: str) -> bool:
    """Whether a URL names this machine by an address or name that nothing else can have."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def passing(
    ways: Sequence[Way],
    told: Told,
    port: int = 0,
    missed: Callable[[str], None] = print,
    context: ssl.SSLContext | None = None,
    door: Door | None = None,
) -> Iterator[str]:
    """Run a pass-through on this machine while the block lasts. Return its URL.

    ways: the first whose start fits is taken. told: gets each exchange and callback, one at a time. missed: gets a
    sentence for each request that could not be passed on. context: says which certificates are trusted; by default
    those of this machine's authorities. door: where it takes clients over TLS too. Raises OSError if the port cannot be
    had.
    """
    server = _Server(("127.0.0.1", port), ways, told, missed)
    if any(urlsplit(each.to).scheme == "https" for each in ways):
        server.context = context or trusting()  # reading the authorities takes a while
    takers: list[BaseServer] = [server]
    if door is not None:
        server.ca = door.listener.identity.ca
        handle = partial(_Passage, server=server)
        takers.append(TlsPort(door, server.server_port, handle, missed))
    threads = [threading.Thread(target=each.serve_forever, args=(0.05,), daemon=True) for each in takers]
    for each in threads:
        each.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        for taker in takers:
            taker.shutdown()
        server.wait()
        for taker in takers:
            taker.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    context: ssl.SSLContext | None = None
    ca: bytes | None = None

    def __init__(self, at: tuple[str, int], ways: Sequence[Way], told: Told, missed: Callable[[str], None]) -> None:
        super().__init__(at, _Passage)
        self.ways = ways
        self._told, self.missed = told, missed
        self._lock = threading.Condition()
        self._seen = self._under_way = 0

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """A request is passed on while the block lasts."""
        with self._lock:
            self._under_way += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1
                self._lock.notify_all()

    def wait(self) -> None:
        """Wait until nothing is under way any more, for a while: what was answered is to be told."""
        with self._lock:
            self._lock.wait_for(lambda: not self._under_way, FAREWELL)

    def tell(self, made: Callable[[Place], Record]) -> None:
        """Tell of one exchange."""
        with self._lock:
            self._seen += 1
            self._told(made(Place("record", self._seen)))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing: an application may go away at any time."""


class _Passage(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def __getattr__(self, name: str) -> Any:
        """Find `_pass_on` for every HTTP method: the library looks for `do_POST` and so on."""
        if name.startswith("do_"):
            return self._pass_on
        raise AttributeError(name)

    def _pass_on(self) -> None:
        self.close_connection = True
        if self.server.ca is not None and (self.command, self.path) == ("GET", CA_PATH):
            self._say(200, "application/x-pem-file", self.server.ca)
            return
        self._passed = b""
        at = time.time_ns() // 1_000_000
        way = next((each for each in self.server.ways if self.path.startswith(each.start)), None)
        with self.server.under_way():
            try:
                if way is None:
                    raise ValueError("no service is behind this path")
                sent, url = self._body(), way.to.rstrip("/") + (self.path[len(way.start) :] if way.cut else self.path)
                self._ask(url, sent)
                response = _read(self._passed, self.command)
            except (OSError, ValueError, HTTPException) as error:
                host = urlsplit(way.to).netloc.rpartition("@")[2] if way is not None else ""
                self._fail(f"{self.command} {self.path.partition('?')[0]} was not passed on: {fault(error, host)}")
            else:
                self.server.tell(lambda place: _record(self, way, url, sent, at, response, place))

    def _ask(self, url: str, sent: bytes) -> None:
        """Ask the service, and pass its answer on as it comes."""
        parts = urlsplit(url)
        secure = self.server.context if parts.scheme == "https" else None
        with _connected(parts.hostname or "", parts.port, secure) as service:
            service.sendall(self._request(parts.netloc.rpartition("@")[2], f"{parts.path}?{parts.query}", sent))
            while data := service.recv(65_536):
                self._passed += data
                if len(self._passed) > LARGEST:
                    raise ValueError(f"the answer is larger than {LARGEST} bytes")
                with suppress(OSError):  # the application may be gone, and the answer is recorded all the same
                    self.wfile.write(data)

    def _request(self, host: str, target: str, sent: bytes) -> bytes:
        kept = [f"{name}: {value}" for name, value in self.headers.items() if name.lower() not in CONNECTION]
        about = [f"Host: {host}", *kept, "Connection: close"]
        if sent or self.command in ("POST", "PUT", "PATCH"):
            about.append(f"Content-Length: {len(sent)}")
        head = "\r\n".join([f"{self.command} {target.removesuffix('?') or '/'} HTTP/1.1", *about, "", ""])
        return head.encode("latin-1") + sent

    def _body(self) -> bytes:
        """The body of the request, by its content-length or in chunks. Raises ValueError."""
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            length = int(self.headers.get("content-length", 0))
            if not 0 <= length <= LARGEST:
                raise ValueError(f"its body is larger than {LARGEST} bytes")
            return self.rfile.read(length)
        body = b""
        while size := int(self.rfile.readline(1_000).partition(b";")[0], 16):
            if len(body) + size > LARGEST:
                raise ValueError(f"its body is larger than {LARGEST} bytes")
            body += self.rfile.read(size)
            self.rfile.readline(1_000)
        while self.rfile.readline(65_536).strip():
            pass
        return body

    def _fail(self, sentence: str) -> None:
        self.server.missed(sentence)
        if self._passed:
            return  # part of an answer, which is all there is
        body = orjson.dumps({"developerMessage": f"routee-mock record: {sentence}"})
        self._say(502, "application/json", body)

    def _say(self, status: int, kind: str, body: bytes) -> None:
        """Answer by itself, instead of the service."""
        with suppress(OSError):
            self.send_response_only(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.send_header("connection", "close")
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the library's name for it
        """Log nothing: exchanges are told."""


@contextmanager
def _connected(host: str, port: int | None, secure: ssl.SSLContext | None) -> Iterator[socket.socket]:
    with socket.create_connection((host, port or (443 if secure else 80)), PATIENCE) as plain:
        if secure is None:
            yield plain
            return
        with secure.wrap_socket(plain, server_hostname=host) as wrapped:
            yield wrapped


def _record(made: _Passage, way: Way, url: str, sent: bytes, at: int, response: _Response, place: Place) -> Record:
    asked, (status, headers, body) = _joined(made.headers.items()), response
    if way.calls_back:
        return Callback(sent, place, at, url, asked, status)
    return Exchange(made.command, url, status, place, at, asked, sent, headers, body)


def _joined(items: Any) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name, value in items:
        found[name.lower()] = f"{found[name.lower()]}, {value}" if name.lower() in found else value
    return found


class _Stream:
    """Bytes that were received, for the library to read as if they came now."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, _: str) -> io.BytesIO:
        return io.BytesIO(self._data)


def _read(answer: bytes, method: str) -> _Response:
    """An answer: its status, its headers, and its body without its encoding. Raises HTTPException, OSError."""
    response = HTTPResponse(cast("socket.socket", _Stream(answer)), method=method)
    response.begin()
    body, headers = response.read(), dict(_joined(response.getheaders()))
    if headers.get("content-encoding", "").lower() in ("gzip", "deflate"):
        with suppress(zlib.error):
            body = zlib.decompress(body, zlib.MAX_WBITS | 32)
            del headers["content-encoding"]
    return response.status, headers, body
