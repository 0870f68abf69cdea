"""The HTTP sender: every way a receiver can behave comes back as a value."""

import asyncio
import json
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from mockserver.core.commands import Answer
from mockserver.delivery import connections
from mockserver.delivery.http import KEPT, READ, HttpSender
from tests import receivers
from tests.receivers import Reaction, Receiver, receiving

BODY = b'{"trackingId":"x"}'

Scene = Callable[[HttpSender], Awaitable[list[Answer]]]


def run(scene: Scene, sender: HttpSender) -> list[Answer]:
    async def whole() -> list[Answer]:
        try:
            return await scene(sender)
        finally:
            await sender.close()

    return asyncio.run(whole())


def post(url: str, times: int = 1, patience: float = 60.0) -> list[Answer]:
    async def scene(sender: HttpSender) -> list[Answer]:
        return [await sender.post(url, BODY) for _ in range(times)]

    return run(scene, HttpSender(patience))


def error_of(url: str) -> str:
    """What posting there says, when nobody answers."""
    [answer] = post(url)
    assert (answer.ok, answer.status, answer.body) == (False, None, "")
    assert answer.error
    json.dumps(answer.error, ensure_ascii=False).encode()  # half characters would not get this far
    return answer.error


@pytest.fixture
def receiver(raw_receiver: Receiver) -> Receiver:
    return raw_receiver


# What is sent


# rule callbacks.body
def test_a_callback_is_a_json_post_without_credentials(receiver: Receiver) -> None:
    [answer] = post(receiver.url)
    assert (answer.ok, answer.status, answer.error) == (True, 200, None)
    [request] = receiver.requests
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert (request.method, request.path, request.body) == ("POST", "/hook", BODY)
    assert headers["content-type"] == "application/json"
    assert headers["user-agent"].startswith("routee-failover-mock")
    assert not {"authorization", "cookie", "x-signature"} & headers.keys()


# rule callbacks.no-userinfo
def test_a_user_named_in_the_url_is_not_sent(receiver: Receiver) -> None:
    [answer] = post(receiver.url.replace("http://", "http://user:secret@") + "?a=b%2Fc")
    assert answer.ok
    [request] = receiver.requests
    assert request.path == "/hook?a=b%2Fc"
    assert "authorization" not in {name.lower() for name in request.headers}


# rule callbacks.plain
def test_proxies_of_the_environment_are_not_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    assert post(receiver.url)[0].ok


# rule callbacks.plain
def test_cookies_are_not_carried_to_the_next_callback(receiver: Receiver) -> None:
    receiver.always = receivers.answer(200, set_cookie="a=b")
    post(receiver.url, times=2)
    assert "cookie" not in {name.lower() for name in receiver.requests[1].headers}


# Answers


# rules callbacks.ok, callbacks.taken
@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_fine(receiver: Receiver, status: int) -> None:
    receiver.always = receivers.answer(status)
    [answer] = post(receiver.url)
    assert (answer.ok, answer.status, answer.error) == (True, status, None)


BAD_ANSWERS: dict[str, tuple[Reaction, int | None, str]] = {
    "500": (receivers.answer(500, b"oh no"), 500, "answered 500 Internal Server Error, not 200"),
    "404": (receivers.answer(404), 404, "answered 404 Not Found, not 200"),
    "799": (receivers.answer(799), 799, "answered 799 an unknown status, not 200"),
    "302": (receivers.answer(302, location="/there"), 302, "a redirect to /there; redirects are not followed"),
    "302 to nowhere": (receivers.answer(302), 302, "a redirect to nowhere; redirects are not followed"),
    "304": (receivers.answer(304), 304, "answered 304 Not Modified, not 200"),
    "419": (receivers.answer(419), 419, "answered 419 Page Expired (Laravel's CSRF check), not 200"),
    "a location in no encoding": (
        receivers.raw(b"HTTP/1.1 302 Found\r\nLocation: /\xff\r\nContent-Length: 0\r\n\r\n"),
        302,
        "a redirect to /?; redirects are not followed",
    ),
    "reset": (receivers.reset, None, "the receiver reset the connection"),
    "hang up": (receivers.hang_up, None, "the receiver closed the connection without an answer"),
    "half a head": (receivers.raw(b"HTTP/1.1 200 OK\r\nContent-"), None, "closed the connection without an answer"),
    "garbage": (receivers.garbage, None, "what came back is not HTTP"),
    "another protocol": (receivers.raw(b"SSH-2.0-OpenSSH\r\n"), None, "what came back is not HTTP"),
    "huge header": (
        receivers.answer(200, x="a" * 100_000),
        None,
        "what came back is not HTTP",
    ),
}


