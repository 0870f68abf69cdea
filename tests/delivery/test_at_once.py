"""Posting at once: over a connection that is kept, in the turn in which it is asked for."""

import asyncio

import pytest

from mockserver.core.commands import Answer
from mockserver.delivery.asgi import AsgiSender
from mockserver.delivery.destinations import Destinations
from mockserver.delivery.http import BROKEN_OFF, HttpSender
from mockserver.delivery.places import Places
from mockserver.delivery.rewrites import Rewrites
from tests.delivery.scripts import BODY, CLOSE, LOOPS, Receiver, Step, run

every_loop = pytest.mark.parametrize("loop", LOOPS)


async def warm(sender: HttpSender, receiver: Receiver, url: str = "") -> None:
    """Have a receiver be seen to keep a connection."""
    for _ in range(2):
        assert (await sender.post(url or receiver.url, BODY)).ok


@every_loop
def test_it_is_posted_in_this_very_turn_and_answered_later(loop: str) -> None:
    async def scene(sender: HttpSender, receiver: Receiver) -> None:
        answers: list[Answer] = []
        assert sender.post_at_once(receiver.url, BODY, answers.append) is None, "there is no connection yet"
        await sender.post(receiver.url, BODY)
        assert sender.post_at_once(receiver.url, BODY, answers.append) is None, "it may still be closed"
        await sender.post(receiver.url, BODY)
        assert sender.post_at_once(receiver.url, BODY, answers.append) is not None
        assert answers == []
        await receiver.has(3)
        while not answers:  # noqa: ASYNC110 -- as simple as this
            await asyncio.sleep(0.001)
        assert (answers[0].status, answers[0].body, receiver.connections) == (200, "plain", 1)

    run(loop, scene, lambda: HttpSender(60))


@every_loop
@pytest.mark.parametrize(
    ("script", "words"),
    [
        ((CLOSE,), "the receiver closed the connection without an answer; it may close connections"),
        ((b"garbage\r\n\r\n", CLOSE), "what came back is not HTTP"),
        ((60,), "no answer within 0.1 s"),
    ],
)
def test_what_goes_wrong_is_said_in_words(loop: str, script: tuple[Step, ...], words: str) -> None:
    async def scene(sender: HttpSender, receiver: Receiver) -> None:
        await warm(sender, receiver)
        receiver.scripts.append(script)
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        sender._patience = 0.1 if script == (60,) else 60
        assert sender.post_at_once(receiver.url, BODY, answered.set_result) is not None
        assert words in (await answered).error  # type: ignore[operator]
        sender._patience = 60
        assert (await sender.post(receiver.url, BODY)).ok
        assert len(receiver.requests) in (3, 4), "nothing was posted twice"

    run(loop, scene, lambda: HttpSender(60))


@every_loop
def test_it_can_be_broken_off(loop: str) -> None:
    async def scene(sender: HttpSender, receiver: Receiver) -> None:
        await warm(sender, receiver)
        receiver.scripts.append((60,))
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        break_off = sender.post_at_once(receiver.url, BODY, answered.set_result)
        assert break_off is not None
        await receiver.has(3)
        break_off()
        assert (await answered).status is None
        assert (await sender.post(receiver.url, BODY)).ok
        assert receiver.connections == 2

    run(loop, scene, lambda: HttpSender(60))


@every_loop
def test_closing_breaks_it_off_and_nothing_is_posted_after_that(loop: str) -> None:
    async def scene(sender: HttpSender, receiver: Receiver) -> None:
        await warm(sender, receiver)
        receiver.scripts.append((60,))
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        sender.post_at_once(receiver.url, BODY, answered.set_result)
        await sender.close()
        assert (await answered).error == BROKEN_OFF
        assert sender.post_at_once(receiver.url, BODY, print) is None
        assert len(receiver.requests) <= 3

    run(loop, scene, lambda: HttpSender(60))


@every_loop
def test_it_takes_a_place_and_gives_it_back(loop: str) -> None:
    async def scene(sender: HttpSender, receiver: Receiver) -> None:
        await warm(sender, receiver)
        receiver.scripts.append((0.05, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
        answers: list[Answer] = []
        assert sender.post_at_once(receiver.url, BODY, answers.append) is not None
        assert sender.post_at_once(receiver.url, BODY, answers.append) is None, "the only place is taken"
        assert (await sender.post(receiver.url, BODY)).ok
        assert [each.status for each in answers] == [200], "whoever waits comes after it"

    run(loop, scene, lambda: HttpSender(60, connections=1))


@every_loop
def test_it_goes_where_callbacks_go_and_nowhere_else(loop: str) -> None:
    def posting(url: str) -> HttpSender:
        port = url.rpartition(":")[2].partition("/")[0]
        return HttpSender(
            5.0, rewrites=Rewrites([f"shop.test=127.0.0.1:{port}"]), destinations=Destinations(["127.0.0.1"])
        )

    async def scene(_: HttpSender, receiver: Receiver) -> None:
        sender = posting(receiver.url)
        await warm(sender, receiver, "http://shop.test/hook")
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        assert sender.post_at_once("http://shop.test/hook", BODY, answered.set_result) is not None
        assert (await answered).posted_to == receiver.url
        for url in ("http://elsewhere.test/", "no URL", "http://[/"):
            assert sender.post_at_once(url, BODY, print) is None
        await sender.close()

    run(loop, scene, lambda: HttpSender(60))


def test_an_application_is_never_posted_to_at_once() -> None:
    async def app(*_: object) -> None: ...

    assert AsgiSender(app).post_at_once("http://a/", BODY, print) is None  # type: ignore[func-returns-value]


def test_a_place_is_handed_on_to_those_in_line() -> None:
    async def scene() -> None:
        places, entered = Places(1), list[int]()

        async def enter(number: int) -> None:
            async with places:
                entered.append(number)

        assert places.enter()
        line = [asyncio.create_task(enter(number)) for number in range(4)]
        await asyncio.sleep(0)
        assert not places.enter()
        line[0].cancel()  # before its turn has come
        await asyncio.sleep(0)
        places.leave()
        line[1].cancel()  # when it has come, and before it was taken
        assert not places.enter(), "it is another's already"
        await asyncio.wait(line)
        assert entered == [2, 3]
        assert places.enter()
        assert not places.enter()

    asyncio.run(scene())
