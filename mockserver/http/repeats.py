"""Repeats: a client's next request mostly has the head of the one before, byte for byte, so it is not parsed again.

Only what took the shortcut is remembered, and only as what the parser made of it: the same bytes at the same place mean
the same. A request that comes in pieces, or behind another, is parsed as usual.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from mockserver.http.protocol import Protocol
from mockserver.http.replies import HEADERS, REPLY, headers_of
from mockserver.http.shortcut import Accepted, Decided, Endpoint, Held, Reply, ShortcutProtocol, call
from mockserver.http.turns import Turn

END = b"\r\n\r\n"

MOST_HEADS, LONGEST = 1_024, 4_096
"""Heads that are remembered at a time, and bytes that one of them can have."""

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


class RepeatProtocol(ShortcutProtocol):
    """The protocol of the mock.

    heads: those that were read before. turn: the answers to repeats. Both are shared by all connections.
    """

    def __init__(self, *args: Any, heads: dict[bytes, Head], turn: Turn, **options: Any) -> None:
        super().__init__(*args, **options)
        self._heads = heads
        self._turn = turn
        self._ready = False
        self._piece = b""
        self._settled: Settled | None = None
        self._holding = False
        self._stopping = False
        self._heard = 0.0

    def data_received(self, data: bytes) -> None:
        """Answer a request whose head is known; parse any other."""
        if self._ready:  # a request has come behind one whose answer is not written yet
            self._turn.end()
        if self._reading or self._deaf or not self.cycle.response_complete:
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
            self._ready = True
            self._turn.add(self, reply)
        elif isinstance(reply, Held):
            self._holding = True
            self.flow.pause_reading()
            reply.wait(partial(self._release, data, scope, reply))
        else:
            self._parse(data, Settled(scope, reply))
        return True

    def depart(self, reply: Accepted) -> None:
        """Write the answer to a repeat, if the client is still there."""
        self._ready = False
        if self.transport.is_closing():
            reply.sent()
            return
        self._heard = self.loop.time()
        self.write_reply(reply)
        self.server_state.total_requests += 1

    def eof_received(self) -> bool:  # type: ignore[override]  # as `Protocol` has it
        """Answer a client that has said all it wants to say."""
        if self._ready:
            self._turn.end()
        return super().eof_received()

    def _release(self, data: bytes, scope: Mapping[str, Any], held: Held, may: bool) -> None:
        self._holding = False
        if self.transport.is_closing():
            held.reply.sent()
            return
        self.flow.resume_reading()
        if may and not self.flow.write_paused:
            self.depart(held.reply)  # at once: all that was kept together is answered together
        else:
            self._parse(data, Settled(scope, held.reply if may else held.refuse))
        if self._stopping:
            self.shutdown()

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
        settled, self._settled = self._settled, None
        if settled is None:
            super().on_message_complete()
            return
        Protocol.on_message_complete(self)
        scope: Any = self.cycle.scope
        scope.update(settled.scope)
        scope[REPLY] = settled.reply
        super()._start_asgi_task(self.cycle, self.app)

    def _decide(self, endpoint: Endpoint, cycle: RequestResponseCycle) -> Reply:
        """Remember the head of a request that takes the shortcut to its end."""
        reply, size = super()._decide(endpoint, cycle), len(cycle.body)
        head = self._piece[: len(self._piece) - size]
        whole = len(head) <= LONGEST and head.find(END) + len(END) == len(head)
        if whole and isinstance(reply, Accepted | Held):
            if len(self._heads) >= MOST_HEADS:
                self._heads.clear()
            scope: Any = cycle.scope
            said = {each: scope[each] for each in READ} | {HEADERS: headers_of(scope)}
            self._heads[head] = Head(endpoint, said, size)
        return reply

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that was idle for long enough. A repeat does not wind the timer up again."""
        left = self._heard + self.timeout_keep_alive - self.loop.time()
        if left > 0 or self._holding:
            self.timeout_keep_alive_task = self.loop.call_later(max(left, 1), self.timeout_keep_alive_handler)
        else:  # after a busy loop, timers come before what was received meanwhile
            self.timeout_keep_alive_task = self.loop.call_later(LAST_LOOK, self._close_if_idle, self._heard)

    def _close_if_idle(self, heard: float) -> None:
        if self._holding or heard != self._heard:
            self.timeout_keep_alive_handler()
        else:
            super().timeout_keep_alive_handler()

    def shutdown(self) -> None:
        """Close with the server, once a reply that is held has gone."""
        if self._ready:
            self._turn.end()
        if self._holding:
            self._stopping = True
        else:
            super().shutdown()
