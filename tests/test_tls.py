"""HTTPS: for which names the certificate is valid, who signs it, and the errors."""

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.server import Addresses, running
from mockserver.settings import Settings, Tls
from mockserver.tls import MADE_BY, NAMES, TlsError, identify, own_name, read_name, write_ca
from tests.http.mocks import mocking, sms


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    wanted = Tls(port=0, ca=tmp_path_factory.mktemp("trust"), names=("mock.example.com", "192.0.2.7"))
    with running(Settings(port=0, tls=wanted)) as server:
        yield server


def trusting(server: Addresses) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=server.ca)
    context.verify_flags |= ssl.VERIFY_X509_STRICT  # the default from Python 3.13 on
    return context


def shown(server: Addresses, name: str, *protocols: str, context: ssl.SSLContext | None = None) -> ssl.SSLSocket:
    """A connection made under a name, its certificate verified."""
    context = context or trusting(server)
    if protocols:
        context.set_alpn_protocols(protocols)
    port = httpx2.URL(server.tls_url or "").port or 0
    return context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=60), server_hostname=name)


@pytest.mark.parametrize("name", [*NAMES, "mock.example.com", "192.0.2.7"])
def test_the_certificate_is_good_for_these_names(server: Addresses, name: str) -> None:
    with shown(server, name) as connection:
        assert connection.version() in {"TLSv1.2", "TLSv1.3"}


