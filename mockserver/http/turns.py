"""Turns: answers that are ready in one turn of the event loop are written together, at its end.

An answer wakes whoever waits for it. On a virtual machine, to wake another processor costs the server a fourth of a
send; an answer that follows at once finds it awake. A client that is alone does not wait longer for its answer.
"""

from asyncio import AbstractEventLoop
from collections import deque
from typing import Protocol

from mockserver.http.shortcut import Accepted

MOST = 64
"""Answers that are written together, at the most: the first of them waits no longer than the others take."""


class Connection(Protocol):
    """Where an answer is written."""

    loop: AbstractEventLoop

    def depart(self, reply: Accepted) -> None:
        """Write an answer now."""


class Turn:
    """What is to be written at the end of this turn, for all connections of a server, in order."""

    def __init__(self) -> None:
        self._ready: deque[tuple[Connection, Accepted]] = deque()

    def add(self, connection: Connection, reply: Accepted) -> None:
        """Have an answer written. Nothing else may be written to its connection before."""
        if not self._ready:
            connection.loop.call_soon(self.end)
        self._ready.append((connection, reply))
        if len(self._ready) >= MOST:
            self.end()

    def end(self) -> None:
        """Write all that is ready. One that cannot be written is told to the loop, and keeps no other."""
        while self._ready:
            connection, reply = self._ready.popleft()
            try:
                connection.depart(reply)
            except Exception as error:
                told = {"message": "an answer could not be written", "exception": error}
                connection.loop.call_exception_handler(told)
