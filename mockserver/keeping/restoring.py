"""Worlds that are brought back when a server starts: on a thread, so that the server answers meanwhile."""

import logging
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import suppress

from mockserver.keeping.reviving import Revived, revive
from mockserver.keeping.values import CannotKeep, LogStore, StoreError, World

PROMPT = 1.0
"""Real seconds that a start waits for what is brought back. After that it takes requests, and the rest comes later."""

log = logging.getLogger("mockserver")


class Restoring:
    """Brings worlds of a store back, one after the other.

    ids: of the sandboxes that are still to come, each with its application. quarantine: a world that cannot be brought
    back is set aside: it stays in the store, and another can have its id.
    """

    def __init__(self, store: LogStore, worlds: list[World], *, quarantine: bool) -> None:
        self._store = store
        self._quarantine = quarantine
        self._stopped = False
        self._pool = ThreadPoolExecutor(1, "routee-mock-restore")
        worlds = self._without_aside(worlds)
        self.all = len(worlds)
        self.coming: dict[Future[Revived], World] = {
            self._pool.submit(self._revive, store, each): each for each in worlds
        }
        self._pool.shutdown(wait=False)
        self.ids = {world.id: world.application for world in worlds}

    def _without_aside(self, worlds: list[World]) -> list[World]:
        """The worlds without those that were set aside before others with the same ids were made."""
        latest = {world.id: world for world in worlds}
        for world in worlds:
            if latest[world.id] is not world:
                text = f"the sandbox {world.name} was set aside, and there is another {world.id} since"
                if not self._quarantine:
                    raise StoreError(
                        f"{text}. `serve` starts without it with --data-quarantine, and keeps it;"
                        f" {self._store.advice('drop', world)} forgets it"
                    )
                log.warning("%s", text)
        return list(latest.values())

    def prompt(self) -> Iterator[Revived]:
        """Those that are back in a moment. Raises StoreError for one that cannot be, unless it is set aside."""
        wait(self.coming, timeout=PROMPT)
        for future in [each for each in self.coming if each.done()]:
            if (revived := self.take(future)) is not None:
                yield revived

    def take(self, future: Future[Revived]) -> Revived | None:
        """A world that is back now; None if it was set aside. Raises StoreError."""
        world = self.coming[future]
        try:
            revived = future.result()
        except StoreError as error:
            if not self._quarantine:
                raise
            log.warning("%s is set aside: %s", world.name, error)
            with suppress(CannotKeep):
                self._store.leave(world.key)
            revived = None
        del self.coming[future], self.ids[world.id]
        return revived

    def _revive(self, store: LogStore, world: World) -> Revived:
        return revive(store, world, pulse=self._go_on)

    def _go_on(self) -> None:
        if self._stopped:
            raise CancelledError

    def stop(self) -> None:
        """Bring nothing back any more."""
        self._stopped = True
        for future in self.coming:
            future.cancel()
