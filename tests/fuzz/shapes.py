"""How requests are put on a connection: rightly, wrongly, in pieces, and what is no HTTP at all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from random import Random

from tests.fuzz.mutations import spoil_bytes
from tests.fuzz.requests import Spoilt, with_header


class Then(Enum):
    """What the client does with its connection."""

    HALF_CLOSE = auto()  # it has said all, and still listens
    ASK_NEXT = auto()  # it waits for an answer before it goes on
    RESET = auto()


Piece = bytes | float | Then
"""Bytes to write, real seconds to wait, or what becomes of the connection."""


@dataclass(frozen=True, slots=True)
class Script:
    """What a client does. methods: of the requests in it; None where nobody can tell how many a server reads.

    due: how many answers must come, if none of them closes the connection.
    """

    pieces: tuple[Piece, ...]
    methods: tuple[str, ...] | None = None
    due: int = 0


Shape = Callable[[Random, Sequence[Spoilt]], Script]

LARGE = 70_000


def _plain(_: Random, requests: Sequence[Spoilt]) -> Script:
    return _framed(requests, b"".join(each.whole() for each in requests), Then.HALF_CLOSE)


def _in_turn(_: Random, requests: Sequence[Spoilt]) -> Script:
    pieces = [piece for each in requests for piece in (each.whole(), Then.ASK_NEXT)]
    return _framed(requests, *pieces)


def _chunked(random: Random, requests: Sequence[Spoilt]) -> Script:
    return _framed(requests, b"".join(_in_chunks(random, each) for each in requests), Then.HALF_CLOSE)


def _in_chunks(random: Random, request: Spoilt) -> bytes:
    left, chunks = request.body or b"", []
    while left:
        size = random.choice((1, 7, 400, 30_000)) if len(left) < 4_000 else 30_000
        extension = random.choice((b"", b"", b";a=b", b';a="b c"'))
        chunks.append(b"%x%s\r\n%s\r\n" % (len(left[:size]), extension, left[:size]))
        left = left[size:]
    trailer = random.choice((b"", b"", b"X-Trailer: a\r\n"))
    return request.head(("Transfer-Encoding", "chunked")) + b"".join(chunks) + b"0\r\n" + trailer + b"\r\n"


def _framed(requests: Sequence[Spoilt], *pieces: Piece) -> Script:
    return Script(pieces, tuple(each.method for each in requests), len(requests))


def _dripped(random: Random, requests: Sequence[Spoilt]) -> Script:
    data = requests[0].whole()
    cuts = sorted(random.randrange(len(data) + 1) for _ in range(5))
    pieces = [data[start:end] for start, end in zip((0, *cuts), (*cuts, len(data)), strict=True)]
    return _framed(requests[:1], *[each for piece in pieces for each in (piece, 0.002)], Then.HALF_CLOSE)


def _cut(random: Random, requests: Sequence[Spoilt]) -> Script:
    data = requests[0].whole()
    return Script((data[: random.randrange(len(data) + 1)], random.choice((0.0, 0.01)), random.choice(_ENDS)))


_ENDS = (Then.HALF_CLOSE, Then.RESET)


def _reset(_: Random, requests: Sequence[Spoilt]) -> Script:
    return Script((b"".join(each.whole() for each in requests), Then.RESET))


def _expecting(random: Random, requests: Sequence[Spoilt]) -> Script:
    asked = with_header(requests[0], "Expect", random.choice(("100-continue", "100-Continue", "200-ok", "")))
    head = asked.head(("Content-Length", str(len(asked.body or b""))))
    return _framed((asked,), head, random.choice((0.0, 0.02)), asked.body or b"", Then.HALF_CLOSE)


def _bytes_changed(random: Random, requests: Sequence[Spoilt]) -> Script:
    return Script((spoil_bytes(random, b"".join(each.whole() for each in requests)), Then.HALF_CLOSE))


def _head_changed(random: Random, requests: Sequence[Spoilt]) -> Script:
    data = requests[0].whole()
    head, _, body = data.partition(b"\r\n\r\n")
    return Script((spoil_bytes(random, head) + b"\r\n\r\n" + body, Then.HALF_CLOSE))


def _odd_version(random: Random, requests: Sequence[Spoilt]) -> Script:
    version = random.choice(
        ("HTTP/0.9", "HTTP/1.0", "HTTP/1.2", "HTTP/2", "HTTP/2.0", "HTTP/3.0", "http/1.1", "ICY", "")
    )
    request = requests[0]
    length = (("Content-Length", str(len(request.body))),) if request.body is not None else ()
    return Script((request.head(*length, version=version) + (request.body or b""), Then.HALF_CLOSE))


def _odd_target(random: Random, requests: Sequence[Spoilt]) -> Script:
    path = requests[0].target
    odd = (
        "http://localhost" + path,
        "https://a:b@[::1]:99999" + path,
        "//evil.example" + path,
        "localhost:80",
        "*",
        "",
    )
    return Script((replace(requests[0], target=random.choice(odd)).whole(), Then.HALF_CLOSE))


def _odd_method(random: Random, requests: Sequence[Spoilt]) -> Script:
    odd = ("CONNECT", "PRI", "M-SEARCH", "SOURCE", "DESCRIBE", "G", "POST\t", "\xff", "A" * 300, "", "GET GET")
    return Script((replace(requests[0], method=random.choice(odd)).whole(), Then.HALF_CLOSE))


def _odd_headers(random: Random, requests: Sequence[Spoilt]) -> Script:
    data = requests[0].whole()
    first, rest = data.split(b"\r\n", 1)
    line = random.choice(HEADER_LINES)
    return Script((first + b"\r\n" + line + b"\r\n" + rest, Then.HALF_CLOSE))


HEADER_LINES = (
    b"Host: evil.example",
    b"Host:",
    b"Host: a b",
    b"Content-Length: 0",
    b"Content-Length: 5",
    b"Content-Length: -1",
    b"Content-Length: +5",
    b"Content-Length: 5, 5",
    b"Content-Length: 0x10",
    b"Content-Length: " + b"9" * 30,
    b"Content-Length: 99999999",
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: chunked, identity",
    b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding: xchunked",
    b"Transfer-Encoding : chunked",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    b"Authorization: Bearer a\r\nAuthorization: Basic b",
    b"Content-Type: application/json\r\nContent-Type: text/plain",
    b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA",
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13",
    b"Connection: close\r\nConnection: keep-alive",
    b"Keep-Alive: timeout=99999999999",
    b"Expect: 100-continue\r\nExpect: 100-continue",
    b"no colon",
    b": no name",
    b"A B: c",
    b"A\0: b",
    b"A: \0b",
    b"A: b\n continued",
    b"A: b\r\n\tcontinued",
    b"A: b\rC: d",
    b"\xff: \xfe",
    b"X: " + b"\xff" * 300,
    b" A: b",
    b"\r",
)
"""Lines that are put before the others."""


def _huge_head(random: Random, requests: Sequence[Spoilt]) -> Script:
    request = requests[0]
    match random.randrange(4):
        case 0:
            request = with_header(request, "X-Long", "a" * LARGE)
        case 1:
            request = replace(request, headers=(*request.headers, *((f"X-{number}", "a") for number in range(9_000))))
        case 2:
            request = replace(request, target=request.target + "?" + "a" * LARGE)
        case 3:
            request = replace(request, headers=(*request.headers, *((("Host", "localhost"),) * 3_000)))
    return _framed((request,), request.whole(), Then.HALF_CLOSE)


def _odd_chunks(random: Random, requests: Sequence[Spoilt]) -> Script:
    head = requests[0].head(("Transfer-Encoding", "chunked"))
    return Script((head + random.choice(CHUNKS), Then.HALF_CLOSE))


CHUNKS = (
    b"",
    b"5\r\nab",
    b"-1\r\n\r\n",
    b"g\r\n\r\n",
    b"0x5\r\nabcde\r\n0\r\n\r\n",
    b"ffffffffffffffff\r\na",
    b"fffffffffffffffff\r\na",
    b"5;" + b"a" * LARGE + b"\r\nabcde\r\n0\r\n\r\n",
    b"5\nabcde\n0\n\n",
    b"5\r\nabcdefgh\r\n0\r\n\r\n",
    b"0\r\n" + b"A: b\r\n" * 9_000 + b"\r\n",
    b"0\r\nContent-Length: 5\r\nHost: a\r\n\r\n",
    b"1\r\na\r\n" * 3_000 + b"0\r\n\r\n",
    b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    b" 5\r\nabcde\r\n0\r\n\r\n",
    b"00000000000000000000000000000005\r\nabcde\r\n0\r\n\r\n",
)


def _no_http(random: Random, _: Sequence[Spoilt]) -> Script:
    data = random.choice((*NO_HTTP, random.randbytes(random.choice((1, 30, 3_000)))))
    return Script((data, random.choice((0.0, 0.01)), Then.HALF_CLOSE))


NO_HTTP = (
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)) * 2,
    b"\x16\x03\x03\x00\x05hello",
    b"GET /\r\n",
    b"GET /_mock/health\n\n",
    b"\r\n" * 300,
    b"\r\n\r\nGET /_mock/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    b"\x05\x01\x00",
    b"SSH-2.0-OpenSSH_9.6\r\n",
    b"EHLO localhost\r\n",
    b"*1\r\n$4\r\nPING\r\n",
    b"\x00" * 3_000,
    b"a" * LARGE,
    b"PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\nGET /_mock/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"\xef\xbb\xbfGET /_mock/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"",
)
"""First bytes of other protocols, and of none."""

SHAPES: Mapping[str, tuple[int, Shape]] = {
    "several at once": (40, _plain),
    "in turn": (8, _in_turn),
    "chunked": (8, _chunked),
    "in drips": (2, _dripped),
    "cut": (2, _cut),
    "reset": (1, _reset),
    "expecting": (2, _expecting),
    "bytes changed": (4, _bytes_changed),
    "head changed": (4, _head_changed),
    "odd version": (1, _odd_version),
    "odd target": (1, _odd_target),
    "odd method": (1, _odd_method),
    "odd headers": (5, _odd_headers),
    "huge head": (1, _huge_head),
    "odd chunks": (2, _odd_chunks),
    "no HTTP": (2, _no_http),
}
"""The shapes by name, each with how often it is drawn."""
