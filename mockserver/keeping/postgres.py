"""Keeps batches in PostgreSQL, for several servers at once: each world is one server's at a time.

Theory of operation. A server has a world by a lease, which each commit renews; when the lease has run out, any other
server may take the world. `epoch` counts how often that happened. The very statement that appends to a log says under
which epoch, and appends nothing under another one. So a server that was frozen or cut off, and does not know that it
has lost a world, keeps nothing more of it, and therefore says nothing more of it.

Without `power`, a database that crashes forgets its last commits, and the server does not: it makes them again as soon
as it is back, or there would be a gap in its logs. To take a world over is not forgotten.

The database has the only clock that decides. A server looks at its own only to know when it must ask first.

A commit of one statement is asked by the event loop itself. One that makes or ends worlds, or connects, takes a thread.
"""

import asyncio
import shlex
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from typing import Any

from mockserver.keeping import tables
from mockserver.keeping.directory import server_name
from mockserver.keeping.values import (
    NOTHING,
    Batch,
    CannotKeep,
    Changes,
    Claim,
    Fenced,
    LogStore,
    Outcome,
    Snapshot,
    StoreError,
    World,
)
from mockserver.sandbox.elsewhere import Elsewhere

try:
    import psycopg

    from mockserver.keeping.address import CONNECTION, LENT, WHAT_TO_DO, read_url, without_password, words
    from mockserver.keeping.appending import Append, Heard, Held, told
except ImportError:
    raise ImportError("--store needs psycopg: pip install 'routee-failover-mock[postgres]'") from None

RENEWALS = 3
"""How often in a lease a commit renews those of all worlds, besides those that it keeps something of."""

UNSURE = 10.0
"""Real seconds after which a commit survives a crash of the database for sure: PostgreSQL needs one at most."""

ROWS = 500
"""Batches that are read in one go."""

LOOPS_WATCH = sys.platform != "win32"
"""Whether every event loop can look after a socket."""

Row = tuple[Any, ...]
Connection = psycopg.Connection[Row]


