"""The plugin in projects that have a `mockserver` of their own, in every place where one may stand."""

import subprocess
import sys
from pathlib import Path

import pytest

from mockserver.testing import process
from tests.plugins import LEAN

OURS = Path(__file__).parents[1] / "mockserver"

PLAIN = "def test_plain(): pass\n"
THEIRS = "import mockserver\ndef test_theirs(): assert mockserver.theirs\n"
ROUTEE = "def test_routee(routee): routee.clock.until_idle()\n"

AS_MODULE, AS_SCRIPT = ("-m",), ("-P", "-m")
"""`python -m pytest` puts the folder it runs in on sys.path; `pytest` does not."""

HIDDEN = {
    "a package": (AS_MODULE, "mockserver", {"mockserver/__init__.py": "theirs = 1", "test_it.py": THEIRS + ROUTEE}),
    "a package beside conftest": (
        AS_SCRIPT,
        "mockserver",
        {"mockserver/__init__.py": "theirs = 1", "conftest.py": "", "tests/test_it.py": THEIRS + ROUTEE},
    ),
    "a package that nobody imports": (
        AS_SCRIPT,
        "mockserver",
        {"mockserver/__init__.py": "1 // 0", "conftest.py": "", "tests/test_it.py": PLAIN + ROUTEE},
    ),
    "a module": (AS_MODULE, "mockserver.py", {"mockserver.py": "theirs = 1", "test_it.py": THEIRS + ROUTEE}),
    "a package in src": (
        AS_SCRIPT,
        "src/mockserver",
        {
            "src/mockserver/__init__.py": "theirs = 1",
            "pytest.ini": "[pytest]\npythonpath = src",
            "tests/test_it.py": THEIRS + ROUTEE,
        },
    ),
    "a package of tests": (
        AS_SCRIPT,
        "tests/mockserver",
        {"tests/mockserver/__init__.py": "", "tests/mockserver/test_it.py": PLAIN + ROUTEE},
    ),
}
"""By layout: how pytest is started, what hides ours, and the files."""

VISIBLE = {
    "a folder without Python": (AS_MODULE, {"mockserver/expectations.json": "{}", "test_it.py": PLAIN + ROUTEE}),
    "a package elsewhere": (AS_SCRIPT, {"mockserver/__init__.py": "1 // 0", "tests/test_it.py": PLAIN + ROUTEE}),
    "a package below tests": (
        AS_MODULE,
        {
            "tests/__init__.py": "",
            "tests/mockserver/__init__.py": "theirs = 1",
            "tests/mockserver/test_it.py": "from tests.mockserver import theirs\n" + PLAIN + ROUTEE,
        },
    ),
    "scenarios, testing and client": (
        AS_MODULE,
        {f"{name}/__init__.py": "1 // 0" for name in ("scenarios", "testing", "client", "http_mock")}
        | {"test_it.py": PLAIN + ROUTEE},
    ),
}


def run(folder: Path, how: tuple[str, ...], files: dict[str, str], *args: str) -> str:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    command = [sys.executable, *how, "pytest", *LEAN, "-q", "-p", "no:cacheprovider", "-W", "error", *args]
    environment = {"ROUTEE_MOCK_URL": process.shared(), "COLUMNS": "200", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=6000)
    return done.stdout + done.stderr


@pytest.mark.parametrize("layout", HIDDEN)
def test_what_hides_the_package_is_named_and_other_tests_run(tmp_path: Path, layout: str) -> None:
    how, place, files = HIDDEN[layout]
    said = run(tmp_path, how, files)
    assert "1 passed, 1 error" in said, said
    assert (
        f"routee: {tmp_path / place} hides the package `mockserver` of routee-failover-mock, which is in {OURS}: rename it"
        in said
    )
    assert "Traceback" not in said


@pytest.mark.parametrize("layout", VISIBLE)
def test_what_does_not_hide_it_does_not_matter(tmp_path: Path, layout: str) -> None:
    how, files = VISIBLE[layout]
    assert "2 passed" in (said := run(tmp_path, how, files)), said


def test_the_advice_helps(tmp_path: Path) -> None:
    how, _, files = HIDDEN["a package that nobody imports"]
    assert "2 passed" in (said := run(tmp_path, how, files, "--import-mode=importlib")), said


def test_the_command_runs_beside_one(tmp_path: Path) -> None:
    (tmp_path / "mockserver").mkdir()
    (tmp_path / "mockserver" / "__init__.py").touch()
    command = [str(Path(sys.executable).parent / "routee-mock"), "--version"]
    done = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr


def test_without_the_fixtures_nobody_imports_the_package(tmp_path: Path) -> None:
    test = "import sys\ndef test_it(): assert 'mockserver' not in sys.modules\n"
    assert "1 passed" in (said := run(tmp_path, AS_SCRIPT, {"test_it.py": test})), said
