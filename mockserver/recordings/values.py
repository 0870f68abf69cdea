"""What a recording holds: exchanges, callbacks, and what cannot be read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson

from mockserver.wire import visible

BROWSERS = "sec-fetch-mode"
"""A header that only browsers send."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: the name of the file, and the number of its line or entry, from 1; 0 is all of it."""

    source: str
    number: int = 0
    unit: str = "line"

    def __str__(self) -> str:
        source = visible(self.source)
        return f"{source}, {self.unit} {self.number:,}" if self.number else source


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer.

    at: the instant of the request, in milliseconds since 1970; None if it is not known. sent: the body of the request,
    body: of the answer; None where it was not recorded. The names of headers are in lower case.
    """

    method: str
    url: str
    status: int
    place: Place
    at: int | None = None
    asked: Mapping[str, str] = field(default_factory=dict)
    sent: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None

    @property
    def path(self) -> str:
        """The path of the URL."""
        return urlsplit(self.url).path

    @property
    def hides_credentials(self) -> bool:
        """Whether it may have had credentials that are not here: browsers leave them out of what they export."""
        return BROWSERS in self.asked and "authorization" not in self.asked


@dataclass(frozen=True, slots=True)
class Callback:
    """A request that a webhook got.

    at: the instant, in milliseconds since 1970; None if it is not known. url: None where the log does not say.
    status: what the webhook answered; None if that is not known.
    """

    body: bytes
    place: Place
    at: int | None = None
    url: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that cannot be read, and why."""

    place: Place
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


Record = Exchange | Callback | Unreadable


DEEPEST = 200
"""Levels of objects and arrays in a body; one that is deeper cannot be written again."""

_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.DOTALL)


def read_json(body: bytes | None) -> Any:
    """A body as JSON; None if it is no JSON, or too deep."""
    try:
        return None if body is None or _is_too_deep(body) else orjson.loads(body)
    except ValueError:
        return None


def _is_too_deep(body: bytes) -> bool:
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return False
    depth = 0
    for token in _BRACKETS.finditer(body):
        depth += (token[0] in b"{[") - (token[0] in b"}]")
        if depth > DEEPEST:
            return True
    return False
