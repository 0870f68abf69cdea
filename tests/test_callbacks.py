"""The courier: every way a receiver can behave comes back as a value."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest

from mockserver.callbacks import Courier
from mockserver.core.commands import Answer
from tests import receivers
from tests.receivers import Reaction, Receiver

BODY = b'{"trackingId":"x"}'


def post(url: str, times: int = 1, patience: float = 5.0) -> list[Answer]:
    async def scene(courier: Courier) -> list[Answer]:
        return [await courier.post(url, BODY) for _ in range(times)]

    return run(scene, Courier(patience))


def run(scene: Callable[[Courier], Awaitable[list[Answer]]], courier: Courier) -> list[Answer]:
    async def whole() -> list[Answer]:
        try:
            return await scene(courier)
        finally:
            await courier.close()

    return asyncio.run(whole())


def test_a_callback_is_a_json_post_without_credentials(receiver: Receiver) -> None:
    [answer] = post(receiver.url)
    assert (answer.ok, answer.status, answer.error, answer.took > 0) == (True, 200, None, True)
    [request] = receiver.requests
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert (request.path, request.body, headers["content-type"]) == ("/hook", BODY, "application/json")
    assert not {"authorization", "cookie", "x-signature"} & headers.keys()


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_fine(receiver: Receiver, status: int) -> None:
    receiver.always = receivers.answer(status)
    [answer] = post(receiver.url)
    assert (answer.ok, answer.status, answer.error) == (True, status, None)


@pytest.mark.parametrize(
    ("reaction", "status", "words"),
    [
        (receivers.answer(500, b"oh no"), 500, "answered 500 Internal Server Error, not 200"),
        (receivers.answer(404), 404, "answered 404 Not Found, not 200"),
        (receivers.answer(799), 799, "answered 799 an unknown status, not 200"),
        (receivers.answer(302, location="/elsewhere"), 302, "a redirect to /elsewhere; redirects are not followed"),
        (receivers.reset, None, "the receiver reset the connection"),
        (receivers.hang_up, None, "the receiver closed the connection without an answer"),
        (receivers.garbage, None, "what came back is not HTTP"),
    ],
)
def test_a_bad_answer_is_a_value_with_words(
    receiver: Receiver, reaction: Reaction, status: int | None, words: str
) -> None:
    receiver.always = reaction
    [answer] = post(receiver.url)
    assert (answer.ok, answer.status) == (False, status)
    assert words in (answer.error or "")
    assert len(receiver.requests) == 1


def test_a_receiver_that_hangs_is_left_after_the_limit(receiver: Receiver) -> None:
    receiver.always = receivers.hang
    [answer] = post(receiver.url, patience=0.2)
    assert (answer.ok, answer.status, answer.error) == (False, None, "no answer within 0.2 s")
    assert answer.took >= 200


def test_nobody_there_says_what_to_try() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    [answer] = post(f"http://127.0.0.1:{port}/hook")
    assert answer.status is None
    assert "nothing listens there" in (answer.error or "")
    assert "host.docker.internal" in (answer.error or "")


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999/", "http://[", "http:///x", "nonsense", "http://\udcff/"])
def test_a_url_that_is_none_is_a_value_too(url: str) -> None:
    [answer] = post(url)
    assert answer.status is None
    assert answer.error


def test_a_body_without_end_does_not_hang_and_its_status_counts(receiver: Receiver) -> None:
    receiver.always = receivers.endless
    [answer] = post(receiver.url)
    assert (answer.ok, answer.body[:5]) == (True, "again")


def test_only_the_beginning_of_an_answer_is_kept(receiver: Receiver) -> None:
    receiver.always = receivers.answer(200, b"\xff" + b"x" * 5_000)
    [answer] = post(receiver.url)
    assert 0 < len(answer.body) <= 1_024


def test_the_connection_is_kept_alive(receiver: Receiver) -> None:
    assert all(answer.ok for answer in post(receiver.url, times=5))
    assert len({request.connection for request in receiver.requests}) == 1


def test_a_connection_closed_while_idle_is_replaced(receiver: Receiver) -> None:
    receiver.always = receivers.answer(200, connection="close")
    assert all(answer.ok for answer in post(receiver.url, times=3))
    assert len({request.connection for request in receiver.requests}) == 3


def test_cookies_are_not_carried_to_the_next_callback(receiver: Receiver) -> None:
    receiver.always = receivers.answer(200, set_cookie="a=b")
    post(receiver.url, times=2)
    assert "cookie" not in {name.lower() for name in receiver.requests[1].headers}


def test_so_many_at_once_and_waiting_for_a_place_costs_no_patience(receiver: Receiver) -> None:
    receiver.always = receivers.after(0.1, receivers.answer(200))

    async def scene(courier: Courier) -> list[Answer]:
        return list(await asyncio.gather(*(courier.post(receiver.url, BODY) for _ in range(24))))

    answers = run(scene, Courier(patience=0.6, connections=3))
    assert [answer.error for answer in answers] == [None] * 24
    assert receiver.most_open <= 3
