"""The tables of a PostgreSQL database, in a schema of their own, and the statements on them.

Beside those that a file has, there is one more: `lease` has whose each world is. It is narrow, for each commit writes
it.
"""

from typing import TYPE_CHECKING, Any

from mockserver.keeping.values import StoreError

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

LOCK = 7_683_833
"""The advisory lock under which tables are made: servers start side by side."""

TABLES = (
    """
do $$ begin
    if to_regnamespace('routee_mock') is null then create schema routee_mock; end if;  -- else it takes no right to
end $$;
create table routee_mock.meta (version integer not null);
insert into routee_mock.meta values (0);
create sequence routee_mock.server;
create table routee_mock.world (
    key bigint primary key, id text not null unique, application text, secret text, head bytea not null,
    settings bytea not null
);
create table routee_mock.lease (
    key bigint primary key references routee_mock.world on delete cascade, owner text, epoch integer not null,
    seen timestamptz not null, until timestamptz not null, wanted text
) with (fillfactor = 50);
create table routee_mock.log (
    key bigint references routee_mock.world on delete cascade, seq bigint, at bigint not null, entries bigint not null,
    format integer not null, engine integer not null, packed bytea not null, primary key (key, seq)
);
create table routee_mock.snapshot (
    key bigint primary key references routee_mock.world on delete cascade, seq bigint not null, at bigint not null,
    entries bigint not null, format integer not null, engine integer not null, packed bytea not null
);
""",
)
"""What made the tables what they are, in order. `meta` has how much of it was done."""

CLAIM = """
with free as (
    select key, seen from routee_mock.lease
    where (until < clock_timestamp() or seen > clock_timestamp() + make_interval(secs => %(lease)s))
    and key <> all(%(besides)s::bigint[])
    and (wanted is null or wanted = %(name)s or until < clock_timestamp() - make_interval(secs => %(lease)s))
    order by key limit 1 for update skip locked
), taken as (
    update routee_mock.lease set owner = %(name)s, epoch = epoch + 1, seen = clock_timestamp(),
        until = clock_timestamp() + make_interval(secs => %(lease)s), wanted = null
    from free where lease.key = free.key
    returning lease.key, lease.epoch, extract(epoch from clock_timestamp() - free.seen)::float8 as idle
)
select key, epoch, idle, id, application, secret, head, settings from taken join routee_mock.world using (key)
"""
"""Takes a world whose lease has run out; also one that was seen in the future, for then the clock of the database has
gone back. Its owner may be alive: then it is fenced out.
"""

ELSEWHERE = """
select id, application, case when until > clock_timestamp() then owner end, (extract(epoch from until) * 1000)::bigint
from routee_mock.lease join routee_mock.world using (key) where key <> all(%(own)s::bigint[]) order by key
"""

LEAVE = """
update routee_mock.lease set owner = null, seen = clock_timestamp(), until = clock_timestamp(), wanted = %(wanted)s
from unnest(%(keys)s::bigint[], %(epochs)s::integer[]) as held (key, epoch)
where lease.key = held.key and lease.epoch = held.epoch
"""

WANT = """
update routee_mock.lease set wanted = %(name)s from routee_mock.world
where lease.key = world.key and world.id = any(%(ids)s::text[]) and owner is distinct from %(name)s
"""

WANTED = """
update routee_mock.lease set wanted = null from routee_mock.lease as before
where lease.key = any(%(own)s::bigint[]) and before.key = lease.key and before.wanted is not null
returning lease.key, before.wanted
"""

WORLDS = "select key, id, application, secret, head, settings from routee_mock.world order by key"

SNAPSHOT = "select seq, at, entries, format, engine, packed from routee_mock.snapshot where key = %s"

BATCHES = """
select seq, at, entries, format, engine, packed from routee_mock.log where key = %s and seq > %s order by seq limit %s
"""

APPEND = """
with held as (
    select held[row][1] as key, held[row][2] as epoch
    from (select $1::bigint[] as held) as told, generate_subscripts(held, 1) as row
), mine as (
    update routee_mock.lease set seen = clock_timestamp(), until = clock_timestamp() + make_interval(secs => $2::float8)
    from held where lease.key = held.key and lease.epoch = held.epoch
    returning lease.key
), kept as (
    insert into routee_mock.log (key, seq, at, entries, format, engine, packed)
    select batch[row][1], batch[row][2], batch[row][3], batch[row][4], batch[row][5], batch[row][6],
        substring($4::bytea from batch[row][7]::integer for batch[row][8]::integer)
    from (select $3::bigint[] as batch) as told, generate_subscripts(batch, 1) as row
    where (select count(*) from mine) = (select count(*) from held)
    on conflict do nothing
)
select key from mine
"""
"""Appends under the epochs that a server has its worlds under. It answers whose leases are renewed, and appends all
batches if those are all of them, or nothing.

It is told two tables of numbers. A batch has where its bytes begin in those of all, from 1 on, and how many they are.
"""

END = """
delete from routee_mock.world
using unnest(%(keys)s::bigint[], %(epochs)s::integer[]) as held (key, epoch), routee_mock.lease
where world.key = held.key and lease.key = held.key and lease.epoch = held.epoch
"""

LEFT = "select key from routee_mock.lease where key = any(%(keys)s::bigint[])"

MAKE = """
insert into routee_mock.world (key, id, application, secret, head, settings) values (%s, %s, %s, %s, %s, %s)
on conflict do nothing
"""

OWN = """
insert into routee_mock.lease (key, owner, epoch, seen, until)
select key, %(name)s, 1, clock_timestamp(), clock_timestamp() + make_interval(secs => %(lease)s)
from routee_mock.world where key = any(%(keys)s::bigint[])
on conflict do nothing
"""

SEAL = """
insert into routee_mock.snapshot as kept (key, seq, at, entries, format, engine, packed)
select * from (values (%s::bigint, %s::bigint, %s::bigint, %s::bigint, %s::integer, %s::integer, %s::bytea))
    as state (key, seq, at, entries, format, engine, packed)
where exists (select from routee_mock.world where world.key = state.key)
on conflict (key) do update set
    seq = excluded.seq, at = excluded.at, entries = excluded.entries, format = excluded.format,
    engine = excluded.engine, packed = excluded.packed
where kept.seq < excluded.seq
"""

FORGET = "delete from routee_mock.log where key = %s and seq <= %s"

DROP = """
delete from routee_mock.world using routee_mock.lease
where world.key = %s and lease.key = world.key and lease.until < clock_timestamp()
returning world.key
"""


def there(connection: "Connection") -> bool:
    """Whether a mock has used this database."""
    return connection.execute("select to_regclass('routee_mock.meta') is not null").fetchone() == (True,)


def prepare(connection: "Connection", place: str) -> int:
    """Make what is lacking. place: where that is, in words.

    Returns a number: above it are the keys of worlds that this start of a server makes. Raises psycopg.Error, and
    StoreError if the tables are of a later version.
    """
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (LOCK,))
        version = 0
        if there(connection):
            (version,) = connection.execute("select version from routee_mock.meta").fetchone() or (0,)
        if version > len(TABLES):
            raise StoreError(f"{place} was written by a later version of the mock: use that one")
        for lacking in TABLES[version:]:
            connection.execute(lacking)
        if version < len(TABLES):
            connection.execute("update routee_mock.meta set version = %s", (len(TABLES),))
        (number,) = connection.execute("select nextval('routee_mock.server')").fetchone() or (0,)
    return int(number) << 32
