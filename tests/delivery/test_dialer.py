"""The way to a receiver: address after address, IPv6, and TLS; what goes wrong on it is said in words."""

import asyncio
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress

import pytest
import trustme

from mockserver.delivery.destinations import Destinations
from mockserver.delivery.dialer import HEAD_START, reach
from mockserver.delivery.http import BROKEN_OFF, HttpSender
from mockserver.delivery.resolver import Address
from tests.delivery.scripts import BODY, CLOSE, LOOPS, RESET, Receiver, listening, quick, run_in

every_loop = pytest.mark.parametrize("loop", LOOPS)

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="127.0.0.2 and full queues are others elsewhere")


def sender(*hosts: str, patience: float = 60.0, allow: str = "", deny: str = "") -> HttpSender:
    """A sender to whom each name stands for these addresses."""

    async def look_up(_: str, port: int) -> Sequence[Address]:
        return [Address(socket.AF_INET6 if ":" in host else socket.AF_INET, (host, port)) for host in hosts]

    return HttpSender(patience, destinations=Destinations(allow.split(), deny.split()), lookup=look_up)


# Addresses


# rule callbacks.addresses
@every_loop
@linux_only
@pytest.mark.parametrize(
    ("hosts", "allow", "served"),
    [
        (["127.0.0.1"], "", "127.0.0.1"),
        (["127.0.0.1", "127.0.0.2"], "", "127.0.0.1"),
        (["127.0.0.2", "127.0.0.1"], "", "127.0.0.2"),
        (["127.0.0.3", "127.0.0.4", "127.0.0.1"], "", "127.0.0.1"),
        (["127.0.0.1", "127.0.0.2"], "127.0.0.2", "127.0.0.2"),
        (["127.0.0.3", "127.0.0.2"], "127.0.0.3", None),
        ([], "", None),
    ],
)
def test_addresses_are_tried_in_their_order_and_no_others(
    loop: str, hosts: list[str], allow: str, served: str | None
) -> None:
    """Two of the addresses listen."""

    async def whole() -> None:
        async with listening("127.0.0.1") as one, listening("127.0.0.2", port=one.port) as two:
            posting = sender(*hosts, allow=allow)
            answer = await quick(posting.post(f"http://shop.test:{one.port}/", BODY))
            assert answer.ok is (served is not None)
            assert (len(one.requests), len(two.requests)) == (served == "127.0.0.1", served == "127.0.0.2")
            if hosts and served is None:
                assert "nothing listens there; is the application started" in (answer.error or "")
            await posting.close()

    run_in(loop, whole())


@every_loop
def test_a_name_without_addresses_and_one_that_leads_nowhere_are_said(loop: str) -> None:
    async def whole() -> None:
        for posting, words in (
            (sender(), "no connection could be made; does it listen"),
            (sender("127.255.255.255"), "no connection could be made; does it listen"),
            (sender("127.0.0.1", deny="127.0.0.1"), "--callback-deny 127.0.0.1 keeps callbacks from shop.test:80 ("),
            (sender("127.0.0.1", "127.0.0.9", deny="127.0.0.9"), "keeps callbacks from shop.test:80 (127.0.0.9)"),
        ):
            assert words in ((await quick(posting.post("http://shop.test/", BODY))).error or "")
            await posting.close()

    run_in(loop, whole())


@contextmanager
def deaf(host: str) -> Iterator[int]:
    """A port that takes no connection and refuses none: the queue of those who wait there is full."""
    with ExitStack() as opened:
        listener = opened.enter_context(socket.create_server((host, 0), backlog=0))
        for _ in range(8):
            waiting = opened.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


# rule callbacks.addresses
@every_loop
@linux_only
def test_an_address_that_does_not_answer_holds_up_the_next_for_a_moment_only(loop: str) -> None:
    async def whole() -> None:
        with deaf("127.0.0.2") as port:
            async with listening("127.0.0.1", port=port):
                posting = sender("127.0.0.2", "127.0.0.1")
                answer = await posting.post(f"http://shop.test:{port}/", BODY)
                assert answer.ok
                assert answer.took >= HEAD_START * 990
                await posting.close()

    run_in(loop, whole())


@every_loop
@linux_only
def test_closing_breaks_off_a_connection_that_does_not_come_about(loop: str) -> None:
    async def whole() -> None:
        with deaf("127.0.0.2") as port:
            posting = sender("127.0.0.2", "127.0.0.2")
            under_way = asyncio.create_task(posting.post(f"http://shop.test:{port}/", BODY))
            await asyncio.sleep(HEAD_START + 0.1)
            await posting.close()
            assert (await quick(under_way)).error == BROKEN_OFF

    run_in(loop, whole())


