"""The one outgoing HTTP client: it posts a callback, and turns every result into a value.

Theory of operation. Connections are kept alive, and a receiver may close one at any time while it is idle. Whoever
posts on it at that very moment cannot know whether the receiver got the callback: to post it again might deliver it
twice, to leave it would lose a callback for nothing. So that moment is avoided, and nothing is ever posted twice:

- before a connection is used again, the event loop gets to hear which ones have been closed;
- a receiver that has not yet been seen to keep a connection open is given `REST` after its last answer, for many
  a hand-written one closes right after answering without saying so;
- a connection idle for longer than `IDLE` is not used again: servers close theirs after two seconds and more.

What remains is a receiver that breaks off a connection it used to keep, in the instant it is posted to. That is
reported as the failure it looks like.
"""

import asyncio
import re
import time
from dataclasses import dataclass, replace
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mockserver.core.commands import Answer
from mockserver.delivery.destinations import Destinations, Forbidden
from mockserver.delivery.rewrites import Rewrites

# aiohttp takes 0.2 s and more to import, so it is imported by the first callback and not at start-up.
if TYPE_CHECKING:
    from types import SimpleNamespace

    import aiohttp
    import yarl

PATIENCE = 2.0
"""Real seconds that a receiver has, from the connection to the head of its answer (doc)."""

CONNECTIONS = 100
"""The most callbacks under way at once (choice)."""

KEPT = 1_024
"""Bytes of an answer's body that are kept (choice)."""

READ = 65_536
"""Bytes read of a body so that its connection can be used again; a longer one costs the connection (choice)."""

REST = 0.02
"""Real seconds after an answer in which a receiver not known to keep connections may still close this one."""

IDLE = 1.0
"""Real seconds after which an idle connection is not used again."""

NAME = "routee-failover-mock"

CLOSED = "the mock is shutting down; nothing was sent"

BROKEN_OFF = "the mock is shutting down; the answer was not waited for"

LOOPBACK = re.compile(r"localhost|.*\.localhost|127\..*|::1|0\.0\.0\.0")

HOST_OF_CONTAINERS = "host.docker.internal"

UNSAID = "; it may close connections after answering: it should say so with 'Connection: close'"


@dataclass(slots=True)
class _Attempt:
    """One attempt under way: what is known of it so far."""

    connected: bool = False
    reused: bool = False
    response: "aiohttp.ClientResponse | None" = None
    body: bytes = b""


