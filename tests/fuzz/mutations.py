"""What is done to a JSON value, to bytes, and to a URL. Everything is drawn from the `Random` that is passed in."""

import gzip
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import quote

Json = Any


@dataclass(frozen=True, slots=True)
class Raw:
    """Text that stands in a JSON document as it is, whether it is JSON or not."""

    text: str


class Doubled(dict[str, Any]):
    """An object, each key of which is written twice."""


DEEP = 1_200

LARGEST = 2 * 2**20
"""Bytes of a body, or not many more: twice as many as a server takes."""

VALUES: Sequence[Json] = (
    None,
    True,
    False,
    "",
    " ",
    0,
    -1,
    1e308,
    2**63,
    -(2**63) - 1,
    2**64,
    10**30,
    0.1,
    [],
    {},
    [None],
    {"": ""},
    "null",
    "unlimited",
    "\x00",
    "a\x07b\x1b[31m\r\nSet-Cookie: a",
    "\u202e\u200b\ufeff\u2028",
    "\U0001f600" * 300,
    "é" * 70,
    "x" * 70_000,
    "*a" * 300,
    "/(a+)+$/",
    "/[/",
    "9999-12-31T23:59:59.999Z",
    "0001-01-01T00:00:00Z",
    "2030-02-30T25:61:61+99:99",
    "PT9999999H",
    "1e9s",
    "-5s",
    "1h-30m",
    "http://127.0.0.1:0/",
    "http://[::1]:99999/a b",
    "http://user:pa%ss@webhook.invalid:80/\r\n?#",
    "http://webhook.invalid/_mock/reset",
    "ftp://webhook.invalid",
    "javascript:alert(1)",
    "+306900000300",
    "00306900000999",
    "+" + "9" * 40,
    "~~~",
    "{{name}}",
    "../../etc/passwd",
    Raw("NaN"),
    Raw("-Infinity"),
    Raw("1e400"),
    Raw("-0"),
    Raw("01"),
    Raw("1" * 5_000),
    Raw("0." + "3" * 5_000),
    Raw('"\\ud800"'),
    Raw('"\\u0000"'),
    Raw('"\\x"'),
    Raw('"\t\x01"'),
    Raw("[" * DEEP + "]" * DEEP),
    Raw('{"a":' * DEEP + "1" + "}" * DEEP),
    Raw("[" * 60_000),
    Raw("'a'"),
    Raw("/* a */ 1"),
    Raw("[1,]"),
    Raw(""),
)
"""What no field expects."""


def spoil_json(random: Random, value: Json, others: Sequence[Json]) -> Json:
    """The value with one change somewhere inside. others: values to take parts from."""
    return _JSON[random.choice(tuple(_JSON))](random, value, others)


def _somewhere(random: Random, value: Json, change: Callable[[Json], Json]) -> Json:
    """The value, with one node in it changed; deep and shallow ones equally often."""
    if isinstance(value, dict) and value and random.random() < 0.8:
        key = random.choice(tuple(value))
        return type(value)({**value, key: _somewhere(random, value[key], change)})
    if isinstance(value, list) and value and random.random() < 0.8:
        place = random.randrange(len(value))
        return [*value[:place], _somewhere(random, value[place], change), *value[place + 1 :]]
    return change(value)


def _inside(random: Random, value: Json, kind: type, change: Callable[[Any], Json]) -> Json:
    """The value with a change to one object, or one array, on the way to some node."""
    inner = tuple(value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ())
    deeper = [(key, part) for key, part in inner if isinstance(part, dict | list) and part]
    if deeper and (not isinstance(value, kind) or random.random() < 0.6):
        key, part = random.choice(deeper)
        new = _inside(random, part, kind, change)
        if isinstance(value, dict):
            return type(value)({**value, key: new})
        return [*value[:key], new, *value[key + 1 :]]
    return change(value) if isinstance(value, kind) and value else value


def _nasty(random: Random, value: Json, _: Sequence[Json]) -> Json:
    return _somewhere(random, value, lambda _: random.choice(VALUES))


def _grafted(random: Random, value: Json, others: Sequence[Json]) -> Json:
    return _somewhere(random, value, lambda _: _part(random, random.choice(others)))


def _part(random: Random, value: Json) -> Json:
    while isinstance(value, dict | list) and value and random.random() < 0.7:
        value = random.choice(tuple(value.values()) if isinstance(value, dict) else value)
    return value


def _wrapped(random: Random, value: Json, _: Sequence[Json]) -> Json:
    wrap: Callable[[Json], Json] = random.choice((lambda old: [old], lambda old: {"to": old}, json.dumps))
    return _somewhere(random, value, lambda old: wrap(None if isinstance(old, dict | list | Raw) else old))


def _stretched(random: Random, value: Json, _: Sequence[Json]) -> Json:
    def stretch(old: Json) -> Json:
        match old:
            case str():
                return old * random.choice((2, 20, 3_000)) if len(old) < 300 else old[: random.randrange(len(old))]
            case bool() | None:
                return not old
            case int() | float():
                return random.choice((-old, old + 1, old * 1_000, old / 7, str(old)))
            case _:
                return random.choice(VALUES)

    return _somewhere(random, value, stretch)


def _without_key(random: Random, value: Json, _: Sequence[Json]) -> Json:
    def change(old: dict[str, Any]) -> Json:
        lost = random.choice(tuple(old))
        return type(old)({key: part for key, part in old.items() if key != lost})

    return _inside(random, value, dict, change)


def _renamed_key(random: Random, value: Json, _: Sequence[Json]) -> Json:
    def change(old: dict[str, Any]) -> Json:
        name = random.choice(tuple(old))
        new = random.choice((name.upper(), name[:-1], name + "s", "", "x" * 3_000, "\x00", "é", "type", f"{name} "))
        return type(old)({new if key == name else key: part for key, part in old.items()})

    return _inside(random, value, dict, change)