class PostgresStore(LogStore):
    """One database, which several servers share. Raises StoreError when it cannot be used.

    url: as libpq takes it, postgresql://USER:PASSWORD@HOST:PORT/DATABASE. lease: real seconds. power: whether a commit
    survives a power failure of the database too, and takes milliseconds for it. make: whether to make tables.
    """

    alone = True
    untidy = False

    def __init__(self, url: str, *, lease: float = 10.0, power: bool = False, make: bool = True) -> None:
        self.place = without_password(url)
        whole = read_url(self.place) == read_url(url)
        self.option = f"--store {shlex.quote(self.place)}" if whole else '--store "$ROUTEE_MOCK_STORE"'
        self.lease: float = lease
        self.name = server_name()
        self._parts = CONNECTION | read_url(url)
        self._power = power
        self._epochs: dict[int, int] = {}
        self._renewed = time.monotonic()
        self._committing = threading.Lock()
        self._unsure: deque[tuple[float, Changes]] = deque()
        self._writing: Connection | None = None
        self._append: Append | None = None
        self._asking: Connection | None = None
        try:
            with self._connect(sure=True) as connection:
                if not (make or tables.there(connection)):
                    raise StoreError(f"nothing is kept in {self.place}: no mock has used it")
                self._refuse_lent(connection)
                self._first = tables.prepare(connection, self.place)
        except psycopg.Error as error:
            raise StoreError(f"{self.place} cannot be used: {words(error)}{WHAT_TO_DO.get(type(error), '')}") from None

    def _connect(self, *, sure: bool) -> Connection:
        connection = psycopg.connect(**self._parts, autocommit=True)
        connection.execute("set synchronous_commit = on" if sure else "set synchronous_commit = off")
        return connection

    def _refuse_lent(self, connection: Connection) -> None:
        """Raise StoreError where two connections get one session in turn: what is set or prepared in it is both's."""
        mine = _session(connection)
        if mine != connection.info.backend_pid:  # a pooler has told its own number
            with self._connect(sure=True) as another:
                if _session(another) == mine:
                    raise StoreError(f"{self.place} cannot be used: {LENT}")

    def last_key(self) -> int:
        """A number that all keys of new worlds are above: no other start of a server has the same."""
        return self._first

    @property
    def lapsed(self) -> bool:
        """Whether other servers may have this one's worlds by now."""
        return time.monotonic() - self._renewed > self.lease

    # Whose worlds are

    def holds(self, key: int) -> bool:
        """Whether a world is this server's, as far as it knows."""
        return key in self._epochs

    def claim(self, besides: Sequence[int] = ()) -> Claim | None:
        """Take a world that nobody has, if there is one. Raises CannotKeep."""
        values = {"besides": [*self._epochs, *besides], "name": self.name, "lease": self.lease}
        with self._answering() as connection:
            found = connection.execute(tables.CLAIM, values).fetchone()
        if found is None:
            return None
        key, epoch, idle, *world = found
        self._epochs[key] = epoch
        return Claim(World(key, *world), idle)

    def elsewhere(self) -> Sequence[Elsewhere]:
        """The worlds that other servers have, or will have in a moment. Raises CannotKeep."""
        with self._answering() as connection:
            return [Elsewhere(*row) for row in connection.execute(tables.ELSEWHERE, {"own": [*self._epochs]})]

    def leave(self, key: int, to: str | None = None) -> None:
        """Let another server have a world. to: which. Raises CannotKeep."""
        epoch = self._epochs.pop(key, 0)
        with self._answering() as connection:
            connection.execute(tables.LEAVE, {"keys": [key], "epochs": [epoch], "wanted": to})

    def want(self, ids: Sequence[str]) -> None:
        """Ask whoever has these worlds for them. Raises CannotKeep."""
        with self._answering() as connection:
            connection.execute(tables.WANT, {"ids": [*ids], "name": self.name})

    def wanted(self) -> Sequence[tuple[int, str]]:
        """The worlds that other servers have asked this one for since the last call. Raises CannotKeep."""
        with self._answering() as connection:
            return connection.execute(tables.WANTED, {"own": [*self._epochs]}).fetchall()

    @contextmanager
    def _answering(self) -> Iterator[Connection]:
        """The connection for questions. Raises CannotKeep."""
        try:
            if self._asking is None:
                self._asking = self._connect(sure=True)
            yield self._asking
        except psycopg.Error as error:
            self._asking = _leave(self._asking)
            raise CannotKeep(words(error)) from None

    # What is kept

    def worlds(self) -> list[World]:
        """Every world, whosever it is, oldest first."""
        with self._reading() as connection:
            return [World(*row) for row in connection.execute(tables.WORLDS)]

    def read(self, key: int) -> Iterator[Snapshot | Batch]:
        """The snapshot of a world, if there is one, then the batches after it; over a connection of its own.

        Meanwhile the leases are renewed, if nothing else does it. Raises StoreError where a batch is missing.
        """
        with self._reading() as connection, connection.transaction():
            connection.execute("set transaction isolation level repeatable read, read only")
            seq = 0
            for seq, at, entries, form, engine, packed in connection.execute(tables.SNAPSHOT, (key,)).fetchall():
                yield Snapshot(key, seq, at, entries, (form, engine), packed)
            while rows := connection.execute(tables.BATCHES, (key, seq, ROWS)).fetchall():
                for number, (seq, at, entries, form, engine, packed) in enumerate(rows, start=seq + 1):  # noqa: B020
                    if seq != number:
                        raise StoreError(f"batch {number} is missing")
                    yield Batch(key, seq, at, entries, (form, engine), packed)
                self._stay()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with self._connect(sure=True) as connection:
                yield connection
        except psycopg.Error as error:
            raise StoreError(f"{self.place} cannot be read: {words(error)}") from None

    def _stay(self) -> None:
        """Renew the leases while much is read and nobody else does it: when a server starts."""
        if self._epochs and time.monotonic() - self._renewed > self.lease / 2:
            with suppress(CannotKeep, Fenced):
                self.commit(NOTHING)

    def damage(self) -> list[str]:
        """What is wrong with the database, as far as it can be told from here: nothing."""
        return []

    def seals(self) -> Mapping[int, int]:
        """The numbers of the last batches in the snapshots, by the keys of their worlds. Raises StoreError."""
        with self._reading() as connection:
            return dict(connection.execute("select key, seq from routee_mock.snapshot"))

    def commit(self, changes: Changes) -> None:
        """Keep all of it or nothing; the same changes twice are kept once. Raises CannotKeep and Fenced.

        Renews the leases of the worlds that it is about, and now and then those of all others.
        """
        self._take_back()
        with self._committing, self._attempt():
            if self._writing is None or self._append is None:
                self._writing = self._connect(sure=self._power)
                self._append = Append(self._writing, self._committing.release)
                self._commit_again(self._writing, self._append)
            self._commit(self._writing, self._append, changes)
            self._remember(changes)

    def begin(self, changes: Changes, ended: Callable[[Outcome], None]) -> bool:
        """The same on the event loop that runs, if it is one statement; the connection is made on a thread."""
        self._take_back()
        if (append := self._append) is None:
            return False
        if changes.made or changes.gone or not LOOPS_WATCH:
            append.rest()
            return False
        if append.loop is not asyncio.get_running_loop() and not self._committing.acquire(blocking=False):
            return False
        held = self._held(changes)
        append.ask(
            told(held, self.lease, changes.batches), lambda heard: ended(partial(self._settle, changes, held, heard))
        )
        return True

    def _settle(self, changes: Changes, held: Held, heard: Heard) -> None:
        with self._attempt():
            if isinstance(heard, psycopg.Error):
                raise heard
            self._check(held, heard)
            self._renew(held)
            self._remember(changes)

    def _take_back(self) -> None:
        """Leave a connection that an event loop looks after which stands still: nobody knows what it has asked."""
        if (append := self._append) is not None and append.loop is not None and not append.loop.is_running():
            append.release()
            self._writing, self._append = _leave(self._writing), None

    @contextmanager
    def _attempt(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            self._writing, self._append = _leave(self._writing), None
            raise CannotKeep(words(error)) from None

    def _remember(self, changes: Changes) -> None:
        now = time.monotonic()
        while self._unsure and now - self._unsure[0][0] > UNSURE:
            self._unsure.popleft()
        if not self._power and changes != NOTHING:
            self._unsure.append((now, changes))

    def _commit_again(self, connection: Connection, append: Append) -> None:
        """Make the last commits again, in case the database has forgotten them; but not of worlds that are lost."""
        lost: frozenset[int] = frozenset()
        waiting = deque(changes for _, changes in self._unsure)
        while waiting:
            try:
                self._commit(connection, append, waiting[0].without(lost))
                waiting.popleft()
            except Fenced as fenced:
                lost |= fenced.keys
        if lost:
            raise Fenced(lost)

    def _commit(self, connection: Connection, append: Append, changes: Changes) -> None:
        held = self._held(changes)
        with connection.transaction() if changes.made or changes.gone else nullcontext():
            if changes.gone:
                self._end(connection, changes.gone)
            if changes.made:
                self._make(connection, changes.made)
            self._check(held, append.run(told(held, self.lease, changes.batches)))
        for world in changes.made:
            self._epochs.setdefault(world.key, 1)
        for key in changes.gone:
            self._epochs.pop(key, None)
        self._renew(held)

    def _held(self, changes: Changes) -> Held:
        began, made = time.monotonic(), [world.key for world in changes.made]
        every = changes == NOTHING or began - self._renewed > self.lease / RENEWALS
        epochs = dict.fromkeys(made, 1) | self._epochs
        about = epochs.keys() if every else {*made, *(batch.key for batch in changes.batches)}
        return Held({key: epochs.get(key, 0) for key in about - {*changes.gone}}, every, began)

    def _check(self, held: Held, mine: set[int]) -> None:
        if lost := held.epochs.keys() - mine:
            raise self._fenced(lost)

    def _fenced(self, keys: Iterable[int]) -> Fenced:
        fenced = Fenced(keys)
        for key in fenced.keys:
            self._epochs.pop(key, None)
        return fenced

    def _renew(self, held: Held) -> None:
        if held.every:
            self._renewed = held.began

    def _end(self, connection: Connection, gone: Sequence[int]) -> None:
        values = {"keys": [*gone], "epochs": [self._epochs.get(key, 0) for key in gone]}
        connection.execute(tables.END, values)
        if left := connection.execute(tables.LEFT, values).fetchall():
            raise self._fenced(key for (key,) in left)

    def _make(self, connection: Connection, made: Sequence[World]) -> None:
        connection.cursor().executemany(tables.MAKE, [_world(world) for world in made])
        keys = [world.key for world in made]
        connection.execute(tables.OWN, {"keys": keys, "name": self.name, "lease": self.lease})

    def seal(self, snapshot: Snapshot) -> None:
        """Keep a snapshot and forget the batches that it stands for, in one commit. Raises CannotKeep.

        Does nothing for a world that has ended, or that has this snapshot or a later one.
        """
        try:
            with self._connect(sure=True) as connection, connection.transaction():
                if connection.execute(tables.SEAL, _row(snapshot)).rowcount:
                    connection.execute(tables.FORGET, (snapshot.key, snapshot.seq))
        except psycopg.Error as error:
            raise CannotKeep(words(error)) from None

    def drop(self, key: int) -> None:
        """Forget a world. Raises StoreError while a server has it, and CannotKeep."""
        with self._reading() as connection:
            owner = connection.execute(tables.DROP, (key,)).fetchone()
        if owner is None:
            raise StoreError("a server has it: stop that one, or reset the sandbox there")

    def tidy(self) -> None:
        """There is nothing to do: PostgreSQL tidies by itself."""

    def close(self) -> None:
        """Give every world back, and let go of the connections."""
        values = {"keys": [*self._epochs], "epochs": [*self._epochs.values()], "wanted": None}
        with suppress(psycopg.Error):
            if self._epochs:
                with self._connect(sure=True) as connection:
                    connection.execute(tables.LEAVE, values)
        self._epochs = {}
        self._writing, self._asking = _leave(self._writing), _leave(self._asking)


def _session(connection: Connection) -> int:
    """The number of the process that has answered."""
    (pid,) = connection.execute("select pg_backend_pid()").fetchone() or (0,)
    return int(pid)


def _leave(connection: Connection | None) -> Connection | None:
    """Close a connection, if there is one. Returns None, which stands for one that is still to be made."""
    if connection is not None:
        with suppress(psycopg.Error):
            connection.close()
    return None


def _world(world: World) -> Row:
    return world.key, world.id, world.application, world.secret, world.head, world.settings


def _row(batch: Snapshot | Batch) -> Row:
    return batch.key, batch.seq, batch.at, batch.entries, *batch.release, batch.packed
