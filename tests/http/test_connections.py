"""What clients do to a connection: they go away, do not read, send behind one another, and break off."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn

from mockserver.app import create_app
from mockserver.core.commands import Mode
from mockserver.http.protocol import Protocol
from mockserver.server import Addresses, address, bind
from mockserver.settings import Settings
from mockserver.testing.receiver import Receiver
from tests.http.mocks import Mock, entered, mocking, sms
from tests.http.wires import BODY, LENGTH, Wire, wire


class Hasty(Protocol):
    """Waits for nobody for long."""

    stalled = 0.3


@contextmanager
def hasty() -> Iterator[str]:
    """A mock that waits for nobody for long; its URL."""
    app = create_app(Settings(clock=Mode.MANUAL))
    server = uvicorn.Server(uvicorn.Config(app, http=Hasty, log_config=None, log_level="error", proxy_headers=False))
    with bind("127.0.0.1", 0) as listening:
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        try:
            yield address(listening)
        finally:
            server.should_exit = True
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


def test_a_client_that_reads_no_answers_is_given_up_and_its_flows_go_on() -> None:
    body = json.dumps({"flow": [sms(message={"body": "x" * 20_000})]}).encode()
    with hasty() as url, entered(url) as mock, beside(mock) as connected:
        sent = connected.head(f"Content-Length: {len(body)}\r\n") + body
        connected.connection.settimeout(0.1)
        with pytest.raises(TimeoutError):
            connected.connection.sendall(sent * 1_000)
        assert mock.advance(until="idle")["stopped"] == "idle"
        connected.connection.settimeout(5)
        with pytest.raises(ConnectionResetError):
            connected.connection.sendall(sent * 1_000)


def test_a_send_in_process_that_is_given_up_holds_no_flow() -> None:
    async def give_up() -> str:
        import httpx2

        app = create_app(Settings(clock=Mode.MANUAL))
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://mock") as client:
            form = {"grant_type": "client_credentials"}
            token = (await client.post("/oauth/token", auth=("a", "b"), data=form)).json()["access_token"]
            await client.post("/_mock/scenarios", json={"name": "slow", "api": {"delay": "20s"}})
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await client.post("/failover", json={"flow": [sms()]}, headers={"authorization": f"Bearer {token}"})
            async with asyncio.timeout(5):
                moved = await client.post("/_mock/clock/advance", json={"until": "idle"})
            return str(moved.json()["stopped"])

    assert asyncio.run(give_up()) == "idle"


# Half-closed


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
        assert b"token" in connected.connection.recv(65_536)


# What stands in a head


def asked(mock: Mock, raw: str) -> tuple[int, dict[str, object]]:
    with beside(mock) as connected:
        connected.send(raw.replace("TOKEN", connected.token).encode())
        status, body = connected.answer()
        return status, json.loads(body)


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