class HttpSender:
    """Posts callbacks over connections that are kept alive. It ignores proxies, cookies and redirects (choice).

    patience: real seconds for an attempt, connecting included. connections: the most attempts under way at once.
    destinations: where callbacks may go; by default anywhere. rewrites: where they go instead; `destinations` checks
    where they really go.
    No authorization is sent (doc), not even one written into the URL (choice). The certificate of an https receiver
    is not verified (choice): it is a test server. Use it in one event loop only.
    """

    def __init__(
        self,
        patience: float = PATIENCE,
        connections: int = CONNECTIONS,
        destinations: Destinations | None = None,
        rewrites: Rewrites | None = None,
    ) -> None:
        self._patience = patience
        self._places = asyncio.Semaphore(connections)
        self._destinations = destinations or Destinations()
        self._rewrites = rewrites or Rewrites()
        self._session: aiohttp.ClientSession | None = None
        self._closed = False
        self._limits: set[asyncio.Timeout] = set()
        self._keepers: set[str] = set()
        self._heard: dict[str, float] = {}

    async def post(self, url: str, body: bytes) -> Answer:
        """Make one attempt to deliver a callback. A failure is a value too; raises only CancelledError.

        The status decides. After it, a body that breaks off or never ends is no failure (choice): the part that came
        in time is kept. Waiting for other callbacks does not count in `patience` or in `took`.
        """
        goes_to = self._rewrites.apply(url)
        answer = await self._post(goes_to, body)
        return answer if goes_to == url else replace(answer, posted_to=goes_to)

    async def _post(self, url: str, body: bytes) -> Answer:
        async with self._places:
            try:
                target, origin = _target(url)
                if target.raw_host:
                    self._destinations.check(target.raw_host, target.port or 0)
            except (ValueError, Forbidden) as unusable:
                return Answer(None, _words(url, unusable), 0.0)
            await self._listen(origin)
            if self._closed:
                return Answer(None, CLOSED, 0.0)
            session, attempt, began = self._open(), _Attempt(), time.monotonic()
            error = await self._make(attempt, session, target, body)
            took = round((time.monotonic() - began) * 1_000, 1)
            self._learn(origin, attempt)
            if self._closed and attempt.response is None:
                return Answer(None, BROKEN_OFF, took)
            return _answer(url, attempt, error, took, self._patience)

    async def close(self) -> None:
        """Close every connection for good. Callbacks under way, and any posted later, fail with words that say so."""
        self._closed = True
        for limit in self._limits:
            limit.reschedule(asyncio.get_running_loop().time())
        if self._session is not None:
            await self._session.close()

    async def _make(
        self, attempt: _Attempt, session: "aiohttp.ClientSession", url: "yarl.URL", body: bytes
    ) -> Exception | None:
        """Make the attempt; what went wrong, if anything did."""
        limit = asyncio.timeout(self._patience)
        self._limits.add(limit)
        try:
            async with limit:
                attempt.response = await session.post(url, data=body, allow_redirects=False, trace_request_ctx=attempt)
                await _read(attempt.response, attempt)
        except Exception as error:  # delivering never raises; the words name what has no row in the table
            return error
        finally:
            self._limits.discard(limit)
            if attempt.response is not None:
                attempt.response.release()
        return None

    async def _listen(self, origin: str) -> None:
        """Let the event loop hear which connections to `origin` have been closed; it takes two turns."""
        rest = 0.0 if origin in self._keepers else self._heard.get(origin, 0.0) + REST - time.monotonic()
        for pause in (max(0.0, rest), 0, 0):
            await asyncio.sleep(pause)

    def _learn(self, origin: str, attempt: _Attempt) -> None:
        """Remember when a connection was last left open, and who is known to keep them."""
        self._heard.pop(origin, None)
        if attempt.response is None:
            self._keepers.discard(origin)
        elif _stays_open(attempt.response):
            self._heard[origin] = time.monotonic()
            if attempt.reused:
                self._keepers.add(origin)

    def _open(self) -> "aiohttp.ClientSession":
        import aiohttp

        from mockserver.delivery.resolver import Resolver

        if self._session is None:
            resolver = Resolver(self._destinations, aiohttp.ThreadedResolver()) if self._destinations.bounded else None
            trace = aiohttp.TraceConfig()
            trace.on_connection_create_end.append(_note_connected)
            trace.on_connection_reuseconn.append(_note_reused)
            self._session = aiohttp.ClientSession(
                # The places are counted here and not by the connector, where waiting would cost patience.
                connector=aiohttp.TCPConnector(limit=0, ssl=False, keepalive_timeout=IDLE, resolver=resolver),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"Content-Type": "application/json", "User-Agent": _agent()},
                skip_auto_headers=["Accept-Encoding"],
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(),
                trace_configs=[trace],
            )
        return self._session


def _stays_open(response: "aiohttp.ClientResponse") -> bool:
    """Whether the receiver said, by its version and headers, that the connection may be used again."""
    version = response.version or (1, 0)
    return tuple(version) >= (1, 1) and response.headers.get("Connection", "").lower() != "close"


async def _note_connected(_: "aiohttp.ClientSession", context: "SimpleNamespace", __: object) -> None:
    context.trace_request_ctx.connected = True


async def _note_reused(_: "aiohttp.ClientSession", context: "SimpleNamespace", __: object) -> None:
    context.trace_request_ctx.connected = context.trace_request_ctx.reused = True


async def _read(response: "aiohttp.ClientResponse", attempt: _Attempt) -> None:
    """Read the body to its end, or until it is too long to be worth it."""
    read = 0
    async for chunk in response.content.iter_any():
        attempt.body += chunk[: KEPT - len(attempt.body)]
        read += len(chunk)
        if read > READ:
            return


def _agent() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"{NAME}/{version(NAME)}"
    except PackageNotFoundError:
        return NAME


