"""Verifying what is expected, at once or as soon as it happens, over a real socket."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from cProfile import Profile
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from mockserver.core.behaviour import Behaviour
from mockserver.core.commands import Answer, Mode
from mockserver.core.engine import Engine
from mockserver.http import verification
from mockserver.sandbox.driver import Driver
from mockserver.server import running
from mockserver.settings import Settings
from mockserver.testing.receiver import Receiver
from mockserver.wire.routee import document
from mockserver.wire.routee.requests import read_send
from mockserver.wire.verify.expectations import NearMiss, Snapshot
from mockserver.wire.verify.request import read_verification
from tests.http.mocks import START, Mock, mocking, sms, unverified, viber

Json = dict[str, Any]

DELIVERED: Json = {"flow": {"to": "+306900000300"}, "heard": ["Viber EXPIRED", "Sms Delivered"]}


def verify(mock: Mock, *expected: Json, path: str = "/_mock/verify", **more: Any) -> Json:
    response = mock.client.post(path, json={"expect": list(expected), **more})
    assert response.status_code == 200, response.text
    return dict(response.json())


def send(mock: Mock, **more: Any) -> str:
    return mock.send(viber("+306900000300"), sms("+306900000300"), **more)


@contextmanager
def waiting(mock: Mock, *expected: Json, within: Any = 30, path: str = "/_mock/verify") -> Iterator[Future[Json]]:
    """A verification that waits while the test does something else."""
    with ThreadPoolExecutor(1) as pool, unverified(mock.url, 60) as client:
        future = pool.submit(verify, Mock(client), *expected, path=path, within=within)
        time.sleep(0.1)
        assert not future.done()
        yield future


def test_what_has_happened_is_verified(mock: Mock, receiver: Receiver) -> None:
    flow = send(mock, url=receiver.url)
    mock.advance(until="idle")
    told = verify(
        mock,
        {"sends": {"to": "+306900000300", "channels": ["Viber", "Sms"], "text": "hello"}, "count": 1},
        DELIVERED | {"status": "Succeeded", "terminationChannel": "Sms"},
        {
            "flow": {"trackingId": flow},
            "exactly": ["Viber QUEUED", "Viber EXPIRED", "Sms Queued", "Sms Sent", "Sms Delivered"],
        },
        {"callback": {"trackingId": flow, "url": receiver.url, "delivered": True, "attempts": 1}, "count": 5},
        {"callback": {"messageStatus": "Sms Delivered", "status": "Succeeded"}, "count": 1},
        {"request": {"method": "POST", "path": "/failover", "status": 200}, "count": 1},
    )
    assert told["ok"], told
    assert [each["found"] for each in told["expectations"]] == [1, 1, 1, 5, 1, 1]
    assert told["clock"] == mock.clock()


def test_what_has_not_happened_is_reported_with_the_nearest_misses(mock: Mock) -> None:
    flow = send(mock)
    mock.client.post("/failover", json={"flow": [sms("12")]})
    mock.advance(until="next")
    told = verify(mock, DELIVERED, {"sends": {"to": "+306900000301"}}, {"sends": {}})
    assert not told["ok"]
    assert [each["ok"] for each in told["expectations"]] == [False, False, True]
    assert told["expectations"][0]["nearest"] == [
        {
            "trackingId": flow,
            "differs": {"heard": "breaks off: Viber QUEUED came; Viber EXPIRED has not come yet"},
        }
    ]
    assert told["expectations"][1]["refused"][0]["wrong"].keys() == {"flow[0].to"}
    assert told["clock"]["pending"] > 0


def test_a_retried_callback_is_verified(mock: Mock, receiver: Receiver) -> None:
    receiver.answers(500, 503)
    mock.send(sms(), url=receiver.url, strategy="OnCompletion")
    mock.advance(by="1m")
    wanted: Json = {"callback": {"to": "+306900000000", "delivered": True, "attempts": 3}}
    told = verify(mock, wanted)["expectations"][0]
    assert told["nearest"][0]["differs"] == {
        "delivered": "is waiting to retry: attempt 2 was answered 503",
        "attempts": "is 2, not 3",
    }
    mock.advance(until="idle")
    assert verify(mock, wanted)["ok"]


def test_what_holds_already_is_answered_at_once(mock: Mock) -> None:
    send(mock)
    began = time.monotonic()
    assert verify(mock, {"sends": {}}, {"callback": {}, "count": 0}, within="60s")["ok"]
    assert time.monotonic() - began < 60, "it would have waited all that time"


def test_what_never_holds_is_answered_when_the_time_is_over(mock: Mock) -> None:
    began = time.monotonic()
    assert not verify(mock, {"sends": {}}, within="300ms")["ok"]
    assert time.monotonic() - began >= 0.3


def test_the_answer_comes_as_soon_as_everything_holds(mock: Mock) -> None:
    with waiting(mock, {"sends": {}, "count": 1}, DELIVERED) as future:
        send(mock)
        time.sleep(0.1)
        assert not future.done(), "the send alone is not all"
        mock.advance(until="idle")
        assert future.result(60)["ok"]


def test_time_passing_by_itself_is_waited_for() -> None:
    with mocking(clock=Mode.REALTIME, rate=3_600, start=START) as mock:
        send(mock)
        assert verify(mock, DELIVERED, within=30)["ok"]
    with mocking(clock=Mode.INSTANT) as mock, waiting(mock, DELIVERED) as future:
        send(mock)
        assert future.result(60)["ok"]


@pytest.mark.parametrize(("method", "path"), [("DELETE", ""), ("POST", "/reset")])
def test_the_end_of_the_sandbox_ends_the_wait(mock: Mock, method: str, path: str) -> None:
    mine = "/_mock/sandboxes/mine"
    mock.client.post("/_mock/sandboxes", json={"id": "mine"})
    with waiting(mock, {"sends": {}}, {"sends": {}, "count": 0}, path=f"{mine}/verify") as future:
        mock.client.request(method, f"{mine}{path}")
        told = future.result(60)
        assert [each["ok"] for each in told["expectations"]] == [False, True]


def test_a_waiting_request_does_not_delay_the_end_of_the_server() -> None:
    with ExitStack() as waiting, ThreadPoolExecutor(1) as pool:
        with running(Settings(port=0)) as server:
            client = waiting.enter_context(unverified(server.url, 60))
            future = pool.submit(verify, Mock(client), {"sends": {}}, within=60)
            time.sleep(0.2)
        assert not future.result(60)["ok"], "uvicorn would have broken it off"


def test_sandboxes_are_verified_apart(mock: Mock) -> None:
    send(mock)
    mock.client.post("/_mock/sandboxes", json={"id": "mine"})
    assert verify(mock, {"sends": {}, "count": 0}, path="/_mock/sandboxes/mine/verify")["ok"]
    assert mock.client.post("/_mock/sandboxes/yours/verify", json={"sends": {}}).status_code == 404


@dataclass(frozen=True, slots=True)
class Looked:
    """A kind of expectation that counts what it is held against; nothing matches."""

    looked: list[str] = field(default_factory=list)

    def things(self, _: Snapshot) -> list[int]:
        return list(range(1_000))

    def fits(self, _: Snapshot, __: int) -> bool:
        self.looked.append("fits")
        return False

    def miss(self, _: Snapshot, thing: int, age: int) -> NearMiss:
        self.looked.append("miss")
        lack: Any = "a field"
        return NearMiss(thing, (lack,), None, (0.0, float(age)))


def test_between_two_turns_of_the_others_only_so_much_is_looked_at() -> None:
    record, expectation = Snapshot((), (), ()), Looked()
    between: list[int] = []

    async def neighbour() -> None:
        seen = 0
        while True:
            between.append(len(expectation.looked) - seen)
            seen = len(expectation.looked)
            await asyncio.sleep(0)

    async def look() -> list[NearMiss]:
        other = asyncio.create_task(neighbour())
        wanted: Any = expectation
        assert await verification.found(wanted, record) == []
        misses = await verification.misses(wanted, record, 700)
        other.cancel()
        return misses

    assert [miss.thing for miss in asyncio.run(look())] == [999, 998, 997]
    assert expectation.looked.count("miss") == 700, "no more than it may"
    assert max(between) <= 2 * verification.GLANCE
    assert len(between) > 1_000 // verification.GLANCE


def test_each_thing_is_held_against_an_expectation_once() -> None:
    async def post(_: str, __: bytes) -> Answer:
        raise AssertionError("nothing is posted here")

    driver = Driver(Engine(Behaviour(), 0), post, document.payload, time.monotonic)
    for _ in range(60):
        driver.submit(read_send(orjson.dumps({"flow": [sms()]}), "app"))
    expected = [{"sends": {}, "count": 60}, {"sends": {"text": "else"}}, {"sends": {}, "count": 60}]
    wanted, profile = read_verification(orjson.dumps({"expect": expected})), Profile()
    told = profile.runcall(asyncio.run, verification._verified(driver, wanted))
    assert [each["ok"] for each in told["expectations"]] == [True, False, True]
    calls = {getattr(entry.code, "co_qualname", ""): entry.callcount for entry in profile.getstats()}
    assert (calls["Expectation.fits"], calls["Expectation.miss"]) == (180, 60)


def test_near_misses_are_looked_for_in_so_many_things_and_no_more(mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "COMPARED", 1)
    send(mock)
    told = verify(mock, {"sends": {"label": "one"}}, {"sends": {"label": "two"}})["expectations"]
    assert [len(each["nearest"]) for each in told] == [1, 0]
    assert [each["found"] for each in told] == [0, 0]


def test_many_may_wait_while_much_happens(mock: Mock) -> None:
    def wait(number: int) -> Json:
        with unverified(mock.url, 60) as client:
            return verify(Mock(client), {"flow": {"label": f"order {number}"}, "status": "Succeeded"}, within=30)

    with ThreadPoolExecutor(5) as pool:
        told = pool.map(wait, range(5))
        for number in range(50):
            mock.send(sms(message={"body": "x", "label": f"order {number}"}))
        mock.advance(until="idle")
        assert all(each["ok"] for each in told)


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"null", b'"x"', b"5", b"\xff", b"[" * 2_000, b"{}", b'{"expect": []}'),
        *(b'{"expect": null}', b'{"expect": [null]}', b'{"expect": [{}]}', b'{"sends": null}', b'{"sends": []}'),
        *(b'{"sends": {"to": "\\u0000"}}', b'{"sends": {"to": "\\ud800"}}', b'{"sends": {"to": 1e400}}'),
        *(b'{"sends": {"channels": [[]]}}', b'{"sends": {}, "count": 1e99}', b'{"sends": {}, "count": "1"}'),
        *(b'{"sends": {}, "within": -1}', b'{"sends": {}, "within": {}}', b'{"sends": {}, "within": 1e308}'),
        *(b'{"flow": {}, "heard": []}', b'{"flow": {}, "exactly": [5]}', b'{"flow": {}, "status": "x"}'),
        *(b'{"callback": {"delivered": "yes"}}', b'{"callback": {"attempts": {"atLeast": 2, "atMost": 1}}}'),
        *(b'{"request": {"status": 1000}}', b'{"request": {"status": "200"}}', b'{"request": {}, "sends": {}}'),
    ],
)
def test_a_bad_body_is_refused_in_words(mock: Mock, body: bytes) -> None:
    mock.send(sms())
    response = mock.client.post("/_mock/verify", content=body)
    assert response.status_code == 400
    assert '"expect"' in response.json()["developerMessage"]


def test_what_is_not_so_can_fail_the_request_itself(mock: Mock) -> None:
    mock.send(sms())
    both = [{"sends": {"channel": "Sms"}}, {"sends": {"channel": "Viber"}}, {"flow": {}, "status": "Failed"}]
    says = [each["says"] for each in mock.client.post("/_mock/verify", json={"expect": both}).json()["expectations"]]
    failed = mock.client.post("/_mock/verify?fail=true", json={"expect": both})
    assert (failed.status_code, failed.headers["content-type"]) == (409, "text/plain; charset=utf-8")
    assert failed.text.splitlines() == says[1:]
    held = mock.client.post("/_mock/verify?fail=true", json={"expect": both[:1]})
    assert (held.status_code, held.json()["ok"]) == (200, True)


@pytest.mark.parametrize(("query", "words"), [("fail=1", "is true or false"), ("fial=true", "fail?")])
def test_a_misspelt_query_does_not_pass_for_none(mock: Mock, query: str, words: str) -> None:
    response = mock.client.post(f"/_mock/verify?{query}", json={"sends": {}})
    assert response.status_code == 400
    assert words in str(response.json()["properties"])
