"""Keeps what the sandboxes are told, before anybody hears of it.

Theory of operation. A tap at each log gathers its entries. At the end of a turn of the event loop, all that was
gathered is kept in one commit, whichever sandbox it belongs to. Then all who wait for it go on. So the requests of one
turn share a commit.

A commit that fails is tried again, unchanged, until it is kept; what comes after it is gathered meanwhile. Those who
wait too long for it are told that it is not kept, which only means that nobody knows.

Where several servers share a store, a commit can be fenced: another server has some of its worlds by now. These are
lost, and the rest is kept without them.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from mockserver.core.engine import Engine
from mockserver.keeping.tap import Tap
from mockserver.keeping.values import CannotKeep, Changes, Fenced, LogStore, Outcome, Tail, World

PATIENCE = 2.0
"""Real seconds that an answer waits for a commit that fails, before it says so."""

PAUSE, LONGEST_PAUSE = 0.1, 1.0
"""Real seconds before a failed commit is tried again: at first, and at the most."""

MOST = 100_000
"""Entries that are gathered while nothing can be kept. After that, not even reads are answered: they are noted too."""

Lose = Callable[[frozenset[int]], None]
"""Called with the keys of worlds that other servers have by now. None of them may say anything after this."""

Waiter = Callable[[bool], None]
"""Called once: whether all that was gathered before is kept."""

log = logging.getLogger("mockserver")


class Keeper:
    """Keeps the logs of every sandbox in one store. wall: a clock like time.time.

    lose: hears of worlds that are lost. taps: by the keys of their worlds. trouble: why nothing can be kept at the
    moment, in a few words; None while all is well. commits, bytes: how much was kept so far. last: when that was, in
    seconds since 1970. closed: whether no more is kept.
    """

    def __init__(self, store: LogStore, wall: Callable[[], float] = time.time, lose: Lose | None = None) -> None:
        self._store = store
        self._wall = wall
        self._lose: Lose = lose or (lambda _: None)
        self._key = store.last_key()
        self._made: list[World] = []
        self._gone: list[int] = []
        self._stirred: list[Tap] = []
        self.taps: dict[int, Tap] = {}
        self._taken: Changes | None = None
        self._waiting: list[Waiter] = []
        self._served: list[Waiter] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._due = self.closed = False
        self._failing_since, self._pause = 0.0, PAUSE
        self._beside = ThreadPoolExecutor(1, "routee-mock-keeper")
        self.trouble: str | None = None
        self.commits = self.bytes = 0
        self.last: float | None = None

    # What is to be kept

    def listen(self, engine: Engine, world: World | None = None, seq: int = 0, tail: Tail | None = None) -> None:
        """Gather what an engine is told from now on. Its own log is given up: the store has it.

        world, seq, tail: of one that was kept before, how many batches, and what was replayed of them.
        """
        engine.log.give_up()
        engine.log.tap = tap = Tap(engine, self._stir, world, seq, tail)
        if world is not None:
            self.taps[world.key] = tap

    def made(self, engine: Engine, name: Callable[[int], World]) -> World:
        """The world of an engine is made. name: makes it, from the key it gets.

        It gets a batch at once, empty if nothing was told yet: its instant is where a realtime clock goes on from.
        """
        self._key += 1
        world = name(self._key)
        tap = engine.log.tap
        assert isinstance(tap, Tap)  # noqa: S101 -- `listen` came before
        tap.world = world
        self.taps[world.key] = tap
        self._made.append(world)
        if not tap:
            self._stirred.append(tap)
        self._wake()
        return world

    def gone(self, engine: Engine) -> None:
        """The world of an engine has ended."""
        tap, engine.log.tap = engine.log.tap, None
        assert isinstance(tap, Tap)  # noqa: S101 -- `listen` came before
        assert tap.world is not None  # noqa: S101 -- and `made`
        del self.taps[tap.world.key]
        self._stirred = [each for each in self._stirred if each is not tap]
        if tap.world in self._made:
            self._made.remove(tap.world)
        else:
            self._gone.append(tap.world.key)
            self._wake()

    def world(self, engine: Engine) -> World:
        """The world of an engine."""
        return next(tap.world for tap in self.taps.values() if tap is engine.log.tap and tap.world is not None)

    def leave(self, key: int) -> None:
        """The world of this key is another server's from now on."""
        if tap := self.taps.pop(key, None):
            tap.leave()

    # Who waits for it

    @property
    def unkept(self) -> int:
        """How many entries are not kept yet, apart from those in the commit that is under way."""
        return sum(map(len, self._stirred))

    def seq(self, tap: Tap) -> int:
        """The number of the last batch of a world that is kept."""
        under_way = () if self._taken is None else self._taken.batches
        return tap.seq - sum(tap.world is not None and batch.key == tap.world.key for batch in under_way)

    @property
    def pending(self) -> bool:
        """Whether anything is not kept yet."""
        return bool(self._stirred or self._made or self._gone) or self._taken is not None or self._store.lapsed

    @property
    def shared(self) -> bool:
        """Whether another server can have a world of this one by now."""
        return self._store.lease is not None

    @property
    def lapsed(self) -> bool:
        """Whether nobody knows if the worlds are still this server's."""
        return self._store.lapsed

    def refuses(self, *, change: bool) -> bool:
        """Whether a request is refused because nothing can be kept. change: whether it may change something."""
        return self.trouble is not None and (change or self.unkept > MOST)

    async def kept(self) -> bool:
        """Wait until all that was gathered so far is kept. False if that takes too long; it may be kept later."""
        if not self.pending:
            return True
        kept: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.when_kept(partial(_settle, kept))
        return await kept

    def when_kept(self, waiter: Waiter) -> None:
        """Call `waiter` when all that was gathered so far is kept, or when that takes too long."""
        # The first of them sees to the commit. To ask for the loop that runs costs a system call in Python 3.11.
        if self._waiting and self._loop is not None and self._loop.is_running():
            self._waiting.append(waiter)
        elif not self.pending:
            waiter(True)
        elif self.closed:
            waiter(False)
        else:
            self._waiting.append(waiter)
            self.serve()

    def serve(self) -> None:
        """Commit on the event loop that runs. What another one before it has left undone is done here."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._due = loop, False
            if self._taken is not None:
                self._try(self._taken)
        if self.pending:
            self._wake()

    def touch(self) -> None:
        """Commit soon, even if there is nothing to keep: so the store hears from this server."""
        if self._taken is None and not self.closed:
            self._begin()

    async def close(self, last: Callable[[], None] | None = None) -> None:
        """Keep what is left, if that is possible, and close the store. last: done before that, on a thread."""
        while self.pending and self.trouble is None:
            await self.kept()
        self.closed = True
        self._release(kept=False)
        await asyncio.get_running_loop().run_in_executor(self._beside, self._finish, last)
        self._beside.shutdown()

    def stop_trying(self) -> None:
        """The server stops: if nothing can be kept, let nobody wait for it any longer."""
        if self.trouble is not None:
            self.closed = True
            self._release(kept=False)

    def _finish(self, last: Callable[[], None] | None) -> None:
        """The last try of what could not be kept, after whatever is under way on the thread."""
        if self._taken is None or self._commit_rest(self._taken):
            whole = self._commit_rest(self._gathered())
            if whole and last is not None:
                last()
        self._store.close()

    def _commit_rest(self, changes: Changes) -> bool:
        """Try to keep what is not another server's. Returns whether that was done."""
        while isinstance(outcome := self._commit(changes), Fenced):
            changes = changes.without(outcome.keys)
        return outcome is None

    # The commit

    def _stir(self, tap: Tap) -> None:
        self._stirred.append(tap)
        self._wake()

    def _wake(self, *, later: bool = False) -> None:
        """Commit at the end of this turn. later: of the next one, so that those who were answered in this one and have
        asked again are in it. Outside the loop that serves, what is gathered waits for the first who waits: a loop that
        runs while a server is made can be of the code that makes it, and stand still.
        """
        if not self._due and self._taken is None and not self.closed and self._serves():
            soon = asyncio.get_running_loop().call_soon
            soon(soon, self._flush) if later else soon(self._flush)
            self._due = True

    def _serves(self) -> bool:
        try:
            return asyncio.get_running_loop() is self._loop
        except RuntimeError:
            return False

    def _flush(self) -> None:
        self._due = False
        if self._taken is None and (self.pending or self._waiting):  # what they wait for can be gone
            self._begin()

    def _begin(self) -> None:
        self._taken = self._gathered()
        self._served, self._waiting = self._waiting, []
        self._try(self._taken)

    def _gathered(self) -> Changes:
        """All that was gathered; after this it is not gathered any more."""
        at = int(self._wall() * 1_000)
        taps = dict.fromkeys(self._stirred)  # one that was made in this turn can be there twice
        changes = Changes(tuple(self._made), tuple(self._gone), tuple([tap.take(at) for tap in taps]))
        self._stirred, self._made, self._gone = [], [], []
        return changes

    def _try(self, changes: Changes) -> None:
        if self.closed or self._taken is not changes:
            return
        if self._store.alone:
            self._try_beside(changes)
        else:
            self._ended(changes, self._commit(changes))

    def _try_beside(self, changes: Changes) -> None:
        loop = asyncio.get_running_loop()
        overdue = loop.call_later(PATIENCE, self._overdue, changes)
        if not self._store.begin(changes, lambda kept: self._ended(changes, _what_came_of(kept), overdue)):
            task = loop.run_in_executor(self._beside, self._commit, changes)
            task.add_done_callback(lambda done: self._ended(changes, done.result(), overdue))

    def _commit(self, changes: Changes) -> Fenced | str | None:
        """Try to keep something. Returns why it could not be kept."""
        return _what_came_of(partial(self._store.commit, changes))

    def _ended(
        self, changes: Changes, trouble: Fenced | str | None, overdue: asyncio.TimerHandle | None = None
    ) -> None:
        if overdue is not None:
            overdue.cancel()
        if self.closed or self._taken is not changes:
            return
        if isinstance(trouble, Fenced):
            self._fenced(changes, trouble.keys)
            return
        if trouble is not None:
            self._failed(changes, trouble)
            return
        if self.trouble is not None:
            log.warning("all is kept again, and nothing was lost")
        self.trouble, self._pause, self._taken = None, PAUSE, None
        self.commits, self.last = self.commits + 1, self._wall()
        self.bytes += sum([len(batch.packed) for batch in changes.batches])
        if self.pending:
            self._wake(later=overdue is not None)
        else:  # so those who came during the commit waited for no more than it
            self._served += self._waiting
            self._waiting = []
        served, self._served = self._served, []
        _tell(served, kept=True)
        if self._store.untidy:
            self._beside.submit(self._store.tidy)

    def _fenced(self, changes: Changes, keys: frozenset[int]) -> None:
        """Give up what other servers have by now, and keep the rest."""
        gathered = Changes(tuple(self._made), tuple(self._gone), ()).without(keys)
        self._made, self._gone = list(gathered.made), list(gathered.gone)
        lost = [tap for tap in self._stirred if tap.world is not None and tap.world.key in keys]
        self._stirred = [tap for tap in self._stirred if tap not in lost]
        for key in keys:
            self.leave(key)
        self._lose(keys)
        self._taken = changes.without(keys)
        self._try(self._taken)

    def _failed(self, changes: Changes, trouble: str) -> None:
        loop = asyncio.get_running_loop()
        self._troubled(trouble, loop.time())
        if loop.time() - self._failing_since >= PATIENCE:
            self._release(kept=False)
        loop.call_later(self._pause, self._try, changes)
        self._pause = min(LONGEST_PAUSE, 2 * self._pause)

    def _overdue(self, changes: Changes) -> None:
        """A commit has no end: whoever waits for it is told, as if it had failed."""
        if self._taken is not changes or self.closed:
            return
        loop = asyncio.get_running_loop()
        self._troubled("it takes too long", loop.time() - PATIENCE)
        self._release(kept=False)
        loop.call_later(LONGEST_PAUSE, self._overdue, changes)

    def _troubled(self, trouble: str, since: float) -> None:
        if self.trouble is None:
            self._failing_since = since
            log.warning("nothing can be kept at the moment: %s; it is tried again until it can", trouble)
        self.trouble = trouble

    def _release(self, *, kept: bool) -> None:
        waiting, self._served, self._waiting = [*self._served, *self._waiting], [], []
        _tell(waiting, kept=kept)


def _what_came_of(kept: Outcome) -> Fenced | str | None:
    """Why something could not be kept."""
    try:
        kept()
    except Fenced as fenced:
        return fenced
    except CannotKeep as error:
        return str(error)
    except Exception as error:
        log.exception("keeping has met a fault of the mock itself")
        return f"{type(error).__name__}: {error}"
    return None


def _tell(waiting: list[Waiter], *, kept: bool) -> None:
    for waiter in waiting:
        try:
            waiter(kept)
        except Exception:  # the others wait too
            log.exception("an answer that was kept has met a fault of the mock itself")


def _settle(waiting: "asyncio.Future[bool]", kept: bool) -> None:
    if not waiting.done():
        waiting.set_result(kept)
