"""Instants and durations as text: integer milliseconds since 1970 UTC inside, ISO 8601 on the wire."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from mockserver.core.clock import LAST

DAY = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": DAY}
_PLAIN = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+", re.ASCII)
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_ISO = re.compile(
    r"P(?=.)(?:(?P<d>\d+(?:\.\d+)?)D)?"
    r"(?:T(?=.)(?:(?P<h>\d+(?:\.\d+)?)H)?(?:(?P<m>\d+(?:\.\d+)?)M)?(?:(?P<s>\d+(?:\.\d+)?)S)?)?",
    re.ASCII,
)
_SECONDS = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_FRACTIONS = tuple(f".{thousandths:03}".rstrip("0").rstrip(".") + "Z" for thousandths in range(1_000))

INSTANT_EXAMPLE = "2030-01-31T12:00:00Z"
DURATION_EXAMPLES = '600 (seconds), "10m", "1h30m", "2d" or "PT10M"'


def stamp(instant: int) -> str:
    """ISO 8601 UTC with a Z; milliseconds without trailing zeros, and left out when they are zero (doc).

    An instant past the end of the year 9999, which no clock reaches, is written as that end (choice).
    """
    if instant > LAST:
        instant = LAST
    return _second(instant // 1_000) + _FRACTIONS[instant % 1_000]


def stamp_seconds(instant: int) -> str:
    """ISO 8601 UTC with a Z and no fraction, as in the status of an Sms (doc)."""
    return _second(min(instant, LAST) // 1_000) + "Z"


# One flow document has many instants within a few seconds.
@lru_cache(maxsize=4_096)
def _second(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).isoformat()[:19]


def read_instant(text: object) -> int:
    """Milliseconds since 1970 of an ISO 8601 instant, in any case; white space around it is ignored (choice).

    Seconds are optional. Digits beyond milliseconds are cut off. A date alone means its midnight. Without a zone it is
    UTC (choice). Raises ValueError, in words, for anything else and for years outside 1970 to 9999.
    """
    try:
        moment = datetime.fromisoformat(text.strip().upper()) if isinstance(text, str) else None
    except ValueError:
        moment = None
    if moment is None:
        raise ValueError(f"{_quote(text)} is not an instant such as {INSTANT_EXAMPLE}")
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    instant = (moment - _EPOCH) // timedelta(milliseconds=1)
    if not 0 <= instant <= LAST:
        raise ValueError(f"{_quote(text)} lies outside the years 1970 to 9999")
    return instant


def read_duration(value: object) -> int:
    """Milliseconds of a duration: a number of seconds, "1h30m", or ISO 8601 in days, hours, minutes, seconds.

    Raises ValueError, in words, for anything else, for a negative duration, and for one that goes beyond the year 9999.
    """
    seconds = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    milliseconds = _read_text(value.strip()) if isinstance(value, str) else None
    if seconds is not None and seconds >= 0:
        milliseconds = round(min(seconds, LAST) * 1_000)
    if milliseconds is None:
        raise ValueError(f"{_quote(value)} is not a duration such as {DURATION_EXAMPLES}")
    if milliseconds > LAST:
        raise ValueError(f"{_quote(value)} reaches past the year 9999")
    return milliseconds


def _read_text(text: str) -> int | None:
    if len(text) > 60:
        return None
    if _SECONDS.fullmatch(text):
        return round(float(text) * 1_000)
    if _PLAIN.fullmatch(text):
        return round(sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text)))
    if found := _ISO.fullmatch(text):
        return round(sum(float(number) * _UNITS[unit] for unit, number in found.groupdict("0").items()))
    return None


JSON_WORDS: Mapping[object, str] = {None: "null", True: "true", False: "false"}


def _quote(value: object) -> str:
    try:
        text = JSON_WORDS[value] if value is None or isinstance(value, bool) else repr(value)
    except (ValueError, RecursionError):  # a number too long, or an array too deep, for Python to write out
        return "this"
    return text if len(text) <= 60 else f"{text[:60]}..."
