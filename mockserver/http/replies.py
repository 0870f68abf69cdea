"""How every route reads a request and answers it: always with JSON."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from functools import lru_cache, partial
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

from mockserver.sandbox.handlers import WaitsForItself
from mockserver.sandbox.registry import NotBackYet
from mockserver.wire import errors, visible
from mockserver.wire.errors import Refusal
from mockserver.wire.problems import clip, near

CONNECTION = "mock.connection"
"""The extension of the ASGI scope for the connection: `reset` breaks it, `cycle` is uvicorn's request and response."""

BEGAN, BODY = "mock.began", "mock.body"
"""Keys of the ASGI scope for the record of requests: the real time when a request came, and its body once read."""

SANDBOX = "mock.sandbox"
"""Key of the ASGI scope for the sandbox that a request was about, once that is known."""

HEADERS = "mock.headers"
"""Key of the ASGI scope for the headers by their names, where they were read before."""

REPLY = "mock.reply"
"""Key of the ASGI scope for what was decided about the request before the usual way was taken."""

AS_IT_IS = b"identity"

LOOKED_AT = 200
"""Characters of an unknown path that are held against the paths that there are."""

LostWay = Callable[[Request, Refusal], Response]
"""Answers a request to Routee's endpoints that leads nowhere."""

log = logging.getLogger("mockserver")


class Json(Response):
    """A JSON response; bytes are sent as they are."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The body, compact."""
        return content if isinstance(content, bytes) else orjson.dumps(content)


class BrokenOff(ConnectionResetError):
    """Raised in a client in the same process when a scenario breaks the connection: there is no real one to break."""


class Reset(Response):
    """No response at all: the connection breaks off. Returns when it has."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Break the connection. Without a connection, raise BrokenOff."""
        extension = scope.get("extensions", {}).get(CONNECTION)
        if extension is None:
            raise BrokenOff("a scenario has this connection reset")
        extension["reset"]()
        while (await receive())["type"] != "http.disconnect":
            pass


async def read_body(request: Request, limit: int) -> bytes:
    """The body of a request, as `read_whole` reads it."""
    return await read_whole(request.scope, request.receive, limit)


