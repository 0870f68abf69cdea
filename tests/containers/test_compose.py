"""The stack of compose.yaml: an application with Routee's own URLs, which does not know the mock."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from tests.containers.podman import HOME, PATIENCE, Podman
from tests.containers.test_image import until_healthy

ANY_PORT = """
services:
  mock: {ports: !override ["127.0.0.1::80"]}
  shop: {ports: !override ["127.0.0.1::8000"]}
"""
"""Ports 8080 and 8000 may be taken."""

PROJECT = "routee-mock-test"

Compose = Callable[..., str]


@pytest.fixture
def compose(podman: Podman, tmp_path: Path) -> Iterator[Compose]:
    (tmp_path / "ports.yaml").write_text(ANY_PORT)
    files = ("--file", str(HOME / "compose.yaml"), "--file", str(tmp_path / "ports.yaml"))

    def compose(*words: str) -> str:
        command = [sys.executable, "-m", "podman_compose", "--project-name", PROJECT, *files, "--profile", "check"]
        done = subprocess.run(
            [*command, *words], env=podman.environment, cwd=HOME, capture_output=True, text=True, timeout=PATIENCE
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    compose("down", "--volumes")
    try:
        yield compose
    finally:
        compose("down", "--volumes", "--timeout", "1")


def test_the_stack_delivers_an_order(podman: Podman, compose: Compose) -> None:
    compose("up", "--detach", "--no-build", "mock")
    until_healthy(podman, f"{PROJECT}_mock_1")  # before the shop, since Podman 4.3 does not wait for service_healthy
    compose("up", "--detach", "--no-build", "--no-recreate", "shop")
    mock, shop = (podman.address(f"{PROJECT}_{name}_1", port) for name, port in (("mock", 80), ("shop", 8000)))
    httpx2.get(f"http://{shop}/orders", timeout=120).raise_for_status()
    assert compose("run", "--rm", "--no-deps", "check").splitlines()[-1] == "order 42: Succeeded over Sms"
    heard = httpx2.get(f"http://{mock}/_mock/requests").json()["requests"]
    assert [(each["path"], each["status"]) for each in heard] == [("/oauth/token", 200), ("/failover", 200)]
