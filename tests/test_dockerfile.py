"""The Dockerfile. No Docker is needed: its steps are so plain that a test can take them in a scratch directory.

The scratch directory stands for the root of both stages; between them, all that the second one does not copy is
deleted. What runs there runs with the image's environment alone; as the image's user, if the suite may change users; and
with the whole file system read-only but for /trust and memory, if it may mount.
"""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import pip
import pytest

HOME = Path(__file__).parents[1]
PATIENCE = 60
"""Real seconds after which a test gives up waiting."""

QUICK = {"PIP_NO_COMPILE": "0"}
"""Tells pip, which takes it to be the other way round, not to compile what it installs: most of it is never imported."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its word, the options after it, and the rest."""

    word: str
    options: dict[str, str]
    rest: str

    @property
    def words(self) -> list[str]:
        return list(json.loads(self.rest)) if self.rest.startswith("[") else shlex.split(self.rest)


def read(file: Path) -> list[list[Instruction]]:
    """The stages of a Dockerfile, each a list of instructions."""
    text = re.sub(r"(?m)^\s*#.*\n", "", file.read_text()).replace("\\\n", " ")
    stages: list[list[Instruction]] = []
    for line in filter(str.strip, text.splitlines()):
        word, rest = line.split(maxsplit=1)
        options = {}
        while option := re.match(r"--([\w-]+)=(\S+)\s+", rest):
            options[option[1]], rest = option[2], rest[option.end() :]
        if word == "FROM":
            stages.append([])
        stages[-1].append(Instruction(word, options, rest.strip()))
    return stages


BUILD, FINAL = read(HOME / "Dockerfile")


def told(word: str) -> Instruction:
    """The last instruction of the final stage with this word."""
    return [each for each in FINAL if each.word == word][-1]


def variables() -> dict[str, str]:
    return dict(word.split("=", 1) for word in told("ENV").words)


@dataclass(frozen=True, slots=True)
class Image:
    """The result of the Dockerfile's steps in a scratch directory."""

    root: Path

    def placed(self, text: str) -> str:
        """A text in which the paths of the image are those of the scratch directory."""
        return re.sub(r"(?<![\w.:/-])/(?=src|opt/|trust)", f"{self.root}/", text)

    def environment(self, **more: str) -> dict[str, str]:
        env = {name: self.placed(value).replace("$PATH", os.defpath) for name, value in variables().items()}
        return env | more

    def start(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        """Start a command as the image's user, in a root that cannot be written to."""
        env = self.environment(**environment)
        uid, gid = (int(number) for number in told("USER").rest.split(":"))
        who: dict[str, Any] = {"user": uid, "group": gid, "extra_groups": []} if os.geteuid() == 0 else {}
        program = shutil.which(command[0], path=env["PATH"])
        assert program is not None, f"{command[0]} is not in {env['PATH']}"
        sealed = []
        if _may_mount():
            trust = self.placed("/trust")
            drop = f"exec setpriv --reuid {uid} --regid {gid} --clear-groups"
            seal = f'mount --bind {trust} {trust} && mount -o remount,bind,ro / && {drop} "$@"'
            sealed, who = ["unshare", "--mount", "sh", "-c", seal, "sh"], {}
        return subprocess.Popen(
            [*sealed, program, *command[1:]],
            env=env,
            cwd=self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **who,
        )

    @contextmanager
    def serving(self, **environment: str) -> Iterator[str]:
        """ENTRYPOINT and CMD, until SIGTERM; the URL."""
        process = self.start(*told("ENTRYPOINT").words, *told("CMD").words, **environment)
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            name, _, url = process.stdout.readline().strip().partition("=")
            assert name == "ROUTEE_MOCK_URL", process.stderr.read()
            yield url
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=PATIENCE)
            assert (process.returncode, said.splitlines()[-1][9:]) == (0, "stopping")
        finally:
            process.kill()
            process.communicate()

    def health(self, **environment: str) -> tuple[int, str]:
        """The result of HEALTHCHECK."""
        check = told("HEALTHCHECK").rest
        assert check.startswith("CMD ")
        process = self.start(*json.loads(check.removeprefix("CMD ")), **environment)
        said = "".join(process.communicate(timeout=PATIENCE))
        return process.returncode, said


@cache
def _may_mount() -> bool:
    trial = ["unshare", "--mount", "sh", "-c", "mount -o remount,bind,ro / && setpriv --reuid 1 --clear-groups true"]
    able = os.geteuid() == 0 and all(map(shutil.which, ("unshare", "mount", "setpriv")))
    return able and subprocess.run(trial, capture_output=True).returncode == 0


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    """Both stages, taken; beside pytest's own directories, into which no other user may look."""
    with tempfile.TemporaryDirectory(prefix="routee-mock-image-") as scratch:
        image = Image(Path(scratch).resolve())
        image.root.chmod(0o755)
        python = _base_image(image.root / "base")
        _take_build(image, python)
        _take_final(image)
        yield image


def _base_image(folder: Path) -> Path:
    """A Python with pip, as the base image has, that the image's user may run; its directory of programs."""
    names = [f"python3{minor}" for minor in ("", ".11", ".12", ".13", ".14")]
    paths = [f"{sys.base_prefix}/bin", os.environ["PATH"], f"{os.defpath}:/usr/local/bin"]
    found = [shutil.which(name, path=path) for path in paths for name in names]
    for python in (each for each in found if each and _may_be_run(Path(each).resolve())):
        modern = [python, "-c", "import sys, venv; sys.exit(sys.version_info < (3, 11))"]
        if subprocess.run(modern, capture_output=True).returncode == 0:
            subprocess.run([python, "-m", "venv", "--without-pip", folder], check=True)
            [packages] = folder.glob("lib/*/site-packages")
            _copy(Path(pip.__path__[0]), packages / "pip")
            return folder / "bin"
    pytest.skip("THE DOCKERFILE IS NOT TESTED: every Python 3.11 here is closed to the image's user")


