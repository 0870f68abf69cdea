"""Podman of Debian's own packages, with storage and networks of its own.

Images stay in the cache for the next run; the machine's other images and containers are left alone. Python's image
comes from its registry. Where no registry can be reached, Debian's Python takes its place.
"""

import logging
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HOME = Path(__file__).parents[2]

CACHE = Path.home() / ".cache/routee-failover-mock/containers"

STATE = Path("/run/routee-failover-mock-containers")
"""What is true only until the machine starts anew."""

PACKAGES = ("aardvark-dns", "iptables", "mmdebstrap", "netavark", "podman", "runc")

PROGRAMS = ("iptables", "mmdebstrap", "podman", "runc")

PYTHON = "docker.io/library/" + re.findall(r"(?m)^FROM (\S+)", (HOME / "Dockerfile").read_text())[0]

DEBIAN = "trixie"
"""The release of Debian that has this version of Python."""

STAND_IN = """
FROM localhost/debian
ENV PATH=/usr/local/bin:/usr/bin:/bin
RUN ln -s /usr/bin/python3 /usr/local/bin/python && rm -f /usr/lib/python3*/EXTERNALLY-MANAGED
"""

IMAGE = "localhost/routee-failover-mock"

PATIENCE = 300
"""Real seconds after which a test gives up waiting."""

NO_NETWORK = re.compile("No matching distribution|Could not find a version|ConnectionError|Failed to establish")

log = logging.getLogger("containers")


class CannotRun(RuntimeError):
    """Containers cannot run here. The text says why."""


@dataclass(frozen=True, slots=True)
class Podman:
    """Commands of Podman. environment: what its programs are started with."""

    environment: dict[str, str]

    def __call__(self, *words: str) -> str:
        """Give a command; what it says. It must succeed."""
        done = self.attempt(*words)
        assert done.returncode == 0, f"podman {' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def attempt(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Give a command that may fail."""
        return subprocess.run(
            ["podman", *words], env=self.environment, capture_output=True, text=True, timeout=PATIENCE
        )

    @contextmanager
    def running(self, *options: str) -> Iterator[str]:
        """A container of the image while the block lasts; its id."""
        container = self("run", "--detach", *options, IMAGE)
        try:
            yield container
        finally:
            self("rm", "--force", "--volumes", container)

    def address(self, container: str, port: int) -> str:
        """Where a published port is, as host and port."""
        return self("port", container, str(port)).splitlines()[0]


def check() -> None:
    """Raise CannotRun where Debian's packages cannot be installed."""
    if os.geteuid() != 0:
        raise CannotRun("only root may start them")
    system = platform.freedesktop_os_release() if Path("/etc/os-release").exists() else {}
    if "debian" not in (system.get("ID"), *system.get("ID_LIKE", "").split()):
        raise CannotRun("this is not Debian, whose packages they need")


def set_up() -> Podman:
    """Podman with Python's image, installed if need be. Raises CannotRun."""
    if not all(map(shutil.which, PROGRAMS)):
        _install()
    podman = Podman({**os.environ, **_configuration()})
    if podman.attempt("image", "exists", PYTHON).returncode != 0 and _said(podman, "pull", "--quiet", PYTHON):
        _make_stand_in(podman)
    if problem := _said(podman, "run", "--rm", PYTHON, "true"):
        raise CannotRun(f"Podman starts no container: {problem}")
    return podman


def build(podman: Podman) -> None:
    """Build the image from the Dockerfile, trusting whom this machine trusts. Raises CannotRun without a network."""
    log.info("building the image")
    trusted = ("--volume", "/etc/ssl/certs:/etc/ssl/certs:ro")
    problem = _said(
        podman, "build", "--format=docker", "--network=host", "--pull=never", *trusted, "--tag", IMAGE, str(HOME)
    )
    if NO_NETWORK.search(problem):
        raise CannotRun(f"pip reaches no index: {problem}")
    assert not problem


def _said(podman: Podman, *words: str) -> str:
    """Why a command fails; empty when it does not."""
    done = podman.attempt(*words)
    return (done.stdout + done.stderr)[-2_000:] if done.returncode else ""


def _install() -> None:
    log.info("installing %s", " ".join(PACKAGES))
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (("update",), ("install", "--yes", "--no-install-recommends", *PACKAGES)):
        done = subprocess.run(["apt-get", "-qq", *words], env=quiet, capture_output=True, text=True)
        if done.returncode:
            raise CannotRun(f"apt-get {' '.join(words)} fails: {done.stderr[-500:]}")


def _configuration() -> dict[str, str]:
    """Write Podman's settings, and name their files. It needs no systemd, and no right to raise limits."""
    CACHE.mkdir(parents=True, exist_ok=True)
    files = {
        "CONTAINERS_STORAGE_CONF": f"""
            [storage]
            driver = "overlay"
            graphroot = "{CACHE}/storage"
            runroot = "{STATE}"
        """,
        "CONTAINERS_CONF": f"""
            [containers]
            default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
            log_driver = "k8s-file"
            [engine]
            runtime = "runc"
            cgroup_manager = "cgroupfs"
            events_logger = "file"
            [network]
            network_backend = "netavark"
            network_config_dir = "{CACHE}/networks"
            default_subnet = "10.189.0.0/16"
        """,
    }
    for name, text in files.items():
        (CACHE / name).write_text(text)
    return {name: str(CACHE / name) for name in files}


def _make_stand_in(podman: Podman) -> None:
    log.info("no registry can be reached: Debian's own Python stands in for %s", PYTHON)
    root, steps = CACHE / "debian.tar", CACHE / "Dockerfile"
    packages = "--include=python3,python3-venv,python3-pip,ca-certificates"
    make = ["mmdebstrap", "--quiet", "--variant=minbase", packages, DEBIAN, str(root)]
    done = subprocess.run(make, capture_output=True, text=True)
    if done.returncode:
        raise CannotRun(f"neither a registry nor Debian can be reached: {done.stderr[-500:]}")
    podman("import", "--quiet", str(root), "localhost/debian")
    root.unlink()
    steps.write_text(STAND_IN)
    podman("build", "--quiet", "--pull=never", "--tag", PYTHON, "--file", str(steps), str(CACHE))
