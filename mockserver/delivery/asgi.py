"""Callbacks without a socket: they go to an ASGI app in this process, the application under test."""

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote, urlsplit

from mockserver.core.commands import Answer
from mockserver.delivery.answer import KEPT
from mockserver.delivery.http import PATIENCE
from mockserver.delivery.targets import NAME

Message = MutableMapping[str, Any]
App = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]
"""An application by the ASGI specification."""


class AsgiSender:
    """Posts every callback to one app, whatever host its URL names. patience: real seconds for an attempt."""

    def __init__(self, app: App, patience: float = PATIENCE) -> None:
        self._app = app
        self._patience = patience

    async def post(self, url: str, body: bytes) -> Answer:
        """Make one attempt to deliver a callback. A failure is a value too; raises only CancelledError."""
        began = time.monotonic()
        exchange = _Exchange(body)
        error = f"no answer within {self._patience:g} s"
        try:
            async with asyncio.timeout(self._patience):
                await self._app(_scope(url, body), exchange.receive, exchange.send)
            error = "the application returned without an answer"
        except TimeoutError:
            pass
        except Exception as raised:  # the application is code under test: it may raise anything
            error = f"the application raised {type(raised).__name__}: {' '.join(str(raised).split())[:200]}"
        took = round((time.monotonic() - began) * 1_000, 1)
        if exchange.status is None:
            return Answer(None, f"{url}: {error}", took)
        said = None if 200 <= exchange.status < 300 else f"answered {exchange.status}, not 200"
        return Answer(exchange.status, said, took, exchange.body[:KEPT].decode(errors="replace"))

    def post_at_once(self, _url: str, _body: bytes, _answered: Callable[[Answer], None]) -> None:
        """Post nothing: an application takes its time."""

    async def close(self) -> None:
        """There is nothing to close."""


class _Exchange:
    """One request to the app, and its answer so far."""

    def __init__(self, body: bytes) -> None:
        self.status: int | None = None
        self.body = b""
        self._request: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
        self._answered = asyncio.Event()

    async def receive(self) -> Message:
        if self._request:
            return self._request.pop()
        await self._answered.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")
            if not message.get("more_body", False):
                self._answered.set()


def _scope(url: str, body: bytes) -> Message:
    parts = urlsplit(url)
    headers = {"host": parts.netloc, "content-type": "application/json", "content-length": str(len(body))}
    headers["user-agent"] = NAME
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": parts.scheme or "http",
        "path": unquote(parts.path) or "/",
        "raw_path": (parts.path or "/").encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()],
        "client": ("127.0.0.1", 0),
        "server": (parts.hostname or "webhook", 80),
    }
