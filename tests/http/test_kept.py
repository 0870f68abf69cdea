"""Answers of a server that keeps its sandboxes: none leaves before what led to it is kept, or when it may be another's."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from mockserver.core.behaviour import Behaviour
from mockserver.core.commands import Mode, SetBalance
from mockserver.core.engine import Engine
from mockserver.http.kept import KeptAnswers, held
from mockserver.http.replies import SANDBOX, Json
from mockserver.http.shortcut import Shortcuts
from mockserver.keeping import keeper as keepers
from mockserver.keeping.keeper import Keeper
from mockserver.keeping.values import World
from mockserver.sandbox.driver import Driver
from mockserver.sandbox.registry import Sandbox
from mockserver.settings import Settings
from mockserver.wire.errors import Refusal, routee
from tests.keeping.stores import FaultyStore


class Lapsing(FaultyStore):
    """A store whose leases have run out, as long as a test says so."""

    out = False

    @property
    def lapsed(self) -> bool:
        return self.out


class Server:
    """A keeper, one sandbox, and an app that changes it for each request and answers."""

    def __init__(self) -> None:
        self.store = Lapsing()
        self.keeper = Keeper(self.store)
        engine = Engine(Behaviour(), 0, Mode.MANUAL)
        self.keeper.listen(engine)
        self.keeper.made(engine, lambda key: World(key, "mine", None, None, b"{}", b"{}"))
        self.archive: Any = self
        self.driver = Driver(engine, None, None, lambda: 0.0)  # type: ignore[arg-type]
        self.sandbox = Sandbox("mine", Settings(), self.driver, None, None)
        self.coming: dict[str, str | None] = {}
        self.sent: list[Message] = []

    def refusal(self, sandbox: Sandbox | None = None) -> Refusal:
        return routee(503, "lost" if sandbox is not None and sandbox.driver.lost else "not kept")

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] != "/health":
            scope[SANDBOX] = self.sandbox
        if scope["method"] != "GET":
            self.driver.submit(SetBalance(1))
        await Json({"fine": True})(scope, receive, send)

    async def ask(self, method: str, path: str = "/") -> tuple[int, bytes]:
        """The answer to a request."""
        self.sent = []
        whole = KeptAnswers(self.app, self.keeper, self.refusal)
        scope = {"type": "http", "method": method, "path": path, "headers": []}

        async def send(message: Message) -> None:
            self.sent.append(message)

        await whole(scope, None, send)  # type: ignore[arg-type]  # it reads no body
        return self.sent[0]["status"], self.sent[1]["body"]


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keepers, "PAUSE", 0.001)
    monkeypatch.setattr(keepers, "LONGEST_PAUSE", 0.001)
    monkeypatch.setattr(keepers, "PATIENCE", 0.02)


def run(test: Callable[[Server], Awaitable[None]]) -> None:
    async def whole() -> None:
        server = Server()
        assert await server.keeper.kept()
        await test(server)
        server.store.fails.clear()
        server.store.out = False
        await server.keeper.close()

    asyncio.run(whole())


def test_no_answer_begins_before_what_led_to_it_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keepers, "PATIENCE", 60)

    async def test(server: Server) -> None:
        server.store.fails = ["before"]
        asking = asyncio.create_task(server.ask("POST"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert (server.sent, server.keeper.pending) == ([], True)
        assert (await asking)[0] == 200
        assert server.store.batches

    run(test)


def test_what_is_not_kept_in_time_is_told_and_what_comes_then_is_refused_before_it_changes_anything() -> None:
    async def test(server: Server) -> None:
        server.store.fails = ["before"] * 10_000
        assert await server.ask("POST") == (503, b'{"code":"503000000","developerMessage":"not kept"}')
        before = server.driver.engine.journal.written
        assert (await server.ask("POST"))[0] == 503
        assert server.driver.engine.journal.written == before
        assert (await server.ask("GET"))[0] == 200

    run(test)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_sandbox_that_is_lost_meanwhile_says_nothing(method: str) -> None:
    async def test(server: Server) -> None:
        server.driver.drop()
        assert await server.ask(method) == (503, b'{"code":"503000000","developerMessage":"lost"}')
        assert (await server.ask("GET", "/health"))[0] == 200

    run(test)


def test_while_nobody_knows_whose_a_sandbox_is_not_even_a_read_of_it_is_answered() -> None:
    async def test(server: Server) -> None:
        server.store.out = True
        server.store.fails = ["before"] * 10_000
        assert (await server.ask("GET"))[0] == 503
        assert (await server.ask("GET", "/health"))[0] == 200
        server.store.fails = []
        server.store.out = False
        while server.keeper.pending:
            await server.keeper.kept()
        assert (await server.ask("GET"))[0] == 200

    run(test)


@pytest.mark.parametrize(("leased", "lost"), [(False, False), (True, False), (True, True)])
def test_a_send_over_the_shortcut_waits_too(leased: bool, lost: bool) -> None:
    async def test(server: Server) -> None:
        server.store.lease = 60.0 if leased else None
        shortcuts = held(Shortcuts({}, lambda headers: True, 1), server.archive)
        assert shortcuts.wait is not None
        server.driver.submit(SetBalance(1))
        told: list[bool] = []
        shortcuts.wait(told.append)
        assert told == []
        if lost:
            server.driver.drop()
        await server.keeper.kept()
        await asyncio.sleep(0)
        assert told == [True]
        assert (shortcuts.lost is not None) is leased
        assert shortcuts.lost is None or shortcuts.lost({SANDBOX: server.sandbox}) is lost

    run(test)
