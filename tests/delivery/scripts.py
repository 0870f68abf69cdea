"""A receiver whose every byte is written down: a raw socket that does what a script says."""

import asyncio
import socket
import struct
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from mockserver.core.commands import Answer
from mockserver.delivery.http import HttpSender

LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": asyncio.new_event_loop}
"""The event loops a sender may find itself in."""

with suppress(ImportError):
    import uvloop

    LOOPS["uvloop"] = uvloop.new_event_loop

BODY = b'{"trackingId":"x"}'

CLOSE, RESET, KEEP = "close", "reset", "keep"

Step = bytes | float | str
"""Bytes to write, real seconds to wait (0 lets others run), or one of the words above, which ends the script."""


@dataclass
class Receiver:
    """Takes requests, and plays a script for each: that of its query, the next of `scripts`, or a plain 200."""

    port: int = 0
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)
    scripts: deque[tuple[Step, ...]] = field(default_factory=deque)
    queries: dict[str, tuple[Step, ...]] = field(default_factory=dict)
    early: deque[tuple[Step, ...]] = field(default_factory=deque)
    """What to do on a new connection before a request is read."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    refusal: bytes = b""
    """What to answer as soon as a head has come, its body unread."""

    async def has(self, count: int) -> None:
        """Wait until so many requests have come."""
        while len(self.requests) < count:  # noqa: ASYNC110 -- as simple as this
            await asyncio.sleep(0.001)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if self.refusal:
                await reader.readuntil(b"\r\n\r\n")
                await play(writer, (self.refusal, 0.01, CLOSE))
                return
            going = not self.early or await play(writer, self.early.popleft())
            while going and (request := await read_request(reader)):
                self.requests.append(request)
                going = await play(writer, self.script(request.split(b" ")[1].rpartition(b"?")[2].decode()))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()

    def script(self, query: str) -> tuple[Step, ...]:
        if query in self.queries:
            return self.queries.pop(query)
        return self.scripts.popleft() if self.scripts else ANSWER


ANSWER: tuple[Step, ...] = (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain", KEEP)


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """A request; nothing when no more come."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        return head + await reader.readexactly(int(head.rpartition(b"Content-Length: ")[2]))
    except asyncio.IncompleteReadError:
        return b""


async def play(writer: asyncio.StreamWriter, script: tuple[Step, ...]) -> bool:
    """Do what a script says; whether the connection is still there then."""
    for step in script:
        if isinstance(step, bytes):
            writer.write(step)
            await writer.drain()
        elif isinstance(step, float | int):
            await asyncio.sleep(step)
        elif step == RESET:
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()
            return False
        else:
            return step == KEEP
    return True


@asynccontextmanager
async def listening(host: str = "127.0.0.1", port: int = 0, **options: Any) -> AsyncIterator[Receiver]:
    """A receiver for as long as the block lasts."""
    receiver = Receiver()
    serving: set[asyncio.Task[None]] = set()

    def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(receiver.serve(reader, writer))
        serving.add(task)
        task.add_done_callback(serving.discard)

    server = await asyncio.start_server(serve, host, port, **options)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for task in tuple(serving):
            task.cancel()
        if serving:
            await asyncio.wait(serving)


Scene = Callable[[HttpSender, Receiver], Coroutine[Any, Any, None]]


def run(loop: str, scene: Scene, sender: Callable[[], HttpSender] = lambda: HttpSender(60.0)) -> None:
    """Play a scene of one sender and one receiver in an event loop of this kind."""

    async def whole() -> None:
        async with listening() as receiver:
            posting = sender()
            try:
                await scene(posting, receiver)
            finally:
                await posting.close()

    run_in(loop, whole())


def run_in(loop: str, whole: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        runner.run(whole)


async def quick(posting: Awaitable[Answer], seconds: float = 50.0) -> Answer:
    """What a post comes to without its patience being used up."""
    async with asyncio.timeout(seconds):
        return await posting
