"""What is in the parts of a row, in any of the ways in which files have it: instants, headers, URLs, bodies."""

import base64
import binascii
import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from mockserver.wire import Json
from mockserver.wire.instants import read_instant

UNITS = ((1e11, 1e3), (1e14, 1), (1e17, 1e-3), (math.inf, 1e-6))
"""Units of an instant since 1970: below a number it counts seconds, then milliseconds, microseconds, nanoseconds."""

_NUMBER = re.compile(r"[0-9]{9,19}(\.[0-9]{1,9})?")


class Unknown(ValueError):
    """A row that tells nothing, and why."""


def read_time(value: Any) -> int | None:
    """Milliseconds since 1970 of an instant, as text, or as a number of any unit; None if it is none."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not math.isfinite(value):
            return None
        return round(value * next(unit for most, unit in UNITS if abs(value) < most))
    try:
        return read_instant(value)
    except ValueError:
        pass
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return read_time(float(value))
    try:
        found = datetime.strptime(str(value).strip("[]"), "%d/%b/%Y:%H:%M:%S %z")  # as web servers log it
    except ValueError:
        return None
    return int(found.astimezone(UTC).timestamp() * 1_000)


def decoded(text: Any) -> bytes:
    """A body from base64, on one line or several. Raises Unknown."""
    try:
        return base64.b64decode(re.sub(r"\s", "", text), validate=True)
    except (binascii.Error, ValueError):
        raise Unknown("its body is no base64") from None


def _pairs(headers: Any) -> Iterator[tuple[str, str]]:
    if isinstance(headers, Mapping):
        for name, value in headers.items():
            yield str(name), ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    elif isinstance(headers, list):
        for each in headers:
            name, value = (each["name"], each.get("value")) if isinstance(each, dict) else each
            yield str(name), "" if value is None else str(value)


def read_headers(headers: Any) -> Json:
    """Headers in any of the ways that files have them; the values of one name are joined.

    What HTTP/2 has in place of a first line, such as `:path`, is none.
    """
    found: dict[str, str] = {}
    for name, value in _pairs(headers):
        if name.startswith(":"):
            continue
        known = found.get(name.lower())
        found[name.lower()] = value if known is None else f"{known}, {value}"
    return found


def read_method(method: Any) -> str:
    """A method of HTTP. Raises Unknown for what is none."""
    if not re.fullmatch(r"[A-Za-z]{3,10}", str(method)):
        raise Unknown("its method is none of HTTP")
    return str(method).upper()


def read_url(url: Any) -> str:
    """A URL as it is. Raises Unknown, and ValueError for what is none."""
    urlsplit(url)
    if not isinstance(url, str):
        raise Unknown("its URL is no text")
    return url
