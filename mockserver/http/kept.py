"""Answers of a server that keeps its sandboxes: none leaves before what led to it is kept.

While nothing can be kept, whatever could change something is refused before it does; reads are answered.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.http.replies import REPLY, SANDBOX, Json
from mockserver.http.shortcut import Accepted, Shortcuts
from mockserver.sandbox.registry import Sandbox
from mockserver.wire.errors import Refusal

if TYPE_CHECKING:
    from mockserver.keeping.archive import Archive
    from mockserver.keeping.keeper import Keeper
    from mockserver.keeping.memory import MemoryOnly

READS = ("GET", "HEAD")

Refuse = Callable[[Sandbox | None], Refusal]
"""Makes the answer to a request that cannot be kept. Takes what the request was about, if that is known."""


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
            await _answer(self._refuse(None), scope, receive, send)
            return
        refused = False

        async def held(message: Message) -> None:
            nonlocal refused
            starts = message["type"] == "http.response.start"
            kept = await self._keeper.kept() if starts or message.get("more_body") else True
            if starts and (_lost(scope) or (not kept and (change or (SANDBOX in scope and self._keeper.lapsed)))):
                refused = True
                await _answer(self._refuse(scope.get(SANDBOX)), scope, receive, send)
            elif not refused:
                await send(message)

        await self._app(scope, receive, held)


def middleware(archive: "Archive | MemoryOnly") -> list[Middleware]:
    """The middleware of a server with this archive."""
    if archive.keeper is None:
        return []
    return [Middleware(KeptAnswers, keeper=archive.keeper, refuse=archive.refusal)]


def held(shortcuts: Shortcuts, archive: "Archive | MemoryOnly") -> Shortcuts:
    """Shortcuts whose replies wait until what led to them is kept. None is taken while nothing can be."""
    if archive.keeper is None:
        return shortcuts
    keeper, coming, refusal = archive.keeper, archive.coming, archive.refusal
    return shortcuts._replace(
        wait=keeper.when_kept,
        open=lambda: not (keeper.trouble or coming),
        lost=_lost if keeper.shared else None,
        refuse=lambda reply: partial(_unkept, reply, refusal),
    )


def _lost(scope: Scope) -> bool:
    """Whether a request is about a sandbox that another server has by now."""
    sandbox: Sandbox | None = scope.get(SANDBOX)
    return sandbox is not None and sandbox.driver.lost


async def _unkept(reply: Accepted, refuse: Refuse, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a send that was accepted, and that nobody knows to be kept."""
    try:
        await _answer(refuse(scope.get(SANDBOX)), scope, receive, send)
    finally:
        reply.sent()


async def _answer(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    await Json(refusal.body, refusal.status, refusal.headers)(scope, receive, send)
