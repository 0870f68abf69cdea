"""The shortcut: the reply to a plain send is made where its last byte is read.

It needs no task, no ASGI messages and none of Starlette's layers, and so costs little more than a request that is
answered with a constant. What is not plain, or not accepted, is answered the usual way.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any, NamedTuple

from msgspec import Struct
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from mockserver.http.protocol import Protocol
from mockserver.http.replies import REPLY

MOST_BODY = 65_536
"""Bytes of a body that is gathered before anybody reads it; above that, uvicorn waits for a reader."""


class Accepted(Struct, frozen=True, gc=False):  # made five times as fast as a named tuple
    """The reply to a request that is accepted: its JSON, what to call once it is on its way, and its status."""

    body: bytes
    sent: Callable[[], None]
    status: int = 200


HEADS = {
    status: b"HTTP/1.1 %s\r\n%%scontent-length: %%d\r\ncontent-type: application/json\r\n\r\n" % line
    for status, line in {200: b"200 OK", 201: b"201 Created"}.items()
}
"""For each status of a reply, its head: to be filled with other headers, and with the length of the body."""


Decided = Accepted | ASGIApp
"""How a request is answered: with a reply that is made, or by an app that is called for it."""

Endpoint = Callable[[Scope, bytes], Decided]
"""Takes a request and its whole body. Has no say in what is written before that."""

Waiter = Callable[[bool], None]
"""Called once, when a reply may go, or (False) when it must be refused."""


def _as_it_is(reply: Accepted) -> Decided:
    return reply


class Shortcuts(NamedTuple):
    """Who takes the shortcut. endpoints: by method and path; each is among the routes too.

    plain: whether a request with these headers needs nothing that the middleware does; once it is, it always is. most:
    bytes of a body that a request may have. wait: calls a waiter once the reply that was just made may go; None if each
    may go at once. open: whether anybody may take the shortcut at present. lost: whether a request is about something
    that is not this server's any more, and is refused whatever its waiter is told; None if that cannot be. refuse:
    makes the answer in place of a reply that may not go.
    """

    endpoints: Mapping[tuple[str, str], Endpoint]
    plain: Callable[[Mapping[bytes, bytes]], bool]
    most: int
    wait: Callable[[Waiter], None] | None = None
    open: Callable[[], bool] = lambda: True
    lost: Callable[[Scope], bool] | None = None
    refuse: Callable[[Accepted], Decided] = _as_it_is

    def find(self, scope: Scope) -> Endpoint | None:
        """The endpoint that can answer a request at once; None for one that must go the usual way."""
        endpoint = self.endpoints.get((scope["method"], scope["path"]))
        if endpoint is None or not self.open():
            return None
        headers = dict(scope["headers"])
        once = len(headers) == len(scope["headers"])
        return endpoint if once and self._short(headers) and self.plain(headers) else None

    def _short(self, headers: Mapping[bytes, bytes]) -> bool:
        """Whether the length of the body is known and small, and the body stands as it is."""
        size = headers.get(b"content-length", b"")
        short = size.isdigit() and int(size[:20]) <= min(self.most, MOST_BODY)
        return short and b"content-encoding" not in headers


class ShortcutProtocol(Protocol):
    """The protocol of the mock, with the shortcut."""

    def __init__(self, *args: Any, shortcuts: Shortcuts, **options: Any) -> None:
        super().__init__(*args, **options)
        self._shortcuts = shortcuts
        self._endpoint: Endpoint | None = None

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        wait = cycle.more_body and cycle.keep_alive and not cycle.waiting_for_100_continue
        scope: Any = cycle.scope
        self._endpoint = self._shortcuts.find(scope) if wait else None
        if self._endpoint is None:
            super()._start_asgi_task(cycle, app)
        else:
            self._running = cycle

    def on_message_complete(self) -> None:
        """Answer the request, if it takes the shortcut."""
        super().on_message_complete()
        endpoint, cycle, self._endpoint = self._endpoint, self.cycle, None
        if endpoint is None:
            return
        if cycle.keep_alive and not self.flow.write_paused:
            scope: Any = cycle.scope
            reply = self._decide(endpoint, cycle)
            if isinstance(reply, Accepted):
                if self._shortcuts.wait is None:
                    self._answer(cycle, reply)
                else:
                    self._shortcuts.wait(partial(self._let_go, cycle, reply))
                return
            scope[REPLY] = reply
        super()._start_asgi_task(cycle, self.app)

    def _decide(self, endpoint: Endpoint, cycle: RequestResponseCycle) -> Decided:
        scope: Any = cycle.scope
        return call(endpoint, scope, bytes(cycle.body))

    def _let_go(self, cycle: RequestResponseCycle, reply: Accepted, may: bool) -> None:
        scope: Any = cycle.scope
        may = may and not (self._shortcuts.lost and self._shortcuts.lost(scope))
        if may and cycle.keep_alive and not (cycle.disconnected or self.flow.write_paused):
            self._answer(cycle, reply)
            return
        scope[REPLY] = reply if may else self._shortcuts.refuse(reply)
        super()._start_asgi_task(cycle, self.app)

    def shutdown(self) -> None:
        """Close with the server; a request that has not come whole is told so."""
        super().shutdown()
        if self._endpoint is not None:
            self._endpoint = None
            super()._start_asgi_task(self.cycle, self.app)

    def _answer(self, cycle: RequestResponseCycle, reply: Accepted) -> None:
        cycle.response_started = cycle.response_complete = True
        self.write_reply(reply)
        self.on_response_complete()

    def write_reply(self, reply: Accepted) -> None:
        """Write a whole reply, and say that it is on its way."""
        lines = _lines(*self.server_state.default_headers)
        self.transport.write(HEADS[reply.status] % (lines, len(reply.body)) + reply.body)
        reply.sent()


# They change once a second.
@lru_cache(maxsize=4)
def _lines(*headers: tuple[bytes, bytes]) -> bytes:
    return b"".join([b"%s: %s\r\n" % header for header in headers])


def call(endpoint: Endpoint, scope: Scope, body: bytes) -> Decided:
    """The reply of an endpoint; one that raises what it raised, where that is logged and answered."""
    try:
        return endpoint(scope, body)
    except Exception as error:
        fault = error

    async def fail(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
        raise fault

    return fail