@pytest.mark.parametrize("fault", BAD_ANSWERS)
def test_a_bad_answer_is_a_value_with_words(receiver: Receiver, fault: str) -> None:
    receiver.always, status, words = BAD_ANSWERS[fault]
    [answer] = post(receiver.url)
    assert (answer.ok, answer.status) == (False, status)
    assert words in (answer.error or "")
    assert json.dumps(answer.error, ensure_ascii=False).encode()
    assert len(receiver.requests) == 1


# rule callbacks.plain
def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    with receiving() as other:
        receiver.always = receivers.answer(307, location=other.url)
        [answer] = post(receiver.url)
        assert (answer.status, other.url in (answer.error or ""), other.requests) == (307, True, [])


# Bodies of answers: the status has decided


# rule callbacks.once
@pytest.mark.parametrize(("size", "same_connection"), [(KEPT + 1, True), (READ, True), (READ * 20, False)])
def test_only_the_beginning_of_a_body_is_kept(receiver: Receiver, size: int, same_connection: bool) -> None:
    receiver.always = receivers.answer(200, b"\xff" + b"x" * (size - 1))
    answers = post(receiver.url, times=2)
    assert [answer.body for answer in answers] == ["\ufffd" + "x" * (KEPT - 1)] * 2
    assert (len({request.connection for request in receiver.requests}) == 1) is same_connection


# rule callbacks.head-decides
@pytest.mark.parametrize(("reaction", "body"), [(receivers.stall, "half"), (receivers.endless, "again")])
def test_a_body_that_never_ends_is_no_failure(receiver: Receiver, reaction: Reaction, body: str) -> None:
    receiver.always = reaction
    [answer] = post(receiver.url, patience=2.0)
    assert (answer.ok, answer.error, answer.body.startswith(body)) == (True, None, True)


def test_a_body_that_breaks_off_is_no_failure(receiver: Receiver) -> None:
    receiver.always = receivers.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf")
    [answer] = post(receiver.url)
    assert (answer.ok, answer.body) == (True, "half")


@pytest.mark.parametrize("encoding", ["br", "gzip", "nonsense"])
def test_a_body_is_never_unpacked(receiver: Receiver, encoding: str) -> None:
    receiver.always = receivers.answer(200, b"ok", content_encoding=encoding)
    [answer] = post(receiver.url)
    assert (answer.ok, answer.body) == (True, "ok")


def test_an_answer_to_nothing_is_not_taken_for_the_next_one(receiver: Receiver) -> None:
    head = b"HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n"
    receiver.reactions.append(receivers.verbatim(head % b"200 OK" + head % b"500 No"))
    assert [answer.status for answer in post(receiver.url, times=2)] == [200, 200]


# Nobody there


def test_a_receiver_that_hangs_is_left_after_the_limit(receiver: Receiver) -> None:
    receiver.always = receivers.hang
    [answer] = post(receiver.url, patience=0.5)
    assert (answer.ok, answer.status, answer.error) == (False, None, "no answer within 0.5 s")
    assert answer.took >= 500
    assert answer.took == round(answer.took, 1)


def test_one_that_never_accepts_is_left_after_the_limit() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        [answer] = post(f"https://127.0.0.1:{deaf.getsockname()[1]}/", patience=0.2)
    assert "no connection within 0.2 s" in (answer.error or "")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_nobody_there_says_what_to_try(host: str) -> None:
    with socket.socket() as bound:  # and not listening
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        error = error_of(f"http://{host}:{port}/hook")
    assert f"{host}:{port}" in error
    assert "nothing listens there; is the application started" in error
    assert "host.docker.internal" in error


def test_a_name_that_cannot_be_resolved_says_so() -> None:
    too_long_to_be_asked_for = ".".join(["a"] * 150)
    assert "the host name cannot be resolved" in error_of(f"http://{too_long_to_be_asked_for}/")


@pytest.mark.parametrize(
    "url",
    [
        *("", "nonsense", "http://[", "http:///x", "ftp://127.0.0.1/", "http://\udcff/", "http://a..b/"),
        *("http://127.0.0.1:0/", "http://127.0.0.1:99999/", "http://127.0.0.1:-1/", "http://256.256.256.256/"),
    ],
)
def test_a_url_that_is_none_is_a_value_too(url: str) -> None:
    assert "this is no URL to post to" in error_of(url)


# Connections


def test_the_connection_is_kept_alive(receiver: Receiver) -> None:
    assert all(answer.ok for answer in post(receiver.url, times=5))
    assert {request.connection for request in receiver.requests} == {1}


@pytest.mark.parametrize(
    "reaction",
    [receivers.answer(200, connection="close"), receivers.hang_up_after(receivers.answer(200))],
    ids=["having said so", "without a word"],
)
def test_a_receiver_may_close_after_every_answer_even_without_a_word(
    receiver: Receiver, reaction: Reaction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "REST", 0.5)  # its thread may need a while to close
    receiver.always = reaction
    assert [answer.error for answer in post(receiver.url, times=4)] == [None] * 4
    assert [request.connection for request in receiver.requests] == [1, 2, 3, 4]


