"""A pass-through for clients that take only https: with the certificate, and the words, of the mock itself."""

import json
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from mockserver.http.protocol import written
from mockserver.recordings import tls_port
from mockserver.recordings.passing import Way, passing
from mockserver.recordings.tls_port import Door
from mockserver.recordings.values import Exchange, Record
from mockserver.server import address, running, secured, turned_away, written_ca
from mockserver.settings import Settings, Tls
from tests.http.mocks import mocking, sms
from tests.recordings.test_passing import ODD, service


@dataclass(frozen=True)
class Recorder:
    """A pass-through with a port for TLS. said: what it could not pass on."""

    plain: str
    secure: str
    ca: Path
    told: list[Record]
    said: list[str]

    @property
    def trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca)

    def connected(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", urlsplit(self.secure).port or 0), timeout=60)


@contextmanager
def recording(to: str, tmp_path: Path) -> Iterator[Recorder]:
    told, said = list[Record](), list[str]()
    tls = Tls(port=0, ca=tmp_path)
    with secured("127.0.0.1", tls) as listener:
        door = Door(listener, lambda client, port: written(turned_away(client, port)))
        secure, ca = address(listener.listening, "https"), written_ca(listener, tls)
        assert ca is not None
        with passing([Way("/", to)], told.append, 0, said.append, door=door) as plain:
            yield Recorder(plain, secure, ca, told, said)


def test_both_ports_tell_one_story(tmp_path: Path) -> None:
    grant = {"grant_type": "client_credentials"}
    with mocking() as mock, recording(mock.url, tmp_path) as recorder:
        with httpx2.Client(base_url=recorder.secure, verify=recorder.trusted) as client:
            token = client.post("/oauth/token", auth=("me", "mine"), data=grant).json()["access_token"]
            bearer = {"authorization": f"Bearer {token}"}
            sent = client.post("/failover", json={"flow": [sms()]}, headers=bearer)
        path = f"/failover/tracking/{sent.json()['trackingId']}"
        assert httpx2.get(recorder.plain + path, headers=bearer).status_code == 200
    told = [(each.path, each.place.number) for each in recorder.told if isinstance(each, Exchange)]
    assert told == [("/oauth/token", 1), ("/failover", 2), (path, 3)]
    assert not recorder.said


def test_an_answer_without_a_length_ends_with_a_farewell_and_is_the_same_bytes(tmp_path: Path) -> None:
    endless = b"HTTP/1.1 200 Fine\r\nContent-Type: text/plain\r\n\r\nuntil the end"
    for answer in (ODD, endless):
        with service(answer) as to, recording(to, tmp_path) as recorder:
            name, told = "connect.routee.net", b""
            with recorder.trusted.wrap_socket(
                recorder.connected(), server_hostname=name, suppress_ragged_eofs=False
            ) as client:
                client.sendall(b"GET /failover HTTP/1.1\r\nHost: x\r\n\r\n")
                while data := client.recv(65_536):  # raises where the end has no farewell
                    told += data
        assert told == answer


@pytest.mark.parametrize("method", ["GET", "POST", "BREW", "P"])
def test_plain_http_gets_the_words_of_the_mock(tmp_path: Path, method: str) -> None:
    with mocking() as mock, recording(mock.url, tmp_path) as recorder, recorder.connected() as client:
        client.sendall(f"{method} / HTTP/1.1\r\nHost: connect.routee.net\r\n\r\n".encode())
        answer = client.makefile("rb").read()
    with running(Settings(port=0, tls=Tls(port=0))) as mock_over_tls:
        secure = urlsplit(mock_over_tls.tls_url or "")
        with socket.create_connection((str(secure.hostname), secure.port or 0), timeout=60) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            of_the_mock = client.makefile("rb").read()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert json.loads(body)["developerMessage"] == (
        f"This port speaks HTTPS only: use {recorder.secure}, or {recorder.plain} for plain HTTP."
    )
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"content-length")]
    assert lines == [line for line in of_the_mock.split(b"\r\n\r\n")[0].split(b"\r\n") if b"content-length" not in line]
    assert (recorder.told, recorder.said) == ([], ["plain HTTP on the port for HTTPS was refused"])


def test_the_certificate_is_answered_over_plain_http_and_not_recorded(tmp_path: Path) -> None:
    with mocking() as mock, recording(mock.url, tmp_path) as recorder:
        answer = httpx2.get(f"{recorder.plain}/_mock/ca.pem")
        assert answer.content == recorder.ca.read_bytes()
        assert answer.headers["content-type"] == "application/x-pem-file"
        assert httpx2.get(f"{recorder.plain}/_mock/health").status_code == 200  # all else is passed on
    assert [each.path for each in recorder.told if isinstance(each, Exchange)] == ["/_mock/health"]


def test_who_does_not_trust_the_certificate_is_named(tmp_path: Path) -> None:
    with mocking() as mock, recording(mock.url, tmp_path) as recorder:
        with recorder.connected() as client, pytest.raises(ssl.SSLCertVerificationError):
            ssl.create_default_context().wrap_socket(client, server_hostname="localhost")
        until = time.monotonic() + 60
        while not recorder.said and time.monotonic() < until:
            time.sleep(0.01)
    [said] = recorder.said
    assert said.startswith("no TLS with a client: ")
    assert said.endswith("it must trust the certificate that --tls-ca writes")


@pytest.mark.parametrize(
    "nonsense", [b"", b"\x00", b"\x80\x2e\x01", b" GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x00\x01\x00"]
)
def test_what_is_neither_costs_its_own_connection_only(tmp_path: Path, nonsense: bytes) -> None:
    with mocking() as mock, recording(mock.url, tmp_path) as recorder:
        with recorder.connected() as client:
            client.sendall(nonsense)
            client.shutdown(socket.SHUT_WR)
            with suppress(ConnectionResetError):
                assert b"HTTP" not in client.recv(1_000)
        assert httpx2.get(f"{recorder.secure}/_mock/health", verify=recorder.trusted).status_code == 200


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01\x02\x00", b"GET / HT"], ids=["nothing", "half a hello", "http"])
def test_a_client_that_does_not_get_on_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    monkeypatch.setattr(tls_port, "HANDSHAKE", 0.2)
    with mocking() as mock, recording(mock.url, tmp_path) as recorder, recorder.connected() as client:
        client.sendall(said)
        client.makefile("rb").read()


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01\x02\x00", b"GET / HT"], ids=["nothing", "half a hello", "http"])
def test_none_of_them_keeps_it_from_ending(tmp_path: Path, said: bytes) -> None:
    with mocking() as mock, recording(mock.url, tmp_path) as recorder:
        client = recorder.connected()
        client.sendall(said)
    client.close()
