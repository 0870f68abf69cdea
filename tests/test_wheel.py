"""What is shipped: the wheel, made from the sdist, holds all that is needed and nothing else, and works by itself."""

import re
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path

import httpx2
import pytest

from mockserver.settings import VERSION

HOME = Path(__file__).parents[1]
NAME = f"routee_failover_mock-{VERSION}"

NO_INDEX = re.compile(r"No matching distribution|Could not find a version|ConnectionError|Failed to establish")


@dataclass(frozen=True, slots=True)
class Shipped:
    """What was built, and the programs of a clean virtual environment with nothing but the wheel in it."""

    sdist: Path
    wheel: Path
    programs: Path

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run a program of that environment, from a directory that is not the checkout."""
        program = str(self.programs / command[0])
        return subprocess.run(
            [program, *command[1:]], capture_output=True, text=True, cwd=self.programs, env={}, timeout=600
        )


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Shipped:
    folder = tmp_path_factory.mktemp("shipped")
    # What builds it is in the group of the tests; that pyproject.toml names it, the image shows.
    made(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(HOME))
    wheel = folder / f"{NAME}-py3-none-any.whl"
    clean = folder / "clean"
    made(sys.executable, "-m", "venv", "--without-pip", str(clean))
    quick = ("--quiet", "--no-compile")
    made(sys.executable, "-m", "pip", "--python", str(clean / "bin/python"), "install", *quick, str(wheel))
    return Shipped(folder / f"{NAME}.tar.gz", wheel, clean / "bin")


def made(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode and NO_INDEX.search(done.stdout + done.stderr):
        pytest.skip(f"THE WHEEL IS NOT TESTED: no package index can be reached: {done.stderr[-300:]}")
    assert done.returncode == 0, done.stdout + done.stderr


def below(folder: Path) -> set[str]:
    """The files below a folder of the checkout, as they are shipped."""
    files = (file.relative_to(folder) for file in folder.rglob("*") if file.is_file())
    return {file.as_posix() for file in files if "__pycache__" not in file.parts}


def test_the_wheel_holds_the_package_and_the_scenarios_and_nothing_else(shipped: Shipped) -> None:
    with zipfile.ZipFile(shipped.wheel) as wheel:
        held = {name for name in wheel.namelist() if not name.startswith(f"{NAME}.dist-info/")}
        about = Parser().parsestr(wheel.read(f"{NAME}.dist-info/METADATA").decode())
        points = wheel.read(f"{NAME}.dist-info/entry_points.txt").decode()
        assert f"{NAME}.dist-info/licenses/LICENSE" in wheel.namelist()
    code, library = below(HOME / "mockserver"), below(HOME / "scenarios")
    assert {"py.typed", "__main__.py"} <= code
    assert {"schema.json", "lost-reply.yaml"} <= library
    assert held == {"routee_mock_pytest.py"} | {f"mockserver/{file}" for file in code} | {
        f"mockserver/library/{file}" for file in library
    }
    extras = {"fast", "faker", "hypothesis", "postgres", "testcontainers", "tls"}
    assert set(about.get_all("Provides-Extra") or ()) == extras
    assert about["Requires-Python"] == ">=3.11"
    assert "routee-mock = mockserver.cli:main" in points
    assert "[pytest11]\nroutee-mock = routee_mock_pytest" in points


def test_the_sdist_holds_what_the_tests_need_and_no_leavings(shipped: Shipped) -> None:
    with tarfile.open(shipped.sdist) as sdist:
        held = {name.removeprefix(f"{NAME}/") for name in sdist.getnames()}
    assert {
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "Makefile",
        "Dockerfile",
        "compose.cluster.yaml",
        "compose.yaml",
        "PKG-INFO",
    } <= held
    assert {f"{room}/{file}" for room in ("tests", "tools") for file in below(HOME / room)} <= held
    assert {"benchmarks/README.md", "benchmarks/calls.py", "benchmarks/cases/requests.py"} <= held
    assert "benchmarks/results.jsonl" not in held
    assert "routee_mock_pytest.py" in held
    known = {"mockserver", "scenarios", "tests", "tools", "benchmarks", "docs", ".gitignore", ".dockerignore"}
    assert {name.partition("/")[0] for name in held if "/" in name or name.startswith(".")} <= known
    assert not [name for name in held if "__pycache__" in name or name.endswith(".pyc")]


def test_every_module_finds_what_it_imports(shipped: Shipped) -> None:
    program = (
        "import importlib, pkgutil, mockserver\n"
        "for found in pkgutil.walk_packages(mockserver.__path__, 'mockserver.'):\n"
        "    if found.name == 'mockserver.__main__': continue\n"
        "    try: importlib.import_module(found.name)\n"
        "    except ImportError as error: print(found.name, error.name or error)\n"
    )
    done = shipped.run("python", "-I", "-c", program)
    assert done.stderr == "", "a package that cannot be imported hides what is in it"
    missing = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    assert missing.pop("mockserver.pytest_plugin") == "pytest"
    for room in ("address", "appending"):  # parts of keeping.postgres, which says what to install
        assert missing.pop(f"mockserver.keeping.{room}") == "psycopg"
    for room, extra in (
        ("fakes", "faker"),
        ("keeping.postgres", "postgres"),
        ("strategies", "hypothesis"),
        ("testcontainers", "testcontainers"),
    ):
        assert f"pip install 'routee-failover-mock[{extra}]'" in missing.pop(f"mockserver.{room}")
    assert missing == {}


def test_the_page_on_footprint_says_what_was_installed(shipped: Shipped) -> None:
    """More or less: the packages of others grow."""
    said = re.search(
        r"brings (\d+) packages and (\d+) MB", (HOME / "docs" / "footprint.md").read_text(encoding="utf-8")
    )
    assert said is not None
    packages, size = map(int, said.groups())
    assert f"[{packages} packages, {size} MB]" in (HOME / "README.md").read_text(encoding="utf-8")
    (installed,) = shipped.programs.parent.glob("lib/python*/site-packages")
    assert abs(len([*installed.glob("*.dist-info")]) - packages) <= 2
    files = (file for file in installed.rglob("*") if file.is_file() and file.suffix != ".pyc")
    assert abs(sum(file.stat().st_size for file in files) / 1_000_000 - size) <= 0.15 * size


def test_the_commands_work_from_the_wheel_alone(shipped: Shipped) -> None:
    assert shipped.run("routee-mock", "--version").stdout == f"routee-mock, version {VERSION}\n"
    assert "phone-off-over-night\n" in shipped.run("routee-mock", "scenarios").stdout
    assert "Succeeded over Voice" in shipped.run("routee-mock", "demo").stdout
    without = shipped.run("routee-mock", "serve", "--port", "0", "--tls", "--tls-port", "0")
    assert (without.returncode, "pip install 'routee-failover-mock[tls]'" in without.stderr) == (1, True)


def test_a_test_without_any_framework_works_from_the_wheel_alone(shipped: Shipped) -> None:
    program = (
        "from mockserver import RouteeMock\n"
        "with RouteeMock() as routee:\n"
        "    step = {'type': 'Sms', 'to': '+306900000000', 'from': 'Shop', 'message': {'body': 'Hi'}}\n"
        "    flow = routee.send([step], callback=routee.receiver.url)\n"
        "    routee.clock.until_idle()\n"
        "    print(routee.flow(flow).status, len(routee.receiver.payloads))\n"
    )
    done = shipped.run("python", "-I", "-W", "error", "-c", program)
    assert (done.stdout, done.stderr) == ("Succeeded 3\n", "")


def test_a_server_from_the_wheel_alone_takes_a_flow_to_its_end(shipped: Shipped) -> None:
    command = [str(shipped.programs / "routee-mock"), "serve", "--port", "0", "--scenario", "second-call-gets-through"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=shipped.programs, env={}) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip().partition("=")[2]
            login = httpx2.post(f"{url}/oauth/token", auth=("a", "b"), data={"grant_type": "client_credentials"})
            step = {"type": "Sms", "to": "+306900000000", "from": "Me", "message": {"body": "hello"}}
            body = {"flow": [step], "callback": {"strategy": "OnStep", "url": f"{url}/_mock/sink/wheel"}}
            bearer = {"authorization": f"Bearer {login.json()['access_token']}"}
            assert httpx2.post(f"{url}/failover", json=body, headers=bearer).status_code == 200
            httpx2.post(f"{url}/_mock/clock/advance", json={"until": "idle"}).raise_for_status()
            sent = httpx2.get(f"{url}/_mock/sink/wheel").json()["requests"]
            assert sent[-1]["body"]["status"] == "Succeeded"
            assert "routee_mock" in httpx2.get(f"{url}/_mock/metrics").text
        finally:
            process.terminate()
            assert process.wait(60) == 0
