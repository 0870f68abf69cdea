"""The least of HTTP/1.1: requests as bytes, and where an answer ends. It must cost next to nothing."""

HEAD = (
    "{method} {path} HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: benchmark/1.0\r\n"
    "Accept-Encoding: gzip, deflate\r\nAccept: */*\r\nConnection: keep-alive\r\n{more}\r\n"
)


class Unexpected(RuntimeError):
    """A server did not answer as it should."""


def get(path: str, authorization: str = "") -> bytes:
    """A GET; authorization: the value of that header, none if it is empty."""
    return HEAD.format(method="GET", path=path, more=_authorized(authorization)).encode()


def post(path: str, body: bytes, authorization: str = "", kind: str = "application/json") -> bytes:
    """A POST with a body of such a Content-Type."""
    more = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n{_authorized(authorization)}"
    return HEAD.format(method="POST", path=path, more=more).encode() + body


def _authorized(authorization: str) -> str:
    return f"Authorization: {authorization}\r\n" if authorization else ""


def end(data: bytes) -> int:
    """Where the answer at the beginning of `data` ends; beyond its end if more must come."""
    head = data.find(b"\r\n\r\n") + 4
    if head < 4:
        return len(data) + 1
    fields = data[:head].lower()
    at = fields.find(b"\r\ncontent-length:")
    if at >= 0:
        return head + int(fields[at + 17 : fields.index(b"\r", at + 17)])
    if b"\r\ntransfer-encoding: chunked" in fields:
        last = data.find(b"\r\n0\r\n\r\n", head - 2)
        return len(data) + 1 if last < 0 else last + 7
    return head


def status(answer: bytes) -> int:
    """The status of an answer."""
    return int(answer[9:12])


def body(answer: bytes, expected: int = 200) -> bytes:
    """The body of a whole answer. Raises Unexpected for an answer with another status."""
    if status(answer) != expected:
        raise Unexpected(f"expected {expected}, got {answer[:500]!r}")
    head, _, sent = answer.partition(b"\r\n\r\n")
    return _joined(sent) if b"\r\ntransfer-encoding: chunked" in head.lower() else sent


def _joined(chunks: bytes) -> bytes:
    """A body that was sent in chunks, in one piece."""
    parts: list[bytes] = []
    place = 0
    while size := int(chunks[place : (begin := chunks.index(b"\r\n", place) + 2)], 16):
        parts.append(chunks[begin : begin + size])
        place = begin + size + 2
    return b"".join(parts)
