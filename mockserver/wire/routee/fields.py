"""Checks of fields that several channels have, as functions: each returns the value.

They raise ValueError, which says what is wrong with the value.
"""

import re
from collections.abc import Iterator
from typing import Any

import orjson

from mockserver.wire.routee.limits import MOST_TRIGGERS, SENDER
from mockserver.wire.types import url

AROUND = 12
"""Levels that stand around an object of the caller's own wherever it is shown, at the most."""

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")

_EXPONENT = re.compile(rb"[0-9]e\+?[0-9]")
"""In JSON as orjson writes it, something like a number that is very large; it may be a part of a text."""

LEAST_KEPT, MOST_KEPT = -(2.0**63), 2.0**64
"""Whole numbers between these are read as they are; of others the last digits are lost."""


def https(value: str) -> str:
    """An https URL."""
    if value[:8].lower() != "https://":
        raise ValueError("must be an https URL, such as https://example.com/picture.jpg")
    return url(value)


def echoable(value: dict[str, Any]) -> dict[str, Any]:
    """An object of the caller's own, the reply echoes it unchanged."""
    around: Any = value
    for _ in range(AROUND):
        around = [around]
    try:
        echo = orjson.dumps(around)
    except TypeError:
        raise ValueError("nests too deeply to be echoed") from None
    if _NUL.search(echo):
        raise ValueError("must not hold a NUL character")
    if _EXPONENT.search(echo) and not all(LEAST_KEPT < each < MOST_KEPT for each in _fractions(value)):
        raise ValueError("must not hold a number beyond 64 bits, for it would lose digits; put it in quotes")
    return value


def _fractions(value: Any) -> Iterator[float]:
    """The numbers in a value that were not read as whole ones."""
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, float):
            yield each
        elif isinstance(each, dict | list):
            left += each.values() if isinstance(each, dict) else each


def sender(value: str) -> str:
    """Who a message is from: a number of at most 16 digits, or a name of at most 11 letters and digits (doc)."""
    if not SENDER.fullmatch(value):
        raise ValueError("must be a number of at most 16 digits, or a name of at most 11 letters and digits")
    return value


def entries(value: Any) -> list[Any]:
    """`failoverOnStatuses` as a list, from an array or from one text with commas (doc)."""
    if isinstance(value, str):
        value = [entry for entry in value.split(",") if entry.strip()]
    if isinstance(value, list) and len(value) > MOST_TRIGGERS:
        raise ValueError(f"must have at most {MOST_TRIGGERS} entries; it has {len(value)}")
    if not isinstance(value, list):
        raise ValueError('must be an array of statuses such as ["Failed"], or one text of them with commas between')
    return [entry.strip() if isinstance(entry, str) else entry for entry in value]
