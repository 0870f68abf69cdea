"""Parameters of tests in words: the name of a test shows what it tries, where pytest would only count."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum

SHORT, MOST = 30, 80
"""Characters of a text that pytest shows as it is, and of any parameter at the most."""


def pytest_make_parametrize_id(val: object) -> str | None:
    """The words for a parameter; None leaves it to pytest, which has words for what is short and plain."""
    plain = val is None or isinstance(val, int | float | Enum) or hasattr(val, "__name__")
    short = isinstance(val, str | bytes) and len(val) <= SHORT
    try:
        return None if plain or short else brief(words(val))
    except (RecursionError, ValueError):
        return "something without end"


def words(value: object) -> str:
    """A value as one would read it out."""
    match value:
        case Mapping():
            return ", ".join(f"{key} {words(each)}" for key, each in value.items()) or "an empty object"
        case list() | tuple():
            return ", ".join(map(words, value)) or ("an empty array" if isinstance(value, list) else "nothing")
        case set() | frozenset():
            return ", ".join(sorted(map(words, value))) or "nothing"
        case "":
            return "an empty text"
        case str() if len(value) > SHORT and (size := (value + value).index(value, 1)) < len(value):
            return f"{len(value) // size} times {value[:size]}"
        case _ if is_dataclass(value) and "__str__" not in vars(type(value)):
            told = {each.name: getattr(value, each.name) for each in fields(value)}
            unusual = {each.name: told[each.name] for each in fields(value) if told[each.name] != each.default}
            return f"{type(value).__name__} with {words(unusual)}" if unusual else type(value).__name__
        case _:
            return str(value)


def brief(text: str) -> str:
    """A text on one line that is not too long; what is left out of it is counted."""
    cut = text if len(text) <= MOST else f"{text[: MOST // 2]}... ({len(text)} characters)"
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in cut)
