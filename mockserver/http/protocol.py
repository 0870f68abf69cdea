"""uvicorn's HTTP protocol, with two differences. A request that is not valid HTTP gets an answer in Routee's shape. And
a request that offers to change the protocol (`Upgrade: h2c`, as Java's HttpClient sends it) is answered as if it had
made no offer.

For httptools, a request with such an offer ends with its head, and its body belongs to the other protocol. So the head
is parsed a second time without the offer, and then the body as usual.
"""

import struct
from asyncio import TimerHandle, Transport
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from socket import SO_LINGER, SOL_SOCKET
from typing import Any

import orjson
from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn._types import ASGISendEvent
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from mockserver.http.replies import CONNECTION
from mockserver.wire import errors
from mockserver.wire.errors import Refusal, malformed

Send = Callable[[ASGISendEvent], Awaitable[None]]

UNREADABLE = (
    "This is not HTTP/1.1 as it can be read here: its method or version is unknown, or its head or body is malformed."
)

VERSIONS = ("1.1", "1.0")


AT_ONCE = struct.pack("ii", 1, 0)
"""A linger time of zero: closing the socket then sends a reset."""


STALLED = 30.0
"""Real seconds that an answer waits for a client that does not read it."""


PATIENCE = 30.0
"""Real seconds that a request has to come whole; up to twice as many on a connection used before."""

LINGER = 2.0
"""Real seconds that a client has to end what it says, once it is answered before that and the connection is closed."""

MOST_HEAD = 65_536
"""Bytes of a request line and its headers; also of what chunks of a body have beside it."""


