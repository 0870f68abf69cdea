"""PostgreSQL as several servers have it: whose a world is, and who may keep something of it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import psycopg
import pytest

from mockserver.keeping import postgres as stores
from mockserver.keeping.address import without_password
from mockserver.keeping.postgres import PostgresStore
from mockserver.keeping.values import NOTHING, CannotKeep, Changes, Fenced, StoreError
from tests.keeping.postgres import Database
from tests.keeping.test_contract import batch, numbers, snapshot, world

LEASE = 600.0

Open = Callable[..., PostgresStore]
Passes = Callable[[float], None]


@pytest.fixture
def every() -> list[PostgresStore]:
    """The stores that a test has opened."""
    return []


@pytest.fixture
def opened(database: str, every: list[PostgresStore]) -> Iterator[Open]:
    """Opens stores on one database, each with a name of its own."""
    with ExitStack() as stack:

        def open_one(name: str = "one", **options: object) -> PostgresStore:
            store = PostgresStore(database, lease=LEASE, **options)  # type: ignore[arg-type]
            store.name = name
            stack.callback(store.close)
            every.append(store)
            return store

        yield open_one


@pytest.fixture
def passes(database: str, every: list[PostgresStore]) -> Passes:
    """Lets so many seconds pass for the leases, without waiting for them."""

    def age(seconds: float) -> None:
        with psycopg.connect(database, autocommit=True) as connection:
            earlier = "update routee_mock.lease set seen = seen - {0}, until = until - {0}"
            connection.execute(earlier.format(f"make_interval(secs => {seconds})"))
        for store in every:
            store._renewed -= seconds

    return age


def test_a_world_is_taken_over_when_its_lease_has_run_out_and_its_owner_keeps_nothing_more(
    opened: Open, passes: Passes
) -> None:
    one, two = opened("one"), opened("two")
    mine, own = world(one), world(one, 2, "own")
    one.commit(Changes((mine, own), (), (batch(mine, 1), batch(own, 1))))
    assert two.claim() is None
    assert [(each.id, each.owner) for each in two.elsewhere()] == [("default", "one"), ("own", "one")]
    passes(LEASE * 1.2)
    assert one.lapsed
    claim = two.claim(besides=[own.key])
    assert claim is not None
    assert claim.world == mine
    assert claim.idle is not None
    assert LEASE * 1.2 <= claim.idle < LEASE * 2
    assert (two.holds(mine.key), one.holds(mine.key)) == (True, True)
    for changes in (
        Changes((), (), (batch(mine, 2), batch(own, 2))),
        Changes((), (mine.key,), ()),
        Changes((world(one, 3),), (mine.key,), (batch(own, 2),)),  # a reset
    ):
        one._epochs[mine.key] = 1  # as if it had not been told yet
        with pytest.raises(Fenced) as fenced:
            one.commit(changes)
        assert fenced.value.keys == {mine.key}
        assert numbers(two, mine) == numbers(two, own) == [("Batch", 1)]
    assert not one.holds(mine.key)
    one.commit(Changes((), (), (batch(own, 2),)))
    two.commit(Changes((), (), (batch(mine, 2),)))
    assert numbers(one, mine) == numbers(one, own) == [("Batch", 1), ("Batch", 2)]


def test_a_lease_that_has_run_out_is_good_until_somebody_takes_the_world(opened: Open, passes: Passes) -> None:
    one = opened()
    mine = world(one)
    one.commit(Changes((mine,), (), ()))
    passes(LEASE * 1.2)
    assert one.lapsed
    one.commit(NOTHING)
    assert not one.lapsed
    assert opened("two").claim() is None


def test_a_commit_renews_the_leases_of_worlds_that_it_is_not_about(opened: Open, passes: Passes) -> None:
    one, two = opened("one"), opened("two")
    mine, quiet = world(one), world(one, 2, "quiet")
    one.commit(Changes((mine, quiet), (), ()))
    for seq in range(1, 9):
        passes(LEASE / 5)
        one.commit(Changes((), (), (batch(mine, seq),)))
        assert two.claim() is None
    assert not one.lapsed


def test_the_leases_are_renewed_while_much_is_read(
    opened: Open, passes: Passes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "ROWS", 1)
    one, two = opened("one"), opened("two")
    mine = world(one)
    one.commit(Changes((mine,), (), tuple(batch(mine, seq) for seq in range(1, 9))))
    one.close()
    claim = two.claim()
    assert claim is not None
    for _ in two.read(mine.key):
        passes(LEASE / 4)
        assert one.claim() is None


def test_what_a_server_gives_back_is_nobodys_at_once(opened: Open) -> None:
    one, two = opened("one"), opened("two")
    mine = world(one)
    one.commit(Changes((mine,), (), ()))
    one.close()
    [free] = two.elsewhere()
    assert (free.owner, free.json()["owner"]) == (None, "no server")
    assert free.refusal().body["developerMessage"].startswith("No mock had the sandbox default at ")
    claim = two.claim()
    assert claim is not None
    assert claim.idle is not None
    assert claim.idle < LEASE


def test_what_a_dead_server_had_is_nobodys_when_its_lease_has_run_out(opened: Open, passes: Passes) -> None:
    one, two = opened("one"), opened("two")
    one.commit(Changes((world(one),), (), ()))
    owners = [[each.owner for each in two.elsewhere()]]
    passes(LEASE + 1)
    owners.append([each.owner for each in two.elsewhere()])
    assert owners == [["one"], [None]]


WITHOUT_RIGHTS = {
    "no schema": "permission denied for database postgres: a mock needs a schema of its own, which `create schema",
    "another's": "permission denied for schema routee_mock: a mock needs a schema of its own, which `create schema",
    "its own": None,
}


@pytest.mark.parametrize("schema", WITHOUT_RIGHTS)
def test_a_user_without_the_right_to_make_a_schema_needs_one_of_its_own(schema: str, database: str) -> None:
    theirs = f"postgresql://weak:weak@{database.rpartition('@')[2]}"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("drop role if exists weak")
        connection.execute("create role weak login password 'weak'")
        if schema != "no schema":
            connection.execute(f"create schema routee_mock {'authorization weak' if schema == 'its own' else ''}")
        try:
            told = WITHOUT_RIGHTS[schema]
            if told is None:
                PostgresStore(theirs).close()
            else:
                with pytest.raises(StoreError, match=told):
                    PostgresStore(theirs)
        finally:
            connection.execute("drop schema if exists routee_mock cascade")
            connection.execute("drop role weak")


def test_a_schema_of_another_program_is_left_alone(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("create schema routee_mock")
        connection.execute("create table routee_mock.world (theirs integer)")
        with pytest.raises(StoreError, match='"world" already exists: its schema routee_mock is another program'):
            PostgresStore(database)
        tables = connection.execute("select count(*) from pg_tables where schemaname = 'routee_mock'").fetchone()
        connection.execute("drop schema routee_mock cascade")
    assert tables == (1,)


def test_a_world_goes_to_the_server_that_wants_it_and_to_any_other_if_that_one_is_gone(
    opened: Open, passes: Passes
) -> None:
    one, two, three = opened("one"), opened("two"), opened("three")
    mine = world(one)
    one.commit(Changes((mine,), (), ()))
    assert one.wanted() == []
    one.want(["default"])
    two.want(["default", "unknown"])
    assert (one.wanted(), one.wanted()) == ([(mine.key, "two")], [])
    one.leave(mine.key, "two")
    assert (one.claim(), three.claim()) == (None, None)
    assert two.claim() is not None
    two.leave(mine.key, "somebody")
    passes(LEASE * 1.2)
    assert three.claim() is not None
    assert three.wanted() == []


def test_of_two_that_make_one_id_the_second_is_fenced(opened: Open) -> None:
    one, two = opened("one"), opened("two")
    mine, other = world(one), world(two)
    assert mine.key != other.key
    one.commit(Changes((mine,), (), (batch(mine, 1),)))
    for _ in range(2):
        with pytest.raises(Fenced) as fenced:
            two.commit(Changes((other,), (), (batch(other, 1),)))
        assert fenced.value.keys == {other.key}
    assert two.worlds() == [mine]
    assert not two.holds(other.key)


@pytest.mark.parametrize("power", [False, True])
def test_a_database_that_crashes_has_all_again_when_it_is_back(power: bool, opened: Open, postgres: Database) -> None:
    one = opened(power=power)
    mine = world(one)
    one.commit(Changes((mine,), (), ()))
    for seq in range(1, 50):
        one.commit(Changes((), (), (batch(mine, seq),)))
    postgres.stop()
    with pytest.raises(CannotKeep):
        one.commit(NOTHING)
    with pytest.raises(CannotKeep, match="refused"):
        one.commit(Changes((), (), (batch(mine, 50),)))
    postgres.start()
    one.commit(Changes((), (), (batch(mine, 50),)))
    assert [seq for _, seq in numbers(one, mine)] == list(range(1, 51))


def test_what_was_forgotten_is_not_made_again_in_a_world_that_is_anothers_by_now(opened: Open, passes: Passes) -> None:
    one, two = opened("one"), opened("two")
    mine, own = world(one), world(one, 2, "own")
    one.commit(Changes((mine, own), (), ()))
    for seq in range(1, 4):
        one.commit(Changes((), (), (batch(mine, seq), batch(own, seq))))
    passes(LEASE * 1.2)
    assert two.claim(besides=[own.key]) is not None
    assert one._writing is not None
    one._writing.close()
    with pytest.raises(CannotKeep):
        one.commit(NOTHING)
    with pytest.raises(Fenced) as fenced:
        one.commit(NOTHING)
    assert fenced.value.keys == {mine.key}
    one.commit(Changes((), (), (batch(own, 4),)))
    assert numbers(one, own)[-1] == ("Batch", 4)


def test_a_gap_is_told_and_a_snapshot_of_another_world_is_left_alone(opened: Open) -> None:
    one = opened()
    mine = world(one)
    one.commit(Changes((mine,), (), (batch(mine, 1), batch(mine, 3))))
    with pytest.raises(StoreError, match="batch 2 is missing"):
        list(one.read(mine.key))
    one.seal(snapshot(world(one, 7), 1))
    assert numbers_after(one, mine.key) == 0


def numbers_after(store: PostgresStore, key: int) -> int:
    with store._reading() as connection:
        [(count,)] = connection.execute("select count(*) from routee_mock.snapshot").fetchall()
    return int(count)


def test_tables_of_a_later_version_are_left_alone(opened: Open, database: str) -> None:
    opened()
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("update routee_mock.meta set version = 99")
    with pytest.raises(StoreError, match="written by a later version of the mock"):
        opened()


def test_a_clock_of_the_database_that_goes_back_does_not_keep_what_nobody_has(opened: Open, database: str) -> None:
    one, two = opened("one"), opened("two")
    mine = world(one)
    one.commit(Changes((mine,), (), (batch(mine, 1),)))
    assert two.claim() is None
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("update routee_mock.lease set seen = seen + interval '1h', until = until + interval '1h'")
    claim = two.claim()
    assert claim is not None
    assert (claim.world, two.claim()) == (mine, None)
    with pytest.raises(Fenced):
        one.commit(Changes((), (), (batch(mine, 2),)))
    two.commit(Changes((), (), (batch(mine, 2),)))


def test_a_pooler_that_lends_sessions_is_refused(opened: Open, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened()
    monkeypatch.setattr(stores, "_session", lambda _: -1)
    with pytest.raises(StoreError, match=r"cannot be used: a pooler lends its sessions .+: use pool_mode = session"):
        opened()
    monkeypatch.setattr(stores, "_session", lambda connection: -id(connection))
    opened()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://", "postgresql:///"),
        ("postgresql://me:secret@db/mocks", "postgresql://me@db/mocks"),
        ("postgresql://me@db:5433/mocks?password=secret&sslmode=require", "postgresql://me@db:5433/mocks"),
        ("postgresql://o%40dd%2Fu:s%2Fe@db/od%20d%2F%C3%A9%3F", "postgresql://o%40dd%2Fu@db/od%20d%2F%C3%A9%3F"),
        ("postgresql://[::1]:5433/mocks", "postgresql://[::1]:5433/mocks"),
        ("postgresql:///mocks?host=/var/run/postgresql", "postgresql://%2Fvar%2Frun%2Fpostgresql/mocks"),
        ("postgresql://a:1,b:2/mocks", "postgresql://a:1,b:2/mocks"),
        ("postgresql://a,b/mocks?port=7", "postgresql://a:7,b:7/mocks"),
    ],
)
def test_a_url_is_shown_as_it_can_be_typed_without_its_password(url: str, shown: str) -> None:
    assert without_password(url) == shown
