"""The one outgoing HTTP client: posts a callback, and turns whatever comes of it into a value."""

import asyncio
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from mockserver.core.commands import Answer

if TYPE_CHECKING:
    import aiohttp

PATIENCE = 2.0
"""Real seconds a receiver has, from connecting to the head of its answer (doc)."""

CONNECTIONS = 100
"""Callbacks under way at once (choice)."""

KEPT = 1_024
"""Bytes kept of the body of an answer."""

NOBODY = (
    "nothing listens there; is the application running, and on this port? Inside a container, localhost is the"
    " container itself: use the service's name, or host.docker.internal for the host"
)

HEADERS = {"Content-Type": "application/json", "User-Agent": "routee-failover-mock"}


class Courier:
    """Posts callbacks over connections that are kept alive. Proxies, cookies and redirects are left alone (choice).

    The certificate of an https receiver is not verified (choice): it is somebody's test server.
    """

    def __init__(self, patience: float = PATIENCE, connections: int = CONNECTIONS) -> None:
        self._patience = patience
        self._connections = connections
        self._places = asyncio.Semaphore(connections)
        self._session: aiohttp.ClientSession | None = None

    async def post(self, url: str, body: bytes) -> Answer:
        """Post a callback once; never raises. The time spent waiting for a place does not count."""
        session = self._open()
        async with self._places:
            began = time.monotonic()
            status, text, error = await self._attempt(session, url, body)
            return Answer(status, error, round((time.monotonic() - began) * 1_000, 1), text)

    async def close(self) -> None:
        """Drop every connection."""
        if self._session is not None:
            await self._session.close()

    async def _attempt(
        self, session: "aiohttp.ClientSession", url: str, body: bytes
    ) -> tuple[int | None, str, str | None]:
        import aiohttp

        try:
            async with asyncio.timeout(self._patience):
                response = await session.post(url, data=body, headers=HEADERS, allow_redirects=False)
                async with response:
                    text = await _beginning(response)
                return response.status, text, _verdict(response)
        except TimeoutError:
            return None, "", f"no answer within {self._patience:g} s"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return None, "", _words(url, error)

    def _open(self) -> "aiohttp.ClientSession":
        import aiohttp

        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, ssl=False),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(),
            )
        return self._session


async def _beginning(response: "aiohttp.ClientResponse") -> str:
    """The first of the body; the status has decided already, so a body that breaks off is no failure."""
    import aiohttp

    try:
        kept = await response.content.read(KEPT)
    except (aiohttp.ClientError, OSError):
        kept = b""
    return kept.decode(errors="replace")


def _verdict(response: "aiohttp.ClientResponse") -> str | None:
    if 200 <= response.status < 300:
        return None
    if 300 <= response.status < 400:
        where = response.headers.get("Location", "nowhere")[:200]
        return f"answered {response.status}, a redirect to {where}; redirects are not followed"
    phrase = HTTPStatus(response.status).phrase if response.status in list(HTTPStatus) else "an unknown status"
    return f"answered {response.status} {phrase}, not 200"


def _words(url: str, error: Exception) -> str:
    """What went wrong, and what to do about it."""
    import aiohttp

    table: tuple[tuple[type[Exception], str], ...] = (
        (
            aiohttp.ClientConnectorDNSError,
            "the host name cannot be resolved; inside a container, use the service's name",
        ),
        (aiohttp.ClientConnectorError, NOBODY),
        (aiohttp.InvalidURL, "this is no URL to post to"),
        (aiohttp.ServerDisconnectedError, "the receiver closed the connection without an answer"),
        (ConnectionResetError, "the receiver reset the connection"),
        (aiohttp.ClientOSError, "the receiver reset the connection"),
        (aiohttp.ClientResponseError, "what came back is not HTTP"),
    )
    for kind, words in table:
        if isinstance(error, kind):
            return f"{url}: {words} ({type(error).__name__})"
    return f"{url}: {type(error).__name__}: {error}"
