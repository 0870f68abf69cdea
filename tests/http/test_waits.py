"""A simulation of connections whose replies wait: whatever comes in between, each request has its one answer, in order.

Each seed is another course of events. A seed that fails prints itself. ROUTEE_MOCK_SEEDS: how many are tried, or `N-M`.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable
from itertools import accumulate, count
from pathlib import Path
from random import Random
from typing import Any

import pytest

from mockserver.app import create_app
from mockserver.core.clock import Mode
from mockserver.http.repeats import RepeatProtocol
from mockserver.keeping import archive as archives
from mockserver.server import PATIENCE, Server
from mockserver.settings import Settings
from tests.http.lines import LABEL, Line, asked, send
from tests.http.mocks import START
from tests.http.test_protocol import EXPECT, H2C
from tests.keeping import turns
from tests.keeping.stores import FaultyStore
from tests.keeping.test_shell import seeds
from tests.keeping.turns import DrawnLoop, drop

HASTE = 0.02
"""How often time passes although something is still to be done: with more, every connection is idle for too long."""

BEHIND = 100
"""Bytes behind a request whose reply waits, before no more are read: a part of a request."""

TOO_SLOW = 408
"""The answer to a request that does not come whole."""

Ask = Callable[[int, str], bytes]

KINDS: tuple[tuple[Ask, int], ...] = (
    *12 * ((send, 200),),
    (lambda number, token: send(number, token, H2C), 200),
    (lambda number, token: send(number, token, EXPECT), 200),
    (lambda number, token: send(number, token, f"X-Request: {number}\r\n"), 200),
    (lambda number, token: send(number, token, kind="Sns"), 400),
    (lambda number, token: send(number, token, H2C, kind="Sns"), 400),
    (lambda _, token: asked("GET", "/accounts/me/balance", token), 200),
)
"""What a client asks, and the status of the answer."""


def drawn_store(draw: Random) -> FaultyStore | None:
    """A store, or None for a mock that keeps nothing."""
    if draw.random() < 0.3:
        return None
    store = FaultyStore(alone=draw.random() < 0.5)
    store.lease = draw.choice((None, 60.0))
    return store


class Client:
    """Asks on one connection. ended: it has said all. left: it does not wait for its answers."""

    def __init__(self, draw: Random, mock: "Mock") -> None:
        self._draw = draw
        self._over_tls = draw.random() < 0.3
        self._protocol = mock.connect()
        self._asked: list[tuple[bytes, int]] = []
        self._read = 0
        self.line = Line(draw, self._protocol, mock.store, over_tls=self._over_tls)
        self.ended = self.left = False

    async def ask(self, numbers: Iterable[int], token: str) -> None:
        """Ask all, in pieces that are mostly one request each. Then leave, perhaps."""
        for number, _ in zip(numbers, range(self._draw.randrange(1, 12)), strict=False):
            make, status = self._draw.choice(KINDS)
            self._asked.append((make(number, token), status))
        data = b"".join([each for each, _ in self._asked])
        cuts = {end for end in self._ends() if self._draw.random() < 0.8} | {len(data)}
        cuts |= {self._draw.randrange(len(data)) for _ in range(self._draw.choice((0, 0, 1, 3)))}
        for cut in sorted(cuts):
            if await self._closed():
                return
            self._protocol.data_received(data[self._read : cut])
            self._read = cut
        await self._leave()

    @property
    def waits(self) -> bool:
        """Whether the reply to a repeat waits."""
        return self._protocol._waiting is not None

    def _ends(self) -> list[int]:
        return list(accumulate(len(each) for each, _ in self._asked))

    def _whole(self) -> int:
        """How many requests have come whole."""
        return sum(end <= self._read for end in self._ends())

    async def _closed(self) -> bool:
        """Wait: for some turns or for the answers, and until the server reads. Return whether it has closed, or will."""
        for _ in range(self._draw.choice((0, 50))):
            if len(list(self.line.answers())) < self._whole():
                await asyncio.sleep(0.001)
        for _ in range(self._draw.choice((0, 0, 0, 0, 1, 2, 9))):
            await asyncio.sleep(0)
        while self.line.paused and not self.line.closing:  # noqa: ASYNC110 -- it takes no real time
            await asyncio.sleep(0.001)
        return self.line.closing or self._protocol._deaf

    async def _leave(self) -> None:
        how = self._draw.choice(("stays", "ends", "ends", "breaks"))
        if await self._closed() or how == "stays":
            return
        self.ended = True
        self.left = how == "breaks" or self._over_tls
        self.line.stay()
        if how == "breaks":
            self.line.close(ConnectionResetError())
        elif not self._protocol.eof_received() or self._over_tls:  # over TLS both directions end at once
            self.line.close()

    def check(self, accepted: set[bytes], *, stopped: bool) -> None:
        """Hold the answers against what was asked. accepted: the labels of the flows that there are."""
        whole = self._whole()
        answers = [each for each in self.line.answers() if each[0] != TOO_SLOW]
        assert [status for status, _ in answers[whole:]] in ([], [401], [503])  # said before all has come
        for (request, status), (answered, body) in zip(self._asked, answers, strict=False):
            assert answered in (status, 401, 503), (request, answered, body)
            if status == answered == 200:
                assert LABEL.findall(body) == LABEL.findall(request)
        assert self.line.closing
        if not self.left:
            unanswered = self._asked[len(answers) : whole]
            assert stopped or not unanswered, unanswered
            for request, _ in unanswered:
                assert accepted.isdisjoint(LABEL.findall(request)), request


class Mock:
    """A mock without sockets. store: where it keeps its sandboxes, if it does."""

    def __init__(self, draw: Random, store: FaultyStore | None, monkeypatch: pytest.MonkeyPatch) -> None:
        self._draw = draw
        self.store = store
        monkeypatch.setattr(archives, "_opened", lambda _: (store, None))
        app = create_app(Settings(clock=Mode.MANUAL, start=START, data=None if store is None else Path("memory")))
        self._archive, self._sandboxes = app.state.archive, app.state.sandboxes
        self._sandbox = self._sandboxes.default
        self.server = Server(app, lambda: None)
        self.server.config.load()
        self._clients: list[Client] = []
        self._stopped = False

    def connect(self) -> RepeatProtocol:
        """The server's side of a new connection."""
        make: Any = self.server.config.http_protocol_class
        protocol: RepeatProtocol = make(self.server.config, self.server.server_state, {})
        return protocol

    async def whole(self) -> None:
        """Serve some clients, and stop; perhaps before they have their answers."""
        token = await self.token()
        if self.store is not None:
            ends = ("", "", "", "before", "after", "taken" if self.store.lease else "")
            self.store.fails += [""] * self._draw.randrange(12)
            self.store.fails += [self._draw.choice(ends) for _ in range(self._draw.randrange(12))]
        numbers = count(1)
        self._clients = [Client(self._draw, self) for _ in range(self._draw.randrange(1, 4))]
        asking = asyncio.gather(*(each.ask(numbers, token) for each in self._clients))
        if self._draw.random() < 0.4:
            soon = self._draw.random() < 0.5
            for _ in range(self._draw.randrange(100)):
                if soon and any(each.waits for each in self._clients):
                    break
                await asyncio.sleep(self._draw.choice((0, 0.001)))
            self._stopped = True
            await self._stop()
        await asking
        await asyncio.sleep(60)
        assert all(each.line.closing for each in self._clients if each.ended)
        if not self._stopped:
            await self._stop()
        self._check()

    async def token(self) -> str:
        """Begin to serve. Return the header that lets a client in."""
        self._bringing = asyncio.create_task(self._archive.bring(self._sandboxes, list))
        await asyncio.sleep(0)
        self._archive.resume()
        body = "grant_type=client_credentials"
        form = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        head = asked("POST", "/oauth/token", "Authorization: Basic YTpi\r\n", form)
        while True:  # a commit can take too long
            protocol = self.connect()
            line = Line(Random(0), protocol, None, over_tls=False)
            protocol.data_received(head + body.encode())
            await asyncio.sleep(10)
            for status, answer in line.answers():
                if status == 200:
                    return f"Authorization: Bearer {json.loads(answer)['access_token']}\r\n"

    async def _stop(self) -> None:
        """Stop as a server does."""
        for client in self._clients:
            client.line.drain()
            client.line.stay()
        asyncio.get_running_loop().call_later(PATIENCE, self.server._cut_short)
        for connection in tuple(self.server.server_state.connections):
            connection.shutdown()
        await asyncio.sleep(1)
        self._archive.stop_trying()
        if self.store is not None and not self.store.closed:
            await self._archive.keeper.close()
        await asyncio.sleep(1)

    def _check(self) -> None:
        driver = self._sandbox.driver
        assert not driver.calling, "a flow waits for its reply"
        labels = [LABEL.findall(repr(flow).encode())[0] for flow in driver.engine.flows.values()]
        assert len(set(labels)) == len(labels), "a request was accepted twice"
        for each in self._clients:
            each.check(set(labels), stopped=self._stopped)


