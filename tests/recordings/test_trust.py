"""Over https: what passes to a mock with a certificate of its own, and what is said where one is not trusted."""

import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.recordings.passing import Way, passing
from mockserver.recordings.readers import read_all
from mockserver.recordings.trust import fault, trusting
from mockserver.recordings.values import Callback, Exchange, Record
from mockserver.server import Addresses, running
from mockserver.settings import Settings, Tls
from tests.http.mocks import entered, sms, unverified
from tests.receivers import receiving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    wanted = Tls(port=0, ca=tmp_path_factory.mktemp("trust"), names=())
    with running(Settings(port=0, tls=wanted)) as server:
        yield server


def secure(server: Addresses, host: str = "localhost") -> str:
    return (server.tls_url or "").replace("127.0.0.1", host)


def authority(server: Addresses) -> Path:
    return Path(str(server.ca))


def test_an_application_reaches_a_service_over_https(server: Addresses) -> None:
    told: list[Record] = []
    trusted = trusting(authority(server))
    with passing([Way("/", secure(server))], told.append, context=trusted) as url, entered(url) as through:
        flow = through.send(sms())
        through.track(flow)
    assert [(each.method, each.path, each.status) for each in told if isinstance(each, Exchange)] == [
        ("POST", "/oauth/token", 200),
        ("POST", "/failover", 200),
        ("GET", f"/failover/tracking/{flow}", 200),
    ]
    assert {each.url.partition("://")[0] for each in told if isinstance(each, Exchange)} == {"https"}


def certified(name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server of this name shows, and what a client trusts who trusts its authority."""
    signer = trustme.CA()
    shown, trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    signer.issue_cert(name).configure_cert(shown)
    signer.configure_trust(trusted)
    return shown, trusted


def test_a_callback_reaches_a_webhook_over_https() -> None:
    shown, trusted = certified("127.0.0.1")
    told: list[Record] = []
    with receiving(shown) as receiver:
        ways = [Way("/_callbacks", receiver.url, cut=True, calls_back=True)]
        with passing(ways, told.append, context=trusted) as url, unverified(url) as client:
            answered = client.post("/_callbacks", json={"a": 1}).status_code
    [callback] = told
    assert isinstance(callback, Callback)
    assert (callback.status, callback.body) == (answered, b'{"a":1}')
    assert answered == 200


def test_an_authority_that_is_not_trusted_is_said(server: Addresses) -> None:
    missed: list[str] = []
    told: list[Record] = []
    with passing([Way("/", secure(server))], told.append, 0, missed.append) as url, unverified(url) as client:
        answer = client.get("/failover?a=b")
    host = secure(server).removeprefix("https://")
    said = f"GET /failover was not passed on: the certificate of {host} is not trusted: unable to get local issuer"
    assert (answer.status_code, told) == (502, [])
    assert missed == [f"{said} certificate. --ca FILE names the authority that signed it"]
    assert answer.json() == {"developerMessage": f"routee-mock record: {missed[0]}"}


def test_a_certificate_of_another_name_is_said() -> None:
    shown, trusted = certified("shop.example")
    missed: list[str] = []
    with receiving(shown) as receiver:
        ways = [Way("/", receiver.url, cut=True, calls_back=True)]
        with passing(ways, lambda _: None, 0, missed.append, trusted) as url, unverified(url) as client:
            client.post("/", json={})
    [said] = missed
    assert "is not trusted: IP address mismatch, certificate is not valid for '127.0.0.1'" in said
    assert "--ca" not in said


def test_https_where_there_is_only_http_is_said(server: Addresses) -> None:
    missed: list[str] = []
    plain = server.url.replace("http:", "https:")
    with passing([Way("/", plain)], lambda _: None, 0, missed.append) as url, unverified(url) as client:
        assert client.get("/failover").status_code == 502
    assert "does not speak TLS there: is it http?" in missed[0]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (socket.gaierror(-2, "Name or service not known"), "there is no machine of the name shop"),
        (TimeoutError("timed out"), "shop did not answer in time"),
        (ConnectionRefusedError(111, "Connection refused"), "shop: Connection refused"),
        (ValueError("odd"), "odd"),
        (KeyError(), "KeyError"),
    ],
)
def test_other_faults_are_said_too(error: Exception, said: str) -> None:
    assert fault(error, "shop") == said
    try:
        raise RuntimeError("a library's own") from error
    except RuntimeError as wrapped:
        assert fault(wrapped, "shop") == (said if isinstance(error, OSError) else "a library's own")


def test_the_commands_take_the_authority_of_a_service(server: Addresses, tmp_path: Path) -> None:
    out = tmp_path / "recording.jsonl"
    options = ["--to", secure(server), "--ca", str(authority(server)), "--port", "0", "--out", str(out)]
    with subprocess.Popen(
        [sys.executable, "-m", "mockserver", "record", *options], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        with entered(process.stdout.readline().split()[3]) as through:
            through.send(sms())
        process.send_signal(signal.SIGINT)
        process.stdout.read()
    assert [each.path for each in read_all([str(out)]) if isinstance(each, Exchange)] == ["/oauth/token", "/failover"]


@pytest.mark.parametrize("trusted", [True, False])
def test_the_questions_are_asked_over_https(server: Addresses, tmp_path: Path, trusted: bool) -> None:
    out = tmp_path / "probe.jsonl"
    options = ["--api", secure(server), "--auth", secure(server), "--yes", "--out", str(out)]
    options += ["--ca", str(authority(server))] * trusted
    there = os.environ | {"ROUTEE_APPLICATION_ID": "app", "ROUTEE_APPLICATION_SECRET": "secret"}
    result = CliRunner().invoke(main, ["probe", *options], env=there)
    assert result.exit_code == (0 if trusted else 1), result.output
    assert ("--ca FILE names the authority that signed it" in result.output) is not trusted


@pytest.mark.parametrize(("text", "said"), [(None, "No such file"), ("nonsense", "has no certificate in it (PEM)")])
def test_a_file_of_no_authority_is_an_error(text: str | None, said: str, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    if text is not None:
        file.write_text(text)
    there = {"ROUTEE_APPLICATION_ID": "app", "ROUTEE_APPLICATION_SECRET": "secret"}
    for command in (["record", "--to", "https://127.0.0.1:1"], ["probe", "--api", "https://a", "--auth", "https://a"]):
        result = CliRunner().invoke(main, [*command, "--ca", str(file)], env=there)
        assert result.exit_code == 2
        assert said in result.output
