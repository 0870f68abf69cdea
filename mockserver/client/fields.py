"""The fields of requests to a mock."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

__tracebackhide__ = True
"""pytest shows the line of the test, not a line of this file."""

Json = dict[str, Any]


def instant(when: datetime | str) -> str:
    """An instant as the mock reads it; one without a zone is UTC."""
    if isinstance(when, str):
        return when
    if not isinstance(when, datetime):
        raise TypeError(f'{when!r} is no instant: give a datetime, or a text such as "2030-01-01T12:00:00Z"')
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat()


def without_none(fields: Mapping[str, Any]) -> Json:
    """The fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


def send_body(flow: Mapping[str, Any] | Sequence[Mapping[str, Any]], callback: Json) -> Json:
    """The body of a send, from a whole body or only steps; with a callback if one is given.

    Raises TypeError for a whole callback in the place of its URL.
    """
    if isinstance(callback.get("url"), Mapping):
        raise TypeError(
            "callback= is a URL, and strategy= says when it is called; or put both into the flow's own body"
        )
    body = dict(flow) if isinstance(flow, Mapping) else {"flow": list(flow)}
    return body | ({"callback": callback} if callback else {})
