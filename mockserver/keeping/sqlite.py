"""Keeps batches in one SQLite file, with a write-ahead log."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from mockserver.keeping.values import Batch, CannotKeep, Changes, StoreError, World

FILE = "mock.sqlite"

SCHEMA = 1
"""The form of the tables, which the file has as its `user_version`."""

TABLES = """
begin;
create table world (
    key integer primary key, id text not null, application text, secret text, head blob not null, settings blob not null
);
create table log (
    key integer, seq integer, at integer not null, entries integer not null, format integer not null,
    engine integer not null, packed blob not null, primary key (key, seq)
) without rowid;
pragma user_version = 1;
commit;
"""

PATIENCE = 1.0
"""Real seconds that a commit waits for a process that has the file to itself for a moment."""

TIDY = 4 * 1_048_576
"""Bytes kept after which the write-ahead log is moved into the file."""


class SqliteStore:
    """One file in a directory. power: whether a commit survives a power failure too, and takes milliseconds for it."""

    def __init__(self, directory: Path, *, power: bool = False) -> None:
        self.alone = power
        self.file = directory / FILE
        self._unmoved = 0
        try:
            self._connection = self._connect()
            self._prepare(power=power)
        except sqlite3.Error as error:
            raise StoreError(f"{self.file} cannot be opened: {error}") from None

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.file, timeout=PATIENCE, isolation_level=None, check_same_thread=False)

    def _prepare(self, *, power: bool) -> None:
        execute = self._connection.execute
        (schema,) = execute("pragma user_version").fetchone()
        if schema > SCHEMA:
            raise StoreError(f"{self.file} was written by a later version of the mock: use that one")
        if schema == 0:
            self._connection.executescript(TABLES)
        self.file.chmod(0o600)  # messages and the secrets of sandboxes are in it
        execute("pragma journal_mode = wal")
        execute(f"pragma synchronous = {'full' if power else 'normal'}")
        execute("pragma wal_autocheckpoint = 0")

    def worlds(self) -> list[World]:
        """Every world, oldest first."""
        rows = self._connection.execute("select key, id, application, secret, head, settings from world order by key")
        return [World(*row) for row in rows]

    def read(self, key: int) -> Iterator[Batch]:
        """The batches of a world, in order. Raises StoreError where one is missing, or the file is damaged."""
        wanted = "select seq, at, entries, format, engine, packed from log where key = ? order by seq"
        try:
            for number, row in enumerate(self._connection.execute(wanted, (key,)), start=1):
                seq, at, entries, form, engine, packed = row
                if seq != number:
                    raise StoreError(f"batch {number} is missing")
                yield Batch(key, seq, at, entries, (form, engine), packed)
        except sqlite3.Error as error:
            raise StoreError(f"{self.file} cannot be read: {error}") from None

    def damage(self) -> list[str]:
        """What SQLite finds wrong with the file; it reads all of it."""
        try:
            return [row[0] for row in self._connection.execute("pragma integrity_check") if row[0] != "ok"]
        except sqlite3.Error as error:
            return [str(error)]

    def commit(self, changes: Changes) -> None:
        """Keep all of it or nothing; the same changes twice are kept once. Raises CannotKeep."""
        execute, many = self._connection.execute, self._connection.executemany
        try:
            execute("begin immediate")
            many("delete from log where key = ?", ((key,) for key in changes.gone))
            many("delete from world where key = ?", ((key,) for key in changes.gone))
            many("insert or ignore into world values (?, ?, ?, ?, ?, ?)", map(_world, changes.made))
            many("insert or ignore into log values (?, ?, ?, ?, ?, ?, ?)", map(_row, changes.batches))
            execute("commit")
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                execute("rollback")
            raise CannotKeep(str(error)) from None
        self._unmoved += sum(len(batch.packed) for batch in changes.batches)

    @property
    def untidy(self) -> bool:
        """Whether it is time to call `tidy`."""
        return self._unmoved >= TIDY

    def tidy(self) -> None:
        """Move the write-ahead log into the file, over a connection of its own, while commits go on."""
        self._unmoved = 0
        try:
            with closing(self._connect()) as connection:
                connection.execute("pragma wal_checkpoint(passive)")
        except sqlite3.Error:  # the next time moves it
            pass

    def close(self) -> None:
        """Let go of the file. The last connection moves the write-ahead log into it."""
        self._connection.close()


def _world(world: World) -> tuple[object, ...]:
    return world.key, world.id, world.application, world.secret, world.head, world.settings


def _row(batch: Batch) -> tuple[object, ...]:
    return batch.key, batch.seq, batch.at, batch.entries, *batch.release, batch.packed
