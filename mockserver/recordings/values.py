"""What a recording holds: exchanges, callbacks, and what cannot be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: the name of the file, and the number of its line or entry, from 1."""

    source: str
    number: int
    unit: str = "line"

    def __str__(self) -> str:
        return f"{self.source}, {self.unit} {self.number:,}"


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


def read_json(body: bytes | None) -> Any:
    """A body as JSON; None if it is no JSON."""
    try:
        return None if body is None else orjson.loads(body)
    except ValueError:
        return None