ONE, TWO, THREE = (Address(socket.AF_INET, (f"127.0.0.{number}", 1)) for number in (1, 2, 3))


class Ways:
    """Connects by a script: after so many seconds to each address a socket comes, or an error."""

    def __init__(self, **takes: float) -> None:
        self.takes = takes
        self.failing: dict[str, Exception] = {}
        self.tried: list[str] = []
        self.reached: dict[str, socket.socket] = {}

    async def connect(self, address: Address) -> socket.socket:
        name = {ONE: "one", TWO: "two", THREE: "three"}[address]
        self.tried.append(name)
        await asyncio.sleep(self.takes.get(name, 0))
        if name in self.failing:
            raise self.failing[name]
        self.reached[name] = socket.socket()
        return self.reached[name]

    def open(self) -> list[str]:
        """Which sockets are still open; they are closed."""
        names = [name for name, sock in self.reached.items() if sock.fileno() >= 0]
        for sock in self.reached.values():
            sock.close()
        return names


def test_the_first_to_be_reached_is_taken_and_the_others_are_left() -> None:
    async def whole() -> None:
        ways = Ways(one=60)
        assert await reach([ONE, TWO, THREE], ways.connect) is ways.reached["two"]
        assert (ways.tried, ways.open()) == (["one", "two"], ["two"])

    asyncio.run(whole())


def test_of_two_that_are_reached_at_once_one_is_closed_again() -> None:
    gate, both = asyncio.Event(), asyncio.Barrier(3)

    async def connect(address: Address) -> socket.socket:
        await both.wait()
        await gate.wait()
        return await ways.connect(address)

    async def whole() -> None:
        reaching = asyncio.create_task(reach([ONE, TWO], connect))
        await both.wait()
        gate.set()
        assert await reaching in ways.reached.values()
        assert (sorted(ways.tried), len(ways.open())) == (["one", "two"], 1)

    ways = Ways()
    asyncio.run(whole())


@pytest.mark.parametrize("turns", range(8))
def test_whoever_is_cancelled_leaves_no_socket_open(turns: int) -> None:
    async def whole() -> None:
        ways = Ways()
        reaching = asyncio.create_task(reach([ONE, TWO], ways.connect))
        for _ in range(turns):
            await asyncio.sleep(0)
        reaching.cancel()
        await asyncio.wait([reaching])
        await asyncio.sleep(0.01)
        assert len(ways.open()) == (0 if reaching.cancelled() else 1)

    asyncio.run(whole())


def test_the_most_telling_failure_is_told() -> None:
    async def whole() -> None:
        ways = Ways()
        ways.failing = {"one": OSError("unreachable"), "two": ConnectionRefusedError("refused"), "three": OSError("x")}
        with pytest.raises(ConnectionRefusedError, match="refused"):
            await reach([ONE, TWO, THREE], ways.connect)
        with pytest.raises(OSError, match="unreachable"):
            await reach([ONE, THREE], ways.connect)
        with pytest.raises(OSError, match="it has no address"):
            await reach([], ways.connect)
        assert ways.tried == ["one", "two", "three", "one", "three"]

    asyncio.run(whole())


@every_loop
def test_ipv6_is_spoken(loop: str) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("there is no IPv6 here")

    async def whole() -> None:
        async with listening("::1") as receiver:
            posting = HttpSender(60.0, destinations=Destinations(allow=["::1"]))
            for url in (f"http://[::1]:{receiver.port}/", f"http://[0::1]:{receiver.port}/a"):
                assert (await quick(posting.post(url, BODY))).ok
            assert b"\r\nHost: [::1]:%d\r\n" % receiver.port in receiver.requests[0]
            assert not (await posting.post(f"http://[::2]:{receiver.port}/", BODY)).ok
            await posting.close()

    run_in(loop, whole())


# TLS


@pytest.fixture(scope="module")
def tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("elsewhere.test").configure_cert(context)
    return context


def over_tls(receiver: Receiver, host: str = "127.0.0.1") -> str:
    return f"https://{host}:{receiver.port}/hook"


@every_loop
def test_tls_is_spoken_and_its_connection_kept(loop: str, tls: ssl.SSLContext) -> None:
    names: list[str | None] = []
    tls.sni_callback = lambda _, name, __: names.append(name)

    async def whole() -> None:
        async with listening(ssl=tls) as receiver:
            posting = sender("127.0.0.1")
            answers = [await quick(posting.post(over_tls(receiver, "shop.test."), BODY)) for _ in range(5)]
            assert [(answer.error, answer.body) for answer in answers] == [(None, "plain")] * 5
            assert receiver.connections == 1
            assert (await quick(posting.post(over_tls(receiver), BODY))).ok
            await posting.close()

    run_in(loop, whole())
    tls.sni_callback = None
    assert names == ["shop.test", None]


