"""Keeps batches in one SQLite file, with a write-ahead log.

A file that is removed while it is open goes on as if it were there, and whatever is kept in it is lost. So each commit
looks whether it is there, and writes it anew if it is not: the open one still has all of it.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from shlex import quote

from mockserver.keeping.directory import Directory
from mockserver.keeping.values import Batch, CannotKeep, Changes, LogStore, Snapshot, StoreError, World

FILE = "mock.sqlite"

TABLES = (
    """
create table world (
    key integer primary key, id text not null, application text, secret text, head blob not null, settings blob not null
);
create table log (
    key integer, seq integer, at integer not null, entries integer not null, format integer not null,
    engine integer not null, packed blob not null, primary key (key, seq)
) without rowid;
""",
    """
create table snapshot (
    key integer primary key, seq integer not null, at integer not null, entries integer not null,
    format integer not null, engine integer not null, packed blob not null
);
""",
)
"""What made the tables what they are, in order. The file has as its `user_version` how much of it was done."""

PATIENCE = 1.0
"""Real seconds that a commit waits for a process that has the file to itself for a moment."""

TIDY = 4 * 1_048_576
"""Bytes of the write-ahead log after which it is moved into the file."""

LARGE = 32 * 1_048_576
"""Bytes of the write-ahead log after which it is emptied. Under load it never is by itself: commits come while it is
moved, and a log that is not moved to its end grows on.
"""

PAGE = 8_192
"""Bytes of a page of a new file. A commit of many sends costs a quarter less than with SQLite's own 4,096; larger ones
cost more when it is of few.
"""

LEAST = 2 * PAGE
"""Bytes that a commit adds to it at least: whole pages."""

log = logging.getLogger("mockserver")


class SqliteStore(LogStore):
    """One file in a directory. power: whether a commit survives a power failure too, and takes milliseconds for it.

    hold: makes the directory again, and this server's. Raises OSError. Raises StoreError when the file cannot be used.
    """

    def __init__(self, directory: Path, *, power: bool = False, hold: Callable[[], None] = lambda: None) -> None:
        self.file = directory / FILE
        self.place = str(directory)
        self.option = f"--data {quote(self.place)}"
        self._power, self._hold = power, hold
        self._unmoved = 0
        try:
            self._connection = self._open()
        except (sqlite3.Error, OSError, UnicodeDecodeError) as error:  # damage can stand in what SQLite says of it
            raise StoreError(
                f"{self.file} cannot be opened: {getattr(error, 'strerror', None) or error}; it must be a database of"
                " this mock, which this user can write to: or use another directory"
            ) from None

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(
            f"{self.file.absolute().as_uri()}?mode=rw",
            timeout=PATIENCE, isolation_level=None, check_same_thread=False, uri=True,
        )  # fmt: skip

    def _open(self) -> sqlite3.Connection:
        self.file.touch(0o600)  # messages and the secrets of sandboxes are in it
        connection = self._connect()
        self._prepare(connection.execute)
        self.file.chmod(0o600)
        self._inode = self.file.stat().st_ino
        return connection

    def _prepare(self, execute: Callable[[str], sqlite3.Cursor]) -> None:
        execute(f"pragma page_size = {PAGE}")
        (schema,) = execute("pragma user_version").fetchone()
        if schema > len(TABLES):
            raise StoreError(f"{self.file} was written by a later version of the mock: use that one")
        tables = {name for (name,) in execute("select name from sqlite_master where type = 'table'")}
        if tables if schema == 0 else not {"world", "log"} <= tables:
            raise StoreError(f"{self.file} is the database of another program: use another directory")
        if schema < len(TABLES):
            lacking = "".join(TABLES[schema:])
            for statement in ("begin", *lacking.split(";"), f"pragma user_version = {len(TABLES)}", "commit"):
                execute(statement)
        execute("pragma journal_mode = wal")
        execute(f"pragma synchronous = {'full' if self._power else 'normal'}")
        execute("pragma wal_autocheckpoint = 0")

    def worlds(self) -> list[World]:
        """Every world, oldest first. Raises StoreError."""
        wanted = "select key, id, application, secret, head, settings from world order by key"
        try:
            return [World(*row) for row in self._connection.execute(wanted)]
        except sqlite3.Error as error:
            raise StoreError(f"{self.file} cannot be read: {error}") from None

    def read(self, key: int) -> Iterator[Snapshot | Batch]:
        """The snapshot of a world, if there is one, then the batches after it; over a connection of its own.

        Raises StoreError where one is missing, or the file is damaged.
        """
        fields, seq = "seq, at, entries, format, engine, packed", 0
        try:
            with closing(self._connect()) as connection:
                connection.execute("begin")  # so both are of one moment, whatever is sealed meanwhile
                for seq, at, entries, form, engine, packed in connection.execute(
                    f"select {fields} from snapshot where key = ?",  # noqa: S608 -- the fields stand above
                    (key,),
                ):
                    yield Snapshot(key, seq, at, entries, (form, engine), packed)
                wanted = f"select {fields} from log where key = ? and seq > ? order by seq"  # noqa: S608
                for number, row in enumerate(connection.execute(wanted, (key, seq)), start=seq + 1):
                    seq, at, entries, form, engine, packed = row
                    if seq != number:
                        raise StoreError(f"batch {number} is missing")
                    yield Batch(key, seq, at, entries, (form, engine), packed)
        except sqlite3.Error as error:
            raise StoreError(f"{self.file} cannot be read: {error}") from None

    def seals(self) -> Mapping[int, int]:
        """The numbers of the last batches in the snapshots, by the keys of their worlds. Raises StoreError."""
        try:
            with closing(self._connect()) as connection:
                return dict(connection.execute("select key, seq from snapshot"))
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
        gone = [(key,) for key in changes.gone]
        with self._committing() as connection:
            for table in ("log", "snapshot", "world") if gone else ():
                connection.executemany(f"delete from {table} where key = ?", gone)  # noqa: S608
            connection.executemany("insert or ignore into world values (?, ?, ?, ?, ?, ?)", map(_world, changes.made))
            connection.executemany("insert or ignore into log values (?, ?, ?, ?, ?, ?, ?)", map(_row, changes.batches))
        self._unmoved += LEAST + sum(len(batch.packed) for batch in changes.batches)

    def seal(self, snapshot: Snapshot) -> None:
        """Keep a snapshot and forget the batches that it stands for, in one commit. Raises CannotKeep.

        Does nothing for a world that has ended, or that has this snapshot or a later one.
        """
        with self._committing() as connection:
            wanted = (
                "select ?, ?, ?, ?, ?, ?, ? where exists (select 1 from world where key = ?)"
                " and not exists (select 1 from snapshot where key = ? and seq >= ?)"
            )
            key, seq = snapshot.key, snapshot.seq
            kept = connection.execute(f"replace into snapshot {wanted}", (*_row(snapshot), key, key, seq))
            if kept.rowcount:
                connection.execute("delete from log where key = ? and seq <= ?", (key, seq))
        self._unmoved += LEAST + len(snapshot.packed)

    def drop(self, key: int) -> None:
        """Forget a world. Raises StoreError while a server has the directory, and CannotKeep."""
        held = Directory(self.file.parent)
        try:
            self.commit(Changes((), (key,), ()))
        finally:
            held.close(served=False)

    @contextmanager
    def _committing(self) -> Iterator[sqlite3.Connection]:
        """A commit of all that the block does. Raises CannotKeep, and then none of it is kept."""
        try:
            self._look()
            self._connection.execute("begin immediate")
            yield self._connection
            self._connection.execute("commit")
        except (sqlite3.Error, OSError) as error:
            if self._connection.in_transaction:
                self._connection.execute("rollback")
            raise CannotKeep(str(error)) from None

    def _look(self) -> None:
        """See that the file is where it was. Raises OSError where it is another one, and what cannot be written."""
        try:
            there = self.file.stat().st_ino  # as SQLite itself tells files apart
        except FileNotFoundError:
            self._write_anew()
        else:
            if there != self._inode:
                raise CannotKeep(f"{FILE} is not the file that the mock has written: put that one back, or start again")

    def _write_anew(self) -> None:
        self._hold()
        anew = self.file.with_name(f"{FILE}.new")
        anew.unlink(missing_ok=True)
        with closing(sqlite3.connect(anew)) as target:
            self._connection.backup(target)
        self._connection.close()
        for rest in ("-wal", "-shm"):
            self.file.with_name(FILE + rest).unlink(missing_ok=True)
        anew.replace(self.file)
        self._connection = self._open()
        log.warning("%s was removed while the mock had it open; it is written anew, and nothing is lost", self.file)

    @property
    def missing(self) -> bool:
        """Whether the file was removed; the next commit writes it anew."""
        return not self.file.exists()

    @property
    def alone(self) -> bool:
        """Whether the next commit takes so long that it belongs on a thread of its own: also one that writes anew."""
        return self._power or self.missing

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
                if self.file.with_name(f"{FILE}-wal").stat().st_size > LARGE:
                    connection.execute("pragma busy_timeout = 0")  # no commit waits until a reader has read
                    connection.execute("pragma wal_checkpoint(truncate)")
        except (sqlite3.Error, OSError):  # the next time moves it
            pass

    def close(self) -> None:
        """Let go of the file. The last connection moves the write-ahead log into it."""
        self._connection.close()


def _world(world: World) -> tuple[object, ...]:
    return world.key, world.id, world.application, world.secret, world.head, world.settings


def _row(batch: Snapshot | Batch) -> tuple[object, ...]:
    return batch.key, batch.seq, batch.at, batch.entries, *batch.release, batch.packed
