"""One request of the corpus, spoilt: its path, its headers, its body, or nothing of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from urllib.parse import quote

from tests.fuzz.corpus import SANDBOXES, Json, Request
from tests.fuzz.mutations import ARGUMENTS, CODINGS, LARGEST, TARGETS, VALUES, Coded, spoil_bytes, spoil_json, write

HOST = ("Host", "localhost")

NAMES = ("a", "b", "everyday-traffic", "lost-reply", "no such", "x" * 300)

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "QUERY", "PROPFIND", "get")

KINDS = (
    "application/json",
    "application/json; charset=latin-1",
    "application/vnd.routee+json",
    "application/x-www-form-urlencoded",
    "application/yaml",
    "multipart/form-data; boundary=a",
    "text/plain",
    "\x80/\xff",
    "a" * 3_000,
    "",
)

AUTHORIZATIONS = (
    "",
    "Bearer",
    "Bearer ",
    "Bearer {TOKEN}",
    "Basic !!!",
    "Basic YXBw",
    "Basic gIA6gIA=",
    "Digest a",
    "Bearer " + "x" * 5_000,
)

OTHERS = (
    ("Origin", "https://evil.example"),
    ("Origin", "null"),
    ("Sec-Fetch-Site", "cross-site"),
    ("User-Agent", "routee-failover-mock/9"),
    ("X-Forwarded-Host", "evil.example"),
    ("X-Forwarded-Proto", "\xff"),
    ("Forwarded", "host=evil.example;proto=gopher"),
    ("Last-Event-ID", "-5"),
    ("Accept", "text/html;q=x"),
    ("Range", "bytes=0-1,5-"),
    ("Cookie", "a" * 3_000),
    ("X-Mock-Token", "\xe9"),
    ("If-Match", "*"),
    ("Connection", "close"),
    ("Connection", "keep-alive, upgrade"),
)


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A request as it goes on the wire, but for its framing. body: None where there is none."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None

    def head(self, *more: tuple[str, str], version: str = "HTTP/1.1") -> bytes:
        """The request line and the headers, with more of them."""
        lines = [
            f"{self.method} {self.target} {version}",
            *(f"{name}: {value}" for name, value in (*self.headers, *more)),
        ]
        return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")

    def whole(self) -> bytes:
        """The whole request, with the length of its body."""
        if self.body is None:
            return self.head()
        return self.head(("Content-Length", str(len(self.body)))) + self.body


def spoil(random: Random, request: Request, others: Sequence[Request], never: Sequence[bytes] = ()) -> Spoilt:
    """A request of the corpus, spoilt here and there. others: requests to take parts from. never: words not to say."""
    target = _target(random, request)
    headers, body = [HOST, *request.headers], None
    if request.body is not None:
        body, more = _body(random, request.body, [each.body for each in others if each.body is not None], never)
        headers += more
        if random.random() < 0.1:
            headers = [*(each for each in headers if each[0] != "Content-Type"), ("Content-Type", random.choice(KINDS))]
    elif random.random() < 0.05:
        body = random.choice((b"", b"{}", b"x" * 5_000))
    if random.random() < 0.05:
        headers = [
            *(each for each in headers if each[0] != "Authorization"),
            ("Authorization", random.choice(AUTHORIZATIONS)),
        ]
    if random.random() < 0.1:
        headers.append(random.choice(OTHERS))
    method = random.choice(METHODS) if random.random() < 0.04 else request.method
    return Spoilt(method, target, tuple(headers), body)


def _target(random: Random, request: Request) -> str:
    sandbox = random.choice((*SANDBOXES * 6, "none", "A" * 100, ".."))
    path = request.target.replace("{sandbox}", sandbox).replace("{name}", quote(random.choice(NAMES)))
    path = path.replace("{trackingId}", "f10e0f10-0000-4000-8000-000000000000")
    if random.random() < 0.1:
        path = random.choice(TARGETS)(random, path)
    asked = [name for name in request.query if random.random() < 0.3]
    if random.random() < 0.03:
        asked.append(random.choice(("limit", "colour", "")))
    return path + ("?" + "&".join(f"{name}={random.choice(ARGUMENTS)}" for name in asked) if asked else "")


def _body(random: Random, body: Json | bytes, others: Sequence[Json], never: Sequence[bytes]) -> Coded:
    if isinstance(body, bytes):
        data = body
    else:
        parts = [other for other in others if not isinstance(other, bytes)] or list(VALUES)
        data = write(body).encode()
        for _ in range(random.choice((0, 1, 1, 1, 2, 5))):
            if len(data) < LARGEST // 20:
                body = spoil_json(random, body, parts)
                data = write(body).encode()
    for word in never:  # before anything hides it from here, such as another encoding, and not from the server
        data = data.replace(word, word[:-1] + b"j")
    if random.random() < 0.15:
        data = spoil_bytes(random, data)
    if random.random() < 0.06:
        return CODINGS[random.choice(tuple(CODINGS))](data)
    return data, ()


def with_header(request: Spoilt, name: str, value: str) -> Spoilt:
    """The request with one more header."""
    return replace(request, headers=(*request.headers, (name, value)))
