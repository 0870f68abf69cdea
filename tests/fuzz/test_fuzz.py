"""A small portion of the fuzz, always the same; and that it finds what it is there to find."""

import asyncio
import json
from asyncio import StreamReader
from random import Random

import pytest

from mockserver.http.endpoints import ENDPOINTS
from mockserver.wire.openapi.routee import document
from tests.fuzz import __main__ as fuzz
from tests.fuzz.answers import Answer, Broken, faults, read_answer
from tests.fuzz.cases import ROUND, WAITING, WILD, case
from tests.fuzz.corpus import FLOW, SANDBOXES, corpus
from tests.fuzz.requests import spoil
from tests.fuzz.rounds import OPTIONS, Report, attack
from tests.fuzz.shapes import SHAPES
from tests.fuzz.target import CONTROL, SUSPICIOUS, running

SEED = 12

JSON = {b"content-type": b"application/json"}


@pytest.mark.parametrize("number", [0, WILD - 1, 5], ids=["calm", "wild, with a control token", "over TLS"])
def test_a_few_hundred_hostile_requests_find_nothing(number: int) -> None:
    report, first = Report(SEED), number * ROUND
    asyncio.run(attack(report, range(first, first + 80), float("inf")))
    assert not report.found, fuzz.told(report, 0)
    assert report.cases == 80
    assert {200, 400, 404} <= report.answers.keys()


def test_every_endpoint_is_attacked() -> None:
    attacked = {f"{request.method} {request.target}" for endpoint in corpus(SEED) for request in endpoint}
    assert attacked >= ENDPOINTS.keys()
    described = {f"{method.upper()} {path}" for path, methods in document()["paths"].items() for method in methods}
    assert described <= {place.replace(FLOW, "{id}" if "otp" in place else "{trackingId}") for place in attacked}


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
def test_every_kind_of_server_starts_with_its_sandboxes(options: tuple[str, ...]) -> None:
    async def listed() -> bytes:
        async with running(9, options) as target:
            return (await target.ask("GET", "/_mock/sandboxes")).body

    there = {each["id"] for each in json.loads(asyncio.run(listed()))["sandboxes"]}
    assert there >= set(SANDBOXES)


def test_a_case_is_always_the_same() -> None:
    assert case(SEED, 5).script == case(SEED, 5).script != case(SEED, 6).script


def test_every_shape_is_drawn() -> None:
    assert {case(SEED, number).shape for number in range(600)} == SHAPES.keys()


def test_only_a_wild_body_may_say_what_makes_a_server_wait() -> None:
    random = Random(SEED)
    bodies = [spoil(random, random.choice(each), each, WAITING).body for each in corpus(SEED) for _ in range(9)]
    assert len([body for body in bodies if body]) > 100
    assert not [body for body in bodies for word in WAITING if word in (body or b"")]


def heard(data: bytes, method: str = "GET") -> Answer | None:
    async def read() -> Answer | None:
        reader = StreamReader()
        reader.feed_data(data)
        reader.feed_eof()
        return await read_answer(reader, method)

    return asyncio.run(read())


def test_answers_are_read_one_by_one() -> None:
    assert heard(b"") is None
    assert heard(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n") == Answer(204, {}, b"")
    length = {b"content-length": b"2"}
    assert heard(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok") == Answer(200, length, b"ok")
    assert heard(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n", "HEAD") == Answer(200, length, b"")


@pytest.mark.parametrize(
    "data",
    [
        b"Internal Server Error",
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\na: \x1b[2J\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nhow long?",
    ],
)
def test_what_is_no_answer_of_http_is_found(data: bytes) -> None:
    with pytest.raises(Broken):
        heard(data)


@pytest.mark.parametrize(
    ("status", "headers", "body", "wild", "found"),
    [
        (200, {}, b"text", False, False),
        (400, JSON, b'{"code":"400000000"}', False, False),
        (401, JSON, b'{"error":"unauthorized"}', False, False),
        (400, {}, b'{"code":"400000000"}', False, True),
        (400, JSON, b"{}", False, True),
        (429, {}, b"busy", True, False),
        (503, {}, b"busy", False, True),
        (409, {b"content-type": b"text/plain; charset=utf-8"}, b"expected no send, found 1", False, False),
        (409, {b"content-type": b"text/plain; charset=utf-8"}, b"oh no", False, True),
        (200, JSON, b"{", False, True),
        (500, JSON, b'{"code":"500000000","developerMessage":"The mock itself is at fault"}', True, True),
        (500, JSON, b'{"code":"500000000","developerMessage":"Internal Server Error"}', False, True),
        (500, JSON, b'{"code":"500000000","developerMessage":"Internal Server Error"}', True, False),
        (503, JSON, b'{"code":"503000000","developerMessage":"There is no room: none."}', False, False),
    ],
)
def test_what_is_wrong_with_an_answer_is_found(
    status: int, headers: dict[bytes, bytes], body: bytes, wild: bool, found: bool
) -> None:
    assert bool([*faults(Answer(status, headers, body), wild=wild)]) is found


@pytest.mark.parametrize(
    "line",
    [
        "Traceback (most recent call last):",
        '  File "a.py", line 1, in a',
        "12:00:00 error: GET / failed: a bug in the mock itself",
        json.dumps({"at": "x", "level": "error"}, separators=(",", ":")),
        "Task exception was never retrieved",
        "12:00:00 warning: \x1b[2J",
    ],
)
def test_a_line_of_the_log_that_tells_of_a_fault_is_found(line: str) -> None:
    assert SUSPICIOUS.search(line) or CONTROL.search(line)


def test_a_line_of_the_log_about_a_refusal_is_no_fault() -> None:
    line = "12:00:00 warning: POST /failover refused with 400: Validation Error! (flow)"
    assert not SUSPICIOUS.search(line)
    assert not CONTROL.search(line)


def test_what_was_found_is_told_with_how_to_do_it_again() -> None:
    report = Report(7)
    report.add("the server is gone", "case 9 (plain): b'GET /'")
    told = fuzz.told(report, 1.0)
    assert "FAULT, 1 times: the server is gone" in told
    assert "make fuzz SEED=7 FROM=N COUNT=1" in told
    assert told.endswith("FAILED: 1 kinds of faults")
