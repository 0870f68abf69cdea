"""Connections to receivers, kept and used again.

Theory of operation. A receiver may close a connection at any time while it is idle. Whoever posts on it at that very
moment cannot know whether the receiver got the callback: to post it again might deliver it twice, to leave it would
lose a callback for nothing. So that moment is avoided, and nothing is ever posted twice:

- a connection that has been closed, or on which something came that nobody asked for, is not used again: that is
  looked up on its socket right before it would be;
- a receiver that has not yet been seen to keep a connection open is given `REST` after its last answer, for many
  a hand-written one closes right after answering without saying so;
- a connection idle for longer than `IDLE` is not used again: servers close theirs after two seconds and more.

What remains is a receiver that breaks off a connection it used to keep, in the instant it is posted to. That is
reported as the failure it looks like.
"""

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from mockserver.delivery.answer import AnswerReader
from mockserver.delivery.dialer import Dialer
from mockserver.delivery.targets import Origin

REST = 0.02
"""Real seconds after an answer in which a receiver not known to keep connections may still close this one."""

IDLE = 1.0
"""Real seconds after which an idle connection is not used again."""

ORIGINS = 1_000
"""Receivers of which it is remembered whether they keep connections, at the most."""

PARTING = 1.0
"""Real seconds for all connections to be gone in the end."""


GRAIN = 0.002
"""Real seconds by which a timer may be early: some loops count milliseconds."""

Heard = Callable[[AnswerReader, Exception | None], None]
"""Called with an answer as far as it came, and with what broke it off, if that was more than its end."""


