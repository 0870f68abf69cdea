"""RouteeContainer over the socket of Podman, which speaks as Docker does."""

import os
import subprocess
import sys
from pathlib import Path

from tests.containers.podman import HOME, PATIENCE

TESTCONTAINERS = {
    "TESTCONTAINERS_RYUK_DISABLED": "true",
    "TESTCONTAINERS_CONNECTION_MODE": "docker_host",
    "TESTCONTAINERS_HOST_OVERRIDE": "127.0.0.1",
}

CALLED = """
from mockserver.testcontainers import RouteeContainer
from mockserver.testing.receiver import receiving

STEP = {"type": "Sms", "to": "+306900000000", "from": "Shop", "message": {"body": "Hi"}}


def test_callbacks_for_localhost_reach_the_host():
    with receiving("0.0.0.0") as receiver, RouteeContainer(clock="manual") as container, container.server() as server:
        with server.create_sandbox() as routee:
            flow = routee.send([STEP], callback=receiver.url.replace("0.0.0.0", "localhost"))
            routee.clock.until_final(flow)
            assert receiver.requests[-1].json["status"] == "Succeeded", routee.callbacks()
"""


def run(test: Path, socket: Path) -> None:
    """Run a test file as a user does."""
    told = {**os.environ, **TESTCONTAINERS, "DOCKER_HOST": f"unix://{socket}"}
    command = [sys.executable, "-m", "pytest", "-q", "-pno:cacheprovider", "--rootdir", str(test.parent), str(test)]
    done = subprocess.run(command, env=told, cwd=test.parent, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_sample_of_the_manual_passes(socket: Path, tmp_path: Path) -> None:
    test = tmp_path / "test_sample.py"
    test.write_text((HOME / "tests/examples/ci/test_with_a_container.py").read_text())
    run(test, socket)


def test_callbacks_for_localhost_reach_the_host(socket: Path, tmp_path: Path) -> None:
    test = tmp_path / "test_called.py"
    test.write_text(CALLED)
    run(test, socket)
