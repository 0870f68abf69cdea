"""What was learnt of a service, as a small file: for each rule that was seen, how often it held and how often not.

`routee-mock learn --write` writes it, and a server reads it, to say it wherever it names a rule.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mockserver.core.dialect import DEFAULT
from mockserver.fidelity.rule import Rule
from mockserver.fidelity.table import RULES
from mockserver.wire import Json
from mockserver.wire.problems import nearest
from mockserver.wire.types import camel

FORMAT = 1
"""The number of the form of the file."""

COUNTS = ("confirmed", "contradicted")

MORE = "`routee-mock learn RECORDING... --write DIRECTORY` writes one."

Learnt = Mapping[str, Mapping[str, int]]
"""For each rule that was seen, by its id: how often it was confirmed, and how often contradicted."""

NOTHING: Learnt = {}


class BadLearnt(ValueError):
    """What is no such file. The message names the file and the key, and says what to do."""


def write_text(learnt: Learnt) -> str:
    """What was learnt, as a text for a file."""
    return json.dumps({"format": FORMAT, "rules": learnt}, indent=2) + "\n"


def read_file(file: Path) -> Learnt:
    """What was learnt, from a file. Raises BadLearnt."""
    try:
        return read_text(file.read_text(encoding="utf-8-sig"), str(file))
    except OSError as error:
        raise BadLearnt(f"{file} cannot be read: {error.strerror or error}. {MORE}") from None
    except UnicodeDecodeError:
        raise BadLearnt(f"{file} is not UTF-8. {MORE}") from None


def read_text(text: str, name: str) -> Learnt:
    """What was learnt. name: of the file, for errors. Raises BadLearnt."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadLearnt(f"{name} is not JSON: {error}. {MORE}") from None
    wrong = next(_wrong(data), None)
    if wrong is not None:
        raise BadLearnt(f"{name}: {wrong}{'' if wrong.endswith('?') else '.'} {MORE}")
    return {rule: {each: counts[each] for each in COUNTS} for rule, counts in data["rules"].items()}


def _wrong(data: Any) -> Iterator[str]:
    """What is wrong with the data of a file, the first thing first."""
    if not isinstance(data, dict):
        yield "it is not a JSON object"
        return
    if data.get("format") != FORMAT:
        yield f"format is {_told(data, 'format')}, and this mock reads {FORMAT}"
    if not isinstance(data.get("rules"), dict):
        yield f"rules is {_told(data, 'rules')}, and must be an object"
        return
    for rule, counts in data["rules"].items():
        if rule not in RULES:
            yield f"rules.{rule} is no rule of this mock{nearest(rule, RULES)}"
        if not isinstance(counts, dict):
            yield f"rules.{rule} must be an object with {' and '.join(COUNTS)}"
            return
        for each in COUNTS:
            if type(counts.get(each)) is not int or counts[each] < 0:
                yield f"rules.{rule}.{each} is {_told(counts, each)}, and must be a whole number of 0 or more"


def _told(data: Json, key: str) -> str:
    return json.dumps(data[key])[:40] if key in data else "missing"


def of_rule(learnt: Learnt, rule: str) -> Json:
    """What was learnt of a rule, as a field of whatever names it; nothing if it was not seen."""
    return {"learnt": learnt[rule]} if rule in learnt else {}


def rule_json(rule: Rule, learnt: Learnt) -> Json:
    """A rule: its name, sentence and mark; the switch of a dialect that can have it otherwise, if one can."""
    switch = rule.switch and {
        "name": camel(rule.switch),
        "default": getattr(DEFAULT, rule.switch),
        "alternatives": [{"value": value, "rule": _plain(says)} for value, says in rule.alternatives.items()],
    }
    told: Json = {"name": rule.id, "rule": _plain(rule.says), "mark": str(rule.mark), "switch": switch}
    return told | of_rule(learnt, rule.id)


def _plain(says: str) -> str:
    return f"{says.replace('`', '')}."
