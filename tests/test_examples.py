"""The examples of the manual, each in a folder of its own, run as a user runs them.

pytest runs the Python tests in them, with warnings as errors. Examples that do not disturb each other share one run of
pytest, because its start takes longer than most of them. Examples that pytest cannot run have a test of their own.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests  # noqa: F401 -- the shop imports it, and pytester forgets what an inner run has imported

from mockserver.testing import process
from tests.plugins import LEAN

EXAMPLES = Path(__file__).parent / "examples"

PLUGINS = Path(__file__).parent / "plugins"

VARIABLES = {
    "asyncio_plugin": {"PYTEST_PLUGINS": "pytest_asyncio.plugin"},
    "property_tests": {"PYTEST_PLUGINS": "_hypothesis_pytestplugin,unexplained", "PYTHONPATH": str(PLUGINS)},
}
"""Environment variables for the tests of some folders: the plugin they need, although it is left out elsewhere."""

LANGUAGES = {
    "go": ("go", "test", "./..."),
    "java": ("mvn", "--offline", "--quiet", "--batch-mode", "-DforkCount=0", "test"),
    "php": ("phpunit", "--do-not-cache-result", "ShopTest.php"),
    "ruby": ("ruby", "test_shop.rb"),
}
"""How the tests of each language are run, and what runs them."""

LACKS = re.compile(r"in offline mode|cannot load such file|PHPUnit requires")
"""What a program says that is there without what it needs."""

OTHERWISE = {
    "ci",
    "compose",
    "django_app",
    "fields",
    "mistakes",
    "node",
    "report",
    "shell",
    "shop",
    "unittest_style",
    "unmodified",
} | {
    *LANGUAGES,
    "csharp",  # no machine of this project has .NET
}
"""Folders with a test of their own."""

FOLDERS = {path.name for path in EXAMPLES.iterdir() if path.is_dir()}

ALONE = {"asyncio_plugin", "fastapi_app", "parallel", "property_tests", "strict"}
"""Folders with settings of their own, or with modules that are named as those of others."""

SHARED = {"all the others": sorted(FOLDERS - OTHERWISE - ALONE)}
"""Folders that run in one pytest."""

Run = Callable[..., subprocess.CompletedProcess[str]]
Shop = Callable[[str], dict[str, str]]


@pytest.fixture
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A copy of the example that gives the test its name or parameter, or of those that share a pytest."""
    name = getattr(request, "param", None) or request.node.name.removeprefix("test_")
    for each in SHARED.get(name, [name]):
        shutil.copytree(EXAMPLES / each, tmp_path / each)
    return tmp_path if name in SHARED else tmp_path / name


@pytest.fixture
def run(folder: Path) -> Run:
    """Runs a command in the folder of the example, with a running mock."""

    def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        told = {"PATH": path, "ROUTEE_MOCK_URL": process.shared(), "PYTHONWARNINGS": "error", "COLUMNS": "200"}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "ROUTEE_"))}
        return subprocess.run(
            command, cwd=folder, env=kept | told | environment, capture_output=True, text=True, timeout=1_200
        )

    return run


def outcome(run: Run, *options: str, **environment: str) -> tuple[dict[str, int], str]:
    """How many tests of a folder passed, failed and so on, and the output of pytest."""
    done = run(sys.executable, "-m", "pytest", *LEAN, "-W", "error", "--color=no", *options, **environment)
    last = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else done.stderr
    return {word: int(count) for count, word in re.findall(r"(\d+) (passed|failed|error|skipped)", last)}, done.stdout


@pytest.mark.parametrize("folder", [*sorted(ALONE), *SHARED], indirect=True)
def test_its_tests_pass(run: Run, folder: Path) -> None:
    counted, said = outcome(run, "-rp", **VARIABLES.get(folder.name, {}))
    assert counted.keys() == {"passed"}, said
    files = {file.relative_to(folder).as_posix() for file in folder.rglob("test_*.py")}
    assert set(re.findall(r"^PASSED (\S+?)::", said, re.MULTILINE)) == files, said


def test_what_is_run_otherwise_is_there() -> None:
    assert FOLDERS >= OTHERWISE | ALONE


# The login, of which there is another with two mistakes planted in it


@pytest.mark.parametrize("folder", ["login"], indirect=True)
def test_each_mistake_in_the_login_is_caught(run: Run, folder: Path) -> None:
    counted, said = outcome(run, "-rf", LOGIN="careless")
    assert counted == {"passed": 2, "failed": 2}, said
    assert set(re.findall(r"^FAILED \S+::(\w+)", said, re.MULTILINE)) == {
        "test_only_the_latest_code_lets_in",
        "test_a_code_that_did_not_come_is_not_called_delivered",
    }