@pytest.mark.parametrize("name", ["example.com", "www.routee.net", "192.0.2.8", "a.mock.example.com"])
def test_the_certificate_is_good_for_no_other_name(server: Addresses, name: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        shown(server, name)


def test_a_client_that_does_not_trust_the_authority_of_this_run_cannot_connect(
    server: Addresses, tmp_path: Path
) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer certificate"):
        shown(server, "connect.routee.net", context=ssl.create_default_context())
    another = write_ca(identify(()).ca, tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError):
        shown(server, "connect.routee.net", context=ssl.create_default_context(cafile=another))


@pytest.mark.parametrize(("offered", "agreed"), [(("h2", "http/1.1"), "http/1.1"), ((), None)])
def test_http_1_1_is_agreed_on(server: Addresses, offered: tuple[str, ...], agreed: str | None) -> None:
    with shown(server, "connect.routee.net", *offered) as connection:
        assert connection.selected_alpn_protocol() == agreed


def test_one_mock_serves_http_and_https_and_says_which(server: Addresses) -> None:
    grant = {"grant_type": "client_credentials"}
    with httpx2.Client(base_url=server.tls_url or "", verify=trusting(server)) as client:
        token = client.post("/oauth/token", auth=("me", "mine"), data=grant).json()["access_token"]
        made = client.post("/_mock/sandboxes", json={}).json()
        assert made["apiUrl"] == server.tls_url
    again = httpx2.post(f"{server.url}/oauth/token", auth=("me", "mine"), data=grant).json()
    assert again["access_token"] == token
    assert made["id"] in [each["id"] for each in httpx2.get(f"{server.url}/_mock/sandboxes").json()["sandboxes"]]


@pytest.mark.parametrize("name", ["auth.routee.net", "connect.routee.net:443", "mock.example.com", "192.0.2.7"])
def test_the_control_api_answers_to_the_names_of_the_certificate(server: Addresses, name: str) -> None:
    assert httpx2.get(f"{server.url}/_mock/clock", headers={"host": name}).status_code == 200


def test_without_tls_the_control_api_does_not_answer_to_routees_names() -> None:
    with mocking() as mock:
        refused = mock.client.get("/_mock/clock", headers={"host": "connect.routee.net"})
        assert (refused.status_code, "--allow-host" in refused.text) == (403, True)
        assert mock.client.post("/failover", headers={"host": "connect.routee.net"}, json={}).status_code == 400


def test_pages_of_other_sites_are_kept_out_over_tls_too(server: Addresses) -> None:
    headers = {"host": "connect.routee.net", "origin": "https://evil.example"}
    assert httpx2.get(f"{server.url}/_mock/clock", headers=headers).status_code == 403


def test_the_ca_is_written_served_and_holds_no_key(server: Addresses) -> None:
    answer = httpx2.get(f"{server.url}/_mock/ca.pem")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-pem-file")
    assert server.ca is not None
    assert answer.content == server.ca.read_bytes()
    assert re.findall(r"-----BEGIN (.*?)-----", answer.text) == ["CERTIFICATE"]
    assert [each.name for each in server.ca.parent.iterdir()] == ["ca.pem"]


def test_the_ca_is_served_without_the_control_token() -> None:
    with running(Settings(port=0, tls=Tls(port=0), control_token="Sesame")) as server:
        assert server.ca is None
        assert httpx2.get(f"{server.url}/_mock/ca.pem").status_code == 200
        assert httpx2.get(f"{server.url}/_mock/clock").status_code == 401


def test_without_tls_there_is_no_ca_and_it_says_so() -> None:
    with mocking() as mock:
        answer = mock.client.get("/_mock/ca.pem")
        assert answer.status_code == 404
        assert "--tls" in answer.json()["developerMessage"]


def test_every_run_has_an_authority_of_its_own_and_replaces_the_file(tmp_path: Path) -> None:
    seen = set()
    for _ in range(2):
        with running(Settings(port=0, tls=Tls(port=0, ca=tmp_path / "mine.pem"))) as server:
            assert server.ca == tmp_path / "mine.pem"
            seen.add(server.ca.read_bytes())
            shown(server, "connect.routee.net").close()
    assert len(seen) == 2


def test_what_is_not_http_or_not_tls_costs_its_own_connection_only(server: Addresses) -> None:
    port = httpx2.URL(server.tls_url or "").port or 0
    for nonsense in (b"GET / HTTP/1.1\r\nHost: connect.routee.net\r\n\r\n", b"\x16\x03\x01", b""):
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.sendall(nonsense)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(1_000)
    with shown(server, "connect.routee.net") as connection:
        connection.sendall(b"nonsense\r\n\r\n")
        assert connection.recv(1_000).startswith(b"HTTP/1.1 400")
    assert httpx2.get(f"{server.tls_url}/_mock/health", verify=trusting(server)).status_code == 200


def test_a_scenario_breaks_a_connection_off_over_tls_too() -> None:
    with running(Settings(port=0, tls=Tls(port=0))) as server:
        httpx2.post(f"{server.url}/_mock/scenarios", json={"name": "cut", "api": "reset"}).raise_for_status()
        context = ssl.create_default_context(cadata=httpx2.get(f"{server.url}/_mock/ca.pem").text)
        with httpx2.Client(base_url=server.tls_url or "", verify=context) as client:
            grant = {"grant_type": "client_credentials"}
            token = client.post("/oauth/token", auth=("me", "mine"), data=grant).json()["access_token"]
            with pytest.raises((httpx2.ReadError, httpx2.RemoteProtocolError)):
                client.post("/failover", headers={"authorization": f"Bearer {token}"}, json={"flow": [sms()]})
        assert httpx2.get(f"{server.url}/_mock/flows").json()["flows"] == []


# What is asked for


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Mock.Example.com.", "mock.example.com"),
        ("mock", "mock"),
        ("[::1]", "::1"),
        ("0:0::1", "::1"),
        ("10.0.0.1", "10.0.0.1"),
        ("xn--bcher-kva.test", "xn--bcher-kva.test"),
    ],
)
def test_names_are_read(text: str, name: str) -> None:
    assert read_name(text) == name
    assert identify([text]).ca


@pytest.mark.parametrize(
    "text",
    ["", "https://a.test", "a.test:443", "a b", "*.a.test", "a_b", "-a", "a-", "a..b", "é.test", "1.2.3", "a" * 64],
)
def test_a_bad_name_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="neither a host name of letters, digits, dots and dashes"):
        read_name(text)


def test_a_name_that_no_certificate_can_have_is_an_error() -> None:
    with pytest.raises(TlsError, match=r"no certificate can be made for .*xn--zzzzzz99"):
        identify(["xn--zzzzzz99"])


@pytest.mark.parametrize(
    ("host", "names"),
    [("0.0.0.0", ()), ("::", ()), ("", ()), ("my_host", ()), ("10.0.0.1", ("10.0.0.1",)), ("mock", ("mock",))],
)
def test_the_host_it_listens_on_is_a_name_too(host: str, names: tuple[str, ...]) -> None:
    assert own_name(host) == names


