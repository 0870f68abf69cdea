"""A server in this process: uvicorn's protocol over a transport that is no socket. Noise disturbs it least."""

import asyncio
import logging
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from email.utils import formatdate
from itertools import cycle, islice
from types import coroutine
from typing import Any

import uvicorn
import uvloop
from uvicorn.server import ServerState

from benchmarks.messages import end


@coroutine
def _turn() -> Generator[None]:
    yield


class Transport(asyncio.Transport):
    """Keeps what is written. whole: whether it is a whole answer."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 50_000), "sockname": ("127.0.0.1", 8_080)})
        self.answer = b""
        self.whole = False

    def write(self, data: Any) -> None:
        """Take a piece of an answer."""
        self.answer += data
        self.whole = len(self.answer) >= end(self.answer)

    def is_closing(self) -> bool:
        """Do nothing: it stays open."""
        return False

    def pause_reading(self) -> None:
        """Do nothing: a request comes whole."""

    def resume_reading(self) -> None:
        """Do nothing."""


class Inside:
    """One connection to a server in this process, on a loop of its own."""

    def __init__(self, config: uvicorn.Config, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport = Transport()
        config.timeout_keep_alive = 3_600  # an idle connection is not closed while the machine is busy with others
        if not config.loaded:
            config.load()
        state = ServerState()
        state.default_headers = [(b"date", formatdate(usegmt=True).encode())]  # as the server has it once it ticks
        make: Any = config.http_protocol_class
        self._protocol = make(config=config, server_state=state, app_state={}, _loop=loop)
        self._protocol.connection_made(self._transport)

    def ask(self, request: bytes) -> bytes:
        """Send one request. Return its answer."""
        return self._loop.run_until_complete(self._ask(request))

    def ask_many(self, requests: Sequence[bytes], count: int) -> None:
        """Send this many requests, in rotation."""
        self._loop.run_until_complete(self._ask_many(requests, count))

    async def _ask(self, request: bytes) -> bytes:
        transport = self._transport
        transport.answer, transport.whole = b"", False
        self._protocol.data_received(request)
        while not transport.whole:
            await _turn()
        return transport.answer

    async def _ask_many(self, requests: Sequence[bytes], count: int) -> None:
        for request in islice(cycle(requests), count):
            await self._ask(request)


@contextmanager
def opened(config: uvicorn.Config) -> Iterator[Inside]:
    """A connection while the block lasts. Refusals are not logged, as with a server."""
    loop, log = uvloop.new_event_loop(), logging.getLogger("mockserver")
    level = log.level
    asyncio.set_event_loop(loop)
    log.setLevel(logging.ERROR)
    try:
        yield Inside(config, loop)
    finally:
        log.setLevel(level)
        loop.close()
        asyncio.set_event_loop(None)


def mock() -> uvicorn.Config:
    """The mock as it is served."""
    return served(app())


def app() -> Any:
    """The mock as an app, with a manual clock and no limits."""
    from mockserver import Settings, create_app
    from mockserver.core.behaviour import Behaviour, Limits
    from mockserver.core.clock import Mode

    limits = Limits(flows=1_000_000, payload=4 * 1024**3)
    return create_app(Settings(clock=Mode.MANUAL, start=1_767_254_400_000, behaviour=Behaviour(limits=limits)))


def served(app: Any) -> uvicorn.Config:
    """How the mock's own server serves an app."""
    from mockserver.server import Server

    return Server(app, lambda: None).config
