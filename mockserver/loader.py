"""Scenarios from files, and the library of those that can be played by name.

A server can play scenarios by name from two places: the library it ships with, and the user's own directory. A file is
read again when it has changed. A bad file never affects the good ones.

Reading takes YAML and pydantic, whose import takes longer than that of the whole server. So they are imported when the
first file is read.
"""

import codecs
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from mockserver.core.scenario import Scenario
from mockserver.wire.problems import nearest

if TYPE_CHECKING:
    from mockserver.wire.scenario.language import Library
    from mockserver.wire.scenario.texts import Problem

LIBRARY = next(
    folder for folder in (Path(__file__).parent / "library", Path(__file__).parents[1] / "scenarios") if folder.is_dir()
)
"""Where the shipped scenarios are: inside the wheel, or beside the package in a checkout."""

SUFFIXES = (".yaml", ".yml")

LARGEST = 1_048_576
"""The most bytes of a file."""


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


@dataclass(slots=True)
class _File:
    stamp: tuple[int, int]
    scenario: Scenario | None = None
    problems: list["Problem"] = field(default_factory=list)


def _read(file: Path, stamp: tuple[int, int], library: "Library") -> _File:
    from mockserver.wire.scenario.texts import BadScenario, Problem, read_text

    try:
        if stamp[1] > LARGEST:
            raise BadScenario([Problem(str(file), 0, "", f"is larger than {LARGEST} bytes")])
        return _File(stamp, read_text(decode(file.read_bytes()), str(file), file.stem, library))
    except BadScenario as error:
        return _File(stamp, problems=error.problems)
    except (OSError, ValueError) as error:
        return _File(stamp, problems=[_unreadable(file, error)])


def _unreadable(file: Path, error: OSError | ValueError) -> "Problem":
    from mockserver.wire.scenario.texts import Problem

    return Problem(str(file), 0, "", f"cannot be read: {getattr(error, 'strerror', None) or error}")


class Folder:
    """The scenario files of one directory; each is read again when it has changed. library: what `use` can name."""

    def __init__(self, directory: Path, library: "Library") -> None:
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

    def changed(self, since: float) -> list[Scenario]:
        """The scenarios whose files have changed after an instant, in seconds since 1970."""
        return [self.scenarios[name] for name, file in self.files.items() if self._files[file].stamp[0] > since * 1e9]

    @property
    def problems(self) -> list["Problem"]:
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
        self._own = None if directory is None else Folder(directory, self._in_library)
        self.refresh()

    def refresh(self) -> bool:
        """Look at the user's files again; returns whether anything has changed."""
        return self._own is not None and self._own.refresh()

    @cached_property
    def _library(self) -> Folder:
        from mockserver.wire.scenario.language import nothing

        library = Folder(LIBRARY, nothing)
        library.refresh()
        return library

    @property
    def shipped(self) -> Mapping[str, Scenario]:
        """The shipped scenarios, by name."""
        return self._library.scenarios

    @property
    def own(self) -> Mapping[str, Scenario]:
        """The user's own scenarios, by name."""
        return {} if self._own is None else self._own.scenarios

    @property
    def problems(self) -> list["Problem"]:
        """The problems in the user's own files."""
        return [] if self._own is None else self._own.problems

    def find(self, name: str) -> Scenario | None:
        """The scenario with this name."""
        return self.own.get(name) or self.shipped.get(name)

    def file(self, name: str) -> Path | None:
        """The file of a scenario."""
        own = None if self._own is None else self._own.files.get(name)
        return own or self._library.files.get(name)

    def changed(self, since: float) -> list[Scenario]:
        """The user's own scenarios whose files have changed after an instant, in seconds since 1970."""
        return [] if self._own is None else self._own.changed(since)

    def played(self, name: str | None, *, for_all: bool = False) -> list[Scenario]:
        """The scenarios that a sandbox begins with: the user's own, and last the one with this name.

        for_all: that one speaks for all messages, if it selects none; otherwise it is a default.
        """
        named = None if name is None else self.find(name)
        own = [each for each in self.own.values() if each != named]
        if named is None:
            return own
        if for_all:
            from mockserver.wire.scenario.language import for_everybody

            named = for_everybody(named)
        return [*own, named]

    def unknown(self, name: str) -> str:
        """The error, in a sentence, for a name that no scenario has."""
        hint = nearest(name, (*self.own, *self.shipped)) or "; `routee-mock scenarios` lists them"
        return f"There is no scenario {name[:100]!r}{hint}"

    def source(self, name: str) -> Mapping[str, Any]:
        """A scenario as its author wrote it. Raises LookupError, with a sentence, for a name that no scenario has."""
        return _told(self.find(name), self.unknown(name))

    def check(self, file: Path) -> list["Problem"]:
        """The problems in a file, which can be anywhere."""
        try:
            size = file.stat().st_size
        except OSError as error:  # a link to nowhere
            return [_unreadable(file, error)]
        return _read(file, (0, size), self._in_library).problems

    def _in_library(self, name: str) -> Mapping[str, Any]:
        return _told(self.shipped.get(name), f"the library has no {name[:100]!r}{nearest(name, self.shipped)}")


def check_paths(paths: Iterable[Path]) -> tuple[int, list["Problem"]]:
    """How many of these files, and of the files in these directories, are good; and the problems in the others."""
    library, good, problems = ScenarioLibrary(), 0, list["Problem"]()
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