# The incident, of which everything is learnt from its recording


@pytest.mark.parametrize("folder", ["incident"], indirect=True)
def test_what_is_learnt_of_the_incident_is_what_its_page_shows(run: Run, folder: Path) -> None:
    shutil.rmtree(folder / "learnt")
    done = run("routee-mock", "learn", "recording.jsonl", "--write", "learnt")
    assert done.returncode == 0, done.stderr
    (folder / "learn.txt").write_text(done.stdout, encoding="utf-8")
    if os.environ.get("WRITE_EXAMPLES"):
        shutil.copytree(folder, EXAMPLES / "incident", ignore=shutil.ignore_patterns("learnt.json"), dirs_exist_ok=True)
    shown = EXAMPLES / "incident"
    for file in (shown / "learn.txt", *(shown / "learnt").rglob("*.py"), *(shown / "learnt").rglob("*.yaml")):
        again = (folder / file.relative_to(shown)).read_text()
        assert again == file.read_text(), "run this test with WRITE_EXAMPLES=1, and `make generate`"


@pytest.mark.parametrize("folder", ["incident"], indirect=True)
def test_the_incident_comes_back_without_its_mend(run: Run, folder: Path) -> None:
    mended, mend = folder / "bakery.py", ' and flow["trackingId"] not in receipts'
    assert mend in mended.read_text()
    mended.write_text(mended.read_text().replace(mend, ""))
    counted, said = outcome(run, "-rf")
    assert counted == {"passed": 1, "failed": 1}, said


# The shop, whose webhook has three mistakes planted in it

CAUGHT = {
    "test_a_callback_that_comes_twice_counts_once": "assert ['A-1', 'A-1'] == ['A-1']",
    "test_a_callback_that_comes_too_late_changes_nothing": "assert 'InProgress' == 'Succeeded'",
    "test_an_empty_account_is_not_the_customers_fault": "assert (['A-1'], []) == ([], ['A-1'])",
}
"""The test that finds each mistake, and its message."""

TESTS = 5 + 27
"""The tests of the shop: one for each path of its flow, and those that the tutorial begins with."""

MENDS = {
    "test_a_callback_that_comes_twice_counts_once": 'if flow["status"] == order.state:',
    "test_a_callback_that_comes_too_late_changes_nothing": "if updated < order.updated:",
    "test_an_empty_account_is_not_the_customers_fault": 'if order.state == "Failed" and flow["statusCode"] == "1":',
}
"""The line of the mended webhook that each of them asks for."""


def failures(said: str) -> dict[str, str]:
    """The message of each failed test."""
    return dict(re.findall(r"^FAILED test_shop.py::(\w+) - AssertionError: (.*)$", said, re.MULTILINE))


