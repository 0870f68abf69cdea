"""Long answers: whole, and written in pieces between which everybody else has a turn. Work is counted, not timed."""

import asyncio
import json
import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

import orjson
import pytest
from starlette.applications import Starlette
from starlette.responses import StreamingResponse
from starlette.types import Message

from mockserver.app import create_app
from mockserver.core.behaviour import Behaviour
from mockserver.core.clock import Until
from mockserver.core.commands import Answer, IssueToken, Mode, NoteRequest, PushReport, PutScenario, SendFlow
from mockserver.core.engine import Engine
from mockserver.core.facts import ClockMoved
from mockserver.core.journal import Entry, Journal
from mockserver.core.scenario import Scenario
from mockserver.core.step import Callback, Strategy
from mockserver.http.metrics import COUNTED
from mockserver.http.pieces import BYTES, PIECES, beside, members, reply, told, unhurried
from mockserver.sandbox.driver import Driver
from mockserver.settings import Settings
from mockserver.wire.control import replay
from mockserver.wire.routee import document
from mockserver.wire.routee.requests import read_send
from tests.http.mocks import START, sms

MANY = 3 * PIECES


def test_pieces_that_are_waited_for_are_taken_on_a_thread_a_chunk_at_a_time() -> None:
    taken: list[int] = []

    def slow() -> Iterator[bytes]:
        for number in range(2 * PIECES):
            taken.append(threading.get_ident())
            yield b"%d\n" % number

    async def test() -> None:
        answer = await reply(slow(), "text/plain", beside)
        assert isinstance(answer, StreamingResponse)
        assert len(taken) == PIECES
        lines = b"".join([chunk async for chunk in answer.body_iterator if isinstance(chunk, bytes)]).split()
        assert [*map(int, lines)] == [*range(2 * PIECES)]
        assert threading.get_ident() not in taken

    asyncio.run(test())


@pytest.mark.parametrize("items", [[], [None], [1], [None, 1, None, 2], [1, 2, None]])
def test_an_object_with_an_array_of_pieces_is_json(items: list[Any]) -> None:
    fields = {"a": 1, "each": told(items, lambda item: {"item": item}), "none": told([], str), "z": None}
    assert json.loads(b"".join(members(fields))) == {
        "a": 1,
        "each": [{"item": item} for item in items if item is not None],
        "none": [],
        "z": None,
    }


def test_what_fits_a_chunk_is_answered_whole_and_the_rest_as_a_stream() -> None:
    async def lengths(*made: bytes) -> list[int]:
        return [len(chunk) for chunk, _ in await chunks(await reply(iter(made)))]

    async def scene() -> None:
        assert await lengths() == [0]
        assert await lengths(*[b"x"] * (PIECES - 1)) == [PIECES - 1]
        assert await lengths(*[b"x"] * (PIECES + 1)) == [PIECES, 1, 0]
        assert await lengths(b"x" * BYTES, b"y", b"z" * BYTES, b"") == [BYTES, BYTES + 1, 0]
        assert await lengths(*[b""] * 10 * PIECES) == [0]

    asyncio.run(scene())


def test_between_two_turns_of_the_others_only_so_many_pieces_are_made() -> None:
    """Pieces that nobody wants count too."""
    made = turns = 0
    most: list[int] = []

    def making() -> Iterator[bytes]:
        nonlocal made
        for number in range(MANY):
            made += 1
            yield b"" if number % 3 else b"x" * 10

    async def others() -> None:
        nonlocal turns, made
        while True:
            turns += 1
            most.append(made)
            made = 0
            await asyncio.sleep(0)

    async def scene() -> None:
        other = asyncio.create_task(others())
        await chunks(await reply(making()))
        other.cancel()

    asyncio.run(scene())
    assert max(most) <= PIECES
    assert turns >= MANY // PIECES


def test_whoever_counts_much_lets_others_be_served() -> None:
    async def scene() -> int:
        turns = 0

        async def others() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        other = asyncio.create_task(others())
        assert [item async for item in unhurried(range(100), 10)] == [*range(100)]
        other.cancel()
        return turns

    assert asyncio.run(scene()) >= 9


