"""A recording as JSON Lines: one exchange or callback a line.

{"at": "2030-01-01T12:00:00Z", "method": "POST", "url": "https://...", "status": 200,
 "request": {"headers": {...}, "json": {...}}, "response": {"headers": {...}, "json": {...}}}
{"at": "2030-01-01T12:00:05Z", "callback": {"url": "https://...", "headers": {...}, "json": {...}}, "answered": 200}

A body stands under `json` where nothing of it is lost so, otherwise as `text`, or in `base64`.
"""

import base64
from collections.abc import Mapping

import orjson

from mockserver.recordings.values import Callback, Exchange, read_json
from mockserver.wire import Json
from mockserver.wire.instants import stamp


def line(record: Exchange | Callback) -> bytes:
    """A record as one line."""
    told: Json = {} if record.at is None else {"at": stamp(max(0, record.at))}
    if isinstance(record, Callback):
        url = {} if record.url is None else {"url": record.url}
        told["callback"] = url | _part(record.headers, record.body)
        told |= {} if record.status is None else {"answered": record.status}
    else:
        told |= {"method": record.method, "url": record.url, "status": record.status}
        told |= {"request": _part(record.asked, record.sent), "response": _part(record.headers, record.body)}
    return orjson.dumps(told) + b"\n"


def _part(headers: Mapping[str, str], body: bytes | None) -> Json:
    return ({"headers": dict(headers)} if headers else {}) | ({} if body is None else _body(body))


def _body(body: bytes) -> Json:
    data = read_json(body)
    if data is not None and orjson.dumps(data) == body:
        return {"json": data}
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}
