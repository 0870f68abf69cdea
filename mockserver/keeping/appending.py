"""The statement that nearly every commit is, prepared in a connection: asked by a thread, or by an event loop.

It goes to libpq itself, in binary. What psycopg does for a statement costs several times as much, and so does a thread.
An event loop that has asked looks after the socket until it has nothing more to ask: to begin and to end that costs as
much as to ask.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import accumulate
from struct import Struct
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
from psycopg import pq

from mockserver.keeping import tables
from mockserver.keeping.values import Batch

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

LOOK = 0.25
"""Real seconds after which it is looked whether a connection that has not answered is there: uvloop says nothing of one
that was reset.
"""

NAME = b"append"
FORMATS = [pq.Format.BINARY] * 4  # psycopg 3.1 takes no tuple

BIGINT = 20
"""How PostgreSQL numbers this type."""

TABLE = Struct("!7i").pack
"""What precedes the rows of a table of numbers: two dimensions, no nulls, the type, and each dimension from 1 on."""

LEASE = Struct("!" + "iq" * 2).pack
BATCH = Struct("!" + "iq" * 8).pack
"""A row: each number comes after its length in bytes, which is 8."""

SECONDS = Struct("!d").pack

Heard = set[int] | psycopg.Error
"""The keys of the worlds whose leases are renewed; or what went wrong."""


class Held(NamedTuple):
    """Which leases a commit renews. epochs: by the keys of worlds; every: whether of all; began: when it was begun."""

    epochs: dict[int, int]
    every: bool
    began: float


class Append:
    """The statement, in a connection in which psycopg prepares nothing. Raises psycopg.Error.

    released: called when an event loop that has looked after the connection does so no more. loop: which one does.
    """

    def __init__(self, connection: "psycopg.Connection[Any]", released: Callable[[], None]) -> None:
        connection.prepare_threshold = None  # or it drops all that is prepared, also this, when it rolls back
        self._postgres = connection.pgconn
        self._released = released
        self.loop: asyncio.AbstractEventLoop | None = None
        self._socket = -1
        self._ended: Callable[[Heard], None] | None = None
        self._last: PGresult | None = None
        self._looking: asyncio.TimerHandle | None = None
        _expect(pq.ExecStatus.COMMAND_OK, self._postgres.prepare(NAME, tables.APPEND.encode()))

    def run(self, told: Sequence[bytes]) -> set[int]:
        """Ask it, and wait. Returns the keys of the worlds whose leases are renewed. Raises psycopg.Error."""
        return _keys(self._postgres.exec_prepared(NAME, told, FORMATS, pq.Format.BINARY))

    def ask(self, told: Sequence[bytes], ended: Callable[[Heard], None]) -> None:
        """Ask it, and go on; if it has answered what it was asked before. The event loop that runs calls `ended`."""
        self._ended = ended
        try:
            loop = self.loop or self._look_after()
            self._postgres.send_query_prepared(NAME, told, FORMATS, pq.Format.BINARY)
            if self._postgres.flush():
                loop.add_writer(self._socket, self._write)
            if self._looking is None:  # one timer serves one commit after the other
                self._looking = loop.call_later(LOOK, self._look)
        except psycopg.Error as error:
            self._end(error)

    def _look_after(self) -> asyncio.AbstractEventLoop:
        """Have the event loop that runs look after the connection; from here on, it is released again."""
        self.loop = loop = asyncio.get_running_loop()
        self._socket = self._postgres.socket
        loop.add_reader(self._socket, self._read)
        return loop

    def rest(self) -> None:
        """Have no event loop look after the connection, if nothing is asked."""
        if self._ended is None:
            self.release()

    def release(self) -> None:
        """Have no event loop look after the connection. What is not answered by now never is."""
        if (loop := self.loop) is not None:
            self.loop = self._ended = None
            if self._looking is not None:
                self._looking.cancel()
                self._looking = None
            socket, self._socket = self._socket, -1
            if socket >= 0:  # it has none when the connection was lost before the loop began
                with suppress(RuntimeError):  # it is closed
                    loop.remove_reader(socket)
                    loop.remove_writer(socket)
            self._released()

    def _look(self) -> None:
        self._looking = None
        if self._ended is not None and self.loop is not None:
            self._looking = self.loop.call_later(LOOK, self._look)
            self._read()

    def _write(self) -> None:
        try:
            if not self._postgres.flush() and self.loop is not None:
                self.loop.remove_writer(self._socket)
        except psycopg.Error as error:
            self._end(error)

    def _read(self) -> None:
        try:
            self._postgres.consume_input()
            while self._ended is not None and not self._postgres.is_busy():
                if (result := self._postgres.get_result()) is None:
                    self._end(_keys(self._last))
                self._last = result
        except psycopg.Error as error:
            self._end(error)

    def _end(self, heard: Heard) -> None:
        ended, self._ended = self._ended, None
        if isinstance(heard, psycopg.Error):
            self.release()
        if ended is not None:
            ended(heard)
        if self.loop is not None:
            self.loop.call_soon(self.loop.call_soon, self.rest)  # whoever has more to ask does it before


def told(held: Held, lease: float, batches: Sequence[Batch]) -> list[bytes]:
    """The parameters of the statement. lease: real seconds."""
    starts = accumulate([len(batch.packed) for batch in batches], initial=1)
    return [
        _table(2, [LEASE(8, key, 8, epoch) for key, epoch in held.epochs.items()]),
        SECONDS(lease),
        _table(8, [_row(batch, start) for batch, start in zip(batches, starts, strict=False)]),
        b"".join([batch.packed for batch in batches]),
    ]


def _table(columns: int, rows: Sequence[bytes]) -> bytes:
    return b"".join([TABLE(2, 0, BIGINT, len(rows), 1, columns, 1), *rows])


def _row(batch: Batch, start: int) -> bytes:
    format_, engine = batch.release
    return BATCH(
        8, batch.key, 8, batch.seq, 8, batch.at, 8, batch.entries, 8, format_, 8, engine, 8, start, 8, len(batch.packed)
    )  # fmt: skip


def _keys(result: "PGresult | None") -> set[int]:
    result = _expect(pq.ExecStatus.TUPLES_OK, result)
    return {int.from_bytes(result.get_value(row, 0) or b"", "big") for row in range(result.ntuples)}


def _expect(status: pq.ExecStatus, result: "PGresult | None") -> "PGresult":
    if result is None or result.status != status:
        raise psycopg.OperationalError("no answer" if result is None else pq.error_message(result))
    return result
