"""What fields may hold that more than one channel has: plain functions that answer with the value.

They raise ValueError saying what is wrong with it.
"""

import re
from typing import Any

import orjson

from mockserver.wire.types import url

SENDER = re.compile(r"\+?[0-9]{1,16}|(?=.*[A-Za-z])[A-Za-z0-9 ._&-]{1,11}")
AROUND = 12
"""Levels that stand around an object of the caller's own wherever it is shown, at the most."""

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def https(value: str) -> str:
    """An https URL."""
    if value[:8].lower() != "https://":
        raise ValueError("must be an https URL, such as https://example.com/picture.jpg")
    return url(value)


def echoable(value: dict[str, Any]) -> dict[str, Any]:
    """An object of the caller's own, which a reply echoes as it is."""
    around: Any = value
    for _ in range(AROUND):
        around = [around]
    try:
        echo = orjson.dumps(around)
    except TypeError:
        raise ValueError("nests too deeply to be echoed") from None
    if _NUL.search(echo):
        raise ValueError("must not hold a NUL character")
    return value


def sender(value: str) -> str:
    """Who a message is from: a number of at most 16 digits, or a name of at most 11 letters and digits (doc)."""
    if not SENDER.fullmatch(value):
        raise ValueError("must be a number of at most 16 digits, or a name of at most 11 letters and digits")
    return value


def entries(value: Any) -> list[Any]:
    """`failoverOnStatuses` as a list, from an array or from one text with commas between (doc)."""
    if isinstance(value, str):
        return [entry.strip() for entry in value.split(",") if entry.strip()]
    if not isinstance(value, list):
        raise ValueError('must be an array of statuses such as ["Failed"], or one text of them with commas between')
    return [entry.strip() if isinstance(entry, str) else entry for entry in value]