class Protocol(HttpToolsProtocol):
    """HTTP/1.1 with httptools, and no other protocol. stalled, patience, linger: as their namesakes."""

    stalled = STALLED

    patience = PATIENCE

    linger = LINGER

    _offer = False
    """Whether the last head offers another protocol. CONNECT does not, though the parser treats it the same."""

    _running: RequestResponseCycle | None = None
    """The exchange that is being answered; `cycle` is the one whose request came last."""

    _stall: TimerHandle | None = None

    _lingering: TimerHandle | None = None

    _looking: TimerHandle | None = None

    _reading = True
    """Whether a request has begun, or is awaited on a new connection, and has not come whole."""

    _read_whole = 0
    """How many requests have come whole."""

    _awaited = 0
    """How many had, when one was last seen that had not."""

    _moved = False
    """Whether a head, a body or a piece of one came to its end in what was read last."""

    _loose = 0
    """Bytes read since then."""

    _head_at_most = 0
    """Bytes that the head read now can have: what was read with the end of the last one may be a part of it."""

    _deaf = False
    """Whether what comes now is read and dropped: closing a socket with data unread can cost the client an answer."""

    _wrong: Refusal | None = None
    """What is wrong with a request that could be read."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Begin to serve a client, and look now and then whether it gets on."""
        super().connection_made(transport)
        self._looking = self.loop.call_later(self.patience, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the request that is being answered too, and not only the last of those behind it."""
        self._cancel_stall()
        for timer in (self._looking, self._lingering):
            if timer is not None:
                timer.cancel()
        self._say_no_more()
        super().connection_lost(exc)

    def _say_no_more(self) -> None:
        """Drop the answers that are still to come: whoever makes one is told that the client has gone."""
        for cycle in (self._running, *(waiting for waiting, _ in self.pipeline), self.cycle):
            if cycle is not None and not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()

    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn's always lets it close
        """Answer a client that has said all it wants to say, then close. Over TLS both directions end at once."""
        return self.scheme != "https" and self._answer_and_close()

    def _answer_and_close(self) -> bool:
        """Close when what was asked whole is answered; False where there is nothing left to answer."""
        if self._running is None or self._running.response_complete:
            return False
        if self.cycle.more_body:  # it never comes whole
            if self.cycle is self._running:
                return False
            self.pipeline.popleft()
        last = self.pipeline[0][0] if self.pipeline else self._running
        last.keep_alive = False
        self._end_with(last)
        return True

    def _end_with(self, cycle: RequestResponseCycle) -> None:
        """Let the connection part as it should after this exchange, the last one."""
        setattr(cycle, "transport", Parting(self.transport, self._part))  # noqa: B010 -- for mypy

    def _look(self) -> None:
        """Give up a request that has not come whole between two looks, or within the first one."""
        answering = self._running is not None and not (self._running.response_complete or self._running.more_body)
        if self._reading and not answering and not self._deaf:
            if self._awaited == self._read_whole:
                self._refuse(errors.too_slow(self.patience))
                return
            self._awaited = self._read_whole
        self._looking = self.loop.call_later(self.patience, self._look)

    def pause_writing(self) -> None:
        """Wait for a client that does not read what it is told, but not for ever: its flow waits for the reply."""
        super().pause_writing()
        self._stall = self.loop.call_later(self.stalled, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on writing."""
        super().resume_writing()
        self._cancel_stall()

    def _cancel_stall(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None

    def data_received(self, data: bytes) -> None:
        """Read new data: a part of a request, or several requests."""
        if self._deaf:
            return
        self._unset_keepalive_if_required()
        self._reading, self._moved = True, False
        size = len(data)
        self._loose += size
        self._head_at_most += size
        while data:
            data = self._read(data)
        if self._moved:
            self._loose, self._head_at_most = 0, size
        elif self._loose > MOST_HEAD:
            self._refuse(errors.head_too_large(MOST_HEAD))

    def _read(self, data: bytes) -> bytes:
        """Parse a piece. Return what must be parsed next, if anything."""
        try:
            self.parser.feed_data(data)
        except HttpParserError:
            self._refuse(self._wrong or malformed(UNREADABLE))
        except HttpParserUpgrade as offer:
            if self._offer:
                again = self._head_without_offer()
                self.parser = HttpRequestParser(self)  # after "close", the old one reads no more
                self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
                return again + data[offer.args[0] :]
        return b""

    def on_message_begin(self) -> None:
        """Begin to read a request."""
        self._reading = True
        super().on_message_begin()

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._moved = True
        super().on_body(body)

    def on_headers_complete(self) -> None:
        """Begin to answer, unless this head must be parsed again."""
        self._moved = True
        if self._head_at_most > MOST_HEAD and self._head_size() > MOST_HEAD:
            self._wrong = errors.head_too_large(MOST_HEAD)
        if self._wrong is not None or self.parser.get_http_version() not in VERSIONS:
            raise HttpParserError  # as the parser does for what it cannot read
        self._offer = self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT"
        if not self._offer:
            super().on_headers_complete()
            if not self.pipeline:
                self._running = self.cycle
            self.headers = []  # for lines behind the body, which nobody reads
            self.scope["extensions"] = {CONNECTION: {"reset": self._reset, "cycle": self.cycle}}
            if not (self.cycle.keep_alive and self.parser.should_keep_alive()) or self.expect_100_continue:
                self._end_with(self.cycle)
            if self.expect_100_continue:
                setattr(self.cycle, "send", partial(_send_or_close, self.cycle, self.cycle.send))  # noqa: B010 -- for mypy

    def on_response_complete(self) -> None:
        """Begin to answer the request that came behind this one, if there is one."""
        if self.pipeline and not self.transport.is_closing():
            self._running = self.pipeline[-1][0]
        super().on_response_complete()

    def on_message_complete(self) -> None:
        """End the request, unless its head must be parsed again."""
        self._moved, self._reading = True, False
        self._read_whole += 1
        if not self._offer:
            super().on_message_complete()

    def _head_without_offer(self) -> bytes:
        first = b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        lines = (b"%s: %s" % header for header in self.headers if header[0] != b"upgrade")
        return b"\r\n".join((first, *lines, b"", b""))

    def shutdown(self) -> None:
        """Close with the server. Over TLS, do not wait for the client to close too: an idle one never does."""
        super().shutdown()
        if self.scheme == "https" and self.transport.is_closing():
            self.transport.abort()

    def _reset(self) -> None:
        """Break the connection with a TCP reset, as a failing network does."""
        with suppress(OSError, AttributeError):
            self.transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, AT_ONCE)
        self.transport.abort()

    def _part(self) -> None:
        """Close, once a client that is still speaking has ended: a reset would cost it the answer."""
        if not (self._reading or self._deaf) or self.transport.is_closing():
            self.transport.close()
            return
        self._deaf = True
        self._say_no_more()
        if self.scheme != "https":  # over TLS both directions end at once
            self.transport.write_eof()
        self.flow.resume_reading()
        self._lingering = self._lingering or self.loop.call_later(self.linger, self.transport.abort)

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _refuse(self, refusal: Refusal) -> None:
        """Answer what cannot be read to its end, and close; what was asked before it is answered first."""
        if self._deaf:  # it is refused already
            return
        if self._answer_and_close():
            self._deaf = True
            return
        if self._running is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(written(refusal))
        self._part()


def written(refusal: Refusal) -> bytes:
    """A refusal as it goes over a connection that is closed after it."""
    body = orjson.dumps(refusal.body)
    head = (
        f"HTTP/1.1 {refusal.status} {HTTPStatus(refusal.status).phrase}\r\nconnection: close\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Parting:
    """The transport of an exchange that ends its connection. close: called in place of the transport's own."""

    def __init__(self, transport: Transport, close: Callable[[], None]) -> None:
        self._transport = transport
        self.close = close

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


async def _send_or_close(cycle: RequestResponseCycle, send: Send, message: ASGISendEvent) -> None:
    """Send; close after an answer in place of 100 Continue, for the body may come or not: nobody could tell."""
    unsaid = cycle.waiting_for_100_continue and cycle.more_body and not cycle.body
    if unsaid and message["type"] == "http.response.start":
        message["headers"] = [*message.get("headers", ()), (b"connection", b"close")]
    await send(message)
