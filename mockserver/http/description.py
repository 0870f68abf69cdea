"""The description of the control API: what every route says of itself, put together when it is first asked for."""

from collections.abc import Iterable
from functools import cache
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockserver.http.replies import Json

PATH = "/_mock/openapi.json"


def description(routes: Iterable[Route]) -> Route:
    """The route under which the control API among these is described, itself included."""

    async def described(_: Request) -> Response:
        """GET /_mock/openapi.json: this description."""
        return Json(render())

    own = Route(PATH, described, methods=["GET"])
    known = [*(route for route in routes if route.path.startswith("/_mock")), own]

    @cache
    def render() -> bytes:
        # It takes a while to import, and few ask for it.
        from mockserver.wire.openapi import control

        return orjson.dumps(control.document(summaries(known)))

    return own


def summaries(routes: Iterable[Route]) -> dict[str, str]:
    """What each route is for, by method and path, from the docstrings of the endpoints."""
    summaries = {}
    for route in routes:
        for method in (route.methods or set()) - {"HEAD"}:
            summaries[f"{method} {route.path}"] = _sentence(route.endpoint)
    return summaries


def _sentence(endpoint: Any) -> str:
    """The first sentence of a docstring such as `GET /_mock/clock: the instant.`"""
    said = (endpoint.__doc__ or "").split("\n\n")[0].partition(": ")[2].strip()
    return said[:1].upper() + said[1:]
