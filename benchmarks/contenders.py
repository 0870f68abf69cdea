"""What is measured: the mock, the limit, another commit of the mock, and peers."""

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from benchmarks.server import Server

ROOT = Path(__file__).parents[1]


class Kind(StrEnum):
    """The kind of a contender: the limit, a mock, or a peer."""

    BARE = "bare"
    MOCK = "mock"
    PEER = "peer"


@dataclass(frozen=True, slots=True)
class Contender:
    """Something that is measured, and has a column of the table by its name.

    python, places: the interpreter, and where it looks for packages first. start: of a peer, which installs itself.
    """

    name: str
    kind: Kind
    python: str = sys.executable
    places: tuple[Path, ...] = (ROOT,)
    start: Callable[[], AbstractContextManager[Server]] | None = None

    def command(self, module: str, *words: str) -> list[str]:
        """The command that runs one of its modules."""
        return [self.python, "-P", "-m", module, *words]

    @property
    def environment(self) -> dict[str, str]:
        """What its environment has besides the usual."""
        return {"PYTHONPATH": os.pathsep.join(map(str, self.places))}


MOCK = Contender("mock", Kind.MOCK)
BARE = Contender("bare", Kind.BARE)