class Connection(asyncio.Protocol):
    """A connection to one receiver: a request and its answer, and again.

    idle_since: by the clock of the loop, when it was last answered. gone: is done when it is no more.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._loop = asyncio.get_running_loop()
        self._socket = sock
        self._transport: asyncio.Transport
        # Whatever a receiver says before it is asked is the beginning of its first answer, and should be of its last.
        self._reader: AnswerReader | None = AnswerReader()
        self._hasty = False
        self._heard: Heard | None = None
        self._deadline = 0.0
        self._limit: asyncio.TimerHandle | None = None
        self.gone: asyncio.Future[Exception | None] = self._loop.create_future()
        self.idle_since = 0.0

    async def ask(self, request: bytes, deadline: float) -> tuple[AnswerReader, Exception | None]:
        """Send a request, once: the answer as far as it came, and what broke it off, if that was more than its end.

        deadline: by the clock of the loop, when to wait no longer; that is a TimeoutError.
        """
        answered: asyncio.Future[tuple[AnswerReader, Exception | None]] = self._loop.create_future()

        def heard(*answer: Any) -> None:
            if not answered.done():
                answered.set_result(answer)

        self.post(request, deadline, heard)
        try:
            return await answered
        finally:
            self._stop(None)

    def post(self, request: bytes, deadline: float, heard: Heard) -> None:
        """Send a request, once, and call `heard` with its answer, never before this returns."""
        reader = self._reader = self._reader or AnswerReader(follows=True)
        self._heard, self._deadline = heard, deadline
        # One timer serves one request after the other: to set one and to take it back costs as much as a post.
        if self._limit is not None and self._limit.when() > deadline:
            self._limit.cancel()
            self._limit = None
        if self._limit is None:
            self._limit = self._loop.call_at(deadline, self._look)
        if self.is_open():
            self._transport.write(request)
        elif self.gone.done():  # it was closed as soon as it was made, perhaps with an answer to that
            self._loop.call_soon(self._stop, self.gone.result())
        if reader.complete:
            self._loop.call_soon(self._stop, None)

    def is_open(self) -> bool:
        """Whether the receiver can be asked something more."""
        return not self._transport.is_closing()

    def is_quiet(self) -> bool:
        """Whether the receiver has neither closed the connection nor sent what nobody asked for, up to this instant."""
        try:
            if self.is_open():
                self._socket.recv(1, socket.MSG_PEEK)
        except (BlockingIOError, InterruptedError):
            return True
        except OSError:
            pass
        return False

    def close(self) -> None:
        """Take leave of the receiver."""
        self._transport.close()

    def abort(self) -> None:
        """Drop the connection, whatever is under way on it."""
        self._transport.abort()

    def _rest(self, reader: AnswerReader) -> None:
        """Stay open for another request, if that can be."""
        self.idle_since = self._loop.time()
        if not reader.complete or self._transport.get_write_buffer_size():
            self.abort()
        elif self._hasty or not reader.reusable:
            self.close()

    def _stop(self, cause: Exception | None) -> None:
        """Nothing more is waited for. Does nothing if nothing was."""
        heard, reader = self._heard, self._reader
        if heard is not None and reader is not None:
            self._heard = self._reader = None
            self._rest(reader)
            heard(reader, cause)

    def _look(self) -> None:
        """See whether the time of what was asked last is up."""
        self._limit = None
        if self._heard is None:
            return
        if self._loop.time() + GRAIN >= self._deadline:
            self._stop(TimeoutError())
        else:
            self._limit = self._loop.call_at(self._deadline, self._look)

    # What is heard of the receiver

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It can be asked."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Read on; what nobody asked for ends the connection."""
        if self._reader is None:
            self.abort()
            return
        if self._heard is None:
            self._hasty = True
        self._reader.feed(data)
        if self._reader.complete:
            self._stop(None)

    def eof_received(self) -> None:
        """Nothing more will come, and so there is nothing more to be sent."""
        self._stop(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is no more."""
        self.gone.set_result(exc)
        if self._limit is not None:
            self._limit.cancel()
        self._stop(exc)


@dataclass(slots=True)
class _Receiver:
    """What is known of a receiver. idle: its connections that can be asked again, the longest idle first."""

    idle: deque[Connection] = field(default_factory=deque)
    keeps: bool = False


def _usable(idle: deque[Connection], now: float) -> Connection | None:
    """The first that can be used again. Those before it are closed."""
    while idle:
        connection = idle.popleft()
        if connection.idle_since + IDLE >= now and connection.is_quiet():
            return connection
        connection.close()
    return None


class Connections:
    """The connections to all receivers. Belongs to the event loop it is first used in."""

    def __init__(self, dialer: Dialer) -> None:
        self._dialer = dialer
        self._receivers: dict[Origin, _Receiver] = {}
        self._open: set[Connection] = set()
        self._dialing: set[asyncio.Timeout] = set()
        self._sweeping: asyncio.TimerHandle | None = None

    async def take(self, origin: Origin) -> Connection | None:
        """An idle connection that can be used again; None if there is none."""
        receiver = self._receivers.get(origin)
        loop = asyncio.get_running_loop()
        while receiver is not None and receiver.idle and not receiver.keeps:
            rest = receiver.idle[0].idle_since + REST - loop.time()
            if rest <= 0:
                break
            for pause in (rest, 0, 0):  # a receiver in this very loop takes two turns to close
                await asyncio.sleep(pause)
        return None if receiver is None else _usable(receiver.idle, loop.time())

    def take_at_once(self, origin: Origin) -> Connection | None:
        """The same for a receiver that is known to keep connections: these need no rest."""
        receiver = self._receivers.get(origin)
        if receiver is None or not receiver.keeps:
            return None
        return _usable(receiver.idle, asyncio.get_running_loop().time())

    async def open(self, origin: Origin, deadline: float) -> Connection:
        """A new connection. Raises OSError: TimeoutError, gaierror, Forbidden and NoTls among them."""
        async with asyncio.timeout_at(deadline) as limit:
            self._dialing.add(limit)
            try:
                connection = await self._dialer.dial(origin, Connection)
            finally:
                self._dialing.discard(limit)
        self._open.add(connection)
        connection.gone.add_done_callback(lambda _: self._open.discard(connection))
        return connection

    def give_back(self, origin: Origin, connection: Connection, *, answered: bool, reused: bool) -> None:
        """Learn from what came of asking on a connection, and keep it if it is still open."""
        receiver = self._receiver(origin)
        receiver.keeps = answered and (receiver.keeps or (reused and connection.is_open()))
        if connection.is_open():
            receiver.idle.append(connection)
            if self._sweeping is None:
                self._sweeping = asyncio.get_running_loop().call_later(IDLE, self._sweep)

    async def close(self) -> None:
        """Drop every connection, and make no more of those that are being made."""
        now = asyncio.get_running_loop().time()
        for limit in self._dialing:
            if not limit.expired():
                limit.reschedule(now)
        if self._sweeping is not None:
            self._sweeping.cancel()
        for connection in self._open:
            connection.abort()
        if self._open:
            await asyncio.wait([connection.gone for connection in self._open], timeout=PARTING)

    def _receiver(self, origin: Origin) -> _Receiver:
        receiver = self._receivers.get(origin)
        if receiver is None:
            if len(self._receivers) >= ORIGINS:
                self._receivers = {each: known for each, known in self._receivers.items() if known.idle}
            receiver = self._receivers[origin] = _Receiver()
        return receiver

    def _sweep(self) -> None:
        """Close what has been idle for too long, and look again when there is more."""
        loop = asyncio.get_running_loop()
        idle = [receiver.idle for receiver in self._receivers.values() if receiver.idle]
        for each in idle:
            while each and each[0].idle_since + IDLE <= loop.time():
                each.popleft().close()
        left = [each[0].idle_since for each in idle if each]
        self._sweeping = loop.call_at(min(left) + IDLE, self._sweep) if left else None
