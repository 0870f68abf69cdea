"""One value of a file as what it tells: an exchange or a callback, whatever wrote it.

Each form of a row is one line of a table: how it is recognised, and how it is read.
"""

import re
from collections.abc import Callable
from typing import Any

import orjson

from mockserver.recordings.har import is_har, read_har
from mockserver.recordings.parts import Unknown, decoded, read_headers, read_method, read_time, read_url
from mockserver.recordings.values import Callback, Exchange, Place, Record, Unreadable, read_json
from mockserver.wire import Json

BODIES = (
    *("body", "payload", "json", "data", "event", "message", "content", "rawBody", "raw_body", "requestBody"),
    *("request_body", "msg", "log", "MESSAGE", "@message", "jsonPayload", "textPayload"),
)
"""Where a log of a webhook has the payload, the likeliest first: by itself, or as a text that can begin otherwise."""

INSTANTS = (
    *("at", "time", "timestamp", "@timestamp", "ts", "received", "receivedAt", "received_at", "date", "datetime"),
    "__REALTIME_TIMESTAMP",
)
"""Where it has the instant."""

BEGINS = re.compile(r'\{\s*["}]')
"""How a JSON object begins in a text."""

PATHS = ("/oauth/token", "/failover", "/accounts/me/balance", "/failover-otp")
"""How the paths of the service begin, below the path of its base URL."""

PREFLIGHT = "access-control-request-method"
"""The header with which a browser asks whether a page may send what it wants to, before it does."""


def read_row(row: Any, place: Place) -> Record | None:
    """A record; None for an exchange with another service. What cannot be read is Unreadable."""
    if not isinstance(row, dict):
        return Unreadable(place, "it is not a JSON object")
    try:
        found = next((read(row, place) for known, read in FORMS if known(row)), None)
    except Unknown as error:
        return Unreadable(place, str(error))
    except KeyError as error:
        return Unreadable(place, f"it has no {error.args[0]}")
    except (TypeError, AttributeError, ValueError, ArithmeticError):  # what they say can quote the row
        return Unreadable(place, "it is not as others of its form are")
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


# Our own lines


def _is_exchange(row: Json) -> bool:
    return "method" in row and "url" in row and "status" in row


def _exchange(row: Json, place: Place) -> Exchange:
    request, response = row.get("request") or {}, row.get("response") or {}
    return Exchange(
        method=read_method(row["method"]),
        url=read_url(row["url"]),
        status=_status(row["status"]),
        place=place,
        at=read_time(row.get("at")),
        asked=read_headers(request.get("headers")),
        sent=_body(request),
        headers=read_headers(response.get("headers")),
        body=_body(response),
    )


def _status(value: Any, *others: int) -> int:
    """The status of an answer. Raises Unknown for a number that is none."""
    status = int(value)
    if not (100 <= status <= 599 or status in others):
        raise Unknown("its status is none of HTTP")
    return status


def _callback(row: Json, place: Place) -> Callback:
    posted, status = row["callback"], row.get("answered")
    url = posted.get("url")
    body = _body(posted)
    return Callback(
        body=b"" if body is None else body,
        place=place,
        at=read_time(row.get("at")),
        url=None if url is None else read_url(url),
        headers=read_headers(posted.get("headers")),
        status=None if status is None else _status(status, 0),
    )


def _body(part: Json) -> bytes | None:
    """A body: as JSON, as text, or in base64."""
    if "json" in part:
        return orjson.dumps(part["json"])
    return decoded(part["base64"]) if "base64" in part else str(part["text"]).encode() if "text" in part else None


# Logs of webhooks


def _carried(row: Json) -> Any:
    """The payload inside a row of a log; None if there is none."""
    for name in BODIES:
        inner = row.get(name)
        found = _within(inner) if isinstance(inner, str) else inner
        if is_payload(found):
            return found
    return None


def _within(text: str) -> Any:
    """The JSON object in a text, which can have other words before it; None if there is none."""
    begins = BEGINS.search(text)
    return None if begins is None else read_json(text[begins.start() :].encode(errors="replace"))


def _logged(row: Json, place: Place) -> Callback:
    inner = row.get("request")
    request: Json = inner if isinstance(inner, dict) else {}
    url = row.get("url") or request.get("url")
    status = row.get("status") or row.get("answered")
    return Callback(
        body=orjson.dumps(_carried(row) or _carried(request)),
        place=place,
        at=next((read_time(row[name]) for name in INSTANTS if name in row), None),
        url=read_url(url) if isinstance(url, str) and "://" in url else None,
        headers=read_headers(row.get("headers") or request.get("headers")),
        status=status if isinstance(status, int) and 100 <= status <= 599 else None,
    )


def _payload(row: Json, place: Place) -> Callback:
    return Callback(orjson.dumps(row), place)


FORMS: tuple[tuple[Callable[[Json], bool], Callable[[Json, Place], Record]], ...] = (
    (is_payload, _payload),
    (lambda row: isinstance(row.get("callback"), dict) and not is_payload(row), _callback),
    (_is_exchange, _exchange),
    (lambda row: _carried(row) is not None, _logged),
    (lambda row: isinstance(row.get("request"), dict) and _carried(row["request"]) is not None, _logged),
    (is_har, lambda row, place: read_har(row, place, lambda path: endpoint(path) is not None)),
)
"""The forms of a row, the first that fits: whether a row has it, and what it tells."""