@lru_cache
def _target(url: str) -> "tuple[yarl.URL, str]":
    """Where to post, without the user that a URL may name; and the origin. Raises ValueError if it is not a URL.

    A URL that can go on the wire goes as it was given; yarl's idea of a nicer one would undo a `%2F`.
    """
    import yarl

    parts = urlsplit(url)
    if parts.port == 0:
        raise ValueError("port 0")
    host = parts.netloc.rpartition("@")[2]
    given = parts._replace(netloc=host).geturl()
    checked = yarl.URL(given)
    asis = given.isascii() and given.isprintable() and " " not in given
    return yarl.URL(given, encoded=True) if asis else checked, f"{parts.scheme}://{host}"


def _answer(url: str, attempt: _Attempt, error: Exception | None, took: float, patience: float) -> Answer:
    if attempt.response is not None:
        return Answer(attempt.response.status, _verdict(attempt.response), took, attempt.body.decode(errors="replace"))
    if isinstance(error, TimeoutError) and attempt.connected:
        return Answer(None, f"no answer within {patience:g} s", took)
    if isinstance(error, TimeoutError):
        return Answer(None, f"{_legible(url)}: no connection within {patience:g} s; {_elsewhere(url)}", took)
    return Answer(None, _words(url, error, reused=attempt.reused), took)


def _verdict(response: "aiohttp.ClientResponse") -> str | None:
    if 200 <= response.status < 300:
        return None
    if 300 <= response.status < 400:
        where = _legible(response.headers.get("Location", "nowhere"))
        return f"answered {response.status}, a redirect to {where}; redirects are not followed"
    phrase = HTTPStatus(response.status).phrase if response.status in list(HTTPStatus) else "an unknown status"
    return f"answered {response.status} {phrase}, not 200"


def _words(url: str, error: Exception | None, *, reused: bool = False) -> str:
    """What went wrong, and what to do about it. The first row that fits counts."""
    import aiohttp

    os_error = getattr(error, "os_error", None)
    cause = os_error if isinstance(os_error, ConnectionRefusedError | Forbidden) else error
    if isinstance(cause, Forbidden):
        return f"{_legible(url)}: {cause}"
    unsaid = UNSAID if reused else ""
    table: tuple[tuple[type[Exception], str], ...] = (
        (
            ConnectionRefusedError,
            f"nothing listens there; is the application started, and on that port? {_elsewhere(url)}",
        ),
        (aiohttp.ClientConnectorDNSError, f"the host name cannot be resolved; {_elsewhere(url)}"),
        (aiohttp.ClientSSLError, "no TLS connection could be made; does this port speak plain http?"),
        (aiohttp.ClientConnectorError, f"no connection could be made; {_elsewhere(url)}"),
        (aiohttp.ServerDisconnectedError, f"the receiver closed the connection without an answer{unsaid}"),
        (ConnectionResetError, f"the receiver reset the connection{unsaid}"),
        (aiohttp.ClientOSError, f"the receiver reset the connection{unsaid}"),
        (aiohttp.ClientResponseError, "what came back is not HTTP"),
        (aiohttp.NonHttpUrlClientError, "this is no URL to post to; it must start with http:// or https://"),
        (ValueError, "this is no URL to post to"),
    )
    words = next((words for kind, words in table if isinstance(cause, kind)), "the callback could not be posted")
    return f"{_legible(url)}: {words} ({type(error).__name__}: {_legible(str(error))})"


def _elsewhere(url: str) -> str:
    """What to try when a host cannot be reached: it may be known by another name, or listen to itself alone."""
    host = _host(url)
    named = f"[{host}]" if ":" in host else host
    if LOOPBACK.fullmatch(host):
        return (
            f"in a container, {host} is that container: try --callback-rewrite {named}={HOST_OF_CONTAINERS}"
            f" or {named}=SERVICE"
        )
    if host == HOST_OF_CONTAINERS:
        return (
            "on Linux, start the mock's container with --add-host host.docker.internal:host-gateway,"
            " and have the application listen on 0.0.0.0"
        )
    return (
        "does it listen on 0.0.0.0, and not on 127.0.0.1 alone? If the mock knows it by another name, try"
        f" --callback-rewrite {named}=NAME"
    )


def _host(url: str) -> str:
    try:
        return _legible(urlsplit(url).hostname or "")
    except ValueError:
        return ""


def _legible(text: str) -> str:
    """On one line, not too long, and without the half characters that no JSON can hold."""
    return " ".join(text.split())[:200].encode(errors="replace").decode()
