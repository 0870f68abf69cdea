"""What clients do to a connection: they go away, do not read, send behind one another, and break off."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uvicorn

from mockserver.app import create_app
from mockserver.core.commands import Mode
from mockserver.http.protocol import PATIENCE, Protocol
from mockserver.http.tls_port import TlsPort
from mockserver.server import Addresses, address, bind, running
from mockserver.settings import Settings, Tls
from mockserver.testing.receiver import Receiver
from tests.http.loops import LOOPS, starting_on
from tests.http.mocks import Mock, entered, mocking, sms
from tests.http.wires import BODY, LENGTH, Wire, wire


@pytest.fixture(scope="module", params=LOOPS)
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    with starting_on(request.param), mocking() as mock:
        mock.client.post("/_mock/reset")
        yield mock.url


class Hasty(Protocol):
    """Waits for nobody for long."""

    stalled = patience = 0.3

    lost = 0

    def connection_lost(self, exc: Exception | None) -> None:
        Hasty.lost += 1
        super().connection_lost(exc)


@contextmanager
def hasty(loop: str) -> Iterator[str]:
    """A mock that waits for nobody for long; its URL."""
    app = create_app(Settings(clock=Mode.MANUAL))
    hasty = uvicorn.Server(
        uvicorn.Config(app, http=Hasty, ws="none", log_config=None, log_level="error", proxy_headers=False)
    )
    with starting_on(loop), bind("127.0.0.1", 0) as listening:
        thread = threading.Thread(target=hasty.run, args=([listening],), daemon=True)
        thread.start()
        try:
            yield address(listening)
        finally:
            hasty.should_exit = True
            thread.join()


@contextmanager
def beside(mock: Mock) -> Iterator[Wire]:
    with wire(Addresses(mock.url), over_tls=False) as connected:
        yield connected


def lose(mock: Mock, **scenario: object) -> None:
    answer = mock.client.post("/_mock/scenarios", json={"name": "lose", "uses": 1} | scenario)
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("answer", ["lost", "reset"])
def test_a_connection_that_is_broken_off_holds_no_flow_though_requests_are_behind(
    mock: Mock, receiver: Receiver, answer: str
) -> None:
    lose(mock, api=answer)
    body = json.dumps({"flow": [sms()], "callback": {"strategy": "OnStep", "url": receiver.url}}).encode()
    with beside(mock) as connected:
        sent = connected.head(f"Content-Length: {len(body)}\r\n") + body
        connected.send(sent * 3)
        with pytest.raises(ConnectionResetError):
            connected.answer()
    assert mock.advance(until="idle")["stopped"] == "idle"
    assert len(mock.client.get("/_mock/flows").json()["flows"]) == (1 if answer == "lost" else 0)
    assert len(receiver.requests) == (3 if answer == "lost" else 0)


@pytest.mark.parametrize("behind", [0, 2])
def test_a_client_that_goes_away_holds_no_flow_and_the_mock_is_not_blamed(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, behind: int
) -> None:
    with mocking() as mock:
        lose(mock, api={"delay": "200ms"})
        with beside(mock) as connected:
            connected.send((connected.head(LENGTH) + BODY) * (1 + behind))
        with beside(mock) as connected:
            connected.send((connected.head(LENGTH) + BODY) * behind + connected.head(LENGTH) + BODY[:7])
        assert mock.advance(until="idle")["stopped"] == "idle"
        time.sleep(0.3)
        assert mock.advance(until="idle")["stopped"] == "idle"
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("loop", LOOPS)
def test_a_client_that_reads_no_answers_is_given_up_and_its_flows_go_on(loop: str) -> None:
    with hasty(loop) as url, entered(url) as mock, beside(mock) as connected:
        mock.client.get("/openapi.json")  # the first reader waits while it is made, and that can take seconds
        ask, lost = connected.head(method="GET", path="/openapi.json"), Hasty.lost
        connected.connection.sendall((ask * 50 + connected.head(LENGTH) + BODY) * 40)
        while Hasty.lost == lost:
            time.sleep(0.01)
        assert mock.advance(until="idle")["stopped"] == "idle"
        assert connected.rest().count(b"HTTP/1.1 200 ") < 51 * 40


def test_a_send_in_process_that_is_given_up_holds_no_flow() -> None:
    async def give_up() -> str:
        import httpx2

        app = create_app(Settings(clock=Mode.MANUAL))
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://mock") as client:
            form = {"grant_type": "client_credentials"}
            token = (await client.post("/oauth/token", auth=("a", "b"), data=form)).json()["access_token"]
            await client.post("/_mock/scenarios", json={"name": "slow", "api": {"delay": "60s"}})
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await client.post("/failover", json={"flow": [sms()]}, headers={"authorization": f"Bearer {token}"})
            async with asyncio.timeout(50):
                moved = await client.post("/_mock/clock/advance", json={"until": "idle"})
            return str(moved.json()["stopped"])

    assert asyncio.run(give_up()) == "idle"


# Half-closed


# rule connections.half-close
@pytest.mark.parametrize("behind", ["", "POST /fail", "whole head"], ids=["nothing", "half a head", "half a body"])
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("api", [None, {"delay": "200ms"}], ids=["at once", "late"])
def test_a_client_that_has_said_all_is_answered_and_then_closed(
    mock: Mock, receiver: Receiver, behind: str, count: int, api: object
) -> None:
    if api is not None:
        lose(mock, api=api)
    body = json.dumps({"flow": [sms()], "callback": {"strategy": "OnCompletion", "url": receiver.url}}).encode()
    with beside(mock) as connected:
        head = connected.head(f"Content-Length: {len(body)}\r\n")
        rest = head + body[:9] if behind == "whole head" else behind.encode()
        connected.connection.sendall((head + body) * count + rest)
        connected.connection.shutdown(socket.SHUT_WR)
        for _ in range(count):
            connected.accepted()
        assert connected.closed()
    assert mock.advance(until="idle")["stopped"] == "idle"
    assert len(receiver.requests) == len(mock.client.get("/_mock/flows").json()["flows"]) == count


@pytest.mark.parametrize("said", [0, 40, -1])
def test_a_client_that_has_said_nothing_whole_is_closed(mock: Mock, said: int) -> None:
    with beside(mock) as connected:
        connected.connection.sendall((connected.head(LENGTH) + BODY)[:said])
        connected.connection.shutdown(socket.SHUT_WR)
        assert connected.closed()


def test_a_client_that_is_done_may_follow_the_journal_to_its_end(mock: Mock) -> None:
    with beside(mock) as connected:
        path = "/_mock/sandboxes/default/journal?format=sse"
        connected.connection.sendall(
            connected.head(method="GET", path=path).replace(b"connect.routee.net", b"localhost")
        )
        connected.connection.shutdown(socket.SHUT_WR)
        heard = b""
        while b"token" not in heard:
            heard += (came := connected.connection.recv(65_536))
            assert came, heard


# What stands in a head


def asked(mock: Mock, raw: str) -> tuple[int, dict[str, object]]:
    with beside(mock) as connected:
        connected.send(raw.replace("TOKEN", connected.token).encode())
        status, body = connected.answer()
        return status, json.loads(body)


# rule connections.http
@pytest.mark.parametrize("path", ["/_mock/clock", "/accounts/me/balance", "/nowhere"])
@pytest.mark.parametrize(
    ("version", "hosts", "status"),
    [
        ("1.1", 0, 400),
        ("1.1", 1, 200),
        ("1.1", 2, 400),
        ("1.0", 0, 200),
        ("1.0", 1, 200),
        ("1.0", 2, 400),
        ("2.0", 1, 400),
        ("0.9", 1, 400),
        ("1.2", 1, 400),
        ("3.0", 1, 400),
    ],
)
def test_http_1_1_names_its_host_once_and_no_other_version_is_spoken(
    mock: Mock, path: str, version: str, hosts: int, status: int
) -> None:
    head = f"GET {path} HTTP/{version}\r\nAuthorization: Bearer TOKEN\r\n" + "Host: 127.0.0.1\r\n" * hosts + "\r\n"
    answer, body = asked(mock, head)
    assert answer == (404 if path == "/nowhere" and status == 200 else status)
    assert status == 200 or body["code"] == "400000000"


def test_a_send_that_names_no_host_or_two_is_refused_also_after_a_good_one(mock: Mock) -> None:
    bearer = "Authorization: Bearer TOKEN\r\n" + LENGTH
    for hosts, status in ((1, 200), (0, 400), (2, 400), (1, 200)):
        head = f"POST /failover HTTP/1.1\r\n{bearer}" + "Host: 127.0.0.1\r\n" * hosts + "\r\n"
        assert asked(mock, head + BODY.decode())[0] == status


def test_what_a_proxy_says_changes_nothing_we_say(mock: Mock) -> None:
    said = {"host": "evil.example", "proto": "https", "for": "192.0.2.7", "port": "99", "prefix": "/x", "server": "y"}
    headers = {f"x-forwarded-{name}": value for name, value in said.items()}
    headers |= {"forwarded": "for=192.0.2.7;host=evil.example;proto=https", "x-real-ip": "192.0.2.7"}
    plain = mock.client.post("/_mock/sandboxes", json={"id": "plain"}).json()
    behind = mock.client.post("/_mock/sandboxes", json={"id": "behind"}, headers=headers).json()
    assert {plain["apiUrl"], behind["apiUrl"]} == {mock.url}
    assert str(behind).replace("behind", "plain").count("evil") == 0
    listed = mock.client.get("/_mock/sandboxes", headers=headers)
    assert "evil.example" not in listed.text
    assert "https" not in listed.text
    assert "evil.example" not in mock.client.get("/openapi.json", headers=headers).text


# What is too large, too slow, or not to be read


LARGE = {
    "a path": "POST /{} HTTP/1.1\r\nHost: mock\r\n\r\n",
    "a header": "POST /failover HTTP/1.1\r\nHost: mock\r\nX-Long: {}\r\n\r\n",
    "a name": "POST /failover HTTP/1.1\r\nHost: mock\r\nX{}: 1\r\n\r\n",
    "many headers": "POST /failover HTTP/1.1\r\nHost: mock\r\n" + "A: {0:.1000}\r\n" * 66 + "\r\n",
}


@pytest.mark.parametrize("head", LARGE.values(), ids=LARGE)
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "without end"])
@pytest.mark.parametrize("step", [1_000_000, 20_000])
def test_a_head_that_is_too_large_is_refused_however_it_is_cut(mock: Mock, head: str, whole: bool, step: int) -> None:
    long = head.format("x" * 66_000).encode()
    said = long if whole else long.removesuffix(b" HTTP/1.1\r\nHost: mock\r\n\r\n")[:-4]
    with beside(mock) as connected:
        for start in range(0, len(said), step):
            with suppress(OSError):
                connected.connection.sendall(said[start : start + step])
        status, body = connected.answer()
        assert (status, json.loads(body)["code"]) == (431, "431000000")
    with beside(mock) as connected:
        connected.connection.sendall(connected.head(LENGTH) + BODY + said)
        connected.accepted()
        if whole:
            rest = connected.rest()
            assert rest == b"" or rest.startswith(b"HTTP/1.1 431 ")


def test_a_head_just_within_the_limit_is_read_also_behind_others(mock: Mock) -> None:
    with beside(mock) as connected:
        long = connected.head(f"X-Long: {'x' * 64_000}\r\n", LENGTH) + BODY
        short = connected.head(LENGTH) + BODY
        connected.send(short * 300 + long * 3 + short[:50], short[50:])
        for _ in range(304):
            connected.accepted()


@pytest.mark.parametrize(
    "tail", [b"0\r\n" + b"X-Trailer: 1\r\n" * 30_000, b"0\r\nX-Trailer: " + b"x" * 400_000, b"1;" + b"x" * 400_000]
)
def test_what_chunks_have_beside_the_body_is_bounded_too(mock: Mock, tail: bytes) -> None:
    """What is read at once with the head, and that can be 256 KB, is not counted."""
    with beside(mock) as connected:
        connected.connection.sendall(connected.head("Transfer-Encoding: chunked\r\n"))
        for start in range(0, len(tail), 20_000):
            time.sleep(0.01)
            with suppress(OSError):
                connected.connection.sendall(tail[start : start + 20_000])
        assert connected.answer()[0] == 431


def test_lines_behind_a_body_are_no_headers(mock: Mock) -> None:
    with beside(mock) as connected:
        chunks = b"%x\r\n%s\r\n0\r\n" % (len(BODY), BODY)
        head = connected.head("Transfer-Encoding: chunked\r\n").replace(b"Authorization", b"X-None")
        connected.send(head, chunks + f"Authorization: Bearer {connected.token}\r\n\r\n".encode())
        assert connected.answer()[0] == 401
        connected.send(connected.head(LENGTH) + BODY)
        connected.accepted()


@pytest.mark.parametrize("loop", LOOPS)
def test_a_request_that_does_not_come_whole_is_given_up(loop: str) -> None:
    with hasty(loop) as url:
        address = urlsplit(url)
        for said, drip in ((b"", b""), (b"", b"\r\n"), (b"POST /failover HT", b""), (b"GET /", b"x")):
            with socket.create_connection((str(address.hostname), address.port or 0), timeout=60) as connection:
                connection.sendall(said)
                until = time.monotonic() + PATIENCE / 2
                while drip and time.monotonic() < until:
                    time.sleep(0.05)
                    try:
                        connection.sendall(drip)
                    except OSError:
                        break
                with suppress(ConnectionResetError):
                    assert connection.recv(1_000).startswith(b"HTTP/1.1 408 ")
                assert time.monotonic() < until


@pytest.mark.parametrize("loop", LOOPS)
def test_a_body_that_does_not_come_whole_is_given_up_and_an_answer_that_takes_long_is_not(loop: str) -> None:
    with hasty(loop) as url, entered(url) as mock:
        lose(mock, api={"delay": "1500ms"})
        with beside(mock) as connected:
            connected.send(connected.head(LENGTH) + BODY + connected.head(LENGTH)[:20])
            connected.accepted()
            assert connected.answer()[0] == 408
        with beside(mock) as connected:
            connected.send(connected.head(LENGTH) + BODY[:9])
            assert connected.answer()[0] == 408
            assert connected.closed()


def test_what_cannot_be_read_behind_a_request_does_not_keep_it_from_its_answer(mock: Mock) -> None:
    lose(mock, api={"delay": "100ms"})
    with beside(mock) as connected:
        connected.send(connected.head(LENGTH) + BODY + b"nonsense\r\n\r\n", b"more nonsense")
        connected.accepted()
        assert connected.closed()


def test_a_handshake_that_does_not_come_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TlsPort, "patience", 0.2)
    with running(Settings(port=0, tls=Tls(port=0, ca=tmp_path))) as mock:
        address = urlsplit(mock.tls_url or "")
        for said in (b"", b"\x16\x03\x01\x02\x00"):
            with socket.create_connection((str(address.hostname), address.port or 0), timeout=60) as connection:
                connection.sendall(said)
                assert connection.recv(100) == b""
