"""One value of a file as what it tells: an exchange or a callback, whatever wrote it.

Each form of a row is one line of a table: how it is recognised, and how it is read.
"""

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

from mockserver.recordings.values import Callback, Exchange, Place, Record, Unreadable, read_json
from mockserver.wire import Json
from mockserver.wire.instants import read_instant

BODIES = ("body", "payload", "json", "data", "event", "message", "content")
"""Where a log of a webhook has the payload, the likeliest first."""

INSTANTS = ("at", "time", "timestamp", "@timestamp", "ts", "received", "receivedAt", "received_at", "date", "datetime")
"""Where it has the instant."""

PATHS = ("/oauth/token", "/failover", "/accounts/me/balance", "/failover-otp")
"""How the paths of the service begin, below the path of its base URL."""

SECONDS = 100_000_000_000
"""A number of an instant below this counts seconds since 1970, and milliseconds from here on."""


PREFLIGHT = "access-control-request-method"
"""The header with which a browser asks whether a page may send what it wants to, before it does."""


class Unknown(ValueError):
    """A row that tells nothing, and why."""


def read_row(row: Any, place: Place) -> Record | None:
    """A record; None for an exchange with another service. What cannot be read is Unreadable."""
    if not isinstance(row, dict):
        return Unreadable(place, "it is not a JSON object")
    try:
        found = next((read(row, place) for known, read in FORMS if known(row)), None)
    except Unknown as error:
        return Unreadable(place, str(error))
    except (TypeError, AttributeError, KeyError, ValueError) as error:
        return Unreadable(
            place, f"it is not as others of its form are: {type(error).__name__} {str(error)[:80]}".strip()
        )
    if found is None:
        return Unreadable(place, "it is neither an exchange nor a callback of the service")
    return _told(found) if isinstance(found, Exchange) else found


def endpoint(path: str) -> str | None:
    """The path of the service in a path of a URL, which can begin with that of a proxy; None if it is another's."""
    path = path.rstrip("/")
    starts = [(path.find(f"{known}/"), known) for known in PATHS if f"{known}/" in f"{path}/"]
    starts += [(len(path) - len(known), known) for known in PATHS if path.endswith(known)]
    return path[max(0, min(starts)[0]) :] if starts else None


def is_payload(data: Any) -> bool:
    """Whether this is the body of a callback: a flow document, or the answer to a Viber message."""
    if not isinstance(data, dict):
        return False
    flow = isinstance(data.get("messages"), list) and "trackingId" in data
    otp = isinstance(data.get("steps"), list) and "flowId" in data
    return flow or otp or ("referenceTrackingId" in data and "direction" in data)


def _told(exchange: Exchange) -> Record | None:
    """An exchange, or the callback that it carried; None if it was with another service, or only the browser asked."""
    if PREFLIGHT in exchange.asked and exchange.method == "OPTIONS":
        return None
    if endpoint(exchange.path) is not None:
        return exchange
    if exchange.method == "POST" and is_payload(read_json(exchange.sent)):
        return Callback(
            exchange.sent or b"", exchange.place, exchange.at, exchange.url, exchange.asked, exchange.status or None
        )
    return None


