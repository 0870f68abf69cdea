"""A connection in memory: what a client asks on it, and the server's end."""

import asyncio
import json
import re
from collections.abc import Iterator
from random import Random
from typing import Any

from mockserver.http.repeats import RepeatProtocol
from tests.http.mocks import sms
from tests.keeping.stores import FaultyStore

LABEL = re.compile(rb"number \d{5}")
"""What tells a send from every other."""

ANSWER = re.compile(rb"HTTP/1\.1 (\d+) .*?\r\n\r\n", re.DOTALL)

LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


def asked(method: str, path: str, *headers: str) -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: connect.routee.net\r\n{''.join(headers)}\r\n".encode()


def send(number: int, *headers: str, kind: str = "Sms") -> bytes:
    step = sms(message={"body": f"number {number:05}"}) | {"type": kind}
    body = json.dumps({"flow": [step]}).encode()
    return asked("POST", "/failover", f"Content-Length: {len(body)}\r\n", *headers) + body


class Line(asyncio.Transport):
    """The server's end of a connection: it drops what is written after its end.

    said: what was written. store: has each send whose reply is written, if there is one.
    """

    def __init__(self, draw: Random, protocol: RepeatProtocol, store: FaultyStore | None, *, over_tls: bool) -> None:
        super().__init__({"sslcontext": over_tls or None})
        self._draw, self._protocol, self._store = draw, protocol, store
        self.said = b""
        self._over_tls = over_tls
        self.paused = self.closing = self._full = self._ended = False
        self._often = 0.1
        protocol.connection_made(self)

    def write(self, data: Any) -> None:
        """Take what is written, and say now and then that it is too much."""
        if self.closing:
            return
        assert not self._ended, "it has said that it says no more"
        if self._store is not None:
            kept = [each.packed for each in self._store.batches.values()]
            assert all(any(label in each for each in kept) for label in LABEL.findall(data)), "it is not kept yet"
        self.said += data
        if self._often and not self._full and self._draw.random() < self._often:
            self._full = True
            self._protocol.pause_writing()
            asyncio.get_running_loop().call_later(self._draw.random(), self._empty)

    def drain(self) -> None:
        """Have the client read all that is written, from now on."""
        self._often = 0.0
        self._empty()

    def stay(self) -> None:
        """Have the server keep the connection, however long it is idle."""
        self._protocol.timeout_keep_alive = 1_000_000

    def _empty(self) -> None:
        self._full = False
        if not self.closing:
            self._protocol.resume_writing()

    def write_eof(self) -> None:
        """The server says no more; what it says then is an error."""
        assert not self._over_tls, "both directions end at once"
        self._ended = True

    def is_closing(self) -> bool:
        """Whether it was closed, or broke."""
        return self.closing

    def close(self, error: Exception | None = None) -> None:
        """Close it. error: why it breaks."""
        if not self.closing:
            self.closing = True
            asyncio.get_running_loop().call_soon(self._protocol.connection_lost, error)

    def abort(self) -> None:
        """Close it at once."""
        self.close()

    def pause_reading(self) -> None:
        """Read no more."""
        self.paused = True

    def resume_reading(self) -> None:
        """Read on."""
        self.paused = False

    def answers(self) -> Iterator[tuple[int, bytes]]:
        """The status and the body of each whole answer, in order."""
        rest = self.said
        while rest:
            head = ANSWER.match(rest)
            assert head is not None, rest
            length = LENGTH.search(head[0])
            end = head.end() + (int(length[1]) if length else 0)
            if head[1] != b"100" and end <= len(rest):
                yield int(head[1]), rest[head.end() : end]
            rest = rest[end:]
