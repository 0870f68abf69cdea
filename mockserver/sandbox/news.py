"""The news of a sandbox: what is written in its journal, for whoever waits for more."""

import asyncio
from contextlib import suppress

from mockserver.core.journal import Journal


class News:
    """Wakes whoever waits for the journal to grow. An event is made only when somebody waits for it.

    dismissed: whether nobody is to wait any longer.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._awaited: asyncio.Event | None = None
        self.dismissed = False

    async def changed(self, mark: int, seconds: float) -> bool:
        """Wait until the journal holds more than `mark` entries, for so many real seconds at the most.

        False when there is nothing new and nothing more to wait for, because everybody was dismissed.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while len(self._journal) <= mark and not self.dismissed:
                    self._awaited = self._awaited or asyncio.Event()
                    await self._awaited.wait()
        return len(self._journal) > mark or not self.dismissed

    def tell(self) -> None:
        """Wake whoever waits: something may have been written."""
        if self._awaited is not None:
            self._awaited.set()
            self._awaited = None

    def dismiss(self) -> None:
        """Let nobody wait any longer, now or later."""
        self.dismissed = True
        self.tell()
