"""The sender over a raw socket: judged by the head, cut and broken off at every byte, and never posted twice."""

import asyncio
import gc
import socket
import struct
import time
import tracemalloc
from collections.abc import Awaitable

import pytest

from mockserver.core.commands import Answer
from mockserver.delivery import connections
from mockserver.delivery.answer import INTERIM, KEPT
from mockserver.delivery.connections import ORIGINS, Connection
from mockserver.delivery.http import HttpSender
from mockserver.delivery.resolver import Address
from tests.delivery.scripts import (
    ANSWER,
    BODY,
    CLOSE,
    KEEP,
    LOOPS,
    RESET,
    Receiver,
    Step,
    listening,
    quick,
    run,
    run_in,
)

OK = b"HTTP/1.1 200 OK\r\n"

ANSWERS: dict[str, tuple[bytes, int, str]] = {
    "a body": (OK + b"Content-Length: 5\r\n\r\nhello", 200, "hello"),
    "no body": (OK + b"Content-Length: 0\r\n\r\n", 200, ""),
    "a body until the end": (OK + b"\r\nhello", 200, "hello"),
    "204 with a body": (b"HTTP/1.1 204 No Content\r\n\r\nhello", 204, ""),
    "204 with a length and a body": (b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", 204, ""),
    "204 in chunks": (b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 204, ""),
    "chunks": (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 200, "hello"),
    "the last chunk": (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200, ""),
    "a broken chunk": (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nnext\r\n", 200, "hello"),
    "more than its length": (OK + b"Content-Length: 5\r\n\r\nhello, world", 200, "hello"),
    "two answers": (OK + b"Content-Length: 0\r\n\r\nHTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", 200, ""),
    "interim answers before it": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + OK + b"Content-Length: 0\r\n\r\n",
        200,
        "",
    ),
    "another protocol from here": (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\r\n\r\n\x01\x02", 101, ""),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\n\r\nhello", 200, "hello"),
    "HTTP/1.0, kept": (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", 200, "ok"),
    "zipped": (OK + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00", 200, "\x1f\ufffd\x08\x00"),
    "304": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, ""),
    "a redirect": (b"HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n", 302, ""),
    "419": (b"HTTP/1.1 419 unknown status\r\nContent-Length: 2\r\n\r\nno", 419, "no"),
    "headers that are none": (OK + b"no colon\r\nContent-Length: x\r\n\r\nhello", 200, "hello"),
}  # fmt: skip

every_loop = pytest.mark.parametrize("loop", LOOPS)


def head_of(data: bytes) -> int:
    """Where the head that counts has ended."""
    at = data.index(b"\r\n\r\n") + 4
    return at + head_of(data[at:]) if data[9:12] in (b"100", b"103") else at


async def played(sender: HttpSender, receiver: Receiver, scripts: list[tuple[Step, ...]]) -> list[Answer]:
    """What posting comes to for each of these scripts, played side by side."""
    receiver.queries = {str(number): script for number, script in enumerate(scripts)}
    return await asyncio.gather(*(quick(sender.post(f"{receiver.url}?{each}", BODY)) for each in receiver.queries))


@every_loop
@pytest.mark.parametrize("end", [CLOSE, RESET])
@pytest.mark.parametrize("name", ANSWERS)
def test_broken_off_after_any_byte_the_head_has_come_or_it_has_not(loop: str, end: str, name: str) -> None:
    data, status, body = ANSWERS[name]
    head = head_of(data)

    async def scene(sender: HttpSender, receiver: Receiver) -> None:
        scripts: list[tuple[Step, ...]] = [(data[:at], end) for at in range(len(data) + 1)]
        answers = await played(sender, receiver, scripts)
        for at, answer in enumerate(answers):
            if at < head:
                words = "closed the connection without an answer" if end == CLOSE else "the receiver reset the conn"
                assert (answer.status, answer.body) == (None, "")
                assert words in (answer.error or ""), at
            else:
                assert answer.status == status, at
                assert answer.ok is (200 <= status < 300)
                assert body.startswith(answer.body)
        assert answers[-1].body == body
        assert len(receiver.requests) == len(scripts)  # nothing was posted twice
        assert (await quick(sender.post(receiver.url, BODY))).body == "plain"

    run(loop, scene)


@every_loop
@pytest.mark.parametrize("name", ANSWERS)
def test_cut_after_any_byte_it_is_the_same_answer(loop: str, name: str) -> None:
    data, status, body = ANSWERS[name]
    cuts: list[tuple[Step, ...]] = [(data[:at], 0, 0, data[at:]) for at in range(1, len(data))]
    drip: tuple[Step, ...] = tuple(step for at in range(len(data)) for step in (data[at : at + 1], 0, 0))

    async def scene(sender: HttpSender, receiver: Receiver) -> None:
        for answer in await played(sender, receiver, [(*script, CLOSE) for script in (*cuts, drip)]):
            assert (answer.status, answer.body) == (status, body)
        assert (await quick(sender.post(receiver.url, BODY))).body == "plain"
        assert len(receiver.requests) == len(data) + 1

    run(loop, scene)


@every_loop
@pytest.mark.parametrize("name", ANSWERS)
def test_what_follows_an_answer_spoils_no_other(loop: str, name: str) -> None:
    """The receiver keeps the connection whatever it sent on it, and sends the last of it late."""
    data, status, _ = ANSWERS[name]
    head = head_of(data)

    async def scene(sender: HttpSender, receiver: Receiver) -> None:
        for _ in range(2):
            receiver.scripts.append((data[:head], 0, data[head:], KEEP))
            sender._patience = 0.5  # some of them have no end
            assert (await sender.post(receiver.url, BODY)).status == status
            sender._patience = 60
            assert (await quick(sender.post(receiver.url, BODY))).body == "plain"
        assert len(receiver.requests) == 4

    run(loop, scene)


@every_loop
@pytest.mark.parametrize("size", [9_000, 60_000])
def test_a_long_head_is_an_answer(loop: str, size: int) -> None:
    async def scene(sender: HttpSender, receiver: Receiver) -> None:
        line = OK + b"X: " + b"x" * size + b"\r\nContent-Length: 0\r\n\r\n"
        lines = OK + b"Name: value\r\n" * min(150, size) + b"Content-Length: 0\r\n\r\n"
        for data in (line, lines):
            receiver.scripts.append((data,))
            assert (await quick(sender.post(receiver.url, BODY))).ok
        assert receiver.connections == 1

    run(loop, scene)


def flood(*pieces: bytes) -> tuple[Step, ...]:
    """So much that it has no end for whoever reads it."""
    return tuple(piece for _ in range(20_000) for piece in pieces)


FLOODS: dict[str, tuple[tuple[Step, ...], int | None, str | None]] = {
    "interim answers": (
        flood(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100),
        None,
        f"more than {INTERIM} interim answers came, the last with 103, and none that counts",
    ),
    "headers": ((OK, *flood(b"Name: value\r\n" * 100)), None, "not HTTP: its head is longer than 65,536 bytes"),
    "a header": ((OK, b"Name: ", *flood(b"value" * 300)), None, "not HTTP: its head is longer than 65,536 bytes"),
    "empty lines": (flood(b"\r\n" * 500), None, "not HTTP: its head is longer than 65,536 bytes"),
    "garbage": (flood(b"\x00\x01\x02\x03" * 300), None, r"not HTTP: it begins with '\x00\x01\x02\x03"),
    "a body": ((OK, b"\r\n", *flood(b"x" * 1_000)), 200, None),
    "a body of a length": ((OK, b"Content-Length: 999999999\r\n\r\n", *flood(b"x" * 1_000)), 200, None),
    "chunks": ((OK, b"Transfer-Encoding: chunked\r\n\r\n", *flood(b"1\r\nx\r\n" * 100)), 200, None),
    "a chunk": ((OK, b"Transfer-Encoding: chunked\r\n\r\nffffff\r\n", *flood(b"x" * 1_000)), 200, None),
    "trailers": ((OK, b"Transfer-Encoding: chunked\r\n\r\n0\r\n", *flood(b"Name: value\r\n" * 100)), 200, None),
}


# rule callbacks.head-limits
@every_loop
@pytest.mark.parametrize("name", FLOODS)
def test_what_has_no_end_is_read_no_further_than_it_is_worth(loop: str, name: str) -> None:
    script, status, words = FLOODS[name]

    async def scene(sender: HttpSender, receiver: Receiver) -> None:
        receiver.scripts.append(script)
        answer = await quick(sender.post(receiver.url, BODY))
        assert answer.status == status
        assert (words in (answer.error or "")) if words else answer.error is None
        assert len(answer.body) <= KEPT
        assert (await quick(sender.post(receiver.url, BODY))).body == "plain"

    run(loop, scene, lambda: HttpSender(patience=60.0))


@every_loop
def test_a_receiver_that_never_comes_to_its_point_holds_up_nobody(loop: str) -> None:
    """Interim answers, one at a time: those to whom nothing is sent are served meanwhile, and patience ends."""

    async def scene(sender: HttpSender, receiver: Receiver) -> None:
        receiver.scripts.append(tuple(step for _ in range(100) for step in (b"HTTP/1.1 102 Processing\r\n\r\n", 0.2)))
        endless = asyncio.create_task(sender.post(receiver.url, BODY))
        await receiver.has(1)
        for _ in range(5):
            assert (await quick(sender.post(receiver.url, BODY))).ok
        assert not endless.done()
        assert (await endless).error == "no answer within 2 s"

    run(loop, scene, lambda: HttpSender(patience=2.0))


@every_loop
@pytest.mark.parametrize(
    ("script", "status", "body"),
    [
        ((OK, b"Content-Length: 9\r\n\r\nhalf", 60), 200, "half"),
        ((OK, b"\r\n", *(b"x", 0.05) * 100), 200, "x"),
        ((b"HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\n", 60), 500, ""),
    ],
)
def test_a_body_that_takes_too_long_is_left_and_its_status_counts(
    loop: str, script: tuple[Step, ...], status: int, body: str
) -> None:
    async def scene(sender: HttpSender, receiver: Receiver) -> None:
        receiver.scripts.append(script)
        answer = await sender.post(receiver.url, BODY)
        assert (answer.status, answer.body[:4].rstrip("x") or answer.body[:1]) == (status, body)
        assert answer.took >= 490
        sender._patience = 60
        assert (await quick(sender.post(receiver.url, BODY))).body == "plain"

    run(loop, scene, lambda: HttpSender(patience=0.5))


@every_loop
@pytest.mark.parametrize("end", [CLOSE, RESET])
def test_a_receiver_may_answer_before_it_is_asked(loop: str, end: str) -> None:
    async def scene(sender: HttpSender, receiver: Receiver) -> None:
        receiver.early.append((b"HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbusy", 0.05, end))
        answer = await quick(sender.post(receiver.url, BODY))
        assert (answer.status, answer.body) == (503, "busy")
        assert (await quick(sender.post(receiver.url, BODY))).body == "plain"

    run(loop, scene)


@pytest.mark.parametrize(
    ("early", "late"), [(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", b""), (b"HTTP/1.1 20", b"4 x\r\n\r\n")]
)
def test_a_connection_that_spoke_before_it_was_asked_is_not_asked_again(early: bytes, late: bytes) -> None:
    async def whole() -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            theirs.sendall(early)
            ours.setblocking(False)
            loop = asyncio.get_running_loop()
            _, connection = await loop.create_connection(lambda: Connection(ours), sock=ours)
            await asyncio.sleep(0.01)
            asking = asyncio.create_task(connection.ask(b"POST / HTTP/1.1\r\n\r\n", loop.time() + 60))
            await asyncio.sleep(0)
            theirs.sendall(late)
            answer, cause = await asking
            assert (answer.status, cause) == (204 if late else 503, None)
            assert theirs.recv(4) == b"POST"
            assert not connection.is_open()
            await connection.gone

    asyncio.run(whole())


@pytest.mark.parametrize(("early", "status"), [(b"", None), (b"HTTP/1.1 503 x\r\n\r\n", 503), (b"HTTP/1.1 503", None)])
def test_a_connection_that_is_gone_before_it_is_asked_gives_what_came(early: bytes, status: int | None) -> None:
    async def whole() -> None:
        ours, theirs = socket.socketpair()
        theirs.sendall(early)
        theirs.close()
        ours.setblocking(False)
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(lambda: Connection(ours), sock=ours)
        await asyncio.sleep(0.01)
        answer, cause = await connection.ask(b"POST / HTTP/1.1\r\n\r\n", loop.time() + 60)
        assert (answer.status, cause, connection.is_quiet()) == (status, None, False)

    asyncio.run(whole())


@every_loop
def test_a_receiver_that_closes_at_once_is_told_of_in_words(loop: str) -> None:
    async def scene(sender: HttpSender, receiver: Receiver) -> None:
        for _ in range(20):
            receiver.early.append((CLOSE,))
            error = (await quick(sender.post(receiver.url, BODY))).error or ""
            assert "the receiver closed the connection without" in error or "the receiver reset the connection" in error
        assert (await quick(sender.post(receiver.url, BODY))).body == "plain"

    run(loop, scene)


@every_loop
@pytest.mark.parametrize("size", [100, 1_000_000, 16_000_000])
def test_an_answer_counts_though_the_request_was_not_read(loop: str, size: int) -> None:
    """A receiver that refuses a long body answers when it has seen the head, and closes with the rest unread."""

    async def scene(sender: HttpSender, receiver: Receiver) -> None:
        receiver.refusal = b"HTTP/1.1 413 Too Long\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        for _ in range(5):
            assert (await quick(sender.post(receiver.url, b"x" * size))).status == 413

    run(loop, scene)


# Kept connections


@every_loop
@pytest.mark.parametrize("end", [CLOSE, RESET])
def test_what_may_have_arrived_is_not_sent_again(loop: str, end: str) -> None:
    async def scene(sender: HttpSender, receiver: Receiver) -> None:
        receiver.scripts.extend([ANSWER, ANSWER, (end,)])
        answers = [await quick(sender.post(receiver.url, BODY)) for _ in range(4)]
        assert [answer.ok for answer in answers] == [True, True, False, True]
        assert "it should say so with 'Connection: close'" in (answers[2].error or "")
        assert (receiver.connections, len(receiver.requests)) == (2, 4)

    run(loop, scene)


@every_loop
@pytest.mark.parametrize("late", [0, 0.005, 0.1])
def test_a_receiver_that_closes_without_a_word_costs_no_callback(
    loop: str, late: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "REST", 0.5)  # however late a busy machine closes it

    async def scene(sender: HttpSender, receiver: Receiver) -> None:
        for _ in range(3):
            receiver.scripts.append((*ANSWER[:-1], late, CLOSE))
            assert (await quick(sender.post(receiver.url, BODY))).ok
        assert (receiver.connections, len(receiver.requests)) == (3, 3)

    run(loop, scene)


@every_loop
@pytest.mark.parametrize("said", [b"HTTP/1.1 408 Too Late\r\n\r\n", b"\r\n", b"x"])
def test_what_comes_on_an_idle_connection_answers_nothing(loop: str, said: bytes) -> None:
    async def scene(sender: HttpSender, receiver: Receiver) -> None:
        receiver.scripts.extend([ANSWER, ANSWER, (*ANSWER[:-1], 0.05, said, KEEP)])
        for _ in range(3):
            assert (await quick(sender.post(receiver.url, BODY))).body == "plain"
        await asyncio.sleep(0.1)
        assert (await quick(sender.post(receiver.url, BODY))).body == "plain"
        assert receiver.connections == 2

    run(loop, scene)


@every_loop
@pytest.mark.parametrize("left", [b"hello", b"\x00\x01", b"0\r\n\r\n"])
def test_what_an_answer_leaves_behind_fails_no_callback_that_is_under_way(loop: str, left: bytes) -> None:
    async def scene(sender: HttpSender, receiver: Receiver) -> None:
        receiver.scripts.extend([ANSWER, ANSWER, (left, 0.01, *ANSWER)])
        answers = [await quick(sender.post(receiver.url, BODY)) for _ in range(4)]
        assert [(answer.status, answer.body, answer.error) for answer in answers] == [(200, "plain", None)] * 4
        assert (receiver.connections, len(receiver.requests)) == (2, 4)

    run(loop, scene)


@every_loop
def test_what_an_answer_left_behind_is_told_when_no_answer_follows(loop: str) -> None:
    async def scene(sender: HttpSender, receiver: Receiver) -> None:
        receiver.scripts.extend([ANSWER, ANSWER, (b"hello", CLOSE)])
        answers = [await quick(sender.post(receiver.url, BODY)) for _ in range(3)]
        assert answers[2].error == f"{receiver.url}: what came back is not HTTP: it begins with 'hello'"

    run(loop, scene)


@every_loop
@pytest.mark.parametrize("how", [CLOSE, RESET, "speak"])
def test_what_came_while_nobody_looked_is_seen_before_a_connection_is_used(loop: str, how: str) -> None:
    """The event loop has no turn between what the receiver does and the next post: the socket itself is asked."""

    async def answered(posting: Awaitable[Answer], connection: socket.socket) -> None:
        task = asyncio.ensure_future(posting)
        assert await asyncio.to_thread(connection.recv, 65_536)
        connection.sendall(OK + b"Content-Length: 0\r\n\r\n")
        assert (await quick(task)).ok

    async def whole() -> None:
        sender = HttpSender(60.0)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
            first = asyncio.create_task(sender.post(url, BODY))
            connection, _ = await asyncio.to_thread(listener.accept)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await answered(first, connection)
            await answered(sender.post(url, BODY), connection)
            if how == RESET:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.send(b"x") if how == "speak" else connection.close()
            time.sleep(0.01)  # noqa: ASYNC251 -- nothing else runs meanwhile: that is the point
            posting = asyncio.create_task(sender.post(url, BODY))
            another, _ = await asyncio.to_thread(listener.accept)
            await answered(posting, another)
            another.close()
            connection.close()
        await sender.close()

    run_in(loop, whole())


@every_loop
def test_an_idle_connection_is_closed_after_a_while(loop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "IDLE", 0.5)

    async def scene(sender: HttpSender, receiver: Receiver) -> None:
        receiver.scripts.extend([(0.05, *ANSWER)] * 3)
        await asyncio.gather(*(sender.post(receiver.url, BODY) for _ in range(3)))
        assert (receiver.connections, len(sender._connections._open)) == (3, 3)
        await asyncio.gather(*(connection.gone for connection in sender._connections._open))
        assert (await quick(sender.post(receiver.url, BODY))).ok
        assert (receiver.connections, len(sender._connections._open)) == (4, 1)

    run(loop, scene)


@every_loop
def test_a_busy_loop_does_not_make_an_old_connection_young(loop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(sender: HttpSender, receiver: Receiver) -> None:
        for _ in range(3):
            await quick(sender.post(receiver.url, BODY))
        monkeypatch.setattr(connections, "IDLE", 0.05)
        time.sleep(0.1)  # noqa: ASYNC251 -- nothing else runs meanwhile: that is the point
        assert (await quick(sender.post(receiver.url, BODY))).ok
        assert receiver.connections == 2

    run(loop, scene)


def test_receivers_are_forgotten_when_there_are_too_many() -> None:
    async def whole() -> None:
        async with listening() as receiver:

            async def look_up(_: str, port: int) -> list[Address]:
                return [Address(socket.AF_INET, ("127.0.0.1", port))]

            sender = HttpSender(60.0, lookup=look_up)
            for number in range(ORIGINS + 10):
                receiver.scripts.append((b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", CLOSE))
                assert (await sender.post(f"http://{number}.test:{receiver.port}/", BODY)).ok
            assert len(sender._connections._receivers) <= ORIGINS
            await sender.close()

    run_in("asyncio", whole())


# The end


@every_loop
@pytest.mark.parametrize("script", [(60,), (OK, 60), (b"HTTP/1.1 103 x\r\n\r\n", 60)])
def test_closing_breaks_off_what_is_under_way(loop: str, script: tuple[Step, ...]) -> None:
    async def scene(sender: HttpSender, receiver: Receiver) -> None:
        await quick(sender.post(receiver.url, BODY))
        receiver.scripts.append(script)
        under_way = asyncio.create_task(sender.post(receiver.url, BODY))
        await receiver.has(2)
        await asyncio.sleep(0.02)
        await sender.close()
        answer = await quick(under_way)
        assert answer.error == "the mock is shutting down; the answer was not waited for"
        assert (await sender.post(receiver.url, BODY)).error == "the mock is shutting down; nothing was sent"
        assert (len(receiver.requests), len(sender._connections._open)) == (2, 0)
        await sender.close()

    run(loop, scene)


@every_loop
def test_closing_while_a_body_is_read_keeps_the_answer(loop: str) -> None:
    async def scene(sender: HttpSender, receiver: Receiver) -> None:
        receiver.scripts.append((OK, b"Content-Length: 9\r\n\r\nhalf", 60))
        under_way = asyncio.create_task(sender.post(receiver.url, BODY))
        await receiver.has(1)
        for _ in range(20):
            await asyncio.sleep(0.001)  # each time the loop looks what has come
        await sender.close()
        answer = await quick(under_way)
        assert (answer.ok, answer.body) == (True, "half")

    run(loop, scene)


@every_loop
@pytest.mark.parametrize("patience", [0.001, 60.0])
def test_a_post_can_be_cancelled_at_any_moment(loop: str, patience: float) -> None:
    async def whole() -> None:
        async with listening() as receiver:
            sender = HttpSender(patience, connections=2)
            for turns in range(40):
                posting = asyncio.create_task(sender.post(receiver.url, BODY))
                for _ in range(turns % 20):
                    await asyncio.sleep(0)
                posting.cancel()
                await asyncio.wait([posting])
            await asyncio.sleep(0.05)
            if patience > 1:
                assert [(await quick(sender.post(receiver.url, BODY))).ok for _ in range(3)] == [True] * 3
            await sender.close()
            assert not sender._connections._open

    run_in(loop, whole())


@every_loop
def test_thousands_of_callbacks_leave_nothing_behind(loop: str) -> None:
    async def scene(sender: HttpSender, receiver: Receiver) -> None:
        async def lane(count: int) -> None:
            for _ in range(count):
                assert (await sender.post(receiver.url, BODY)).ok
            receiver.requests.clear()

        await lane(200)
        gc.collect()
        tracemalloc.start()
        await asyncio.gather(*(lane(200) for _ in range(10)))
        gc.collect()
        kept = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, "*/mockserver/delivery/*")])
        tracemalloc.stop()
        assert sum(each.size for each in kept.statistics("filename")) < 50_000
        assert receiver.connections <= 11

    run(loop, scene)
