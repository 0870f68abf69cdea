"""The guard: it keeps out the web pages of other sites, the mock's own callbacks, and whoever lacks the token.

A page open in a browser can send requests to whatever listens on the same machine. What the browser adds to them
gives the page away: the Host, when the page's own name was made to resolve to this machine (DNS rebinding), and
the Origin or Sec-Fetch-Site otherwise. Curl and test clients send none of it. Routee's endpoints are guarded so too: a
page that could send a flow could have the mock post its callbacks anywhere.

Whoever sends flows chooses where callbacks go, and may choose the mock itself. They are known by the User-Agent that
the mock, and no page, gives them, and reach nothing but sinks. Token and credentials are the control API's alone.
"""

import hmac
import re
from collections.abc import Mapping
from ipaddress import ip_address
from time import perf_counter

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.http.replies import BEGAN, Json, LostWay
from mockserver.settings import Settings
from mockserver.tls import NAMES, ROUTEE
from mockserver.wire import errors
from mockserver.wire.errors import Refusal

ANY = "*"

SINGLE_LABEL = re.compile(r"[a-z0-9_-]+")
"""A name without a dot belongs to the local network: no site on the internet has such a name."""

FROM_A_CONTAINER = "host.docker.internal"

WITHOUT_TOKEN = re.compile(r"/_mock/(health|ready|version|docs|ca\.pem)")

PAGE = re.compile(r"/|/_mock/ui(/.*)?")
"""The page and the way to it: a link on another site may lead there, and nothing there is secret."""

SINK = re.compile(r"/_mock/(sandboxes/[^/]+/)?sink/[^/]+")
"""Callbacks are posted here, and they have no token."""


FROM_BROWSERS = frozenset((b"origin", b"sec-fetch-site"))

OWN = "routee-failover-mock"
"""The User-Agent of callbacks, before its version."""

MOST_SEEN = 100
"""Hosts that are remembered to have been let in."""


class Judge:
    """Knows by what names the mock goes, and decides who may ask."""

    def __init__(self, settings: Settings) -> None:
        certified = () if settings.tls is None else (*NAMES, *settings.tls.names)
        self._hosts = {FROM_A_CONTAINER, *map(_name, (settings.host, *settings.allow_hosts, *certified))}
        self._token = None if settings.control_token is None else settings.control_token.encode()
        self._seen: set[bytes] = set()

    def plain(self, headers: Mapping[bytes, bytes]) -> bool:
        """Whether a request to Routee's endpoints needs no judging: its host was let in before, no browser sent it."""
        return headers.get(b"host") in self._seen and FROM_BROWSERS.isdisjoint(headers)

    def refusal(self, scope: Scope) -> Refusal | None:
        """What a request is answered that may not be asked."""
        headers, control = Headers(scope=scope), is_control(scope)
        refusal = self._stranger(scope, headers, control=control)
        if refusal is None and control and not self._knows_the_token(headers, scope):
            return errors.no_control_token()
        return refusal

    def _stranger(self, scope: Scope, headers: Headers, *, control: bool) -> Refusal | None:
        hosts = [host.lower() for host in headers.getlist("host")]
        if len(hosts) > 1 or (not hosts and scope["http_version"] == "1.1"):
            return errors.malformed(f"HTTP/1.1 wants one Host, and this request names {len(hosts) or 'none'}.")
        for host in hosts:
            if not self._expected(_name(host), control=control):
                return errors.unknown_host(host)
        origins = headers.getlist("origin")
        for origin in origins:
            if not _at_home(origin.lower(), hosts):
                return errors.foreign_origin(origin)
        if not origins and headers.get("sec-fetch-site") == "cross-site" and not _opens_page(scope):
            return errors.foreign_origin("another site")
        if headers.get("user-agent", "").partition("/")[0] == OWN and not _fills_sink(scope):
            return errors.own_callback()
        if len(hosts) == 1 and len(self._seen) < MOST_SEEN and not control:
            self._seen.add(headers["host"].encode("latin-1"))
        return None

    def _expected(self, host: str, *, control: bool) -> bool:
        known = ANY in self._hosts or host in self._hosts or SINGLE_LABEL.fullmatch(host) is not None
        return known or _is_address(host) or _is_loopback(host) or (not control and host in ROUTEE)

    def _knows_the_token(self, headers: Headers, scope: Scope) -> bool:
        if self._token is None or WITHOUT_TOKEN.fullmatch(_path(scope)) or _fills_sink(scope) or _opens_page(scope):
            return True
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        given = (headers.get("x-mock-token", ""), bearer.strip() if scheme.lower() == "bearer" else "")
        return any(hmac.compare_digest(each.encode("latin-1"), self._token) for each in given)


class Guard:
    """ASGI middleware: requests are passed on, or refused. lost_way: answers those not meant for the control API."""

    def __init__(self, app: ASGIApp, judge: Judge, lost_way: LostWay) -> None:
        self._app = app
        self._judge = judge
        self._lost_way = lost_way

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with what is wrong."""
        scope[BEGAN] = perf_counter()
        refusal = self._judge.refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            await self._app(scope, receive, send)
        elif is_control(scope):
            await Json(refusal.body, refusal.status, refusal.headers)(scope, receive, send)
        else:
            await self._lost_way(Request(scope), refusal)(scope, receive, send)


def is_control(scope: Scope) -> bool:
    """Whether a request is for the control API."""
    path = _path(scope)
    return path == "/_mock" or path.startswith("/_mock/")


def _path(scope: Scope) -> str:
    path: str = scope["path"].removeprefix(scope.get("root_path", ""))
    return path


def _fills_sink(scope: Scope) -> bool:
    return scope["method"] == "POST" and SINK.fullmatch(_path(scope)) is not None


def _opens_page(scope: Scope) -> bool:
    return scope["method"] in {"GET", "HEAD"} and PAGE.fullmatch(_path(scope)) is not None


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
