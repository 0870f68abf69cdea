"""`routee-mock record`: it asks before it leaves this machine, and leaves secrets out."""

import os
import signal
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.cli.options import TLS
from mockserver.recordings.readers import read_all
from mockserver.recordings.values import Exchange
from tests.http.mocks import entered, mocking, sms


@pytest.mark.parametrize("keep", [False, True])
def test_a_recording_has_no_secrets_unless_they_are_wanted(tmp_path: Path, keep: bool) -> None:
    out = tmp_path / "recording.jsonl"
    with mocking() as mock:
        command = [sys.executable, "-m", "mockserver", "record", "--to", mock.url, "--port", "0", "--out", str(out)]
        command += ["--keep-secrets"] * keep
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            url = process.stdout.readline().split()[3]
            with entered(url) as through:
                through.send(sms())
                bearer = through.client.headers["authorization"]
            process.send_signal(signal.SIGINT)
            said = process.stdout.read()
        assert process.returncode == 130
    assert said.splitlines()[-2:] == ["POST /oauth/token -> 200", "POST /failover -> 200"]
    assert out.stat().st_mode & 0o777 == 0o600
    token, sent = read_all([str(out)])
    assert isinstance(token, Exchange)
    assert isinstance(sent, Exchange)
    assert sent.asked["authorization"].startswith("Bearer ")
    assert (bearer in out.read_text(), b"+306900" in (sent.sent or b"")) == (keep, True)
    assert (bearer.removeprefix("Bearer ").encode() in (token.body or b"")) is keep
    assert sent.asked["authorization"].removeprefix("Bearer ").encode() in (token.body or b"")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--to", "http://127.0.0.1:1", "--tls-ca", "ca.pem"], "--tls-ca needs --tls too"),
        (["--to", "http://127.0.0.1:1", "--tls", "--tls-name", "https://x"], "is neither a host name"),
        (["--to", "http://127.0.0.1:1", "--tls", "--tls-port", "0", "--tls-ca", "/nowhere/at/all"], "--tls-ca cannot"),
        ([], "https://connect.example is not on this machine: name it on the command line"),
        (["--to", "nonsense"], "--to 'nonsense' is not a base URL"),
        (["--to", "http://127.0.0.1:1", "--webhook", "http://"], "--webhook 'http://' is not a base URL"),
        (["--to", "http://127.0.0.1:1", "--out", "/nowhere/at/all"], "/nowhere/at/all cannot be written"),
    ],
)
def test_what_it_does_not_start_for(tmp_path: Path, options: list[str], said: str) -> None:
    result = CliRunner().invoke(
        main,
        ["record", "--port", "0", "--out", str(tmp_path / "out"), *options],
        env={**os.environ, "ROUTEE_API_URL": "https://connect.example"},
    )
    assert result.exit_code in (1, 2)
    assert said in result.output


def test_its_options_for_https_are_those_of_serve() -> None:
    ours = {param.name: param for param in main.commands["record"].params}
    of_serve = [param for param in main.commands["serve"].params if param.name.startswith("tls")]
    assert [param.name for param in of_serve] == [*TLS]
    for param in of_serve:
        mine = ours[param.name]
        assert (mine.opts, mine.help, mine.default, type(mine.type)) == (
            param.opts,
            param.help,
            param.default,
            type(param.type),
        )
        assert mine.envvar is None  # two commands on one port, and one file, is what nobody wants


def test_a_client_that_takes_only_https_is_recorded(tmp_path: Path) -> None:
    out, ca = tmp_path / "recording.jsonl", tmp_path / "ca.pem"
    with mocking() as mock, socket.create_server(("127.0.0.1", 0)) as taken:
        command = [sys.executable, "-m", "mockserver", "record", "--to", mock.url, "--port", "0", "--out", str(out)]
        command += ["--tls", "--tls-port", str(taken.getsockname()[1]), "--tls-ca", str(ca)]
        refused = subprocess.run(command, capture_output=True, text=True, check=False)
        assert refused.returncode == 1
        assert "Choose another with --tls-port" in refused.stderr
        assert not ca.exists()
        command[command.index("--tls-port") + 1] = "0"
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            plain, said = process.stdout.readline().split()[3], process.stdout.readline()
            secure = said.split()[4].rstrip(",")
            assert said == f"Over https it is {secure}, for clients that trust {ca}.\n"
            trusted = ssl.create_default_context(cafile=ca)
            answer = httpx2.get(f"{secure}/failover/tracking/x", verify=trusted)
            told = httpx2.get(secure.replace("https", "http") + "/failover/tracking/x").json()["developerMessage"]
            process.send_signal(signal.SIGINT)
            process.communicate()
        assert (answer.status_code, told) == (
            401,
            f"This port speaks HTTPS only: use {secure}, or {plain} for plain HTTP.",
        )
    [exchange] = read_all([str(out)])
    assert isinstance(exchange, Exchange)
    assert exchange.path == "/failover/tracking/x"
