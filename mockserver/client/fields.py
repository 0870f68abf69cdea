"""The fields of requests to a mock."""

from collections.abc import Mapping
from typing import Any

__tracebackhide__ = True
"""pytest shows the line of the test, not a line of this file."""

Json = dict[str, Any]


def without_none(fields: Mapping[str, Any]) -> Json:
    """The fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}