def test_each_request_has_its_one_answer_whatever_comes_in_between(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(turns, "HASTE", HASTE)
    monkeypatch.setattr("mockserver.http.repeats.MOST_BEHIND", BEHIND)
    for seed in seeds():
        caplog.clear()
        draw = Random(seed)
        loop = DrawnLoop(draw, 0.0, None)
        try:
            loop.run_until_complete(Mock(draw, drawn_store(draw), monkeypatch).whole())
            assert [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR] == []
        except Exception as error:
            again = f"again: ROUTEE_MOCK_SEEDS={seed}-{seed} python -m pytest -n0 tests/http/test_waits.py"
            raise AssertionError(f"seed {seed}: {error}\n{again}") from error
        finally:
            drop(loop)


Course = Callable[[Mock, Line, RepeatProtocol, str], Awaitable[None]]

Play = Callable[[Course, FaultyStore | None], None]


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Play:
    """Plays a course of events on one connection of a mock with this store, or with none."""

    def played(course: Course, store: FaultyStore | None) -> None:
        async def whole() -> None:
            mock = Mock(Random(0), store, monkeypatch)
            token = await mock.token()
            protocol = mock.connect()
            line = Line(Random(0), protocol, store, over_tls=True)
            line.drain()
            await course(mock, line, protocol, token)

        loop = DrawnLoop(Random(0), 0.0, None)
        try:
            loop.run_until_complete(whole())
        finally:
            drop(loop)

    return played


def test_all_that_has_come_before_the_end_of_a_client_is_answered(play: Play) -> None:
    async def course(_: Mock, line: Line, protocol: RepeatProtocol, token: str) -> None:
        for number in range(4):  # in one turn: the third is a repeat and waits, the last is one behind it
            protocol.data_received(send(number, token))
        if not protocol.eof_received():
            line.close()
        await asyncio.sleep(1)
        assert [status for status, _ in line.answers()] == [200] * 4

    play(course, None)


def test_a_request_that_comes_as_the_server_cuts_all_short_is_told_so(play: Play) -> None:
    async def course(mock: Mock, line: Line, protocol: RepeatProtocol, token: str) -> None:
        protocol.data_received(asked("GET", "/accounts/me/balance", token))
        mock.server._cut_short()
        await asyncio.sleep(1)
        assert [status for status, _ in line.answers()] in ([200], [503])

    play(course, None)


@pytest.mark.parametrize("header", ["", "X-Request: 1\r\n"])
def test_a_send_whose_sandbox_is_taken_while_its_reply_waits_is_refused(header: str, play: Play) -> None:
    store = FaultyStore()
    store.lease = 60.0

    async def course(_: Mock, line: Line, protocol: RepeatProtocol, token: str) -> None:
        for number in range(3):
            protocol.data_received(send(number, token))
            await asyncio.sleep(1)
        store.fails = ["taken"]
        protocol.data_received(send(3, token + header))
        await asyncio.sleep(1)
        assert [status for status, _ in line.answers()] == [200, 200, 200, 503]

    play(course, store)
