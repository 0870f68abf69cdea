"""Turns: answers that are ready in one turn of the event loop are written together, at its end.

An answer wakes whoever waits for it. On a virtual machine, to wake another processor costs the server a fourth of a
send; an answer that follows at once finds it awake. A client that is alone does not wait longer for its answer.
"""

import asyncio

from mockserver.http.shortcut import Waiter

MOST = 64
"""Answers that are written together, at the most: the first of them waits no longer than the others take."""


class Turn:
    """Whoever waits for the end of this turn, on all connections of a server, in order."""

    def __init__(self) -> None:
        self._waiting: list[Waiter] = []

    def wait(self, waiter: Waiter) -> None:
        """Call `waiter` with True at the end of this turn, or before it when many wait."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._end)
        self._waiting.append(waiter)
        if len(self._waiting) >= MOST:
            self._end()

    def _end(self) -> None:
        """Tell all. One that cannot be told is told to the loop, and keeps no other."""
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            try:
                waiter(True)
            except Exception as error:
                told = {"message": "an answer could not be written", "exception": error}
                asyncio.get_running_loop().call_exception_handler(told)
