"""Writes docs/fidelity.md, and the reference of dialects, from the table of rules."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mockserver.core.dialect import DEFAULT
from mockserver.fidelity.rule import Rule
from mockserver.fidelity.table import CHAPTERS, SWITCHES
from tools.markdown import table

PAGE = Path(__file__).parents[1] / "docs" / "fidelity.md"

HEAD = """\
# Fidelity: which rules are Routee's

<!-- Written from the code by `python -m tools.reference`: change mockserver/fidelity/. -->

This page lists every rule that the mock follows, and where the rule comes from:

- **doc**: Routee's public documentation says so.
- **seen**: it was seen in real replies, or in clients written for the live service.
- **choice**: the documentation is silent or contradicts itself, and the mock had to choose. Your account may do it
  otherwise.

Each rule has a name, which `GET /_mock/flows/{trackingId}/why` and the report of a failed test show. If the mark is a
link, [a dialect](howto/dialects.md) can let the mock do otherwise. `routee-mock learn` checks which rules hold for your
account, by [your own recordings](howto/recordings.md).
"""


def page() -> str:
    """The text of the page, as it must be."""
    return "\n".join([HEAD, *(line for chapter in CHAPTERS for line in _chapter(*chapter))])


def _chapter(title: str, rules: tuple[Rule, ...], note: str) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    if note:
        yield note
        yield ""
    yield from table(("rule", "mark", "name"), ((each.says, _mark(each), f"`{each.id}`") for each in rules))


def _mark(rule: Rule) -> str:
    return str(rule.mark) if rule.switch is None else f"[choice](reference/dialects.md#{key(rule.switch)})"


def key(field: str) -> str:
    """The key of a switch in a file."""
    return field.replace("_", "-")


def switches() -> Iterator[str]:
    """Every switch of a dialect."""
    yield "Every key of a dialect file (TOML). In JSON, as in `POST /_mock/sandboxes`, the names are in camel case:"
    yield "`successStatus`. What is left out is as by default. The [how-to](../howto/dialects.md) shows what dialects"
    yield "are for, and [fidelity](../fidelity.md) has every rule."
    yield ""
    for field, rule in SWITCHES.items():
        yield f"## {key(field)}"
        yield ""
        rows = [(DEFAULT_VALUE.format(_toml(getattr(DEFAULT, field))), f"{rule.says}.")]
        rows += [(f"`{_toml(value)}`", f"{says}.") for value, says in rule.alternatives.items()]
        yield from table(("value", "what holds"), rows)
        yield f"{OPEN.get(field, '')}The rule is `{rule.id}`."
        yield ""


DEFAULT_VALUE = "`{}` (default)"

OPEN = {
    "retry_plan": "Any list of whole seconds, from 1 to 2592000 (30 days), with at most 100 entries. ",
    "unknown_flow_code": "Any text of nine digits that begins with 404. ",
}
"""What a switch can be that takes more than a few values."""


def _toml(value: Any) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else value)
