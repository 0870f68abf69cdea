"""RouteeContainer without an engine: what Docker or Podman would be told. tests/containers/ starts a real one."""

import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import pytest
import yaml
from click.testing import CliRunner

from mockserver.cli import main, serve
from mockserver.cli.sources import variable
from mockserver.testcontainers import PORT, RouteeContainer
from mockserver.testing import process

CI = Path(__file__).parent / "examples" / "ci"


@pytest.fixture
def docker(monkeypatch: pytest.MonkeyPatch) -> mock.MagicMock:
    """Takes the place of Docker: it notes everything, and leads to a running mock."""
    docker = mock.MagicMock()
    where = urlsplit(process.shared())
    monkeypatch.setattr("testcontainers.core.container.DockerClient", lambda **_: docker)
    monkeypatch.setattr("testcontainers.core.container.Reaper", mock.MagicMock())
    monkeypatch.setattr(RouteeContainer, "get_container_host_ip", lambda _: where.hostname)
    monkeypatch.setattr(RouteeContainer, "get_exposed_port", lambda _, port: {PORT: where.port}[port])
    docker.create.return_value.status = "running"
    docker.run = docker.create  # an old one makes and starts it in one step
    docker.client.version.return_value = {"Components": [{"Name": "Engine"}]}
    return docker


def test_the_container_gets_its_settings_and_is_waited_for(docker: mock.MagicMock) -> None:
    with RouteeContainer(clock="manual", strict_fields=True, allow_host=["a.test", "b.test"]) as container:
        assert container.url == process.shared()
        with container.server() as server, server.create_sandbox() as sandbox:
            assert sandbox.flows == []
    told: dict[str, Any] = docker.create.call_args.kwargs
    assert docker.create.call_args.args[0] == "routee-failover-mock"
    assert told["extra_hosts"] == {"host.docker.internal": "host-gateway"}
    assert [*map(str, told["ports"])] == [str(PORT)]
    result = CliRunner().invoke(main, ["config"], env={"ROUTEE_MOCK_URL": None, **told["environment"]})
    assert result.exit_code == 0, result.output
    assert 'callback-rewrite = ["localhost=host.docker.internal", "127.0.0.1=host.docker.internal"]' in result.output
    assert 'allow-host = ["a.test", "b.test"]' in result.output
    docker.create.return_value.remove.assert_called_once()


def test_podman_names_the_host_itself_and_the_users_own_choices_stand(docker: mock.MagicMock) -> None:
    docker.client.version.return_value = {"Components": [{"Name": "Podman Engine"}]}
    with RouteeContainer():
        pass
    with RouteeContainer(callback_rewrite="localhost=app").with_kwargs(extra_hosts={"app": "10.0.0.7"}):
        pass
    in_podman, chosen = (call.kwargs for call in docker.create.call_args_list)
    assert "extra_hosts" not in in_podman
    assert in_podman["environment"]["ROUTEE_MOCK_CALLBACK_REWRITE"].split()[0] == "localhost=host.containers.internal"
    assert chosen["extra_hosts"] == {"app": "10.0.0.7"}
    assert chosen["environment"]["ROUTEE_MOCK_CALLBACK_REWRITE"] == "localhost=app"


def test_without_the_library_it_says_what_to_install() -> None:
    program = "import sys\nsys.modules['testcontainers'] = None\nimport mockserver.testcontainers"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "pip install 'routee-failover-mock[testcontainers]'" in done.stderr


@pytest.mark.parametrize("file", ["github.yaml", "gitlab.yaml", "compose.yaml"])
def test_the_recipes_say_nothing_the_mock_does_not_understand(file: str) -> None:
    known = {variable(param) for param in serve.params} | {"ROUTEE_MOCK_URL"}
    said = set(names(yaml.safe_load((CI / file).read_text())))
    assert said
    assert said <= known


def names(node: Any) -> list[str]:
    """Every key of a document that begins as our variables do."""
    if isinstance(node, dict):
        own = [key for key in node if str(key).startswith("ROUTEE_MOCK_")]
        return own + [name for value in node.values() for name in names(value)]
    return [name for each in node for name in names(each)] if isinstance(node, list) else []
