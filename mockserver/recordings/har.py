"""One entry of a HAR file as an exchange. Programs differ in what they leave out, and in how they write bodies.

Browsers leave out bodies that they did not keep, and say so in a comment or in a size; Playwright can have them in
files of their own; Charles has a form only as its fields; proxies have an entry without an answer, as status 0 or -1.
"""

import gzip
import io
import zlib
from collections.abc import Callable, Mapping
from urllib.parse import urlencode, urlsplit

from mockserver.recordings.parts import Unknown, decoded, read_headers, read_method, read_time, read_url
from mockserver.recordings.values import Exchange, Place, read_json
from mockserver.wire import Json

LARGEST = 1 << 26
"""The most bytes of a body when it is unpacked."""

UNREAD = {"br", "zstd", "compress"}
"""Encodings of bodies that are not unpacked."""


def is_har(row: Json) -> bool:
    """Whether a value of a file is an entry of HAR."""
    return isinstance(row.get("request"), dict) and "startedDateTime" in row | row["request"] | {"startedDateTime": 0}


def read_har(row: Json, place: Place, ours: Callable[[str], bool]) -> Exchange:
    """An entry as an exchange. ours: whether a path of a URL is the service's. Raises Unknown, in words."""
    request, response = row["request"], row.get("response") or {}
    status = int(response.get("status") or 0)
    if status > 599 or 0 < status < 100:
        raise Unknown("its status is none of HTTP")
    if ours(urlsplit(request["url"]).path):
        _check(status, request, response)
    asked, headers = read_headers(request.get("headers")), read_headers(response.get("headers"))
    return Exchange(
        method=read_method(request["method"]),
        url=read_url(request["url"]),
        status=max(0, status),
        place=place,
        at=read_time(row.get("startedDateTime")),
        asked=asked,
        sent=_posted(request),
        headers=headers,
        body=_answered(response.get("content") or {}, headers),
    )


def _check(status: int, request: Json, response: Json) -> None:
    """Raise Unknown for an exchange with the service of which the most is missing."""
    if status <= 0:
        raise Unknown("it has no answer: the request was blocked, or broken off")
    if str(response.get("_charlesStatus") or "COMPLETE").upper() != "COMPLETE":
        raise Unknown("its answer was broken off")
    for part in (request.get("postData") or {}, response.get("content") or {}):
        if "_file" in part and part.get("text") is None:
            raise Unknown("its body is in a file of its own: record it with the bodies embedded")


def _posted(request: Json) -> bytes | None:
    """The body of a request: its text, or the fields of its form; None if it was not kept."""
    data = request.get("postData")
    if not data:
        return None if (request.get("bodySize") or 0) > 0 else b""
    text, params = data.get("text"), data.get("params")
    if not text and params:
        return _form(params)
    return None if not text and data.get("comment") else _text(data)


def _form(params: list[Json]) -> bytes:
    """The fields of a form as it was. A body that is no form, but was taken as one, is the name of a field."""
    pairs = [(str(each["name"]), str(each.get("value") or "")) for each in params]
    if pairs[0][0].lstrip()[:1] in ("{", "["):
        return "&".join(f"{name}={value}" if value else name for name, value in pairs).encode()
    return urlencode(pairs).encode()


def _answered(content: Json, headers: Mapping[str, str]) -> bytes | None:
    """The body of an answer; None if it was not kept."""
    body = _text(content)
    if not body:
        return body
    if body[:2] == b"\x1f\x8b":
        body = _unpacked(body)
    packing = headers.get("content-encoding", "").lower()
    if content.get("encoding") == "base64" and packing in UNREAD and not body.isascii():
        raise Unknown(f"its body is packed with {packing}")
    size = content.get("size")
    if isinstance(size, int) and size > len(body) and body.lstrip()[:1] in (b"{", b"[") and read_json(body) is None:
        raise Unknown(f"its body is cut off: {len(body):,} of {size:,} bytes are there")
    return body


def _text(content: Json) -> bytes | None:
    text = content.get("text")
    if text is None:
        return None if content.get("size") or content.get("comment") else b""
    return decoded(text) if content.get("encoding") == "base64" else str(text).encode(errors="replace")


def _unpacked(body: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
            found = file.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error):
        raise Unknown("its body was packed with gzip, and is damaged") from None
    if len(found) > LARGEST:
        raise Unknown(f"its body is larger than {LARGEST} bytes")
    return found
