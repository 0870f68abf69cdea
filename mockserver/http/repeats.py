"""Repeats: a client's next request mostly has the head of the one before, byte for byte, so it is not parsed again.

Only what took the shortcut is remembered, and only as what the parser made of it: the same bytes at the same place mean
the same. A request that comes in pieces, or together with another, is parsed as usual.

The reply to a repeat waits: for the end of its turn (`turns`), or until what led to it is kept. On a connection one
waits at a time. Whatever comes there meanwhile comes after it: first what was read, then the end of what the client has
to say, then the stop of the server.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from msgspec import Struct
from starlette.types import Scope
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from mockserver.http.protocol import Protocol
from mockserver.http.replies import HEADERS, REPLY, headers_of
from mockserver.http.shortcut import Accepted, Decided, Endpoint, ShortcutProtocol, call
from mockserver.http.turns import Turn

END = b"\r\n\r\n"

MOST_HEADS, LONGEST = 1_024, 4_096
"""Heads that are remembered at a time, and bytes that one of them can have."""

MOST_BEHIND = 65_536
"""Bytes that come behind a request whose reply waits, before no more are read."""

LAST_LOOK = 0.1
"""Real seconds from the end of an idle connection's time to its close: what came while the loop was busy is read."""

READ = ("method", "path", "headers")
"""What of a scope an endpoint of the shortcut reads."""


class Head(NamedTuple):
    """A head that was read before. endpoint: who answers it. scope: what it says. size: bytes of the body behind it."""

    endpoint: Endpoint
    scope: Mapping[str, Any]
    size: int


class Settled(NamedTuple):
    """How a request is answered that must be parsed after all. scope: what was noted of it."""

    scope: Mapping[str, Any]
    reply: Decided


class Repeat(Struct, frozen=True, gc=False):
    """A request whose reply waits. data: its bytes. scope: what was noted of it."""

    data: bytes
    scope: Scope
    reply: Accepted


class RepeatProtocol(ShortcutProtocol):
    """The protocol of the mock.

    heads: those that were read before. turn: where replies wait that need not be kept. Both are shared by all
    connections.
    """

    def __init__(self, *args: Any, heads: dict[bytes, Head], turn: Turn, **options: Any) -> None:
        super().__init__(*args, **options)
        self._wait = self._shortcuts.wait or turn.wait
        self._heads = heads
        self._piece = b""
        self._settled: Settled | None = None
        self._waiting: Repeat | None = None
        self._behind = b""
        self._ended = self._stopping = False
        self._heard = 0.0

    def data_received(self, data: bytes) -> None:
        """Take a request whose head is known; parse any other. What comes behind one that waits comes after it."""
        if self._waiting is not None:
            self._behind += data
            if len(self._behind) > MOST_BEHIND:
                self.flow.pause_reading()
        elif self._reading or self._deaf or not self.cycle.response_complete:
            super().data_received(data)
        elif not self._repeats(data):
            self._piece = data
            super().data_received(data)
            self._piece = b""

    def _repeats(self, data: bytes) -> bool:
        end = data.find(END) + len(END)
        head = self._heads.get(data[:end])
        if head is None or len(data) != end + head.size or self.flow.write_paused or not self._shortcuts.open():
            return False
        scope = dict(head.scope)
        reply = call(head.endpoint, scope, data[end:])
        if isinstance(reply, Accepted):
            self._waiting = Repeat(data, scope, reply)
            self._wait(self._depart)
        else:
            self._parse(data, Settled(scope, reply))
        return True

    def _depart(self, may: bool) -> None:
        """Answer the repeat that waits, if the client is still there. may: whether its reply may go, or is refused."""
        repeat, self._waiting = self._waiting, None
        if repeat is None:  # it was answered before the end of its turn, as the client had said all
            return
        reply = repeat.reply
        if self.transport.is_closing():
            reply.sent()
            return
        may = may and not (self._shortcuts.lost and self._shortcuts.lost(repeat.scope))
        if may and not self.flow.write_paused:
            self._heard = self.loop.time()
            self.write_reply(reply)
            self.server_state.total_requests += 1
        else:
            decided = reply if may else self._shortcuts.refuse(reply)
            self._parse(repeat.data, Settled(repeat.scope, decided))
        if self._behind or self._ended or self._stopping:
            self._go_on()

    def _go_on(self) -> None:
        """Do what has waited behind a reply, and may have to wait behind the next."""
        behind, self._behind = self._behind, b""
        if behind:
            self.flow.resume_reading()
            self.data_received(behind)
        if self._waiting is None and self._ended and not super().eof_received():
            self.transport.close()
        if self._stopping:
            self.shutdown()

    def eof_received(self) -> bool:  # type: ignore[override]  # as `Protocol` has it
        """Answer a client that has said all it wants to say: over TLS now or never, for both directions end at once."""
        while self._waiting is not None and self._shortcuts.wait is None:
            self._depart(may=True)
        if self._waiting is None:
            return super().eof_received()
        self._ended = True
        return self.scheme != "https"

    def _parse(self, data: bytes, settled: Settled) -> None:
        self._settled = settled
        super().data_received(data)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        if self._settled is None:
            super()._start_asgi_task(cycle, app)
        else:
            self._running = cycle

    def on_message_complete(self) -> None:
        """Answer a request as it was settled before it was parsed."""
        settled = self._settled
        if settled is None or self._offer:
            super().on_message_complete()
            return
        self._settled = None
        Protocol.on_message_complete(self)
        scope: Any = self.cycle.scope
        scope.update(settled.scope)
        scope[REPLY] = settled.reply
        super()._start_asgi_task(self.cycle, self.app)

    def _decide(self, endpoint: Endpoint, cycle: RequestResponseCycle) -> Decided:
        """Remember the head of a request that takes the shortcut to its end."""
        reply, size = super()._decide(endpoint, cycle), len(cycle.body)
        head = self._piece[: len(self._piece) - size]
        whole = len(head) <= LONGEST and head.find(END) + len(END) == len(head)
        if whole and isinstance(reply, Accepted):
            if len(self._heads) >= MOST_HEADS:
                self._heads.clear()
            scope: Any = cycle.scope
            said = {each: scope[each] for each in READ} | {HEADERS: headers_of(scope)}
            self._heads[head] = Head(endpoint, said, size)
        return reply

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that was idle for long enough. A repeat does not wind the timer up again."""
        left = self._heard + self.timeout_keep_alive - self.loop.time()
        if left > 0 or self._waiting is not None:
            self.timeout_keep_alive_task = self.loop.call_later(max(left, 1), self.timeout_keep_alive_handler)
        else:  # after a busy loop, timers come before what was received meanwhile
            self.timeout_keep_alive_task = self.loop.call_later(LAST_LOOK, self._close_if_idle, self._heard)

    def _close_if_idle(self, heard: float) -> None:
        if self._waiting is not None or heard != self._heard:
            self.timeout_keep_alive_handler()
        else:
            super().timeout_keep_alive_handler()

    def shutdown(self) -> None:
        """Close with the server, once a reply that waits has gone."""
        if self._waiting is None:
            super().shutdown()
        else:
            self._stopping = True