@pytest.fixture
def shop(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Runs the tests of the shop with a webhook, and returns the messages of those that failed. It runs in this process,
    because that is faster."""
    shutil.copytree(EXAMPLES / "shop", pytester.path, dirs_exist_ok=True)
    monkeypatch.setenv("ROUTEE_MOCK_URL", process.shared())
    monkeypatch.setenv("COLUMNS", "200")

    def shop(webhook: str) -> dict[str, str]:
        (pytester.path / "webhook.py").write_text(webhook, encoding="utf-8")
        result = pytester.runpytest_inprocess(*LEAN, "-W", "error", "--color=no", "--tb=no", "-rf")
        failed = failures(result.stdout.str())
        assert result.parseoutcomes() == {"passed": TESTS - len(failed)} | ({"failed": len(failed)} if failed else {})
        return failed

    return shop


BUGGY, MENDED = ((EXAMPLES / "shop" / name).read_text(encoding="utf-8") for name in ("buggy.py", "mended.py"))


def test_each_mistake_is_caught_for_its_own_reason_and_mended(shop: Shop) -> None:
    assert shop(BUGGY) == CAUGHT
    assert shop(MENDED) == {}


@pytest.mark.parametrize("folder", ["shop"], indirect=True)
def test_the_shop_passes_the_sweep(run: Run, folder: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("CURL IS NOT ON THIS MACHINE: the sweep of the shop was not tried")
    (folder / "webhook.py").write_text(MENDED, encoding="utf-8")
    ports = [free() for _ in range(2)]
    told = dict.fromkeys(("ROUTEE_AUTH_URL", "ROUTEE_API_URL"), f"http://127.0.0.1:{ports[0]}")
    told |= dict.fromkeys(("ROUTEE_APPLICATION_ID", "ROUTEE_APPLICATION_SECRET"), "any")
    serving = [sys.executable, "serve.py", str(ports[1])]
    with subprocess.Popen(serving, cwd=folder, env=os.environ | told, stderr=subprocess.DEVNULL) as server:
        try:
            order = json.dumps({"number": "A-1", "phone": "+306900000000"})
            send = f"curl -s --retry-connrefused --retry 20 http://127.0.0.1:{ports[1]}/orders -d '{order}'"
            done = run("routee-mock", "sweep", "--port", str(ports[0]), "--send", send)
        finally:
            server.kill()
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "27 paths, 0 callbacks lost"), done.stderr


def free() -> int:
    """A port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def test_the_tutorial_shows_what_they_say() -> None:
    tutorial = (Path(__file__).parents[1] / "docs" / "tutorial.md").read_text(encoding="utf-8")
    assert all(f"FAILED test_shop.py::{test} - AssertionError: {said}\n" in tutorial for test, said in CAUGHT.items())


@pytest.mark.parametrize("test", MENDS)
def test_each_is_mended_by_one_line(shop: Shop, test: str) -> None:
    assert MENDS[test] in MENDED
    assert shop(MENDED.replace(MENDS[test], "if False:")) == {test: CAUGHT[test]}


def test_each_is_caught_in_under_ten_lines() -> None:
    text = (EXAMPLES / "shop" / "test_shop.py").read_text(encoding="utf-8")
    for test in re.findall(r"^def test_.*?(?=\n\n\n|\Z)", text, re.MULTILINE | re.DOTALL):
        assert len(test.splitlines()) < 10, test


# What is not given to pytest


@pytest.mark.parametrize("folder", ["unittest_style"], indirect=True)
def test_unittest(run: Run, folder: Path) -> None:
    for url in (process.shared(), ""):
        done = run(sys.executable, "-m", "unittest", "-v", ROUTEE_MOCK_URL=url)
        assert done.returncode == 0, done.stderr
        assert "Ran 2 tests" in done.stderr


@pytest.mark.parametrize("folder", ["django_app"], indirect=True)
def test_django(run: Run, folder: Path) -> None:
    done = run(sys.executable, "-m", "django", "test", "--settings", "settings")
    assert done.returncode == 0, done.stderr
    assert "Ran 1 test" in done.stderr


@pytest.mark.parametrize("folder", ["node"], indirect=True)
def test_node(run: Run, folder: Path) -> None:
    if shutil.which("node") is None:
        pytest.skip("NODE IS NOT ON THIS MACHINE: the example for Node was not tried")
    done = run("node", "--test", "--test-reporter", "tap")
    assert done.returncode == 0, done.stdout
    assert "# pass 1\n" in done.stdout


@pytest.mark.parametrize("folder", LANGUAGES, indirect=True)
def test_another_language(run: Run, folder: Path) -> None:
    command, brief = LANGUAGES[folder.name], {"MAVEN_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0].upper()} IS NOT ON THIS MACHINE: the example for {folder.name} was not tried")
    done = run(*command, **brief)
    if done.returncode != 0 and LACKS.search(done.stdout + done.stderr):
        pytest.skip(f"{command[0].upper()} LACKS A PACKAGE: the example for {folder.name} was not tried")
    assert done.returncode == 0, done.stdout + done.stderr
    # Each test is there for something: it fails when the message goes another way.
    for source in (each for each in (EXAMPLES / folder.name).rglob("*") if each.is_file()):
        copy = folder / source.relative_to(EXAMPLES / folder.name)
        copy.write_text(source.read_text("utf-8").replace("expired", "delivered"), "utf-8")
    done = run(*command, **brief)
    assert done.returncode != 0
    assert "Viber EXPIRED never came" in done.stdout + done.stderr


@pytest.mark.parametrize("folder", ["shell"], indirect=True)
def test_shell(run: Run, folder: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("CURL IS NOT ON THIS MACHINE: the example for the shell was not tried")
    done = run("sh", "check.sh")
    assert (done.returncode, done.stdout) == (0, "delivered\n"), done.stderr
    (folder / "check.sh").write_text((folder / "check.sh").read_text().replace("Sms Delivered", "Sms Failed"))
    done = run("sh", "check.sh")
    assert done.returncode == 1
    assert "heard breaks off" in done.stderr


REPORT = "report/report.txt"


def report(run: Run) -> str:
    """The report of a failed test. Ports and application ids differ from run to run, so they are replaced."""
    # A mock of its own, as a user's tests have: it does not stay, so no line leads to its page.
    command = (sys.executable, "-m", "pytest", *LEAN, "-q", "--tb=short", "--no-header", "--color=no")
    done = run(*command, ROUTEE_MOCK_URL="", COLUMNS="80")
    said = done.stdout[done.stdout.index("____") : done.stdout.index("=== short test summary")].rstrip("=\n")
    said = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:40123", said)
    return re.sub(r"issued to \w+", "issued to 5f9138288b71de3617a87cd3", said) + "\n"


@pytest.mark.parametrize("folder", ["front_door"], indirect=True)
def test_the_report_at_the_front_door_is_as_shown(run: Run, folder: Path) -> None:
    file = folder / "test_shop.py"
    text = file.read_text(encoding="utf-8").replace('.viber("expired")', '.viber("delivered")')
    file.write_text(f'{text}\n\npytestmark = pytest.mark.routee(start="2030-01-01T12:00:00Z")\n', encoding="utf-8")
    told = report(run)
    if os.environ.get("WRITE_EXAMPLES"):
        (EXAMPLES / "front_door/report.txt").write_text(told, encoding="utf-8")
    assert (EXAMPLES / "front_door/report.txt").read_text(encoding="utf-8") == told, "run this with WRITE_EXAMPLES=1"


@pytest.mark.parametrize("folder", ["report"], indirect=True)
def test_the_report_of_a_failed_test_is_as_shown(run: Run, folder: Path) -> None:
    told = report(run)
    if os.environ.get("WRITE_EXAMPLES"):
        (EXAMPLES / REPORT).write_text(told, encoding="utf-8")
    assert (EXAMPLES / REPORT).read_text(encoding="utf-8") == told, "run this test with WRITE_EXAMPLES=1"


MISTAKES = {
    "nothing_at_all": "no request reached",
    "other_credentials": "outside this sandbox",
    "an_old_token": "outside this sandbox",
    "a_wrong_path": "answered 404",
    "the_clock_stands_still": "due next",
    "another_scenario": " step ",
    "a_webhook_that_does_not_listen": "callback 1 to",
    "a_webhook_that_answers_404": "callback 1 to",
    "the_plain_fixture_in_a_coroutine": "E   ",
}
"""The mistakes of the page on troubleshooting, and where in the report of each the lines begin that the page shows."""

LINES = {"nothing_at_all": 4, "other_credentials": 2, "an_old_token": 2, "the_clock_stands_still": 2}
"""How many lines the page shows, if it is more than one."""


def excerpts(said: str) -> Iterator[tuple[str, str]]:
    """What the page shows of the report of each mistake. Ports and application ids are replaced."""
    said = re.sub(
        r"'[0-9a-f]{24}'", "'5f9138288b71de3617a87cd3'", re.sub(r"127\.0\.0\.1:\d{4,}", "127.0.0.1:40123", said)
    )
    for name, begin in MISTAKES.items():
        report = re.split(r"^_+ \w+ _+$", said.split(f" test_{name} _")[1], maxsplit=1, flags=re.MULTILINE)[0]
        lines = report.splitlines()
        first = next(number for number, line in enumerate(lines) if begin in line and "HTTPError" not in line)
        yield name, "\n".join(line.strip() for line in lines[first : first + LINES.get(name, 1)]) + "\n"


@pytest.mark.parametrize("folder", ["mistakes"], indirect=True)
def test_the_report_of_every_mistake_is_as_shown(run: Run, folder: Path) -> None:
    # A mock of its own, as a user's tests have: it refuses credentials that it does not know.
    command = ("-m", "pytest", *LEAN, "-q", "--tb=short", "--no-header", "--color=no")
    done = run(sys.executable, *command, ROUTEE_MOCK_URL="", COLUMNS="80")
    assert f"{len(MISTAKES)} failed" in done.stdout, done.stdout
    for name, told in excerpts(done.stdout):
        file = EXAMPLES / "mistakes" / f"{name}.txt"
        if os.environ.get("WRITE_EXAMPLES"):
            file.write_text(told, encoding="utf-8")
        assert file.read_text(encoding="utf-8") == told, "run this test with WRITE_EXAMPLES=1"
