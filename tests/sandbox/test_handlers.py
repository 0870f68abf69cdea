"""Handlers that move the clock of the sandbox that calls them: told apart from others who only have to wait."""

import asyncio
import contextvars
from typing import Any

import httpx2
import pytest

from mockserver.app import create_app
from mockserver.core.clock import Until
from mockserver.core.commands import Answer, Mode
from mockserver.sandbox.driver import Driver
from mockserver.sandbox.handlers import WaitsForItself
from mockserver.settings import Settings
from tests.http.mocks import sms
from tests.sandbox.test_driver import SEND, drive

NOTHING = Answer(None, "no answer within 2 s", 2.0)


async def asked_beside(driver: Driver) -> str:
    """A move asked for as over a socket: by a task that knows of no callback."""
    try:
        return (await driver.advance(Until())).stopped
    except WaitsForItself as error:
        return error.url


def playing(mode: Mode) -> tuple[list[str], list[str]]:
    """What a handler was told that moves the clock over a socket; and how its callbacks ended."""
    told: list[str] = []
    moves: set[asyncio.Task[None]] = set()

    async def move() -> None:
        told.append(await asked_beside(driver))

    async def handler(body: str) -> Answer:
        answered = len(told)
        moves.add(loop.create_task(move(), context=apart))
        for _ in range(5):
            await asyncio.sleep(0)
        return NOTHING if len(told) == answered else Answer(500, None, 1.0)

    async def play() -> None:
        flow = driver.send(SEND).flow
        assert flow is not None
        driver.replied(flow.id)
        await driver.advance(Until())
        await asyncio.wait(moves)
        await driver.close()

    driver, receiver = drive(handler, mode)
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        apart = contextvars.Context()
        runner.run(play())
    return told, receiver.posted


@pytest.mark.parametrize("mode", [Mode.MANUAL, Mode.INSTANT])
def test_over_a_socket_two_attempts_are_proof_and_from_then_on_no_move_is_waited_for(mode: Mode) -> None:
    told, posted = playing(mode)
    refused = [each for each in told if each.startswith("http")]
    assert len(posted) == len(told) == 3 * 13
    assert len(refused) >= len(told) - 4


def test_a_slow_receiver_is_no_proof_against_another_thread_that_waits() -> None:
    async def slow(_: str) -> Answer:
        await asyncio.sleep(0.001)
        return NOTHING

    async def play() -> list[str]:
        driver, _ = drive(slow, Mode.INSTANT)
        flow = driver.send(SEND).flow
        assert flow is not None
        moves = [asyncio.create_task(asked_beside(driver))]
        driver.replied(flow.id)
        await asyncio.sleep(0.005)
        moves += [asyncio.create_task(asked_beside(driver)) for _ in range(3)]
        stopped = await asyncio.gather(*moves)
        await driver.close()
        return stopped

    assert asyncio.run(play()) == ["idle"] * 4


@pytest.mark.parametrize("clock", ["manual", "instant", "realtime"])
def test_in_process_a_move_within_a_callback_is_refused_at_once_and_one_after_it_is_not(clock: str) -> None:
    told: list[Any] = []

    async def webhook(scope: Any, receive: Any, send: Any) -> None:
        async with asyncio.timeout(60):
            refused = await http.post("/_mock/clock/advance", json={"until": "idle"})
        told.append(refused)
        later.append(asyncio.create_task(after()))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body"})

    async def after() -> int:
        await asyncio.sleep(0.05)
        return (await http.post("/_mock/clock/advance", json={"until": "idle"})).status_code

    later: list[asyncio.Task[int]] = []
    app = create_app(Settings(clock=Mode(clock)), webhook=webhook)
    http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://mock")

    async def play() -> None:
        form = {"grant_type": "client_credentials"}
        token = (await http.post("/oauth/token", auth=("a", "b"), data=form)).json()["access_token"]
        body = {"flow": [sms()], "callback": {"strategy": "OnCompletion", "url": "http://shop.test/webhook"}}
        assert (await http.post("/failover", json=body, headers={"authorization": f"Bearer {token}"})).is_success
        assert (await http.post("/_mock/clock/advance", json={"until": "idle"})).is_success
        assert await asyncio.gather(*later) == [200]
        await app.state.sandboxes.close()

    asyncio.run(play())
    [refused] = told
    assert refused.status_code == 409
    assert "http://shop.test/webhook" in refused.json()["developerMessage"]


@pytest.mark.parametrize("act", ["DELETE", "reset"])
@pytest.mark.parametrize("clock", ["manual", "instant", "realtime"])
def test_in_process_a_handler_that_ends_its_own_sandbox_does_not_wait_for_itself(clock: str, act: str) -> None:
    told: list[int] = []

    async def webhook(scope: Any, receive: Any, send: Any) -> None:
        async with asyncio.timeout(60):
            path = "/_mock/sandboxes/mine"
            answer = await (http.delete(path) if act == "DELETE" else http.post(f"{path}/reset"))
        told.append(answer.status_code)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body"})

    app = create_app(Settings(clock=Mode(clock)), webhook=webhook)
    http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://mock")

    async def play() -> None:
        made = (await http.post("/_mock/sandboxes", json={"id": "mine"})).json()
        auth, form = (made["applicationId"], made["applicationSecret"]), {"grant_type": "client_credentials"}
        token = (await http.post("/oauth/token", auth=auth, data=form)).json()["access_token"]
        for step in (
            sms(),
            sms(to="+306900000001"),
        ):  # due at the same instant, so that one waits for its turn behind the other
            body = {"flow": [step], "callback": {"strategy": "OnStep", "url": "http://shop.test/webhook"}}
            assert (await http.post("/failover", json=body, headers={"authorization": f"Bearer {token}"})).is_success
        moved = await http.post("/_mock/sandboxes/mine/clock/advance", json={"until": "idle"})
        assert moved.status_code in (200, 404)
        async with asyncio.timeout(60):
            while len(told) < 2:  # noqa: ASYNC110 -- what is waited for is the mock's to do, with no event to tell
                await asyncio.sleep(0.01)
        await app.state.sandboxes.close()

    asyncio.run(play())
    assert sorted(told) == ([204, 404] if act == "DELETE" else [200, 200])
