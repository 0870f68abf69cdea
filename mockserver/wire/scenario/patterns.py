"""Patterns as a scenario writes them: a text with `*` in it, or a regular expression /between slashes/.

Regular expressions run on the engine that pydantic has for its own: Rust's `regex`, which looks at each character of a
text once for each place in the expression, and never goes back. What it cannot do is refused, and so is an expression
that is large once its repetitions are written out. What it costs to search a text is bounded by that and by SEARCHED.
"""

import re
from functools import lru_cache

from pydantic_core import SchemaError, SchemaValidator, core_schema

from mockserver.core.matcher import Pattern, stars

SEARCHED = 2_000
"""Characters of a text in which a regular expression is looked for, at the most (choice)."""

LARGEST = 300
"""Places in an expression, its repetitions written out, at the most (choice)."""

TOKEN = re.compile(
    r"\\[pP]\{[^}]*\}|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{\s*(?P<least>\d+)\s*(?:,\s*(?P<most>\d*)\s*)?\}|.", re.DOTALL
)
"""What an expression is made of: escapes, classes, counts, and single characters."""

LETTERS = re.compile(r"\\[wWpP]")
"""What stands for the letters of every alphabet: more than a hundred ranges of them."""

OF_LETTERS = 10
"""Places that count for one of those."""


def read_pattern(written: str) -> Pattern:
    """The pattern that was written. Raises ValueError, in words, for a regular expression that cannot be used."""
    if len(written) > 1 and written.startswith("/") and written.endswith("/"):
        return _expression(written)
    return stars(written)


@lru_cache(maxsize=1_024)
def _expression(written: str) -> Pattern:
    expression = written[1:-1]
    if (size := _size(expression)) > LARGEST:
        raise ValueError(
            f"is too large a regular expression: {LARGEST} places at the most, a count such as {{3}} written out and"
            f" \\w as {OF_LETTERS}; it has {size if size < 10**9 else 'more than can be counted'}"
        )
    try:
        engine = SchemaValidator(core_schema.str_schema(pattern=expression, regex_engine="rust-regex"))
    except SchemaError as error:
        raise ValueError(f"is no regular expression that can be used here: {_reason(str(error), expression)}") from None
    return Pattern(written, lambda text: engine.isinstance_python(text[:SEARCHED]))


def _size(expression: str) -> int:
    """How many places an expression has, its repetitions written out; at least as many as the engine makes of it."""
    groups, last = [0], 0
    for token in TOKEN.finditer(expression):
        text, least = token[0], token["least"]
        if text == "(":
            groups.append(0)
        elif text == ")" and len(groups) > 1:
            last = groups.pop()
            groups[-1] += last
        elif least is not None:
            times = max(int(least), int(token["most"] or 0), 1)
            groups[-1] += last * (times - 1)
            last *= times
        elif text not in "?*+|":
            last = OF_LETTERS * len(LETTERS.findall(text)) or 1
            groups[-1] += last
    return sum(groups)


def _reason(told: str, expression: str) -> str:
    """Why the engine refuses an expression, and where: it says so in several lines, one of them all carets."""
    lines = told.splitlines()
    reason = lines[-1].strip().removeprefix("error: ").removesuffix(".")
    carets = next((line for line in lines if "^" in line and not line.strip(" ^")), "")
    if "\n" in expression or not carets:
        return reason
    at = carets.index("^") - 4
    return f"{reason}, at character {at + 1}: {expression[at : at + 20]!r}"
