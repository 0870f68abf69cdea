"""A recording without anything personal in it, in which all that happened stays as it was.

Numbers, texts, names, ids, tokens, and the hosts and queries of URLs each become another of the same shape, and the
same one always the same. What a value is, the name of its field says; a text in an unknown field is masked as well.
"""

import base64
import binascii
import math
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

import orjson

from mockserver.numbering.numbers import NotANumber, Number, read_number
from mockserver.recordings.fields import (
    CODE,
    COUNTS,
    FIELDS,
    INSTANT,
    KEY,
    NUMBER,
    OPEN,
    OWN,
    SAFE_HEADERS,
    SAFE_HOSTS,
    SAFE_PARTS,
    SAFE_QUERIES,
    SAFE_TEXTS,
    SENTENCES,
    SPACED,
    URL,
    WITHIN,
    Kind,
)
from mockserver.recordings.lines import line
from mockserver.recordings.permutation import reshaped
from mockserver.recordings.values import Callback, Exchange, Record, read_json

KEPT, FREE = 3, 6
"""Digits of a number after its calling code that stay, as those of a network; and the fewest that do not."""

LEAST = 3
"""Characters of a value that is looked for in a sentence."""

LONGEST, WORDS = 60, 4
"""Characters and words that a field of the service has fewer of, unless it is a sentence: more is somebody's text."""

UNGUESSED = 24
"""Characters of a token that nobody can guess."""

LARGE = 400
"""Characters of a header that is nobody's are fewer."""

LEAST_NUMBER, MOST_NUMBER = 100_000, 9 * 10**18
"""A number that can be an id, or somebody's telephone, is masked from here on; and the largest that comes of it."""


def key_of(record: Record | None) -> bytes:
    """The key for a recording, from the first record of it: the same recording is always masked the same."""
    told = line(record) if isinstance(record, Exchange | Callback) else repr(record).encode()
    return blake2b(told, digest_size=16).digest()


