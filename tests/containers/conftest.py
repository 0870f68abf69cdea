"""An engine, the image, and the engine's socket."""

import fcntl
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.containers import podman as engines
from tests.containers.podman import CACHE, CannotRun, Podman


@pytest.fixture(scope="session")
def podman() -> Iterator[Podman]:
    """Podman with the image built. Other runs on this machine wait for the end of this one."""
    with ExitStack() as alone:
        try:
            engines.check()
            CACHE.mkdir(parents=True, exist_ok=True)
            lock = alone.enter_context((CACHE / "lock").open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
            podman = engines.set_up()
            engines.build(podman)
        except CannotRun as why:
            pytest.skip(f"NOTHING IS TESTED IN CONTAINERS: {why}")
        yield podman
        podman("image", "prune", "--force", "--filter", "until=24h")


@pytest.fixture
def socket(podman: Podman, tmp_path: Path) -> Iterator[Path]:
    """A socket on which Podman speaks as Docker does."""
    socket = tmp_path / "podman.sock"
    command = ["podman", "system", "service", "--time=0", f"unix://{socket}"]
    with subprocess.Popen(command, env=podman.environment, stderr=subprocess.DEVNULL) as service:
        try:
            while not socket.exists():
                assert service.poll() is None, "the service of Podman has ended"
                time.sleep(0.05)
            yield socket
        finally:
            service.terminate()