async def chunks(app: Any, path: str = "/", method: str = "GET", **more: Any) -> list[tuple[bytes, int]]:
    """The parts of an answer's body as they are sent, each with how many turns the others had since the last."""
    sent: list[tuple[bytes, int]] = []
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def send(message: Message) -> None:
        nonlocal turns
        assert message.get("status", 200) == 200, message
        if message["type"] == "http.response.body":
            sent.append((message.get("body", b""), turns))
            turns = 0

    async def receive() -> Message:
        if more.get("body") is not None:
            return {"type": "http.request", "body": more.pop("body"), "more_body": False}
        await asyncio.Event().wait()
        raise AssertionError("nobody disconnects")

    path, _, query = path.partition("?")
    headers = [(b"host", b"localhost"), *more.get("headers", ())]
    about = {"path": path, "raw_path": path.encode(), "query_string": query.encode(), "headers": headers}
    about |= {"type": "http", "method": method, "scheme": "http", "server": ("localhost", 80), "root_path": ""}
    other = asyncio.create_task(others())
    await app({**about, "client": ("127.0.0.1", 1), "http_version": "1.1"}, receive, send)
    other.cancel()
    return sent


def busy() -> tuple[Starlette, Driver]:
    """A mock that has a great deal to tell."""
    app = create_app(Settings(clock=Mode.MANUAL, start=START))
    driver = app.state.sandboxes.default.driver
    engine = driver.engine
    send = read_send(orjson.dumps({"flow": [sms()]}), "app")
    callback = Callback(Strategy.ON_STEP, "http://127.0.0.1:9/")
    for _ in range(MANY):
        engine.submit(SendFlow("app", send.steps, callback))
        engine.submit(NoteRequest("POST", "/failover", 200, "app"))
    for number in range(MANY):
        engine.submit(PutScenario(Scenario(f"scenario-{number}", source=b'{"sms": "failed"}')))
    while engine.poll(START + 10**9):
        pass
    return app, driver


BUSY = {
    "/_mock/journal?limit=200000": b'"number":',
    "/_mock/journal?limit=200000&format=jsonl": b'"number":',
    "/_mock/journal?limit=200000&format=text": b"\n",
    "/_mock/journal?limit=200000&kind=send": b'"number":',
    "/_mock/requests?limit=200000": b'"number":',
    "/_mock/flows?limit=200000": b'"flow":',
    "/_mock/callbacks?limit=200000": b'"callback":',
    "/_mock/log": b'"do":',
    "/_mock/scenarios": b'"priority":',
}


@pytest.mark.parametrize(("path", "mark"), BUSY.items())
def test_no_answer_is_written_in_one_go(path: str, mark: bytes) -> None:
    app, _ = busy()
    sent = asyncio.run(chunks(app, path))
    assert sum(chunk.count(mark) for chunk, _ in sent) >= MANY
    assert max(chunk.count(mark) for chunk, _ in sent) <= PIECES
    assert len(sent) > 3
    assert all(turns for _, turns in sent[1:-1])


def test_the_lines_of_a_log_are_made_one_by_one() -> None:
    _, driver = busy()
    lines = replay.write(driver.engine.log, "0")
    assert lines is not None
    made = 0

    def count(frame: FrameType, event: str, _: object) -> None:
        nonlocal made
        made += event == "call" and frame.f_code.co_name == "entry_json"

    sys.setprofile(count)
    try:
        next(lines), next(lines)
    finally:
        sys.setprofile(None)
    assert made == 1


def test_a_journal_in_which_nothing_is_found_is_not_walked_in_one_go() -> None:
    app, driver = busy()
    sent = asyncio.run(chunks(app, "/_mock/journal?flow=nobody&limit=200000"))
    assert json.loads(b"".join(chunk for chunk, _ in sent)) == {"forgotten": 0, "entries": []}
    assert sum(turns for _, turns in sent) >= len(driver.engine.journal) // PIECES


