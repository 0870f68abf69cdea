"""The mock in process: no socket on either side."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from mockserver.app import create_app
from mockserver.client import AsyncServer
from mockserver.client.words import ClockMode
from mockserver.core.commands import Mode
from mockserver.delivery.asgi import AsgiSender
from mockserver.settings import Settings
from tests.http.mocks import START, sms, viber


def no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_: object) -> None:
        raise AssertionError("a socket was connected")

    monkeypatch.setattr("socket.socket.connect", connect)
    monkeypatch.setattr("socket.socket.connect_ex", connect)


def webhook(seen: list[Any], answer: Callable[[Any], Awaitable[Response]] | None = None) -> Starlette:
    async def hook(request: Request) -> Response:
        seen.append(await request.json())
        return await answer(request) if answer else Response()

    return Starlette(routes=[Route("/hook", hook, methods=["POST"])])


@pytest.mark.parametrize("clock", ["manual", "instant"])
def test_a_flow_runs_and_calls_back_without_a_socket(monkeypatch: pytest.MonkeyPatch, clock: ClockMode) -> None:
    seen: list[Any] = []
    mock = create_app(Settings(start=START), webhook=webhook(seen))

    async def story() -> None:
        no_sockets(monkeypatch)
        transport = httpx2.ASGITransport(mock)
        async with httpx2.AsyncClient(transport=transport) as http, AsyncServer("http://mock", http=http) as server:
            sandbox = await server.create_sandbox(clock=clock)
            await sandbox.when().viber("expired")
            flow = await sandbox.send([viber(), sms()], callback="http://my-app.test/hook")
            if clock == "manual":
                await sandbox.clock.until_idle()
            await sandbox.expect.flow(flow, status="Succeeded", within=5)
            await sandbox.expect.callback(delivered=True, count=5, within=5)
            assert [each.payload for each in await sandbox.callbacks] == seen

    asyncio.run(story())
    assert seen[-1]["status"] == "Succeeded"


def test_mounted_in_another_app_it_answers_under_its_path() -> None:
    async def story() -> str:
        app = Starlette(routes=[Mount("/routee", create_app(Settings(clock=Mode.MANUAL)))])
        transport = httpx2.ASGITransport(app)
        async with (
            httpx2.AsyncClient(transport=transport) as http,
            AsyncServer("http://app/routee", http=http) as server,
        ):
            sandbox = await server.create_sandbox()
            return (await sandbox.send([sms()])).status

    assert asyncio.run(story()) == "Queued"


def test_a_connection_that_is_to_break_raises_and_is_no_fault_of_the_mock(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> int:
        transport = httpx2.ASGITransport(create_app(Settings(clock=Mode.MANUAL)))
        async with httpx2.AsyncClient(transport=transport) as http, AsyncServer("http://mock", http=http) as server:
            sandbox = await server.create_sandbox()
            for fault in ("reset", "lost"):
                await sandbox.when(uses=1).api(fault)
                with pytest.raises(ConnectionResetError, match="a scenario has this connection reset"):
                    await sandbox.send([sms()])
            return len(await sandbox.flows)

    assert asyncio.run(story()) == 1
    assert "fault of the mock" not in caplog.text


async def silent(scope: Any, receive: Any, send: Any) -> None:
    """Answers nothing."""


async def hanging(scope: Any, receive: Any, send: Any) -> None:
    await asyncio.sleep(60)


async def failing(scope: Any, receive: Any, send: Any) -> None:
    raise ValueError("no\nsuch thing")


async def listening(scope: Any, receive: Any, send: Any) -> None:
    """Answers, and waits until its caller is gone, as Starlette's streaming answers do."""
    assert (await receive())["body"] == b"{}"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"a" * 2_000, "more_body": True})
    await send({"type": "http.response.body"})
    assert (await receive())["type"] == "http.disconnect"


@pytest.mark.parametrize(
    ("app", "status", "error"),
    [
        (silent, None, "http://x/hook: the application returned without an answer"),
        (hanging, None, "http://x/hook: no answer within 0.05 s"),
        (failing, None, "http://x/hook: the application raised ValueError: no such thing"),
        (listening, 200, None),
        pytest.param(
            PlainTextResponse("no", 503), 503, "answered 503, not 200", id="refusing-503-answered 503, not 200"
        ),
    ],
)
def test_whatever_the_app_does_is_a_value(app: Any, status: int | None, error: str | None) -> None:
    answer = asyncio.run(AsgiSender(app, patience=0.05 if app is hanging else 60).post("http://x/hook", b"{}"))
    assert (answer.status, answer.error) == (status, error)
    assert len(answer.body) <= 1_024


def test_the_app_sees_the_url_as_it_was_given() -> None:
    seen: dict[str, Any] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.update(scope)
        await Response()(scope, receive, send)

    asyncio.run(AsgiSender(app).post("https://app.test:8443/a%20b?x=%201", b"{}"))
    assert (seen["scheme"], seen["path"], seen["query_string"]) == ("https", "/a b", b"x=%201")
    assert dict(seen["headers"])[b"host"] == b"app.test:8443"
