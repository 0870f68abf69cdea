"""Another commit of the mock, beside this checkout."""

import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.contenders import ROOT, Contender, Kind

NEEDED = ("mockserver", "scenarios", "pyproject.toml", "README.md", "LICENSE")
"""The files of a mock. The benchmarks are not among them: those of this checkout measure both."""


class NoSuchState(ValueError):
    """A commit that git does not know, or that has no mock in it."""


@contextmanager
def state(ref: str) -> Iterator[Contender]:
    """The mock as it was at a commit, for as long as the block lasts. Raises NoSuchState.

    It runs in this environment if it needs the same packages, else in one of its own.
    """
    with TemporaryDirectory(prefix="routee-mock-base-") as name:
        folder = Path(name)
        with tarfile.open(fileobj=BytesIO(_archive(ref))) as archive:
            archive.extractall(folder, filter="data")
        python = sys.executable if _needs(folder) == _needs(ROOT) else _environment(folder)
        yield Contender("base", Kind.MOCK, python, (folder, ROOT))


def _archive(ref: str) -> bytes:
    run = subprocess.run(["git", "archive", ref, "--", *NEEDED], cwd=ROOT, capture_output=True, check=False)
    if run.returncode:
        raise NoSuchState(f"{ref}: {run.stderr.decode().strip()}")
    return run.stdout


def _needs(folder: Path) -> Any:
    return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]


def _environment(folder: Path) -> str:
    python = folder / ".venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", folder / ".venv"], check=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", f"{folder}[fast]", "pytest"], check=True)
    return str(python)