def test_a_connection_closed_while_idle_is_replaced(receiver: Receiver) -> None:
    """The receiver has kept it for long enough to be trusted, and closes it while the event loop looks away."""

    async def scene(sender: HttpSender) -> list[Answer]:
        answers = [await sender.post(receiver.url, BODY) for _ in range(3)]
        receiver.reactions.append(receivers.hang_up_after(receivers.answer(200)))
        answers.append(await sender.post(receiver.url, BODY))
        receiver.wait_for_hung_up(1)
        return [*answers, await sender.post(receiver.url, BODY)]

    assert [answer.error for answer in run(scene, HttpSender(60.0))] == [None] * 5
    assert [request.connection for request in receiver.requests] == [1, 1, 1, 1, 2]


# rule callbacks.once
@pytest.mark.parametrize("fault", [receivers.hang_up, receivers.reset])
def test_what_a_receiver_may_have_got_is_not_posted_twice(receiver: Receiver, fault: Reaction) -> None:
    receiver.reactions.extend([receivers.answer(200), receivers.answer(200), fault])
    answers = post(receiver.url, times=4)
    assert [answer.ok for answer in answers] == [True, True, False, True]
    assert "it should say so with 'Connection: close'" in (answers[2].error or "")
    assert [request.connection for request in receiver.requests] == [1, 1, 1, 2]


def test_so_many_at_once_and_waiting_for_a_place_costs_no_patience(receiver: Receiver) -> None:
    receiver.always = receivers.after(0.25, receivers.answer(200))

    async def scene(sender: HttpSender) -> list[Answer]:
        return list(await asyncio.gather(*(sender.post(receiver.url, BODY) for _ in range(30))))

    answers = run(scene, HttpSender(patience=2.0, connections=3))
    assert [answer.error for answer in answers] == [None] * 30
    assert len(receiver.requests) == 30
    assert 1 < receiver.most_open <= 3


# The end


def test_a_cancelled_post_is_cancelled_and_gives_its_place_back(receiver: Receiver) -> None:
    receiver.reactions.append(receivers.hang)

    async def scene(sender: HttpSender) -> list[Answer]:
        hanging = asyncio.create_task(sender.post(receiver.url, BODY))
        await asyncio.to_thread(receiver.wait_for, 1)
        hanging.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hanging
        return [await sender.post(receiver.url, BODY)]

    assert run(scene, HttpSender(60.0, connections=1))[0].ok


def test_a_closed_sender_answers_and_sends_nothing(receiver: Receiver) -> None:
    async def scene(sender: HttpSender) -> list[Answer]:
        receiver.always = receivers.hang
        under_way = asyncio.create_task(sender.post(receiver.url, BODY))
        waiting = asyncio.create_task(sender.post(receiver.url, BODY))
        await asyncio.to_thread(receiver.wait_for, 1)
        await sender.close()
        return [await under_way, await waiting, await sender.post(receiver.url, BODY)]

    answers = run(scene, HttpSender(60.0, connections=1))
    assert [answer.status for answer in answers] == [None] * 3
    assert answers[0].error
    assert [answer.error for answer in answers[1:]] == ["the mock is shutting down; nothing was sent"] * 2
    assert len(receiver.requests) == 1


def test_a_receiver_leaves_no_thread_behind() -> None:
    before = set(threading.enumerate())
    with receiving() as receiver:
        receiver.reactions.extend([receivers.answer(200), receivers.hang, receivers.stall])
        post(receiver.url, times=3, patience=0.2)
    assert set(threading.enumerate()) <= before


# TLS


@pytest.fixture
def secure_receiver(tmp_path: Path) -> Iterator[Receiver]:
    """A receiver with a certificate that nobody vouches for."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is needed to make a certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    files = ("-keyout", str(key), "-out", str(certificate))
    command = (openssl, "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=elsewhere", *files)
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with receiving(context) as receiver:
        yield receiver


# rule callbacks.plain
def test_a_certificate_is_not_verified(secure_receiver: Receiver) -> None:
    answers = post(secure_receiver.url, times=2)
    assert [answer.error for answer in answers] == [None, None]
    assert {request.connection for request in secure_receiver.requests} == {1}


def test_https_to_a_port_without_tls_says_so(receiver: Receiver) -> None:
    assert "does this port speak plain http?" in error_of(receiver.url.replace("http:", "https:"))


def test_http_to_a_port_with_tls_is_a_value(secure_receiver: Receiver) -> None:
    assert error_of(secure_receiver.url.replace("https:", "http:"))
