"""Scenarios from files: YAML in, scenarios out, or an error that names the file, the line and the key.

A server can play scenarios by name from two places: the library it ships with, and the user's own directory. A file is
read again when it has changed. A bad file never affects the good ones.
"""

import codecs
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import yaml

from mockserver.core.scenario import Scenario
from mockserver.wire.problems import MORE, Place, nearest, path
from mockserver.wire.scenario.language import IllegalScenario, Library, Written, nothing, read_scenario

LIBRARY = next(
    folder for folder in (Path(__file__).parent / "library", Path(__file__).parents[1] / "scenarios") if folder.is_dir()
)
"""Where the shipped scenarios are: inside the wheel, or beside the package in a checkout."""

SUFFIXES = (".yaml", ".yml")

LARGEST = 1_048_576
"""The most bytes of a file."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a file: where, by line and key, and what to do."""

    file: str
    line: int
    key: str
    text: str

    def __str__(self) -> str:
        """In the format of compiler errors, so that editors can open the place."""
        return f"{self.file}:{self.line}: {self.key}{': ' if self.key else ''}{self.text}"


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


# Text


MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode(data: bytes) -> str:
    """The text in a file or a body: UTF-8, or UTF-16 with a mark at its beginning, as PowerShell writes.

    A mark of UTF-8 is passed over. Raises ValueError, in words, for anything else.
    """
    name, encoding = ("UTF-16", "utf-16") if data.startswith(MARKS) else ("UTF-8", "utf-8-sig")
    if encoding == "utf-8-sig" and b"\0" in data[1:100]:
        raise ValueError("there are NUL characters in it, as in UTF-16 without a mark; save it as UTF-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not {name}, at byte {error.start + 1}; save it as UTF-8") from None


# Scenarios


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


@dataclass(slots=True)
class _File:
    stamp: tuple[int, int]
    scenario: Scenario | None = None
    problems: list[Problem] = field(default_factory=list)


def _read(file: Path, stamp: tuple[int, int], library: Library) -> _File:
    try:
        if stamp[1] > LARGEST:
            raise BadScenario([Problem(str(file), 1, "", f"is larger than {LARGEST} bytes")])
        return _File(stamp, read_text(decode(file.read_bytes()), str(file), file.stem, library))
    except BadScenario as error:
        return _File(stamp, problems=error.problems)
    except (OSError, ValueError) as error:
        return _File(stamp, problems=[Problem(str(file), 1, "", f"cannot be read: {error}")])


class Folder:
    """The scenario files of one directory; each is read again when it has changed. library: what `use` can name."""

    def __init__(self, directory: Path, library: Library) -> None:
        self.directory = directory
        self._library = library
        self._files: dict[Path, _File] = {}

    def refresh(self) -> bool:
        """Look at the files again; returns whether anything has changed."""
        found = dict(_stamps(self.directory))
        before, self._files = self._files, {}
        for file, stamp in sorted(found.items()):
            known = before.get(file)
            self._files[file] = (
                known if known is not None and known.stamp == stamp else _read(file, stamp, self._library)
            )
        return any(before.get(file) is not each for file, each in self._files.items()) or len(before) != len(found)

    @property
    def scenarios(self) -> Mapping[str, Scenario]:
        """The scenarios by name, in the order of the files' names. Of two with the same name, the later counts."""
        return {each.scenario.name: each.scenario for each in self._files.values() if each.scenario is not None}

    @property
    def files(self) -> Mapping[str, Path]:
        """The file of each scenario, by its name."""
        return {each.scenario.name: file for file, each in self._files.items() if each.scenario is not None}

    @property
    def problems(self) -> list[Problem]:
        """The problems in the files that could not be read."""
        return [problem for each in self._files.values() for problem in each.problems]


def _stamps(directory: Path) -> Iterator[tuple[Path, tuple[int, int]]]:
    try:
        for file in directory.iterdir():
            if file.suffix in SUFFIXES and file.is_file():
                known = file.stat()
                yield file, (known.st_mtime_ns, known.st_size)
    except OSError:
        return


class ScenarioLibrary:
    """Every scenario that a server can play by name: the shipped library, and the user's own, which override it.

    A file can `use` scenarios of the shipped library. A scenario sent to the control API can also use the user's own.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._library = Folder(LIBRARY, nothing)
        self._library_read = False
        self._own = None if directory is None else Folder(directory, self._in_library)
        self.refresh()

    def refresh(self) -> bool:
        """Look at the user's files again; returns whether anything has changed."""
        return self._own is not None and self._own.refresh()

    @property
    def shipped(self) -> Mapping[str, Scenario]:
        """The shipped scenarios, by name."""
        if not self._library_read:
            self._library_read = True
            self._library.refresh()
        return self._library.scenarios

    @property
    def own(self) -> Mapping[str, Scenario]:
        """The user's own scenarios, by name."""
        return {} if self._own is None else self._own.scenarios

    @property
    def problems(self) -> list[Problem]:
        """The problems in the user's own files."""
        return [] if self._own is None else self._own.problems

    def find(self, name: str) -> Scenario | None:
        """The scenario with this name."""
        return self.own.get(name) or self.shipped.get(name)

    def file(self, name: str) -> Path | None:
        """The file of a scenario."""
        own = None if self._own is None else self._own.files.get(name)
        return own or (self._library.files.get(name) if self.shipped else None)

    def played(self, name: str | None) -> list[Scenario]:
        """The scenarios that a sandbox begins with: the user's own, and last the one with this name."""
        named = None if name is None else self.find(name)
        own = [each for each in self.own.values() if each != named]
        return own if named is None else [*own, named]

    def unknown(self, name: str) -> str:
        """The error, in a sentence, for a name that no scenario has."""
        hint = nearest(name, (*self.own, *self.shipped)) or "; `routee-mock scenarios` lists them"
        return f"There is no scenario {name[:100]!r}{hint}"

    def source(self, name: str) -> Mapping[str, Any]:
        """A scenario as its author wrote it. Raises LookupError, with a sentence, for a name that no scenario has."""
        return _told(self.find(name), self.unknown(name))

    def check(self, file: Path) -> list[Problem]:
        """The problems in a file, which can be anywhere."""
        return _read(file, (0, file.stat().st_size), self._in_library).problems

    def _in_library(self, name: str) -> Mapping[str, Any]:
        return _told(self.shipped.get(name), f"the library has no {name[:100]!r}{nearest(name, self.shipped)}")


def check_paths(paths: Iterable[Path]) -> tuple[int, list[Problem]]:
    """How many of these files, and of the files in these directories, are good; and the problems in the others."""
    library, good, problems = ScenarioLibrary(), 0, list[Problem]()
    for given in paths:
        files = sorted(each for each in given.iterdir() if each.suffix in SUFFIXES) if given.is_dir() else [given]
        for file in files:
            found = library.check(file)
            good += not found
            problems += found
    return good, problems


def _told(scenario: Scenario | None, unknown: str) -> Mapping[str, Any]:
    if scenario is None:
        raise LookupError(unknown)
    source: Mapping[str, Any] = orjson.loads(scenario.source)
    return source
