"""The control API described: as an OpenAPI document, and as a page to read."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

import orjson
from starlette.requests import Request
from starlette.responses import Response

from mockserver.http.control import Control
from mockserver.http.endpoints import ENDPOINTS, ONE, ROOT, Endpoint
from mockserver.http.pages import Page
from mockserver.http.replies import Json
from mockserver.wire.openapi import control, page

ELSEWHERE = {"the mocked API": "/docs", "this API for programs": f"{ROOT}/openapi.json"}


async def describe(_: Control, request: Request) -> Response:
    """GET /_mock/openapi.json: the table as an OpenAPI document."""
    return Json(_document(str(request.base_url).rstrip("/")))


async def show(_: Control, request: Request) -> Response:
    """GET /_mock/docs: the table as a page."""
    return Page(_page(str(request.base_url).rstrip("/")))


@lru_cache(maxsize=4)
def _document(url: str) -> bytes:
    return orjson.dumps(control.document(ENDPOINTS, url))


@lru_cache(maxsize=4)
def _page(url: str) -> str:
    return page.render(control.document(dict(_once()), url), ELSEWHERE)


def _once() -> Iterator[tuple[str, Endpoint]]:
    """Every endpoint, those of each sandbox only for `default`: nobody wants to read them twice."""
    for place, endpoint in ENDPOINTS.items():
        elsewhere = place.replace(ROOT, ONE, 1)
        if elsewhere in ENDPOINTS:
            path = elsewhere.split()[1]
            yield place, replace(endpoint, summary=f"{endpoint.summary} Of another sandbox: `{path}`.")
        elif f" {ONE}/" not in place:
            yield place, endpoint
