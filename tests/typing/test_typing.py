"""mypy and pyright, as a user runs them, find every wrong call of the Python API, and nothing in right ones."""

import json
import re
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from typing import get_args

import pytest

from mockserver.client import words
from mockserver.core.catalogue import OUTCOMES
from mockserver.core.channels import RULES, Channel
from mockserver.core.clock import Stopped
from mockserver.core.commands import Mode
from mockserver.core.deliveries import DeliveryState
from mockserver.core.faults import ApiAnswer, Endpoint
from mockserver.core.flow import FlowStatus
from mockserver.core.outcome import Cause
from mockserver.core.step import FlowKind, Strategy
from mockserver.settings import SANDBOX, SETTINGS
from mockserver.wire.control.journal import NAMES

HERE = Path(__file__).parent

MARKED = [number for number, line in enumerate((HERE / "wrong.py").read_text().splitlines(), 1) if "# wrong" in line]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the two files and no settings."""
    for name in ("wrong.py", "right.py"):
        shutil.copy(HERE / name, tmp_path / name)
    return tmp_path


def mypy(folder: Path, name: str) -> list[int]:
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir=cache", name]
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True).stdout
    return sorted({int(line) for line in re.findall(rf"^{name}:(\d+): error: ", said, re.MULTILINE)})


def pyright(folder: Path, name: str) -> list[int]:
    """The lines with an error, or with a comparison that can never hold."""
    settings = {"typeCheckingMode": "strict", "reportUnusedExpression": False, "reportUnknownMemberType": False}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, name]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if "generalDiagnostics" not in done.stdout:
        warnings.filterwarnings("default", message="PYRIGHT")
        pytest.skip(f"PYRIGHT IS NOT ON THIS MACHINE, and was not asked: {done.stderr.strip()[-200:]}")
    found = json.loads(done.stdout)["generalDiagnostics"]
    return sorted({each["range"]["start"]["line"] + 1 for each in found if each["severity"] == "error"})


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_every_wrong_call_is_found_and_nothing_in_right_ones(folder: Path, checker: object) -> None:
    assert callable(checker)
    assert checker(folder, "wrong.py") == MARKED
    assert checker(folder, "right.py") == []


def told(kind: object) -> list[str]:
    return sorted(get_args(kind))


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        (words.Channel, Channel),
        (words.Strategy, Strategy),
        (words.FlowKind, FlowKind),
        (words.FlowStatus, FlowStatus),
        (words.ClockMode, Mode),
        (words.BalanceMode, SETTINGS["balance_mode"].words),
        (words.ApiAnswer, ApiAnswer),
        (words.Endpoint, Endpoint),
        (words.Cause, Cause),
        (words.CallbackState, DeliveryState),
        (words.Stopped, Stopped),
        (words.EntryKind, NAMES),
        (words.HeardStatus, [f"{channel} {status}" for channel in Channel for status in RULES[channel].statuses]),
        *((getattr(words, f"{channel}Status"), RULES[channel].statuses) for channel in Channel),
        *((getattr(words, f"{channel}Outcome"), OUTCOMES[channel]) for channel in Channel),
        (words.ServerSettings.__annotations__["sandboxes"], SETTINGS["sandboxes"].words),
        (words.ServerSettings.__annotations__["log"], SETTINGS["log"].words),
        (words.ServerSettings.__annotations__["log_level"], SETTINGS["log_level"].words),
    ],
)
def test_a_closed_set_has_the_words_of_the_core(kind: object, known: object) -> None:
    assert told(kind) == sorted(map(str, known))  # type: ignore[call-overload]


def test_settings_are_those_of_a_sandbox_and_of_a_server() -> None:
    assert words.SandboxSettings.__annotations__.keys() == set(SANDBOX)
    assert words.MockSettings.__annotations__.keys() == set(SANDBOX)
    assert words.ServerSettings.__annotations__.keys() == set(SETTINGS)
