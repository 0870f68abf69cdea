"""The guard of the control API: it refuses the web pages of other sites, and requests without the token.

A page that is open in a browser can send requests to any server on the same machine. The headers that the browser adds
show where the page is from: the Host, if the page's own name was made to resolve to this machine (DNS rebinding), and
otherwise the Origin or Sec-Fetch-Site. Curl and test clients send no such headers. The mocked API is not guarded:
there Routee's tokens decide.
"""

import hmac
import re
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.http.replies import Json
from mockserver.settings import Settings
from mockserver.tls import NAMES
from mockserver.wire import errors
from mockserver.wire.errors import Refusal

ANY = "*"

SINGLE_LABEL = re.compile(r"[a-z0-9_-]+")
"""A name without a dot belongs to the local network: no site on the internet has such a name."""

FROM_A_CONTAINER = "host.docker.internal"

WITHOUT_TOKEN = re.compile(r"/_mock/(health|ready|version|ca\.pem)")

SINK = re.compile(r"/_mock/(sandboxes/[^/]+/)?sink/[^/]+")
"""Callbacks are posted here, and they have no token."""


class Guard:
    """ASGI middleware: passes requests to the control API on, or refuses them."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        certified = () if settings.tls is None else (*NAMES, *settings.tls.names)
        self._hosts = {FROM_A_CONTAINER, *map(_name, (settings.host, *settings.allow_hosts, *certified))}
        self._token = None if settings.control_token is None else settings.control_token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer what is wrong with it."""
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await Json(refusal.body, refusal.status, refusal.headers)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Refusal | None:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if path != "/_mock" and not path.startswith("/_mock/"):
            return None
        headers = Headers(scope=scope)
        hosts = [host.lower() for host in headers.getlist("host")]
        for host in hosts:
            if not self._expected(_name(host)):
                return errors.unknown_host(host)
        origins = headers.getlist("origin")
        for origin in origins:
            if not _at_home(origin.lower(), hosts):
                return errors.foreign_origin(origin)
        if not origins and headers.get("sec-fetch-site") == "cross-site":
            return errors.foreign_origin("another site")
        free = WITHOUT_TOKEN.fullmatch(path) or (scope["method"] == "POST" and SINK.fullmatch(path))
        return None if free or self._knows_the_token(headers) else errors.no_control_token()

    def _expected(self, host: str) -> bool:
        known = ANY in self._hosts or host in self._hosts or SINGLE_LABEL.fullmatch(host) is not None
        return known or _is_address(host) or _is_loopback(host)

    def _knows_the_token(self, headers: Headers) -> bool:
        if self._token is None:
            return True
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        given = (headers.get("x-mock-token", ""), bearer.strip() if scheme.lower() == "bearer" else "")
        return any(hmac.compare_digest(each.encode("latin-1"), self._token) for each in given)


def _name(authority: str) -> str:
    """The host in `host:port`, without the brackets of an IPv6 address and without a dot at the end."""
    host = authority.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host if host.count(":") > 1 else host.partition(":")[0].removesuffix(".")


def _at_home(origin: str, hosts: list[str]) -> bool:
    """Whether a page of this origin comes from the mock itself, or from this machine."""
    scheme, _, authority = origin.partition("://")
    return scheme in {"http", "https"} and (authority in hosts or _is_loopback(_name(authority)))


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return _is_address(host) and ip_address(host).is_loopback
