"""The page: its files, as they are, under headers that let it load and run nothing but themselves.

The files hold nothing secret, so they need no control token; what the page shows, it reads from the control API. A
browser that opens the mock itself is led to it.
"""

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match, Route
from starlette.types import Scope

from mockserver.wire.errors import nothing_here

FILES = Path(__file__).parents[1] / "ui"

PLACE = "/_mock/ui/"

FIRST = "index.html"

TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".toml": "text/plain",
    ".txt": "text/plain",
}
"""The types of the files. What the machine says of them is not asked: a wrong one would stop the page."""

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "connect-src": "'self'",
    "img-src": "'self' data:",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}

HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


class File(NamedTuple):
    """A file of the page. mark: changes when the file does."""

    body: bytes
    type: str
    mark: str


class FromBrowser(Route):
    """The route of what a browser asks for when somebody opens the mock in it; all else is not its business."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match a GET that would rather have HTML."""
        match, child = super().matches(scope)
        wants_html = any(name == b"accept" and b"text/html" in value for name, value in scope.get("headers", ()))
        return (match, child) if match is Match.FULL and wants_html else (Match.NONE, {})


def routes() -> Iterator[Route]:
    """The routes of the page."""
    yield FromBrowser("/", _lead, methods=["GET"])
    yield Route(PLACE.removesuffix("/"), _lead, methods=["GET"])
    yield Route(PLACE + "{path:path}", _file, methods=["GET"])


async def _lead(request: Request) -> Response:
    return RedirectResponse(request.scope.get("root_path", "") + PLACE)


async def _file(request: Request) -> Response:
    file = files().get(request.path_params["path"] or FIRST)
    if file is None:
        raise nothing_here(request.method, request.url.path, ())
    headers = {**HEADERS, "ETag": file.mark}
    if request.headers.get("if-none-match") == file.mark:
        return Response(status_code=304, headers=headers)
    return Response(file.body, headers=headers, media_type=file.type)


@cache
def files() -> Mapping[str, File]:
    """Every file of the page by its path below PLACE."""
    paths = (path for path in FILES.rglob("*") if path.suffix in TYPES and path.is_file())
    return {path.relative_to(FILES).as_posix(): _read(path) for path in paths}


def _read(path: Path) -> File:
    body = path.read_bytes()
    return File(body, TYPES[path.suffix], f'"{hashlib.sha256(body).hexdigest()[:32]}"')
