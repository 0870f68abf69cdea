"""Scenarios as texts: YAML or JSON in, scenarios out, or an error that names the line and the key."""

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import orjson
import yaml

from mockserver.core.scenario import Scenario
from mockserver.wire.problems import MORE, Place, path
from mockserver.wire.scenario.language import IllegalScenario, Library, Written, read_scenario


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a file: where, by line and key, and what to do. line: 0 where it is about the whole file."""

    file: str
    line: int
    key: str
    text: str

    def __str__(self) -> str:
        """In the format of compiler errors, so that editors can open the place."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.key}{': ' if self.key else ''}{self.text}"


class BadScenario(ValueError):
    """A text that is no scenario: its problems, in the order of their lines."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


# YAML


DEEPEST = 50
"""Brackets inside brackets: the scanner looks at all that are open again at every word."""

MOST_VALUES = 8_000
"""Keys and values of one text: reading YAML costs more time than a server has for one request."""


class _Yaml(yaml.SafeLoader):
    """YAML as people mean it: no dates, no `yes` and `no` as truths, no numbers with colons or to the base of eight or
    sixteen, no anchors. And no more of it than is bearable."""

    flow_level: int
    values = 0

    def fetch_flow_collection_start(self, token: Any) -> None:
        """Refuse brackets that are nested too deep."""
        if self.flow_level >= DEEPEST:
            mark = self.get_mark()
            raise yaml.scanner.ScannerError(None, None, f"brackets are nested more than {DEEPEST} deep", mark)
        super().fetch_flow_collection_start(token)

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse aliases, for a few of them can stand for gigabytes, and what is too much."""
        self.values += 1
        if self.values > MOST_VALUES:
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            text = f"there are more than {MOST_VALUES:,} keys and values; as JSON there may be"
            raise yaml.composer.ComposerError(None, None, text, mark)
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.constructor.ConstructorError(None, None, "anchors are not followed here; `use` may help", mark)
        return super().compose_node(parent, index)


_BOOL, _DATE, _INT, _FLOAT = (f"tag:yaml.org,2002:{kind}" for kind in ("bool", "timestamp", "int", "float"))
_NUMBERS = {
    _INT: re.compile(r"[-+]?(0|[1-9][0-9_]*)\Z", re.ASCII),
    _FLOAT: re.compile(r"[-+]?([0-9][0-9_]*\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?\Z", re.ASCII),
}
"""What is a number. YAML 1.1 has more: 1:30 is ninety, 010 is eight."""

_Yaml.yaml_implicit_resolvers = {
    first: [
        (tag, _NUMBERS.get(tag, pattern))
        for tag, pattern in resolvers
        if tag != _DATE and not (tag == _BOOL and first in "yYnNoO")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

HALF = re.compile("[\ud800-\udfff]")
"""Half a character, which YAML can escape and no answer can hold."""

Lines = dict[Place, int]


def read_yaml(text: str, file: str) -> tuple[Any, Lines]:
    """The data in a YAML text, and the line of every place in it. Raises BadScenario."""
    lines: Lines = {}
    loader = None
    try:
        loader = _Yaml(text)
        node = loader.get_single_node()
        data = None if node is None else _value(loader, node, (), lines, file)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise BadScenario([Problem(file, line, "", f"this is not YAML: {error.problem}")]) from None
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, BadScenario):
            raise
        raise BadScenario([Problem(file, 1, "", f"this is not YAML: {' '.join(str(error).split())}")]) from None
    except RecursionError:
        raise BadScenario([Problem(file, 1, "", "this is nested too deep")]) from None
    finally:
        if loader is not None:
            loader.dispose()
    return data, lines


def _value(loader: _Yaml, node: yaml.Node, place: Place, lines: Lines, file: str) -> Any:
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_value(loader, each, (*place, index), lines, file) for index, each in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return loader.construct_object(node)
    data: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key, line = loader.construct_object(key_node, deep=True), key_node.start_mark.line + 1
        if not isinstance(key, str | int | float | None) or HALF.search(str(key)):
            raise BadScenario([Problem(file, line, path(place), "a key must be a word")])
        if str(key) in data:
            above = lines[*place, str(key)]
            raise BadScenario([Problem(file, line, path((*place, str(key))), f"stands on line {above} already")])
        lines[*place, str(key)] = line
        data[str(key)] = _value(loader, value_node, (*place, str(key)), lines, file)
    return data


# JSON, and the whole


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object. Raises LookupError with a key that stands in it twice."""
    counted = Counter(key for key, _ in pairs)
    if len(counted) < len(pairs):
        raise LookupError(counted.most_common(1)[0][0])
    return dict(pairs)


def read_json(text: str, file: str) -> Any:
    """What a JSON text says. Raises ValueError for what is no JSON, and BadScenario for a key that stands twice."""
    data = orjson.loads(text)
    try:
        # Of two, orjson takes the last, and does not tell.
        json.loads(text, object_pairs_hook=_once, parse_int=str, parse_float=str)
    except LookupError as error:
        raise BadScenario([Problem(file, 1, str(error.args[0]), "stands twice in the same object")]) from None
    except RecursionError:
        raise BadScenario([Problem(file, 1, "", "this is nested too deep")]) from None
    return data


def read_text(text: str, file: str, name: str, library: Library) -> Scenario:
    """The scenario in a YAML or JSON text. name: used if the text names none. library: what `use` can name.

    Raises BadScenario.
    """
    try:
        data, lines = read_json(text, file), Lines()
    except BadScenario:
        raise
    except ValueError:
        data, lines = read_yaml(text, file)
    try:
        return read_scenario(Written(name, data), library)
    except IllegalScenario as error:
        problems = [Problem(file, _line(lines, place), path(place), text) for place, text in error.problems]
        problems.sort(key=lambda problem: problem.line)
        more = [Problem(file, problems[-1].line, MORE, f"and {error.more:,} more")] if error.more else []
        raise BadScenario(problems + more) from None


def _line(lines: Lines, place: Place) -> int:
    """The line of a place, or of the nearest place around it that has a line."""
    return next((lines[place[:end]] for end in range(len(place), -1, -1) if place[:end] in lines), 1)
