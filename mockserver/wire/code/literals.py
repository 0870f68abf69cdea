"""Values as source: of Python, of JSON for a shell, of YAML. Nobody's text can say more than it says.

What cannot be seen, such as marks that turn the direction of a text, is written as a number.
"""

import json
import re
from typing import Any

WIDTH = 100
"""Columns after which a value is broken into several lines."""

WORD = re.compile(r"[A-Za-z]+(?: +[A-Za-z]+)*")
"""What YAML reads as a text without quotes, unless it is a word of its own."""

WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


class Expression(str):
    """A piece of Python that stands for a value."""

    __slots__ = ()


class Variable(str):
    """The name of a variable of a shell whose value stands for a text."""

    __slots__ = ()


def quoted(text: str, *, wide: bool = True) -> str:
    """A text in double quotes, as JSON, Python and YAML read it. wide: whether \\U and eight digits can be used."""
    written = json.dumps(text, ensure_ascii=False)
    return "".join(each if each.isprintable() else _number(each, wide=wide) for each in written)


def _number(character: str, *, wide: bool) -> str:
    code = ord(character)
    if code <= 0xFFFF:
        return f"\\u{code:04x}"
    return f"\\U{code:08x}" if wide else json.dumps(character)[1:-1]


def python(value: Any, indent: int = 0) -> str:
    """A value of JSON as Python, on one line if it fits."""
    line = _on_one_line(value)
    if len(line) + indent <= WIDTH or not value or not isinstance(value, dict | list):
        return line
    inner = " " * (indent + 4)
    if isinstance(value, dict):
        rows = [f"{quoted(name)}: {python(each, indent + 4)}" for name, each in value.items()]
    else:
        rows = [python(each, indent + 4) for each in value]
    first, last = "{}" if isinstance(value, dict) else "[]"
    return f"{first}\n{''.join(f'{inner}{row},{chr(10)}' for row in rows)}{' ' * indent}{last}"


def _on_one_line(value: Any) -> str:
    if isinstance(value, Expression):
        return str(value)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{quoted(name)}: {_on_one_line(each)}' for name, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_on_one_line, value))}]"
    return quoted(value) if isinstance(value, str) else repr(value)


def compact(value: Any) -> str:
    """A value as JSON on one line."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{quoted(name, wide=False)}: {compact(each)}' for name, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(compact, value))}]"
    if isinstance(value, Variable):
        return f'"\0{value}\0"'  # no other text has a NUL in it
    return quoted(value, wide=False) if isinstance(value, str) else json.dumps(value)


def shell(value: Any) -> str:
    """A value as JSON in single quotes, for a shell, which fills in the variables."""
    escaped = compact(value).replace("'", "'\"'\"'")
    return re.sub("\0(.*?)\0", r"""'"$\1"'""", f"'{escaped}'")


def yaml(value: Any) -> str:
    """A value as YAML on one line: a word is itself, a list or an object in brackets."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{yaml(name)}: {yaml(each)}' for name, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(yaml, value))}]"
    if isinstance(value, str):
        return value if WORD.fullmatch(value) and value.lower() not in WORDS else quoted(value)
    return json.dumps(value)
