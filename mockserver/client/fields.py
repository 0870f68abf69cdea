"""The fields of requests to a mock."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

__tracebackhide__ = True
"""pytest shows the line of the test, not a line of this file."""

Json = dict[str, Any]


def instant(when: datetime | str) -> str:
    """An instant as the mock reads it; one without a zone is UTC."""
    if isinstance(when, str):
        return when
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat()


def without_none(fields: Mapping[str, Any]) -> Json:
    """The fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}
