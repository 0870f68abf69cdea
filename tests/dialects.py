"""Dialects for tests: each differs from the default in one switch."""

from collections.abc import Iterable
from typing import Any

import pytest

from mockserver.core.dialect import DEFAULT, Dialect
from mockserver.core.values import replace
from mockserver.fidelity.table import SWITCHES

ALTERED: dict[tuple[str, Any], Dialect] = {
    (field, value): replace(DEFAULT, **{field: value})
    for field, rule in SWITCHES.items()
    for value in rule.alternatives
}
"""Every alternative of every switch, alone."""


def altered(fields: Iterable[str] = SWITCHES) -> list[Any]:
    """The dialects that alter these switches, as parameters of a test."""
    wanted = set(fields)
    return [
        pytest.param(dialect, id=f"{field}={value}") for (field, value), dialect in ALTERED.items() if field in wanted
    ]