def _more_keys(random: Random, value: Json, others: Sequence[Json]) -> Json:
    def change(old: dict[str, Any]) -> Json:
        other = _part(random, random.choice(others))
        more = (
            other if isinstance(other, dict) else {f"key{number}": number for number in range(random.choice((1, 500)))}
        )
        return type(old)({**more, **old})

    return _inside(random, value, dict, change)


def _doubled_keys(random: Random, value: Json, _: Sequence[Json]) -> Json:
    return _inside(random, value, dict, lambda old: Doubled(old))


def _repeated(random: Random, value: Json, _: Sequence[Json]) -> Json:
    times = random.choice((0, 2, 30, 400))
    return _inside(random, value, list, lambda old: old * min(times, LARGEST // len(write(old))))


_JSON: Mapping[str, Callable[[Random, Json, Sequence[Json]], Json]] = {
    "nasty": _nasty,
    "nastier": _nasty,
    "grafted": _grafted,
    "wrapped": _wrapped,
    "stretched": _stretched,
    "without a key": _without_key,
    "a key renamed": _renamed_key,
    "more keys": _more_keys,
    "keys doubled": _doubled_keys,
    "repeated": _repeated,
}


def write(value: Json) -> str:
    """The value as JSON; not quite, where something raw is in it."""
    match value:
        case Raw():
            return value.text
        case dict():
            twice = (*value.items(), *(value.items() if isinstance(value, Doubled) else ()))
            return "{" + ",".join(f"{json.dumps(key)}:{write(part)}" for key, part in twice) + "}"
        case list() | tuple():
            return "[" + ",".join(map(write, value)) + "]"
        case _:
            return json.dumps(value)


def spoil_bytes(random: Random, data: bytes) -> bytes:
    """The bytes with one to four small changes."""
    for _ in range(random.choice((1, 1, 2, 4))):
        data = random.choice(_BYTES)(random, data, random.randrange(len(data) + 1))
    return data


_BYTES: Sequence[Callable[[Random, bytes, int], bytes]] = (
    lambda random, data, at: data[:at] + bytes([random.randrange(256)]) + data[at + 1 :],
    lambda random, data, at: (
        data[:at] + random.choice((b"\0", b"\r\n", b"\xff", b'"', b"{", b"\xc3", b" ")) + data[at:]
    ),
    lambda random, data, at: data[:at] + data[at + random.choice((1, 2, 40)) :],
    lambda _, data, at: data[:at],
    lambda random, data, at: data[:at] + data[at : at + 30] * random.choice((2, 200)) + data[at + 30 :],
    lambda random, data, at: (
        data[: at // 8] + bytes([(data[at // 8] if data else 0) ^ 1 << at % 8]) + data[at // 8 + 1 :]
        if at // 8 < len(data)
        else data + random.randbytes(4)
    ),
)

Coded = tuple[bytes, tuple[tuple[str, str], ...]]

CODINGS: Mapping[str, Callable[[bytes], Coded]] = {
    "with a BOM": lambda data: (b"\xef\xbb\xbf" + data, ()),
    "UTF-16": lambda data: (data.decode(errors="replace").encode("utf-16"), ()),
    "UTF-32": lambda data: (data.decode(errors="replace").encode("utf-32"), ()),
    "latin-1": lambda data: (data.decode(errors="replace").encode("latin-1", "replace") + b"\xe9", ()),
    "gzip": lambda data: (gzip.compress(data, 1), (("Content-Encoding", "gzip"),)),
    "gzip, not said": lambda data: (gzip.compress(data, 1), ()),
    "gzip, cut": lambda data: (gzip.compress(data, 1)[:-9], (("Content-Encoding", "gzip"),)),
    "gzip, only said": lambda data: (data, (("Content-Encoding", "gzip"),)),
    "gzip of much": lambda data: (gzip.compress(data + b" " * 3_000_000, 1), (("Content-Encoding", "gzip"),)),
    "deflate": lambda data: (zlib.compress(data, 1), (("Content-Encoding", "deflate"),)),
    "identity": lambda data: (data, (("Content-Encoding", "identity"),)),
    "brotli": lambda data: (data, (("Content-Encoding", "br, gzip"),)),
}
"""How the bytes of a body are written otherwise, and the headers that say so."""

TARGETS: Sequence[Callable[[Random, str], str]] = (
    lambda random, path: path + random.choice(("/", "//", "/..", "%00", "%2e%2e/", ";a=b", "?", "#a", "/%", "/\u00e9")),
    lambda _, path: path.upper(),
    lambda _, path: path.replace("/", "//"),
    lambda _, path: path[:-1],
    lambda _, path: path.replace("a", "%61"),
    lambda _, path: path.replace("/", "/./"),
    lambda random, path: path + "/" + quote(random.choice(("a" * 3_000, "\x00\x1b[2J", "é/\u202e", "..%2f..%2f"))),
    lambda random, path: "/" + "".join(random.choice("/%a0_m.?&=;") for _ in range(30)),
    lambda random, path: path + "?" + "&".join(f"a{random.randrange(9)}=%{random.randrange(999)}" for _ in range(300)),
)
"""What is done to a path."""

ARGUMENTS = (
    "", "0", "-1", "1", "5", "99999999999999999999", "1e3", "NaN", "true", "json", "jsonl", "text", "html", "%00",
    "%ff", "%C3%A9", "a,b,,", "send,request,status", "*", "+306900000300", "2030-01-01T00:00:00Z", "9999-12-31",
    "app", "x" * 5_000,
)  # fmt: skip
"""Values of parameters."""
