"""Places for callbacks under way: so many, and a line in front of them."""

import asyncio
from collections import deque


class Places:
    """Like an asyncio.Semaphore, but a free place can be taken without waiting for it: see `enter`."""

    def __init__(self, most: int) -> None:
        self._free = most
        self._line: deque[asyncio.Future[None]] = deque()

    def enter(self) -> bool:
        """Take a place, if one is free; a place is handed on to whoever is in line before it is free."""
        if self._free:
            self._free -= 1
            return True
        return False

    def leave(self) -> None:
        """Give a place back."""
        while self._line:
            turn = self._line.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    async def __aenter__(self) -> None:
        """Take a place, after those who came before."""
        if self.enter():
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # the place had come already
                self.leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        """Give the place back."""
        self.leave()
