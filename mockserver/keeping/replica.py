"""This server as one of several on one store: it renews its leases, and takes over what nobody has any more."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from mockserver.keeping.keeper import Keeper
from mockserver.keeping.reviving import Revived, revive
from mockserver.keeping.values import CannotKeep, Claim, LogStore, StoreError, World
from mockserver.sandbox.elsewhere import Elsewhere
from mockserver.wire import errors
from mockserver.wire.errors import Refusal

BEATS = 3
"""How often in a lease it is renewed, and others are looked after."""

log = logging.getLogger("mockserver")


class Replica:
    """Knows what other servers have. elsewhere: that, as of the last look."""

    def __init__(self, store: LogStore, keeper: Keeper) -> None:
        self._store = store
        self._keeper = keeper
        self._beat = (store.lease or 0) / BEATS
        self._useless: list[int] = []
        self._asked_for: set[str] = set()
        self._wanted = asyncio.Event()
        self.elsewhere: Sequence[Elsewhere] = store.elsewhere()

    def look(self) -> None:
        """Look soon at what other servers have."""
        self._wanted.set()

    def want(self, id_: str) -> None:
        """A sandbox that another server has is asked for here: if that goes on, it should come here."""
        self._asked_for.add(id_)

    def parting(self, there: Elsewhere) -> None:
        """A sandbox goes to another server."""
        self.elsewhere = [*self.elsewhere, there]

    def whose(self, id_: str) -> Refusal:
        """The answer to a request about a sandbox that another server has by now."""
        for each in self.elsewhere:
            if each.id == id_:
                return each.refusal()
        return errors.lost(id_)

    async def renew(self) -> None:
        """Renew the leases for as long as the server runs, also while there is nothing to keep."""
        while True:
            await asyncio.sleep(self._beat)
            self._keeper.touch()

    async def hunt(
        self,
        note: Callable[[Claim], World],
        enter: Callable[[Revived], None],
        part: Callable[[int, str], Awaitable[None]],
        settle: Callable[[], None],
    ) -> None:
        """Take over whatever nobody has, and let go of what is asked for elsewhere, for as long as the server runs.

        note: called with each claim. enter: lets what was brought back go on here. part: lets a world go to a server
        that wants it, if that can be. settle: called after each look.
        """
        while True:
            troubled = self._keeper.trouble is not None
            await self._rest()
            if troubled or self._keeper.trouble is not None:
                continue  # others could not reach the store either: they have the time to renew their leases
            try:
                while (claim := await asyncio.to_thread(self._store.claim, self._not_free())) is not None:
                    await self._take(note(claim), enter)
                if self._asked_for:
                    asked_for, self._asked_for = sorted(self._asked_for), set()
                    await asyncio.to_thread(self._store.want, asked_for)
                for key, to in await asyncio.to_thread(self._store.wanted):
                    await part(key, to)
                self.elsewhere = await asyncio.to_thread(self._store.elsewhere)
                settle()
            except CannotKeep as error:
                log.debug("other servers cannot be looked after at the moment: %s", error)

    def _not_free(self) -> Sequence[int]:
        """What is not to be claimed: also what is here, and whose first commit was not known to be kept."""
        return [*self._useless, *self._keeper.taps]

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._beat):
                await self._wanted.wait()
        except TimeoutError:
            pass
        self._wanted.clear()

    async def _take(self, world: World, enter: Callable[[Revived], None]) -> None:
        id_, key = world.id, world.key
        try:
            revived = await asyncio.to_thread(revive, self._store, world)
        except StoreError as error:
            log.error("%s", error)
            self._useless.append(key)
            await asyncio.to_thread(self._store.leave, key)
            return
        if self._store.holds(key):
            log.warning("the sandbox %s was nobody's, and goes on here", id_)
            enter(revived)
