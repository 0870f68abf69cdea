"""Where peers are installed, beside this package, and how: by the ordinary clients of PyPI and npm."""

import subprocess
import sys
from pathlib import Path

from benchmarks.server import NotStarted

FOLDER = Path(__file__).parents[1] / ".peers"


def from_npm(package: str) -> Path:
    """The folder of the modules that an npm package brings. Raises NotStarted."""
    modules = FOLDER / "node_modules"
    if not (modules / package.rpartition("@")[0]).is_dir():
        _install(["npm", "install", "--no-audit", "--no-fund", "--prefix", str(FOLDER), package])
    return modules


def from_pypi(package: str) -> Path:
    """A folder to look for a package from PyPI in. Raises NotStarted."""
    folder = FOLDER / package.partition("=")[0]
    if not folder.is_dir():
        _install([sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), package])
    return folder


def _install(command: list[str]) -> None:
    FOLDER.mkdir(exist_ok=True)
    try:
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise NotStarted(str(error)) from None
    if run.returncode:
        raise NotStarted(f"{' '.join(command[:3])} failed: {run.stderr.strip()[-300:]}")
