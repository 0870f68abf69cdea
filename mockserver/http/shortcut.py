"""The shortcut: sends go straight to their endpoints, past the layers that every other request goes through."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send


class ShortcutApp(Starlette):
    """Starlette with a table of endpoints, by method and path, that are asked before its middleware and its routes.

    plain: whether a request needs nothing of what the middleware does. Whatever stands in the table stands among the
    routes too, as the same endpoint: without the table a request is answered the same, only later.
    """

    def __init__(
        self, shortcuts: Mapping[tuple[str, str], ASGIApp], plain: Callable[[Scope], bool], **options: Any
    ) -> None:
        super().__init__(**options)
        self.shortcuts = shortcuts
        self.plain = plain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
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