async def read_whole(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The body of a request. Raises Refusal: 413 if it is larger than `limit` bytes, 400 if it is encoded."""
    for name, value in scope["headers"]:
        if name == b"content-encoding" and value != AS_IT_IS:
            raise errors.encoded(value.decode("latin-1"))
    return await read_bytes(scope, receive, limit)


async def read_bytes(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The body of a request as it came, encoded or not. Raises Refusal (413) if it is larger than `limit` bytes."""
    declared = headers_of(scope).get(b"content-length", b"")
    if declared.isdigit() and int(declared[:20]) > limit:
        raise errors.too_large(limit)
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body", False):
        pieces = bytearray(body)
        while message.get("more_body", False) and len(pieces) <= limit:
            message = await receive()
            pieces += message.get("body", b"")
        body = bytes(pieces)
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    scope[BODY] = body
    if len(body) > limit:
        raise errors.too_large(limit)
    return body


def headers_of(scope: Scope) -> dict[bytes, bytes]:
    """The headers by their names in lower case; the first one counts where a name is given twice."""
    known: dict[bytes, bytes] | None = scope.get(HEADERS)
    return dict(reversed(scope["headers"])) if known is None else known


async def answer(send: Send, body: bytes, status: int = 200) -> None:
    """Answer with JSON, for a plain ASGI app."""
    headers = [(b"content-length", b"%d" % len(body)), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def expect_json(content_type: str | None) -> None:
    """Raise Refusal (400) for a Content-Type other than JSON; a missing one is fine (choice)."""
    if content_type == "application/json":
        return
    kind = (content_type or "").split(";")[0].strip().lower()
    if kind and kind != "application/json" and not kind.endswith("+json"):
        raise errors.malformed(f"The Content-Type is {clip(kind, 100)}; send the body as application/json.")


ROUTEE = ("/oauth/token", "/failover", "/failover/transactional", "/failover-otp/otp/send-failover")
"""Paths that clients add to their base URLs."""


def handlers(
    routes: Iterable[BaseRoute], lost_way: LostWay, restored: Callable[[], tuple[int, int]]
) -> dict[Any, Callable[[Request, Any], Awaitable[Response]]]:
    """The exception handlers of the app: each answers one kind of failure in Routee's shape.

    lost_way: answers a request to an unknown path or method, unless the path belongs to the control API. restored: how
    many sandboxes are back after a start, and of how many.
    """
    known = [route for route in routes if isinstance(route, Route)]
    nearest = lru_cache(maxsize=1_024)(partial(_nearest, known))

    restoring = partial(_restoring, restored)

    async def refused(_: Request, refusal: Refusal) -> Response:
        return Json(refusal.body, refusal.status, refusal.headers)

    async def lost(request: Request, error: HTTPException) -> Response:
        refusal = _lost(known, nearest, request, error)
        if not request.url.path.startswith("/_mock") or _meant_for_routee(request.url.path):
            try:
                return lost_way(request, refusal)
            except NotBackYet as error:
                return await restoring(request, error)
        return Json(refusal.body, refusal.status, refusal.headers)

    async def gone(_: Request, __: ClientDisconnect) -> Response:
        return Json(errors.malformed("The client went away before its request was complete.").body, 400)

    async def broken(request: Request, error: Exception) -> Response:
        if not isinstance(error, BrokenOff):
            log.error(
                "%s %s failed: a bug in the mock itself", request.method, visible(request.url.path), exc_info=error
            )
        return Json(errors.routee(500, "The mock itself is at fault; please report this.").body, 500)

    async def waiting(_: Request, error: WaitsForItself) -> Response:
        refusal = errors.waits_for_itself(error.url)
        return Json(refusal.body, refusal.status)

    return {
        Refusal: refused,
        WaitsForItself: waiting,
        NotBackYet: restoring,
        HTTPException: lost,
        ClientDisconnect: gone,
        Exception: broken,
    }


def _meant_for_routee(path: str) -> bool:
    """Whether a path of the control API ends as one of Routee's: a base URL is too long."""
    return path.startswith("/_mock") and path.rstrip("/").endswith(ROUTEE)


def _methods(routes: Iterable[Route], request: Request) -> list[str]:
    met = [route for route in routes if route.matches(request.scope)[0] is Match.PARTIAL]
    return sorted({method for route in met for method in route.methods or ()} - {"HEAD"})


def _not_found(method: str, path: str, nearest: Callable[[str], list[str]]) -> Refusal:
    if path[1:].partition("/")[0] in errors.OTHER_PRODUCTS:
        return errors.other_product(method, path)
    if _meant_for_routee(path):
        return errors.nothing_here(method, path, [f"POST {each}" for each in ROUTEE if path.rstrip("/").endswith(each)])
    return errors.nothing_here(method, path, nearest(path[:LOOKED_AT]))


def _lost(known: list[Route], nearest: Callable[[str], list[str]], request: Request, error: HTTPException) -> Refusal:
    """What is wrong with a request that leads nowhere."""
    if error.status_code == 405:
        return errors.wrong_method(request.method, request.url.path, _methods(known, request))
    if error.status_code == 404:
        return _not_found(request.method, request.url.path, nearest)
    return errors.routee(error.status_code, error.detail)


async def _restoring(restored: Callable[[], tuple[int, int]], _: Request, __: NotBackYet) -> Response:
    refusal = errors.restoring(*restored())
    return Json(refusal.body, refusal.status, refusal.headers)


def _nearest(routes: Iterable[Route], path: str) -> list[str]:
    """The endpoints that come close to a path, of the API that it belongs to."""
    own = path.startswith("/_mock")
    same = [route for route in routes if own == route.path.startswith("/_mock")]
    places = {f"{method} {route.path}" for route in same for method in (route.methods or set()) - {"HEAD"}}
    by_path = {place.split(" ", 1)[1]: place for place in sorted(places, reverse=True)}
    return [by_path[each] for each in near(path, by_path, 2, length=LOOKED_AT, likeness=0.5)]