@pytest.mark.parametrize("path", ["/_mock/flows/{flow}", "/_mock/flows/{flow}/why"])
def test_a_flow_with_a_long_story_is_told_in_pieces(path: str) -> None:
    app, driver = busy()
    engine = driver.engine
    flow = engine.submit(SendFlow("app", read_send(orjson.dumps({"flow": [sms()] * 100}), "app").steps)).flow
    assert flow is not None
    for _ in range(4):
        while engine.poll(START + 10**10):
            pass
    for _ in range(MANY):
        engine.submit(PushReport(flow.id, 0, "Failed"))
        engine.poll(START + 10**10)
    sent = asyncio.run(chunks(app, path.format(flow=flow.id)))
    assert len(sent) > 3
    assert max(chunk.count(b'"at":') for chunk, _ in sent) <= PIECES
    json.loads(b"".join(chunk for chunk, _ in sent))


def test_an_advance_is_told_in_pieces() -> None:
    app = create_app(Settings(clock=Mode.MANUAL, start=START))
    driver = app.state.sandboxes.default.driver
    send = read_send(orjson.dumps({"flow": [sms()]}), "app")
    for _ in range(MANY):
        driver.engine.submit(SendFlow("app", send.steps))
    body = orjson.dumps({"until": "idle"})
    sent = asyncio.run(chunks(app, "/_mock/clock/advance", "POST", body=body))
    moved = json.loads(b"".join(chunk for chunk, _ in sent))
    assert [*moved] == ["from", "to", "stopped", "events", "transitions", "callbacks", "clock"]
    assert len(moved["transitions"]) == 5 * MANY
    assert max(chunk.count(b'"at":') for chunk, _ in sent) <= PIECES


def test_a_search_is_looked_for_and_written_in_pieces() -> None:
    app, driver = busy()
    token = driver.submit(IssueToken("app", ("failover",))).token
    assert token is not None
    app.state.sandboxes.remember(token, app.state.sandboxes.default)
    headers = [(b"authorization", f"Bearer {token.value}".encode())]
    sent = asyncio.run(chunks(app, "/failover/tracking?size=2000", "POST", headers=headers, body=b""))
    page = json.loads(b"".join(chunk for chunk, _ in sent))
    assert (page["totalElements"], page["numberOfElements"], len(page["content"])) == (MANY, MANY, MANY)
    assert max(chunk.count(b'"trackingId":') for chunk, _ in sent) <= PIECES
    assert all(turns for _, turns in sent[1:-1])


def test_the_metrics_are_counted_with_pauses() -> None:
    app, _ = busy()
    [(body, turns), *_] = asyncio.run(chunks(app, "/_mock/metrics"))
    assert f'routee_mock_callbacks{{sandbox="default",state="under way"}} {3 * MANY}.0'.encode() in body
    assert turns >= 3 * MANY // COUNTED


def test_what_is_written_and_forgotten_while_a_journal_is_read_does_no_harm() -> None:
    journal = Journal(10)
    for number in range(10):
        journal.write(number, ClockMoved(number))
    reading = journal.read(0)
    assert [next(reading).number for _ in range(3)] == [1, 2, 3]
    for number in range(10, 16):
        journal.write(number, ClockMoved(number))
    assert [(entry.number, entry.at) for entry in reading] == [(7, 6), (8, 7), (9, 8), (10, 9)]


def test_the_entries_of_a_move_are_read_when_they_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    entry = Journal.entry

    def counted(self: Journal, number: int) -> Entry:
        read.append(number)
        return entry(self, number)

    async def scene() -> None:
        async def post(_: str, __: bytes) -> Answer:
            for _number in range(10_000):
                engine.submit(NoteRequest("POST", "/failover", 200, "app"))
            return Answer(200, None, 1.0)

        engine = Engine(Behaviour(), START)
        driver = Driver(engine, post, document.payload, lambda: 0.0)
        send = read_send(orjson.dumps({"flow": [sms()]}), "app")
        driver.submit(SendFlow("app", send.steps, Callback(Strategy.ON_COMPLETION, "http://127.0.0.1:9/")))
        monkeypatch.setattr(Journal, "entry", counted)
        entries = (await driver.advance(Until())).entries
        assert len(read) <= 1  # one callback knows its own entry
        last = len(engine.journal)
        engine.submit(NoteRequest("POST", "/failover", 200, "app"))
        assert [each.number for each in entries] == [*range(3, last + 1)]
        assert len(read) <= last

    asyncio.run(scene())
