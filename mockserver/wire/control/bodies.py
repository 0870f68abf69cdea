"""The body of a request as the control API shows it: as it came, but without the users and passwords of URLs."""

import re
from typing import Any

import orjson

_USER = re.compile(r"(?<=:)((?:\\?/){2})[^/?#\s\"\\]*@")
"""The user of a URL, with the password; in JSON the slashes before it may have backslashes."""

_ESCAPED = re.compile(r"\\u00(2f|3a|40)", re.IGNORECASE)
"""The characters around a user, written in JSON as numbers."""


def shown(body: bytes) -> str:
    """The text of a body. It is written anew, with what it says unchanged, only if there is a user in it."""
    text = body.decode(errors="replace")
    if b"@" not in body and b"\\u" not in body:
        return text
    try:
        data = orjson.loads(body)
    except ValueError:  # no JSON, or only the beginning of it
        return _USER.sub(r"\1", _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text))
    try:
        clean = _clean(data)
        return text if clean == data else orjson.dumps(clean).decode()
    except (RecursionError, TypeError):  # nested too deep to be written again, and no send
        return ""


def _clean(data: Any) -> Any:
    if isinstance(data, str):
        return _USER.sub(r"\1", data)
    if isinstance(data, dict):
        return {_USER.sub(r"\1", name): _clean(value) for name, value in data.items()}
    return [_clean(each) for each in data] if isinstance(data, list) else data
