"""The shortcut: sends go straight to their endpoints. All other requests go through Starlette's layers."""

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.http.replies import BEGAN


class ShortcutApp(Starlette):
    """Starlette with a table of endpoints, by method and path, that it looks into before its middleware and routes.

    plain: whether a request needs nothing that the middleware does. Every endpoint in the table is among the routes
    too. Without the table, a request gets the same answer, but slower.
    """

    def __init__(
        self, shortcuts: Mapping[tuple[str, str], ASGIApp], plain: Callable[[Scope], bool], **options: Any
    ) -> None:
        super().__init__(**options)
        self.shortcuts = shortcuts
        self.plain = plain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        scope[BEGAN] = perf_counter()
        endpoint = self.shortcuts.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if endpoint is not None and self.plain(scope):
            await self._straight(endpoint, scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    async def _straight(self, endpoint: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await endpoint(scope, receive, send)
        except ClientDisconnect:
            return
        except Exception as error:
            response = await self.exception_handlers[Exception](Request(scope), error)
            await response(scope, receive, send)
            raise
