"""The fixture `routee`: what a sandbox costs a test."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.case import Case, Figures, Measure
from benchmarks.cases.start import spent
from benchmarks.contenders import Contender, Kind

FEW, MANY = 20, 520
"""How many tests the two runs have. Their difference does not have the start in it."""

TEST = """
import pytest

@pytest.mark.parametrize("number", range({count}))
def test_nothing({fixture}number):
    pass
"""


@contextmanager
def _opened(contender: Contender) -> Iterator[Measure]:
    """Tests that do nothing, each with a sandbox; of bare without."""
    fixture = "routee, " if contender.kind is Kind.MOCK else ""
    with TemporaryDirectory(prefix="routee-mock-bench-") as name:
        folder = Path(name)
        for count in (FEW, MANY):
            (folder / f"test_{count}.py").write_text(TEST.format(count=count, fixture=fixture), encoding="utf-8")
        yield lambda: _measure(contender, folder)


def _measure(contender: Contender, folder: Path) -> Figures:
    few, many = (_run(contender, folder / f"test_{count}.py") for count in (FEW, MANY))
    return {"CPU ms a test": (many - few) / (MANY - FEW) * 1e3}


def _run(contender: Contender, file: Path) -> float:
    quiet = ["-q", "-p", "no:cacheprovider", "--rootdir", str(file.parent)]
    return spent(contender.command("pytest", *quiet, str(file)), contender.environment)


def cases() -> Iterator[Case]:
    """One case."""
    yield Case("the fixture routee", _opened, rounds=3)