def read_time(value: Any) -> int | None:
    """Milliseconds since 1970 of an instant, as text or as a number of seconds or milliseconds; None if it is none."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return round(value * 1_000) if abs(value) < SECONDS else round(value)
    try:
        return read_instant(value)
    except ValueError:
        pass
    try:
        found = datetime.strptime(str(value).strip("[]"), "%d/%b/%Y:%H:%M:%S %z")  # as web servers log it
    except ValueError:
        return None
    return int(found.astimezone(UTC).timestamp() * 1_000)


# HAR


def _is_har(row: Json) -> bool:
    return isinstance(row.get("request"), dict) and "startedDateTime" in row | row["request"] | {"startedDateTime": 0}


def _har(row: Json, place: Place) -> Exchange:
    request, response = row["request"], row.get("response") or {}
    status = response.get("status") or 0
    if not status and endpoint(urlsplit(request["url"]).path) is not None:
        raise Unknown("it has no answer: the request was blocked, or broken off")
    return Exchange(
        method=str(request["method"]).upper(),
        url=_url(request["url"]),
        status=int(status),
        place=place,
        at=read_time(row.get("startedDateTime")),
        asked=_headers(request.get("headers")),
        sent=_posted(request.get("postData")),
        headers=_headers(response.get("headers")),
        body=_text(response.get("content") or {}),
    )


def _posted(data: Any) -> bytes | None:
    """The body of a request: its text, or the fields of its form."""
    if not data:
        return b""
    if data.get("text") is None and data.get("params"):
        return urlencode([(each["name"], each.get("value", "")) for each in data["params"]]).encode()
    return _text(data)


def _text(content: Json) -> bytes | None:
    text = content.get("text")
    if text is None:
        return None if content.get("size") else b""
    return _decoded(text) if content.get("encoding") == "base64" else str(text).encode(errors="replace")


def _decoded(text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise Unknown("its body is no base64") from None


# Our own lines


def _is_exchange(row: Json) -> bool:
    return "method" in row and "url" in row and "status" in row


def _exchange(row: Json, place: Place) -> Exchange:
    request, response = row.get("request") or {}, row.get("response") or {}
    return Exchange(
        method=str(row["method"]).upper(),
        url=_url(row["url"]),
        status=int(row["status"]),
        place=place,
        at=read_time(row.get("at")),
        asked=_headers(request.get("headers")),
        sent=_body(request),
        headers=_headers(response.get("headers")),
        body=_body(response),
    )


def _callback(row: Json, place: Place) -> Callback:
    posted, status = row["callback"], row.get("answered")
    url = posted.get("url")
    body = _body(posted)
    return Callback(
        body=b"" if body is None else body,
        place=place,
        at=read_time(row.get("at")),
        url=None if url is None else _url(url),
        headers=_headers(posted.get("headers")),
        status=None if status is None else int(status),
    )


def _body(part: Json) -> bytes | None:
    """A body: as JSON, as text, or in base64."""
    if "json" in part:
        return orjson.dumps(part["json"])
    return _decoded(part["base64"]) if "base64" in part else str(part["text"]).encode() if "text" in part else None


# Logs of webhooks


def _carried(row: Json) -> Any:
    """The payload inside a row of a log; None if there is none."""
    for name in BODIES:
        inner = row.get(name)
        found = read_json(inner.encode()) if isinstance(inner, str) else inner
        if is_payload(found):
            return found
    return None


def _logged(row: Json, place: Place) -> Callback:
    inner = row.get("request")
    request: Json = inner if isinstance(inner, dict) else {}
    url = row.get("url") or request.get("url")
    status = row.get("status") or row.get("answered")
    return Callback(
        body=orjson.dumps(_carried(row) or _carried(request)),
        place=place,
        at=next((read_time(row[name]) for name in INSTANTS if name in row), None),
        url=_url(url) if isinstance(url, str) and "://" in url else None,
        headers=_headers(row.get("headers") or request.get("headers")),
        status=status if isinstance(status, int) and 100 <= status <= 599 else None,
    )


def _payload(row: Json, place: Place) -> Callback:
    return Callback(orjson.dumps(row), place)


def _pairs(headers: Any) -> Iterator[tuple[str, str]]:
    if isinstance(headers, Mapping):
        for name, value in headers.items():
            yield str(name), ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    elif isinstance(headers, list):
        for each in headers:
            name, value = (each["name"], each.get("value", "")) if isinstance(each, dict) else each
            yield str(name), str(value)


def _headers(headers: Any) -> Json:
    """Headers in any of the ways that files have them; the values of one name are joined.

    What HTTP/2 has in place of a first line, such as `:path`, is none.
    """
    found: dict[str, str] = {}
    for name, value in _pairs(headers):
        if name.startswith(":"):
            continue
        known = found.get(name.lower())
        found[name.lower()] = value if known is None else f"{known}, {value}"
    return found


def _url(url: Any) -> str:
    urlsplit(url)  # raises ValueError for what is no URL
    if not isinstance(url, str):
        raise Unknown("its URL is no text")
    return url


FORMS: tuple[tuple[Callable[[Json], bool], Callable[[Json, Place], Record]], ...] = (
    (is_payload, _payload),
    (lambda row: isinstance(row.get("callback"), dict) and not is_payload(row), _callback),
    (_is_exchange, _exchange),
    (lambda row: _carried(row) is not None, _logged),
    (lambda row: isinstance(row.get("request"), dict) and _carried(row["request"]) is not None, _logged),
    (_is_har, _har),
)
"""The forms of a row, the first that fits: whether a row has it, and what it tells."""
