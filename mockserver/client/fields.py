"""The fields of what is said to a mock."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]


def without_none(fields: Mapping[str, Any]) -> Json:
    """What was given; None stands for what was not."""
    return {name: value for name, value in fields.items() if value is not None}
