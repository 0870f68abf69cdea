"""Clients that speak plain HTTP where HTTPS is spoken."""

import asyncio
import http.client
import json
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from mockserver.cli.health import ask
from mockserver.http.tls_port import TlsPort
from mockserver.server import Addresses, running
from mockserver.settings import Settings, Tls
from mockserver.wire import errors


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    with running(Settings(port=0, tls=Tls(port=0, ca=tmp_path_factory.mktemp("trust")))) as mock:
        yield mock


def connected(mock: Addresses) -> socket.socket:
    secure = urlsplit(mock.tls_url or "")
    return socket.create_connection((str(secure.hostname), secure.port or 0), timeout=60)


# rule connections.plain-http
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "OPTIONS", "CONNECT", "BREW"])
def test_plain_http_is_told_what_is_spoken_here_and_where_it_is_spoken_itself(mock: Addresses, method: str) -> None:
    with connected(mock) as client:
        client.sendall(f"{method} / HTTP/1.1\r\nHost: connect.routee.net\r\n\r\n".encode())
        head, _, body = client.makefile("rb").read().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"content-type: application/json" in head
    assert b"connection: close" in head
    assert json.loads(body) == {
        "code": "400000000",
        "developerMessage": f"This port speaks HTTPS only: use {mock.tls_url}, or {mock.url} for plain HTTP.",
    }


def test_one_byte_is_enough_to_tell(mock: Addresses) -> None:
    with connected(mock) as client:
        client.sendall(b"P")
        assert client.makefile("rb").readline().startswith(b"HTTP/1.1 400")


def test_a_large_body_does_not_keep_the_client_from_its_answer(mock: Addresses) -> None:
    client = http.client.HTTPConnection(urlsplit(mock.tls_url or "").netloc, timeout=60)
    client.request("POST", "/failover", body=b"x" * 20_000_000)
    answer = client.getresponse()
    assert (answer.status, "HTTPS" in json.load(answer)["developerMessage"]) == (400, True)
    client.close()


def test_the_health_check_passes_the_words_on(mock: Addresses) -> None:
    assert ask((mock.tls_url or "").replace("https", "http")) == (
        f"This port speaks HTTPS only: use {mock.tls_url}, or {mock.url} for plain HTTP."
    )


def test_it_is_in_the_log(mock: Addresses, caplog: pytest.LogCaptureFixture) -> None:
    httpx2.get((mock.tls_url or "").replace("https", "http"))
    assert "plain HTTP on the port for HTTPS refused with 400" in [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize(
    "nonsense", [b"\x00", b"\x80\x2e\x01", b" GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x00\x01\x00"]
)
def test_what_is_neither_costs_its_own_connection_only(mock: Addresses, nonsense: bytes) -> None:
    with connected(mock) as client:
        client.sendall(nonsense)
        client.shutdown(socket.SHUT_WR)
        assert b"HTTP" not in client.recv(1_000)
    trusted = ssl.create_default_context(cafile=mock.ca)
    assert httpx2.get(f"{mock.tls_url}/_mock/health", verify=trusted).status_code == 200


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01\x02\x00", b"GET / HT"], ids=["nothing", "half a hello", "http"])
def test_a_client_that_does_not_get_on_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    monkeypatch.setattr(TlsPort, "patience", 0.2)
    with running(Settings(port=0, tls=Tls(port=0, ca=tmp_path))) as mock, connected(mock) as client:
        client.sendall(said)
        client.makefile("rb").read()


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01\x02\x00", b"GET / HT"], ids=["nothing", "half a hello", "http"])
def test_none_of_them_keeps_the_server_from_stopping(tmp_path: Path, said: bytes) -> None:
    with running(Settings(port=0, tls=Tls(port=0, ca=tmp_path))) as mock:
        client = connected(mock)
        client.sendall(said)
        if said[:1].isalpha():
            assert client.recv(4) == b"HTTP"
    with client:
        client.makefile("rb").read()


def test_the_loop_of_the_standard_library_does_it_too(tmp_path: Path) -> None:
    async def ask() -> bytes:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            where = listening.getsockname()
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            port = TlsPort(listening, context, asyncio.Protocol, lambda _: errors.plain_http("https://a", "http://b"))
            port.open()
            reader, writer = await asyncio.open_connection(*where)
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
            told = await reader.readline()
            writer.close()
            await port.close()
            return told

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        assert runner.run(ask()) == b"HTTP/1.1 400 Bad Request\r\n"
