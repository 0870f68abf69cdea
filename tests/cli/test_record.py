"""`routee-mock record`: it asks before it leaves this machine, and leaves secrets out."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from mockserver.cli import main
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
        ([], "https://connect.example is not on this machine: name it on the command line"),
        (["--to", "nonsense"], "--to 'nonsense' is not a base URL"),
        (["--to", "http://127.0.0.1:1", "--webhook", "http://"], "--webhook 'http://' is not a base URL"),
        (["--to", "http://127.0.0.1:1", "--out", "/nowhere/at/all"], "/nowhere/at/all cannot be written"),
    ],
)
def test_what_it_does_not_start_for(options: list[str], said: str) -> None:
    result = CliRunner().invoke(
        main, ["record", *options], env={**os.environ, "ROUTEE_API_URL": "https://connect.example"}
    )
    assert result.exit_code in (1, 2)
    assert said in result.output
