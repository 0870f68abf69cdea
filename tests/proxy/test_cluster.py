"""compose.cluster.yaml without an engine: its services as plain processes, behind a real HAProxy with its file."""

import sys
from contextlib import ExitStack
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from mockserver.cli import main, serve
from mockserver.cli.sources import variable
from tests.http.mocks import sms, unverified
from tests.proxy.balancers import balanced, bearer, configured, login
from tests.test_compose import PATIENCE, running, until_open
from tools import cluster
from tools.cluster import FILE, ROOT
from tools.ports import free_port

COMPOSE: dict[str, Any] = yaml.safe_load(cluster.STACK.read_text())
MOCKS = {name: each["environment"] for name, each in COMPOSE["services"].items() if name.startswith("mock-")}
[MOUNTED] = COMPOSE["services"]["proxy"]["volumes"]


def test_the_file_of_the_proxy_is_what_the_command_prints() -> None:
    shards = [f"{each.name}=http://{each.address}" for each in cluster.shards()]
    printed = configured(*(word for shard in shards for word in ("--shard", shard)))
    assert FILE.read_text() == printed, "run `make generate`"
    head = cluster.STACK.read_text().partition("x-mock")[0]
    assert "#   routee-mock proxy haproxy --shard " + " --shard ".join(shards) in head
    assert (ROOT / MOUNTED.split(":")[0], len(shards)) == (FILE, len(MOCKS))
    assert set(COMPOSE["services"]["proxy"]["depends_on"]) == MOCKS.keys()


@pytest.mark.parametrize("name", MOCKS)
def test_it_says_nothing_the_mock_does_not_understand(name: str) -> None:
    assert set(MOCKS[name]) <= {variable(param) for param in serve.params}
    result = CliRunner().invoke(main, ["config"], env={"ROUTEE_MOCK_URL": None, **MOCKS[name]})
    assert result.exit_code == 0, result.output


def test_two_mocks_look_like_one() -> None:
    """It runs as compose.cluster.yaml says, except that ports are free ones and names lead to this machine."""
    text = FILE.read_text()
    with ExitStack() as stack:
        for name, environment in MOCKS.items():
            port = free_port()
            command = [sys.executable, "-m", "mockserver", "serve"]
            process = stack.enter_context(running(command, environment | {"ROUTEE_MOCK_PORT": str(port)}))
            until_open(port, process)
            text = text.replace(f"{name}:8080", f"127.0.0.1:{port}")
        port = free_port()
        assert text.count("bind :8080\n") == 1
        balancer = stack.enter_context(balanced(text.replace("bind :8080", f"bind 127.0.0.1:{port}"), port))
        client = stack.enter_context(unverified(balancer.url))
        assert client.get("/_mock/ready").json()["status"] == "ready"
        met = set()
        for number in range(12):
            sent = client.post("/failover", json={"flow": [sms()]}, headers=bearer(login(client, f"load-{number}")))
            flows = client.get(f"/_mock/sandboxes/load-{number}/flows")
            assert [each["trackingId"] for each in flows.json()["flows"]] == [sent.json()["trackingId"]]
            met.add(flows.headers["mock-shard"])
        assert met == {each["ROUTEE_MOCK_SHARD"] for each in MOCKS.values()}
        command = [sys.executable, str(FILE.parent / "load.py"), "6", "3"]
        with running(command, {"ROUTEE_API_URL": balancer.url}) as load:
            said, wrong = load.communicate(timeout=PATIENCE)
        assert (load.returncode, said) == (0, "18 flows were accepted\n"), wrong
