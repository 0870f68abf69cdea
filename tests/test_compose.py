"""compose.yaml without an engine: its services as plain processes, with the same commands and environment.

tests/containers/ runs it in containers.
"""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from click.testing import CliRunner

from mockserver.cli import main, serve
from mockserver.cli.sources import variable
from mockserver.tls import ROUTEE
from tests.tunnels import tunnelling
from tools.ports import free_port

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "tests" / "examples" / "compose"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())

PATIENCE = 300
"""Real seconds after which a test gives up waiting."""

MOCK = [sys.executable, "-m", "mockserver", "serve"]


@contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """A service, while the block lasts; /shop is the folder that compose.yaml mounts there."""
    line = [part.replace("/shop/", f"{EXAMPLE}/") for part in command]
    line[0] = sys.executable if line[0] == "python" else line[0]
    told = {"PATH": os.environ["PATH"]} | environment
    with subprocess.Popen(line, env=told, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def until_open(port: int, process: "subprocess.Popen[str]") -> None:
    for _ in range(PATIENCE * 20):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    raise AssertionError("the shop did not open")


def test_it_says_nothing_the_mock_does_not_understand() -> None:
    assert COMPOSE["services"]["mock"]["networks"]["default"]["aliases"] == list(ROUTEE)
    for stack in (COMPOSE, yaml.safe_load((EXAMPLE / "configured.yaml").read_text())):
        said: dict[str, str] = stack["services"]["mock"]["environment"]
        assert set(said) <= {variable(param) for param in serve.params}
        result = CliRunner().invoke(main, ["config"], env={"ROUTEE_MOCK_URL": None, **said})
        assert result.exit_code == 0, result.output


def test_the_stack_delivers_an_order(tmp_path: Path) -> None:
    """It runs as compose.yaml says, except that ports are free ones and names lead to this machine."""
    services, port, shop_port = COMPOSE["services"], free_port(), free_port()
    mine = {"ROUTEE_MOCK_PORT": str(port), "ROUTEE_MOCK_TLS_PORT": "0", "ROUTEE_MOCK_TLS_CA": str(tmp_path)}
    mine["ROUTEE_MOCK_DATA"] = str(tmp_path / "data")
    mine["ROUTEE_MOCK_CALLBACK_REWRITE"] = f"shop:8000=127.0.0.1:{shop_port}"
    with running(MOCK, {**services["mock"]["environment"], **mine}) as mock:
        assert mock.stdout is not None
        secure = next(found[1] for line in mock.stdout if (found := re.search(r"https://[^ :]+:(\d+)", line)))
        with tunnelling(int(secure)) as tunnel:
            more = {"SSL_CERT_FILE": str(tmp_path / "ca.pem"), "SHOP_PORT": str(shop_port), "SHOP_HOST": "127.0.0.1"}
            told_shop = services["shop"]["environment"] | more | {"https_proxy": tunnel.url}
            with running(services["shop"]["command"], told_shop) as shop:
                until_open(shop_port, shop)
                urls = {"SHOP_URL": f"http://127.0.0.1:{shop_port}", "MOCK_URL": f"http://127.0.0.1:{port}"}
                assert services["check"]["environment"].keys() == urls.keys()
                with running(services["check"]["command"], urls) as check:
                    said, wrong = check.communicate(timeout=PATIENCE)
                assert (check.returncode, said) == (0, "order 42: Succeeded over Sms\n"), wrong
            assert tunnel.asked == ["auth.routee.net:443", "connect.routee.net:443"]