def test_only_what_another_run_wrote_is_overwritten(tmp_path: Path) -> None:
    ca = identify(()).ca
    assert MADE_BY.encode() in ssl.PEM_cert_to_DER_cert(ca.decode())
    assert write_ca(ca, tmp_path) == tmp_path / "ca.pem"
    again = identify(()).ca
    assert write_ca(again, tmp_path / "ca.pem").read_bytes() == again
    (tmp_path / "empty.pem").touch()
    write_ca(ca, tmp_path / "empty.pem")
    for precious in (b"my notes\n", again + again, b"\xff\xfe"):
        (tmp_path / "precious").write_bytes(precious)
        with pytest.raises(TlsError, match=r"would overwrite .*precious, and no routee-mock wrote it"):
            write_ca(ca, tmp_path / "precious")
        assert (tmp_path / "precious").read_bytes() == precious


# As a person types it


def refused(*arguments: str) -> str:
    result = CliRunner().invoke(main, ["serve", "--port", "0", *arguments])
    assert result.exit_code in {1, 2}, result.output
    assert "Traceback" not in result.output
    return str(result.output)


def test_a_taken_tls_port_is_an_error_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = refused("--tls", "--tls-port", port, "--tls-ca", str(tmp_path))
    assert said.startswith(f"Error: cannot listen on 127.0.0.1 port {port}: ")
    assert "--tls-port 0 takes any that is free" in said
    assert list(tmp_path.iterdir()) == []


def test_a_ca_that_cannot_be_written_is_an_error_in_one_line(tmp_path: Path) -> None:
    nowhere = tmp_path / "not" / "there.pem"
    assert refused("--tls", "--tls-port", "0", "--tls-ca", str(nowhere)) == (
        f"Error: --tls-ca cannot write {nowhere}: No such file or directory;"
        " name a file, or a directory that is there\n"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("--tls-ca ca.pem", "--tls-ca needs --tls too: alone it does nothing"),
        ("--tls-name a.test --tls-port 9443", "--tls-port and --tls-name need --tls too: alone they do nothing"),
        ("--tls --tls-name https://a.test", "'https://a.test' is neither a host name"),
        ("--tls --tls-port 65536", "65536 is not in the range"),
    ],
)
def test_a_wrong_option_is_explained(arguments: str, words: str) -> None:
    assert words in refused(*arguments.split())


def test_without_a_place_for_a_key_it_says_what_to_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(TlsError, match=r"named by TMPDIR: .*No such file or directory"):
        identify(())


def test_without_trustme_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "trustme.py").write_text("raise ImportError\n")
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--tls-port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([*command, "--tls"], env=environment, capture_output=True, text=True, timeout=600)
    assert (done.returncode, done.stderr) == (
        1,
        "Error: --tls needs the package trustme: pip install 'routee-failover-mock[tls]'\n",
    )


def test_serve_says_where_it_is_and_stops_at_once_and_quietly_with_clients_connected(tmp_path: Path) -> None:
    options = ["--port", "0", "--tls", "--tls-port", "0", "--tls-ca", str(tmp_path), "--tls-name", "mock.example.com"]
    command = [sys.executable, "-m", "mockserver", "serve", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        welcome = [process.stdout.readline() for _ in range(6)]
        found = re.fullmatch(r"  https  (https://127.0.0.1:\d+) for clients that trust (.+)\n", welcome[5])
        if not found:
            process.kill()
        assert found, welcome
        reached = Addresses(re.findall(r"http://\S+", welcome[0])[0], found[1], Path(found[2]))
        assert reached.ca == tmp_path / "ca.pem"
        with shown(reached, "mock.example.com") as idle, shown(reached, "localhost") as silent:
            idle.sendall(b"GET /_mock/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert idle.recv(1_000).startswith(b"HTTP/1.1 200")
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
            assert silent.recv(1_000) == b""
    assert "graceful" not in errors
    assert "Traceback" not in errors


def test_the_certificate_lives_no_longer_than_apple_takes(server: Addresses) -> None:
    address = urlsplit(str(server.tls_url))
    context = ssl.create_default_context(cafile=str(server.ca))
    with (
        socket.create_connection((str(address.hostname), address.port or 0), timeout=60) as plain,
        context.wrap_socket(plain, server_hostname="connect.routee.net") as connection,
    ):
        shown = dict(connection.getpeercert() or {})
    began, ends = (ssl.cert_time_to_seconds(str(shown[when])) for when in ("notBefore", "notAfter"))
    assert ends - began <= 825 * 86_400
    assert began < time.time() - 3_600
    assert ends > time.time() + 365 * 86_400
