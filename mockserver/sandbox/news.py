"""The news of a sandbox: requests can wait until its journal grows."""

import asyncio
from contextlib import suppress

from mockserver.core.journal import Journal


class News:
    """Wakes every task that waits for the journal to grow. It makes an event only when a task waits for it.

    dismissed: whether nobody is to wait any longer.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._awaited: asyncio.Event | None = None
        self.dismissed = False

    async def changed(self, mark: int, seconds: float) -> bool:
        """Wait until the journal has more than `mark` entries, but no longer than so many real seconds.

        False if there is nothing new and no reason to wait again, because `dismiss` was called.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while len(self._journal) <= mark and not self.dismissed:
                    self._awaited = self._awaited or asyncio.Event()
                    await self._awaited.wait()
        return len(self._journal) > mark or not self.dismissed

    def tell(self) -> None:
        """Wake every task that waits: there may be new entries."""
        if self._awaited is not None:
            self._awaited.set()
            self._awaited = None

    def dismiss(self) -> None:
        """End every wait, now and later."""
        self.dismissed = True
        self.tell()
