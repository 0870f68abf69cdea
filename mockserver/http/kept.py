"""Answers of a server that keeps its sandboxes: none leaves before what led to it is kept.

While nothing can be kept, whatever could change something is refused before it does; reads are answered.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.http.replies import REPLY, Json
from mockserver.http.shortcut import Accepted, Endpoint, Held, Reply, Shortcuts
from mockserver.wire.errors import Refusal

if TYPE_CHECKING:
    from mockserver.keeping.archive import Archive
    from mockserver.keeping.keeper import Keeper
    from mockserver.keeping.memory import MemoryOnly

READS = ("GET", "HEAD")

Refuse = Callable[[], Refusal]
"""Makes the answer to a request when nothing can be kept."""


class KeptAnswers:
    """ASGI middleware: holds answers until what led to them is kept. refuse: makes the answer when that cannot be."""

    def __init__(self, app: ASGIApp, keeper: "Keeper", refuse: Refuse) -> None:
        self._app = app
        self._keeper = keeper
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        change = scope["method"] not in READS
        if REPLY not in scope and self._keeper.refuses(change=change):
            await _answer(self._refuse(), scope, receive, send)
            return
        refused = False

        async def held(message: Message) -> None:
            nonlocal refused
            starts = message["type"] == "http.response.start"
            if (starts or message.get("more_body")) and not await self._keeper.kept() and change and starts:
                refused = True
                await _answer(self._refuse(), scope, receive, send)
            elif not refused:
                await send(message)

        await self._app(scope, receive, held)


def middleware(archive: "Archive | MemoryOnly") -> list[Middleware]:
    """The middleware of a server with this archive."""
    if archive.keeper is None:
        return []
    return [Middleware(KeptAnswers, keeper=archive.keeper, refuse=archive.refusal)]


def held(shortcuts: Shortcuts, archive: "Archive | MemoryOnly") -> Shortcuts:
    """Shortcuts whose replies are held until what led to them is kept. None is taken while nothing can be."""
    if archive.keeper is None:
        return shortcuts
    keeper, refuse = archive.keeper, archive.refusal
    endpoints = {place: _holding(keeper, refuse, endpoint) for place, endpoint in shortcuts.endpoints.items()}
    return Shortcuts(endpoints, shortcuts.plain, shortcuts.most, lambda: keeper.trouble is None)


def _holding(keeper: "Keeper", refuse: Refuse, endpoint: Endpoint) -> Endpoint:

    def held(scope: Scope, body: bytes) -> Reply:
        reply = endpoint(scope, body)
        return Held(reply, keeper.when_kept, partial(_unkept, reply, refuse)) if isinstance(reply, Accepted) else reply

    return held


async def _unkept(reply: Accepted, refuse: Refuse, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a send that was accepted, and that nobody knows to be kept."""
    try:
        await _answer(refuse(), scope, receive, send)
    finally:
        reply.sent()


async def _answer(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    await Json(refusal.body, refusal.status, refusal.headers)(scope, receive, send)
