"""The image: whom it runs as, what it may write, what it says of its health, and how it stops."""

import time

import httpx2
import pytest

from mockserver.client import Server
from tests.containers.podman import IMAGE, Podman

SEALED = (
    *("--read-only", "--read-only-tmpfs=false", "--cap-drop=all", "--publish=127.0.0.1::8080"),
    *("--env=ROUTEE_MOCK_CLOCK=manual", "--env=ROUTEE_MOCK_TLS=true"),
)
"""As Docker seals a container; Podman by itself leaves /tmp open."""


def until_healthy(podman: Podman, container: str) -> None:
    """Wait until the image's own check is passed; without systemd, Podman makes it only when it is told to."""
    for _ in range(400):
        if podman.attempt("healthcheck", "run", container).returncode == 0:
            return
        time.sleep(0.25)
    raise AssertionError(podman.attempt("logs", container))


def test_it_serves_without_rights_and_with_nothing_to_write_to(podman: Podman) -> None:
    with podman.running(*SEALED) as container:
        until_healthy(podman, container)
        assert podman("exec", container, "id", "-u") == "65532"
        assert podman.attempt("exec", container, "touch", "/tmp/file").returncode == 1
        url = f"http://{podman.address(container, 8080)}"
        assert len(httpx2.get(f"{url}/_mock/library").json()["scenarios"]) >= 20
        with Server(url) as server, server.create_sandbox() as sandbox:
            flow = sandbox.send([{"type": "Sms", "to": "+306900000000", "from": "Me", "message": {"body": "hello"}}])
            sandbox.clock.until_final(flow)
            sandbox.expect.flow(flow, status="Succeeded")


def test_it_stops_at_once_and_in_good_order(podman: Podman) -> None:
    with podman.running(*SEALED) as container:
        until_healthy(podman, container)
        podman("stop", "--time=120", container)
        assert podman("inspect", "--format={{.State.ExitCode}}", container) == "0", "it was killed"
        assert podman.attempt("logs", container).stderr.splitlines()[-1].endswith("stopping")


def test_its_health_is_bad_where_no_mock_answers(podman: Podman) -> None:
    alone = podman.attempt("run", "--rm", "--entrypoint=routee-mock", IMAGE, "health")
    assert (alone.returncode, "Connection refused" in alone.stderr) == (1, True)


@pytest.mark.parametrize("gone", ["/src", "/opt/routee-mock/bin/pip", "/root/.cache/pip"])
def test_nothing_of_the_build_is_left_in_it(podman: Podman, gone: str) -> None:
    assert podman.attempt("run", "--rm", "--user=0", "--entrypoint=ls", IMAGE, gone).returncode == 2