class Mask:
    """Masks everything but the kinds that are kept. key: who has it could find out what was masked.

    lasting: a token becomes the same one under every key, so that recordings can be compared. It is long enough that
    nobody finds it by guessing.
    """

    def __init__(self, key: bytes, keep: Collection[Kind] = (), *, lasting: bool = False) -> None:
        self._key, self._lasting = key, lasting
        self._keep = frozenset(keep)
        self._seen: dict[str, str] = {}

    def record(self, record: Exchange | Callback) -> Exchange | Callback:
        """The same record, masked."""
        self._seen.clear()  # an answer quotes its own request
        if isinstance(record, Callback):
            body, url = self.body(record.body), None if record.url is None else self.url(record.url)
            return replace(record, body=body or b"", url=url, headers=self.headers(record.headers))
        return replace(
            record,
            url=self.url(record.url),
            asked=self.headers(record.asked),
            sent=self.body(record.sent, record.asked.get("content-type", "")),
            headers=self.headers(record.headers),
            body=self.body(record.body),
        )

    def body(self, body: bytes | None, kind: str = "") -> bytes | None:
        """A body, masked: of JSON each field, of a form each value, else all of it. kind: its content type."""
        if not body:
            return body
        data = read_json(body)
        if data is not None:
            masked = self.json(data)
            return body if masked == data else orjson.dumps(masked)
        text = body.decode(errors="replace")
        return (self._pairs(text) if "form" in kind or _is_form(text) else self._as(Kind.TEXTS, text)).encode()

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Headers, masked: of those that can have a secret in them only the form stays."""
        told = {name: self._header(value) for name, value in headers.items() if name in SAFE_HEADERS}
        return told | (
            {"authorization": self._authorization(headers["authorization"])} if "authorization" in headers else {}
        )

    def json(self, data: Any, name: str = "", *, known: bool = True) -> Any:
        """A value of JSON, masked. name: of its field. known: it is not in an object that is the caller's own."""
        if isinstance(data, dict):
            inner = known and name not in OWN
            return {
                self._key_of(each, known=inner): self.json(value, named(each, name), known=inner)
                for each, value in data.items()
            }
        if isinstance(data, list):
            return [self.json(each, name, known=known) for each in data]
        if isinstance(data, str):
            return self._told(data, name, known=known)
        large = isinstance(data, int | float) and LEAST_NUMBER <= abs(data) < math.inf
        if not large or (known and name in COUNTS):
            return data
        masked = int(self.text(str(abs(int(data))), name)) % MOST_NUMBER * (1 if data > 0 else -1)
        return masked if isinstance(data, int) else float(masked)

    def text(self, text: str, name: str = "") -> str:
        """A text, masked by what it is, and by the name of its field."""
        if URL.match(text):
            return self._note(text, self.url(text))
        if _is_number(text) and FIELDS.get(name) is not Kind.TOKENS:
            return self._note(text, self.number(text))
        return self._as(FIELDS.get(name, Kind.TEXTS), text)

    def number(self, text: str) -> str:
        """A telephone number, masked: another of the same country and network. What stands between digits stays."""
        if Kind.NUMBERS in self._keep:
            return text
        plain = "".join(each for each in text if each in "+0123456789")
        masked = iter(_number(plain, self._key))
        return "".join(next(masked) if each in "+0123456789" else each for each in text)

    def url(self, url: str) -> str:
        """A URL, masked: its host, what its path says of its owner, and its query."""
        try:
            parts = urlsplit(url)
            port = f":{parts.port}" if parts.port else ""
        except ValueError:
            return self._as(Kind.TEXTS, url)
        path = "/".join(self._part(each) for each in parts.path.split("/"))
        fragment = self._as(Kind.QUERIES, parts.fragment)
        host = self._host(parts.hostname or "") + port
        return urlunsplit((parts.scheme, host, path, self._pairs(parts.query), fragment))

    def sentence(self, text: str) -> str:
        """A sentence, with what looks like somebody's in it masked."""
        return self._quoted(text)

    def _told(self, text: str, name: str, *, known: bool) -> str:
        if not text or text in SAFE_TEXTS or (known and name == "code" and CODE.fullmatch(text)):
            return text
        if text.lstrip()[:1] in ("{", "[", '"'):  # JSON as a text, of which nothing is known
            return self.text(text, name)
        if known and name in SENTENCES:
            return self._quoted(text)
        short = name == "scope" or (len(text) <= LONGEST and text.count(" ") < WORDS)
        if known and name in OPEN and short:
            return WITHIN.sub(self._found, text)
        return self.text(text, name)

    def _quoted(self, text: str) -> str:
        """A sentence with what it quotes masked: values that were masked before, and what looks like somebody's."""
        for each in sorted(self._seen, key=len, reverse=True):
            if len(each) >= LEAST:
                text = text.replace(each, self._seen[each])
        masked = set(self._seen.values())
        return WITHIN.sub(lambda found: found[0] if found[0] in masked else self._found(found), text)

    def _found(self, found: re.Match[str]) -> str:
        return found[0] if INSTANT.fullmatch(found[0]) else self.text(found[0], "id")

    def _key_of(self, name: str, *, known: bool) -> str:
        return name if known and KEY.fullmatch(name) else self.text(name)

    def _as(self, kind: Kind, text: str) -> str:
        if kind in self._keep:
            return text
        lasts = self._lasting and kind is Kind.TOKENS and len(text) >= UNGUESSED
        key = blake2b(text.encode(errors="replace"), digest_size=16).digest() if lasts else self._key
        return self._note(text, reshaped(text, key))

    def _note(self, text: str, masked: str) -> str:
        self._seen[text] = masked
        return masked

    def _header(self, value: str) -> str:
        return self._as(Kind.TEXTS, value) if "{" in value or len(value) > LARGE else self._quoted(value)

    def _authorization(self, value: str) -> str:
        scheme, _, secret = value.partition(" ")
        try:
            pair = base64.b64decode(secret.strip(), validate=True).decode() if scheme.lower() == "basic" else None
        except (binascii.Error, ValueError):
            pair = None
        if pair is None:
            return f"{self._scheme(scheme, secret)} {self._as(Kind.TOKENS, secret)}".rstrip()
        application, colon, password = pair.partition(":")
        masked = f"{self._as(Kind.IDS, application)}{colon}{self._as(Kind.TOKENS, password)}"
        return f"{scheme} {base64.b64encode(masked.encode()).decode()}"

    def _scheme(self, scheme: str, secret: str) -> str:
        """A scheme as it is; a lone word can be the secret itself."""
        return scheme if secret or scheme.lower() in ("basic", "bearer") else self._as(Kind.TOKENS, scheme)

    def _host(self, host: str) -> str:
        if SAFE_HOSTS.fullmatch(host) or Kind.HOSTS in self._keep:
            return f"[{host}]" if ":" in host else host
        name, dot, last = host.rpartition(".")
        return f"{self._as(Kind.HOSTS, name)}{dot}{last}" if name and last.isalpha() else self._as(Kind.HOSTS, host)

    def _part(self, part: str) -> str:
        plain = unquote(part)
        if plain in SAFE_PARTS or not plain:
            return part
        return quote(self.text(plain, "id"), safe=":@!$&'()*+,;=~-._")

    def _pairs(self, query: str) -> str:
        """A query or a form, masked: every value of which it is not known that it is nobody's."""
        if not query or Kind.QUERIES in self._keep:
            return query
        pairs = parse_qsl(query, keep_blank_values=True)
        return urlencode(
            [
                (
                    self._name(name),
                    self._told(value, "status", known=True) if name in SAFE_QUERIES else self._query(value),
                )
                for name, value in pairs
            ]
        )

    def _name(self, name: str) -> str:
        return name if KEY.fullmatch(name) and len(name) <= 30 else self._query(name)

    def _query(self, value: str) -> str:
        return self._note(value, self.number(value)) if _is_number(value) else self._as(Kind.QUERIES, value)


def _is_form(text: str) -> bool:
    """Whether a text is a form by its looks: values under names."""
    pairs = [each.partition("=") for each in text.split("&")]
    return all(name and value and KEY.fullmatch(name) for name, _, value in pairs)


def _is_number(text: str) -> bool:
    """Whether a text can be a telephone number, however it is written."""
    return NUMBER.fullmatch(text) is not None or (
        text.isascii() and re.fullmatch(SPACED, text) is not None and INSTANT.fullmatch(text) is None
    )


def named(name: str, outer: str) -> str:
    """The name by which a field is known: the `properties` of an error are sentences, and `name` can be anybody's."""
    if name == "name" and outer not in ("status", "currency"):
        return "businessName"
    return "msg" if outer == "properties" else name


@lru_cache(maxsize=16_384)
def _number(text: str, key: bytes) -> str:
    digits = text.lstrip("+0")
    head = text.removesuffix(digits)
    try:
        number = read_number(digits)
    except NotANumber:
        return head + reshaped(digits, key)
    kept = _kept(number)
    fixed, free = digits[:kept], digits[kept:]

    def alike(other: str) -> bool:
        found = read_number(fixed + other)
        return (found.country, found.operator) == (number.country, number.operator)

    return head + fixed + reshaped(free, key + fixed.encode(), alike)


def _kept(number: Number) -> int:
    """How many digits of a number stay: its calling code, and those of its network if enough others are left."""
    import phonenumbers

    digits = len(number.e164) - 1
    code = len(str(phonenumbers.parse(number.e164).country_code))
    return code + max(0, min(KEPT, digits - code - FREE))
