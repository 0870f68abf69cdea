"""What went wrong with a callback, and what to do about it, in words."""

import re
import socket
import ssl
from http import HTTPStatus
from urllib.parse import urlsplit

from mockserver.delivery.destinations import Forbidden
from mockserver.delivery.dialer import NoTls

LOOPBACK = re.compile(r"localhost|.*\.localhost|127\..*|::1|0\.0\.0\.0")

HOST_OF_CONTAINERS = "host.docker.internal"

UNSAID = "; it may close connections after answering: it should say so with 'Connection: close'"

REDIRECTS = frozenset({301, 302, 303, 307, 308})

UNOFFICIAL = {
    419: "Page Expired (Laravel's CSRF check)",
    420: "Enhance Your Calm",
    440: "Login Time-out",
    444: "No Response",
    494: "Request Header Too Large",
    495: "SSL Certificate Error",
    496: "SSL Certificate Required",
    497: "HTTP Request Sent to HTTPS Port",
    498: "Invalid Token",
    499: "Client Closed Request",
    509: "Bandwidth Limit Exceeded",
    520: "Web Server Returned an Unknown Error",
    521: "Web Server Is Down",
    522: "Connection Timed Out",
    523: "Origin Is Unreachable",
    524: "A Timeout Occurred",
    525: "SSL Handshake Failed",
    526: "Invalid SSL Certificate",
    529: "Site Is Overloaded",
    530: "Site Is Frozen",
}
"""Names of statuses that stand in no RFC, as the servers that answer them call them."""

NOT_MADE: tuple[tuple[type[Exception], str], ...] = (
    (ConnectionRefusedError, "nothing listens there; is the application started, and on that port? {elsewhere}"),
    (socket.gaierror, "the host name cannot be resolved; {elsewhere}"),
    (NoTls, "no TLS connection could be made; does this port speak plain http?"),
    (OSError, "no connection could be made; {elsewhere}"),
    (Exception, "the callback could not be posted"),
)

BROKEN: tuple[tuple[type[Exception], str], ...] = (
    (ssl.SSLError, "the receiver broke off TLS"),
    (ConnectionError, "the receiver reset the connection{unsaid}"),
    (OSError, "the connection broke off{unsaid}"),
    (Exception, "the callback could not be posted"),
)


def status_text(status: int, phrase: bytes, location: bytes | None) -> str | None:
    """What is wrong with an answer with this status; None for a 2xx. phrase, location: as they came."""
    if 200 <= status < 300:
        return None
    if status in REDIRECTS or (300 <= status < 400 and status != HTTPStatus.NOT_MODIFIED and location is not None):
        where = "nowhere" if location is None else legible(location.decode(errors="surrogateescape"))
        return f"answered {status}, a redirect to {where}; redirects are not followed"
    official = HTTPStatus(status).phrase if status in list(HTTPStatus) else None
    said = legible(phrase.decode(errors="surrogateescape"))
    return f"answered {status} {official or UNOFFICIAL.get(status) or said or 'an unknown status'}, not 200"


def unreached_text(url: str, error: Exception, patience: float, *, local: bool = False) -> str:
    """Why nothing was posted. patience: real seconds it was tried for. local: the mock runs in no container."""
    if isinstance(error, Forbidden):
        return f"{legible(url)}: {error}"
    if isinstance(error, TimeoutError):
        return f"{legible(url)}: no connection within {patience:g} s; {_elsewhere(url, local=local)}".removesuffix("; ")
    if isinstance(error, ValueError):
        return f"{legible(url)}: this is no URL to post to: {legible(str(error))}"
    words = next(words for kind, words in NOT_MADE if isinstance(error, kind))
    known = not isinstance(error, socket.gaierror)
    advice = words.format(elsewhere=_elsewhere(url, local=local, known=known)).rstrip("; ")
    return f"{legible(url)}: {advice} ({_named(error.__cause__ or error)})"


def unanswered_text(url: str, fault: str | None, cause: Exception | None, patience: float, *, reused: bool) -> str:
    """Why there was no answer.

    fault: what was wrong with what came instead. cause: what broke off the connection; None if the receiver closed it.
    reused: whether it had answered on this connection before.
    """
    if fault is not None:
        return f"{legible(url)}: {fault}"
    if isinstance(cause, TimeoutError):
        return f"no answer within {patience:g} s"
    unsaid = UNSAID if reused else ""
    if cause is None:
        return f"{legible(url)}: the receiver closed the connection without an answer{unsaid}"
    words = next(words for kind, words in BROKEN if isinstance(cause, kind)).format(unsaid=unsaid)
    return f"{legible(url)}: {words} ({_named(cause)})"


def legible(text: str) -> str:
    """On one line, not too long, and without what no terminal should get or no JSON can hold."""
    line = " ".join(text.split())[:200]
    return line if line.isprintable() else "".join(each if each.isprintable() else "?" for each in line)


def _named(error: BaseException) -> str:
    text = legible(str(error))
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def is_loopback(host: str) -> bool:
    """Whether a host is the machine itself, or in a container that container."""
    return LOOPBACK.fullmatch(host) is not None


def _elsewhere(url: str, *, local: bool, known: bool = True) -> str:
    """What to try when a host cannot be reached: it may be known by another name, or listen to itself alone.

    known: its name has an address.
    """
    host = legible(urlsplit(url).hostname or "")
    named = f"[{host}]" if ":" in host else host
    if is_loopback(host):
        return (
            ""
            if local
            else (
                f"in a container, {host} is that container: try --callback-rewrite {named}={HOST_OF_CONTAINERS}"
                f" or {named}=SERVICE"
            )
        )
    if host == HOST_OF_CONTAINERS and local:
        return "the mock runs in no container: if the application does neither, it is on localhost"
    if host == HOST_OF_CONTAINERS:
        return (
            "on Linux, start the mock's container with --add-host host.docker.internal:host-gateway,"
            " and have the application listen on 0.0.0.0"
        )
    listens = "does it listen on 0.0.0.0, and not on 127.0.0.1 alone? If" if known else "if"
    return f"{listens} the mock knows it by another name, try --callback-rewrite {named}=NAME"
