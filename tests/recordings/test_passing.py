"""The pass-through: what comes back is passed on byte for byte, and told."""

import gzip
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest

from mockserver.recordings.passing import Way, is_loopback, passing
from mockserver.recordings.values import Callback, Exchange, Record
from mockserver.testing.receiver import Receiver, Reply
from tests.http.mocks import Mock, entered, mocking, sms, unverified


@contextmanager
def service(answer: bytes, asked: list[bytes] | None = None) -> Iterator[str]:
    """A service that answers whatever it is asked with these bytes."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                read = connection.recv(65_536)
                if asked is not None:
                    asked.append(read)
                connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join(5)


def raw(url: str, request: bytes) -> bytes:
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), 5) as connection:
        connection.sendall(request)
        told = b""
        while data := connection.recv(65_536):
            told += data
    return told


ODD = (
    b"HTTP/1.1 200 Fine\r\nX-a:1\r\nx-A:  2\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\n{}\r\n0\r\nTrailer: 1\r\n\r\n"
)


def test_an_answer_is_passed_on_byte_for_byte() -> None:
    told: list[Record] = []
    asked: list[bytes] = []
    with service(ODD, asked) as to, passing([Way("/", to)], told.append) as url:
        request = b"POST /failover?a=b HTTP/1.1\r\nHost: x\r\nX-Own: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n"
        assert raw(url, request) == ODD
    [exchange] = told
    assert isinstance(exchange, Exchange)
    assert (exchange.status, exchange.sent, exchange.body, exchange.headers["x-a"]) == (200, b"[]", b"{}", "1, 2")
    assert exchange.url == f"{to}/failover?a=b"
    assert asked[0].startswith(b"POST /failover?a=b HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"X-Own: 1\r\n" in asked[0]
    assert asked[0].endswith(b"Content-Length: 2\r\n\r\n[]")


def test_a_packed_answer_is_passed_on_packed_and_told_plain() -> None:
    packed = gzip.compress(b'{"a": 1}')
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    told: list[Record] = []
    with service(head + packed) as to, passing([Way("/", to)], told.append) as url:
        assert raw(url, b"GET /failover HTTP/1.1\r\nHost: x\r\n\r\n") == head + packed
    assert [each.body for each in told if isinstance(each, Exchange)] == [b'{"a": 1}']


def test_what_cannot_be_passed_on_is_said_and_not_told() -> None:
    told: list[Record] = []
    missed: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with (
        service(b"nonsense") as odd,
        passing([Way("/a", nobody), Way("/b", odd)], told.append, 0, missed.append) as url,
    ):
        for path in ("/a", "/c"):
            answer = httpx2.get(url + path, trust_env=False)
            assert answer.status_code == 502
            assert "was not passed on" in answer.json()["developerMessage"]
        assert raw(url, b"GET /b HTTP/1.1\r\nHost: x\r\n\r\n") == b"nonsense"
        assert raw(url, b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n").startswith(b"HTTP/1.1 502")
    assert not told
    assert len(missed) == 4


def test_it_stands_between_a_client_and_the_mock_callbacks_too(receiver: Receiver) -> None:
    told: list[Record] = []
    receiver.answers(Reply(503), 200)
    with mocking() as mock:
        ways = [Way("/_callbacks", receiver.url, cut=True, calls_back=True), Way("/", mock.url)]
        with passing(ways, told.append) as url, entered(url) as through:
            flow = through.send(sms(), url=f"{url}/_callbacks/one")
            mock.advance(until="idle")
            document = through.track(flow)
    exchanges = [each for each in told if isinstance(each, Exchange)]
    callbacks = [each for each in told if isinstance(each, Callback)]
    assert [(each.method, each.path, each.status) for each in exchanges] == [
        ("POST", "/oauth/token", 200),
        ("POST", "/failover", 200),
        ("GET", f"/failover/tracking/{flow}", 200),
    ]
    assert json.loads(exchanges[2].body or b"") == document
    assert [each.status for each in callbacks] == [503, *[200] * (len(receiver.requests) - 1)]
    assert [each.body for each in callbacks] == [each.body for each in receiver.requests]
    assert {each.path for each in receiver.requests} == {"/webhook/one"}


@pytest.mark.parametrize("method", ["HEAD", "DELETE", "GET"])
def test_other_methods_pass_too(method: str) -> None:
    told: list[Record] = []
    with mocking() as mock, passing([Way("/", mock.url)], told.append) as url:
        with unverified(url) as client, unverified(mock.url) as direct:
            one, other = client.request(method, "/failover"), direct.request(method, "/failover")
        assert (one.status_code, one.content) == (other.status_code, other.content)
    assert len(told) == 1


@pytest.mark.parametrize(
    ("url", "is_it"),
    [
        ("http://127.0.0.1:1", True),
        ("http://[::1]", True),
        ("http://localhost", True),
        ("http://127.9.9.9", True),
        ("http://0.0.0.0", False),
        ("https://connect.routee.net", False),
        ("http://localhost.example", False),
        ("nonsense", False),
    ],
)
def test_what_is_this_machine(url: str, is_it: bool) -> None:
    assert is_loopback(url) is is_it


def test_many_pass_side_by_side() -> None:
    told: list[Record] = []
    with mocking() as mock, passing([Way("/", mock.url)], told.append) as url, entered(url) as through:
        threads = [threading.Thread(target=_send, args=(through,)) for _ in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert len(told) == 1 + 8 * 5
    assert [each.place.number for each in told] == [*range(1, 42)]


def _send(mock: Mock) -> None:
    for _ in range(5):
        mock.send(sms())