@every_loop
@pytest.mark.parametrize("end", [CLOSE, RESET])
def test_an_answer_over_tls_is_broken_off_or_has_come(loop: str, end: str, tls: ssl.SSLContext) -> None:
    data = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

    async def whole() -> None:
        async with listening(ssl=tls) as receiver:
            posting = HttpSender(60.0)
            for at in (0, 1, 17, len(data) - 6, len(data) - 5, len(data) - 1, len(data)):
                receiver.scripts.append((data[:at], 0.01, end))
                answer = await quick(posting.post(over_tls(receiver), BODY))
                assert (answer.status == 200) is (at >= len(data) - 5), (at, answer)
                assert answer.ok or "the receiver " in (answer.error or "")
            assert (await quick(posting.post(over_tls(receiver), BODY))).ok
            await posting.close()

    run_in(loop, whole())


@every_loop
def test_closing_breaks_off_an_answer_over_tls(loop: str, tls: ssl.SSLContext) -> None:
    async def whole() -> None:
        async with listening(ssl=tls) as receiver:
            posting = HttpSender(60.0)
            assert (await quick(posting.post(over_tls(receiver), BODY))).ok
            receiver.scripts.append((60,))
            under_way = asyncio.create_task(posting.post(over_tls(receiver), BODY))
            await receiver.has(2)
            await asyncio.wait_for(posting.close(), 50)
            assert (await quick(under_way)).error == BROKEN_OFF

    run_in(loop, whole())


@every_loop
def test_https_where_http_is_spoken_and_http_where_https_is(loop: str, tls: ssl.SSLContext) -> None:
    async def whole() -> None:
        posting = HttpSender(60.0)
        async with listening() as plain, listening(ssl=tls) as secure:
            plain.early.append((b"HTTP/1.1 400 Bad Request\r\n\r\n", 0.05, CLOSE))
            error = (await quick(posting.post(over_tls(plain), BODY))).error or ""
            assert "no TLS connection could be made; does this port speak plain http? (SSLError: " in error
            error = (await quick(posting.post(secure.url, BODY))).error or ""
            assert "the receiver closed the connection without an answer" in error or "reset the connection" in error
            assert secure.requests == []
            plain.early.append((b"\x15\x03\x01\x00\x02\x02\x46", CLOSE))
            error = (await quick(posting.post(plain.url, BODY))).error or ""
            assert "what came back is not HTTP but TLS; should the URL start with https://?" in error
        await posting.close()

    run_in(loop, whole())


def hang_up(connection: socket.socket) -> None:
    connection.recv(1)


def reset(connection: socket.socket) -> None:
    connection.recv(1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hang(connection: socket.socket) -> None:
    """Say nothing until the other gives up."""
    while connection.recv(10_000):
        pass


def half(connection: socket.socket) -> None:
    connection.sendall(b"\x16\x03\x03\x00\x7a\x02\x00")
    connection.recv(10_000)


@every_loop
@pytest.mark.parametrize(
    ("act", "words"),
    [
        (hang_up, "no TLS connection could be made; does this port speak plain http? ("),
        (reset, "no TLS connection could be made; does this port speak plain http? (ConnectionResetError"),
        (half, "no TLS connection could be made; does this port speak plain http? ("),
        (hang, "no connection within 0.3 s; in a container, 127.0.0.1 is that container"),
    ],
)
def test_a_handshake_that_fails_is_said_in_words(loop: str, act: Callable[[socket.socket], None], words: str) -> None:
    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with suppress(OSError):
            act(connection)
        connection.close()

    async def whole(port: int) -> None:
        posting = HttpSender(0.3 if act is hang else 60.0)
        assert words in ((await quick(posting.post(f"https://127.0.0.1:{port}/", BODY))).error or "")
        await posting.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        run_in(loop, whole(listener.getsockname()[1]))
        thread.join()


@every_loop
def test_a_receiver_that_wants_a_certificate_is_said_in_words(loop: str) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("elsewhere.test").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED

    async def whole() -> None:
        async with listening(ssl=context) as receiver:
            posting = HttpSender(60.0)
            error = (await quick(posting.post(over_tls(receiver), BODY))).error or ""
            assert "TLS" in error or "the receiver " in error
            assert receiver.requests == []
            await posting.close()

    run_in(loop, whole())


def test_a_kept_connection_is_one_of_its_own_origin(tls: ssl.SSLContext) -> None:
    async def whole() -> None:
        async with listening(ssl=tls) as receiver:
            posting = sender("127.0.0.1")
            for host in ("a.test", "b.test", "A.test", "a.test"):
                assert (await quick(posting.post(over_tls(receiver, host), BODY))).ok
            assert receiver.connections == 2
            await posting.close()

    run_in("asyncio", whole())