def _may_be_run(file: Path) -> bool:
    return os.geteuid() != 0 or all(each.stat().st_mode & 0o001 for each in (file, *file.parents))


def _take_build(image: Image, python: Path) -> None:
    env = {**os.environ, **QUICK, "PATH": f"{python}{os.pathsep}{os.environ['PATH']}"}
    (image.root / "opt").mkdir()
    where = image.root
    for step in BUILD:
        match step.word:
            case "WORKDIR":
                where = Path(image.placed(step.rest))
                where.mkdir(parents=True)
            case "COPY":
                *sources, to = step.words
                for source in sources:
                    _copy(HOME / source, where / to / (source if to == "./" else ""))
            case "RUN":
                _installed(["sh", "-c", image.placed(step.rest)], where, env)
            case word:
                assert word == "FROM", f"no test takes {word} in the build"


def _copy(source: Path, to: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, to, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, to)


def _installed(command: list[str], where: Path, env: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=where, env=env, capture_output=True, text=True)
    if done.returncode and re.search(r"No matching distribution|Could not find a version|ConnectionError", done.stderr):
        pytest.skip(f"THE DOCKERFILE IS NOT TESTED: pip reaches no index: {done.stderr[-300:]}")
    assert done.returncode == 0, done.stderr


def _take_final(image: Image) -> None:
    copied = [step for step in FINAL if step.word == "COPY"]
    for step in copied:
        source, to = step.words
        assert source == to, "the test has one root for both stages"
        if os.geteuid() == 0 and "chown" in step.options:
            uid, gid = (int(number) for number in step.options["chown"].split(":"))
            os.chown(image.placed(to), uid, gid)
    kept = {Path(image.placed(step.words[-1])).relative_to(image.root).parts[0] for step in copied}
    for each in image.root.iterdir():
        if each.name not in {*kept, "base"}:
            shutil.rmtree(each)
    image.root.chmod(0o555)


def test_it_is_slim_and_its_user_is_not_root() -> None:
    assert all(stage[0].rest.split()[0].endswith("-slim") for stage in (BUILD, FINAL))
    assert BUILD[0].rest.split()[0] == FINAL[0].rest
    assert not [step for step in FINAL if step.word in ("RUN", "ADD", "SHELL")]
    assert all(int(number) > 0 for number in told("USER").rest.split(":"))
    for word in ("ENTRYPOINT", "CMD"):
        assert told(word).rest.startswith("["), "a shell would be process 1, and keep signals to itself"
    assert told("EXPOSE").words == ["8080", "8443"]


def test_its_health_is_asked_often_while_it_starts() -> None:
    options = told("HEALTHCHECK").options
    assert {"start-period", "start-interval"} <= options.keys()
    assert json.loads(told("HEALTHCHECK").rest.removeprefix("CMD ")) == ["routee-mock", "health"]


def test_what_is_copied_is_not_ignored_and_nothing_else_is_sent() -> None:
    first, *others = [
        line for line in (HOME / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")
    ]
    assert first == "*"
    copied = {source for step in BUILD if step.word == "COPY" for source in step.words[:-1]}
    assert {line.removeprefix("!") for line in others if line.startswith("!")} == copied


def test_its_steps_make_an_image_that_serves(image: Image) -> None:
    programs = image.root / "opt/routee-mock/bin"
    assert (programs / "routee-mock").exists()
    assert not [*programs.glob("pip*"), *programs.parent.glob("lib/*/site-packages/pip")]
    assert not [each for each in ("src", "mockserver") if (image.root / each).exists()]
    before = sorted(image.root.rglob("*"))
    chosen = {"ROUTEE_MOCK_PORT": _free()}
    code, said = image.health(**chosen)
    assert (code, "Connection refused" in said) == (1, True)
    with image.serving(**chosen, ROUTEE_MOCK_CLOCK="instant") as url:
        assert image.health(**chosen) == (0, f"ready: {url}\n")
        assert httpx2.get(f"{url}/_mock/clock").json()["mode"] == "instant"
        assert len(httpx2.get(f"{url}/_mock/library").json()["scenarios"]) >= 20
        login = httpx2.post(f"{url}/oauth/token", auth=("a", "b"), data={"grant_type": "client_credentials"})
        step = {"type": "Sms", "to": "+306900000000", "from": "Me", "message": {"body": "hello"}}
        body = {"flow": [step], "callback": {"strategy": "OnStep", "url": f"{url}/_mock/sink/image"}}
        bearer = {"authorization": f"Bearer {login.json()['access_token']}"}
        assert httpx2.post(f"{url}/failover", json=body, headers=bearer).status_code == 200
        httpx2.post(f"{url}/_mock/clock/advance", json={"until": "idle"}).raise_for_status()
        assert httpx2.get(f"{url}/_mock/sink/image").json()["requests"]
    assert sorted(image.root.rglob("*")) == before, "the root file system is to stay as it is"


def test_it_speaks_tls_and_says_whom_to_trust(image: Image) -> None:
    port = _free()
    options = {"TLS": "true", "TLS_PORT": port, "TLS_CA": image.placed("/trust"), "PORT": "0"}
    with image.serving(**{f"ROUTEE_MOCK_{name}": value for name, value in options.items()}):
        trusted = ssl.create_default_context(cafile=image.placed("/trust/ca.pem"))
        assert httpx2.get(f"https://127.0.0.1:{port}/_mock/ready", verify=trusted).status_code == 200


def _free() -> str:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return str(found.getsockname()[1])
