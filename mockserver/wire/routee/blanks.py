"""Which fields count as absent: blank ones. A widely copied client sends them on every step (seen, rule choice)."""

from typing import Any

from mockserver.wire import Json

DEPTH = 8
"""Objects nested deeper than this are not examined; no field of Routee is nested so deep."""

OWN = frozenset({"templateParams"})
"""Objects of the caller's own; nothing in them counts as blank."""

MEANT = frozenset({"transcode"})
"""Fields in which `false` has a meaning, and is not blank (doc)."""


def blank(value: Any, depth: int = DEPTH) -> bool:
    """Whether a value is blank: "", white space, 0, false, null, [], or an object or array of only these."""
    if isinstance(value, str):
        return not value.strip()
    if not isinstance(value, dict | list):
        return not value
    inner = value.values() if isinstance(value, dict) else value
    if depth > 1 and not any(inner):  # much sooner than one by one, and there may be a million
        return True
    return depth > 0 and all(blank(each, depth - 1) for each in inner)


def absent(value: Any) -> bool:
    """Whether a value is null."""
    return value is None


def without_nulls(fields: Json, depth: int = DEPTH) -> Json:
    """The fields that are not null, at every depth."""
    kept = ((name, value) for name, value in fields.items() if value is not None)
    return {
        name: without_nulls(value, depth - 1) if isinstance(value, dict) and depth and name not in OWN else value
        for name, value in kept
    }


def without_blanks(fields: Json, depth: int = DEPTH) -> Json:
    """The fields that are not blank, at every depth; the entries of arrays keep their places."""
    return {
        name: value if name in OWN else _without_blanks(value, depth)
        for name, value in fields.items()
        if not blank(value) or _meant(name, value)
    }


def _meant(name: str, value: Any) -> bool:
    return (name in MEANT and value is False) or (name in OWN and isinstance(value, dict))


def _without_blanks(value: Any, depth: int) -> Any:
    if depth == 0:
        return value
    if isinstance(value, dict):
        return without_blanks(value, depth - 1)
    if isinstance(value, list):
        return [_without_blanks(each, depth - 1) for each in value]
    return value
