"""What a server keeps is bounded, and it says so."""

import asyncio
import time
from dataclasses import dataclass

import orjson
import pytest

from mockserver.core.behaviour import Behaviour, Limits
from mockserver.core.clock import Until
from mockserver.core.commands import Answer
from mockserver.core.engine import Engine
from mockserver.sandbox.driver import Driver
from mockserver.sandbox.inbox import LARGEST, SINKS, Sinks
from mockserver.sandbox.registry import Sandbox, Sandboxes
from mockserver.settings import Settings
from mockserver.wire.routee import document
from mockserver.wire.routee.requests import read_send
from tests.http.mocks import mocking, sms


def keeping(**limits: int) -> Behaviour:
    return Behaviour(limits=Limits(**limits))


def test_flows_that_ended_make_room_for_new_ones_and_are_said_to_be_forgotten() -> None:
    with mocking(behaviour=keeping(flows=2)) as mock:
        flows = []
        for _ in range(3):
            flows.append(mock.send(sms()))
            mock.advance(until="idle")
        lost = mock.client.get(f"/failover/tracking/{flows[0]}")
        assert lost.status_code == 404
        assert (
            "1 flows have been forgotten to make room for later ones (--max-flows)" in lost.json()["developerMessage"]
        )
        listed = mock.client.get("/_mock/flows").json()["flows"]
        assert [(each["flow"], each["trackingId"]) for each in listed] == [(2, flows[1]), (3, flows[2])]
        assert mock.client.get("/_mock/flows", params={"after": 2}).json()["flows"] == listed[1:]
        told = mock.client.get("/_mock/sandboxes/default").json()
        assert told["forgotten"] == {"flows": 1, "journal": 0}


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"flows": 1}, "1 flows are kept and none of them has ended"),
        ({"payload": 250}, "bytes of flows are kept that have not"),
    ],
)
def test_a_send_is_refused_when_there_is_no_room(limits: dict[str, int], words: str) -> None:
    with mocking(behaviour=keeping(**limits)) as mock:
        mock.send(sms())
        refused = mock.client.post("/failover", json={"flow": [sms()]})
        assert (refused.status_code, refused.json()["code"]) == (503, "503000000")
        assert words in refused.json()["developerMessage"]
        assert "POST /_mock/reset empties it" in refused.json()["developerMessage"]
        mock.advance(until="idle")
        mock.send(sms())


def test_the_journal_keeps_its_latest_entries() -> None:
    with mocking(behaviour=keeping(entries=5)) as mock:
        for _ in range(4):
            mock.send(sms())
        told = mock.client.get("/_mock/journal").json()
        assert [entry["number"] for entry in told["entries"]] == [*range(told["forgotten"] + 1, told["forgotten"] + 6)]
        assert told["forgotten"] == 9


def test_what_is_wrong_is_named_and_kept_in_part_when_it_is_a_lot() -> None:
    with mocking(strict_fields=True) as mock:
        step = sms() | {f"field{number}": "x" for number in range(300)}
        refused = mock.client.post("/failover", json={"flow": [step]})
        wrong = refused.json()["properties"]
        assert (len(wrong), wrong["..."]) == (101, "and 200 more")
        entry = mock.client.get(refused.headers["mock-report"]).json()["entries"][0]
        assert entry["wrong"] == wrong


def test_sinks_keep_a_limited_number_of_bytes() -> None:
    sinks = Sinks()
    big = b"x" * (LARGEST // 4)
    for name in "abcde":
        sinks.put(name, "now", big)
    assert [bool(sinks.read(name)) for name in "abcde"] == [False, True, True, True, True]
    for _ in range(9):
        sinks.put("e", "now", big)
    assert (len(sinks.read("e")), sinks.read("b")) == (4, [])
    sinks.clear("e")
    sinks.put("f", "now", big * 3)
    assert len(sinks.read("f")) == 1
    for number in range(SINKS + 1):
        sinks.put(str(number), "now", b"1")
    assert sinks.read("f") == []


def test_a_scenario_has_a_size_it_may_not_exceed() -> None:
    with mocking() as mock:
        response = mock.client.post("/_mock/scenarios", content="why: " + "x" * 70_000)
        assert response.status_code == 413


@pytest.mark.parametrize("step", [{"type": "Smss"}, {"type": ""}, {"type": 5}, {}, "step", sms(ttl="x")], ids=str)
def test_what_is_wrong_behind_all_that_is_named_is_counted(step: object) -> None:
    with mocking(strict_fields=True) as mock:
        strange = {f"field{number}": "x" for number in range(300)}
        refused = mock.client.post("/failover", json={"flow": [step], "callback": {"url": 5}, **strange})
        assert refused.status_code == 400
        wrong = refused.json()["properties"]
        assert len(wrong) == 101
        assert wrong["..."].startswith("and 20")


def _driver(settings: Settings) -> Driver:
    async def post(_: str, __: bytes) -> Answer:
        raise AssertionError("nothing is posted here")

    return Driver(Engine(settings.behaviour, 0), post, document.payload, time.monotonic)


def test_unused_sandboxes_are_forgotten() -> None:
    asyncio.run(_scene())


async def _scene() -> None:
    now = [0.0]
    sandboxes = Sandboxes(Settings(idle=10), _driver, lambda: now[0])
    used, *_ = [sandboxes.create(name, Settings(), None) for name in ("used", "asked", "idle")]
    now[0] = 6
    assert sandboxes.find("asked")
    now[0] = 9
    assert sandboxes.admit(used.application or "", used.secret or "") is used
    now[0] = 12
    assert await sandboxes.expire() == ["idle"]
    now[0] = 16
    assert await sandboxes.expire() == ["asked"]
    now[0] = 1_000
    assert await sandboxes.expire() == ["used"]
    assert [each.id for each in sandboxes] == ["default"]
    for_ever = Sandboxes(Settings(idle=None), _driver, lambda: now[0])
    for_ever.create("kept", Settings(), None)
    now[0] = 1e9
    assert await for_ever.expire() == []


@dataclass
class Tidying:
    """Two idle sandboxes that are being tidied away; a callback under way holds the first of them up."""

    sandboxes: Sandboxes
    second: Sandbox
    now: list[float]
    answered: asyncio.Event
    task: asyncio.Task[list[str]]

    async def done(self) -> tuple[list[str], list[str]]:
        """Which ids were tidied away, and which are left."""
        self.answered.set()
        return await self.task, [each.id for each in self.sandboxes]


async def _tidying() -> Tidying:
    now, answered = [0.0], asyncio.Event()

    async def post(_: str, __: bytes) -> Answer:
        await answered.wait()
        return Answer(200, None, 1.0)

    def make(settings: Settings) -> Driver:
        return Driver(Engine(settings.behaviour, 0), post, document.payload, lambda: 0.0)

    sandboxes = Sandboxes(Settings(idle=10), make, lambda: now[0])
    first, second = [sandboxes.create(name, Settings(), None) for name in ("first", "second")]
    send = read_send(orjson.dumps({"flow": [sms()], "callback": {"url": "http://127.0.0.1:9/"}}), "app")
    first.driver.submit(send)
    moving = asyncio.create_task(first.driver.advance(Until()))
    await asyncio.sleep(0.01)
    now[0] = 20
    task = asyncio.create_task(sandboxes.expire())
    await asyncio.sleep(0.01)
    assert sandboxes.find("first") is None
    assert not task.done()
    assert not moving.done()
    return Tidying(sandboxes, second, now, answered, task)


def test_while_a_sandbox_is_tidied_away_another_may_be_deleted() -> None:
    async def scene() -> None:
        tidying = await _tidying()
        await tidying.sandboxes.delete(tidying.second)
        assert await tidying.done() == (["first"], ["default"])

    asyncio.run(scene())


def test_while_a_sandbox_is_tidied_away_another_may_begin_again() -> None:
    async def scene() -> None:
        tidying = await _tidying()
        fresh = await tidying.sandboxes.reset(tidying.second)
        assert await tidying.done() == (["first"], ["default", "second"])
        assert tidying.sandboxes.find("second") is fresh

    asyncio.run(scene())


def test_while_a_sandbox_is_tidied_away_another_may_be_asked_for() -> None:
    async def scene() -> None:
        tidying = await _tidying()
        assert tidying.sandboxes.find("second") is tidying.second
        assert await tidying.done() == (["first"], ["default", "second"])
        tidying.now[0] = 40
        assert await tidying.sandboxes.expire() == ["second"]

    asyncio.run(scene())


def test_a_server_that_closes_does_not_mind_that_sandboxes_go() -> None:
    async def scene() -> None:
        tidying = await _tidying()
        closing = asyncio.create_task(tidying.sandboxes.close())
        await asyncio.sleep(0)
        await tidying.sandboxes.delete(tidying.second)
        await tidying.done()
        await closing

    asyncio.run(scene())


def test_a_server_forgets_idle_sandboxes_by_itself() -> None:
    with mocking(idle=0.2) as mock:
        assert mock.client.post("/_mock/sandboxes", json={"id": "short-lived"}).status_code == 201
        deadline = time.monotonic() + 60
        while len(mock.client.get("/_mock/sandboxes").json()["sandboxes"]) > 1:
            assert time.monotonic() < deadline
            time.sleep(0.02)
