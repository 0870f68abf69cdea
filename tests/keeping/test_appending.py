"""What an event loop keeps in PostgreSQL by itself, without a thread."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from importlib import import_module

import psycopg
import pytest

from mockserver.core.commands import SetBalance
from mockserver.keeping.keeper import Keeper
from mockserver.keeping.postgres import PostgresStore
from mockserver.keeping.values import NOTHING, Batch, CannotKeep, Changes, Fenced, Outcome, World
from tests.http.loops import LOOPS
from tests.keeping.postgres import Database, Relay
from tests.keeping.test_contract import RELEASE, batch, numbers, world
from tests.keeping.test_keeper import kept_engine

LEASE = 600.0


@contextmanager
def opened(url: str, name: str = "one") -> Iterator[PostgresStore]:
    """A store, closed with the block."""
    store = PostgresStore(url, lease=LEASE)
    store.name = name
    try:
        yield store
    finally:
        store.close()


@contextmanager
def holding(url: str, *names: str) -> Iterator[tuple[PostgresStore, list[World]]]:
    """A store that has kept the making of a world of each name."""
    with opened(url) as store:
        worlds = [world(store, number, name) for number, name in enumerate(names, start=1)]
        store.commit(Changes(tuple(worlds), (), ()))
        yield store, worlds


async def keep(store: PostgresStore, *batches: Batch) -> None:
    """Have the loop keep them. Raises what a commit raises."""
    ended: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    assert store.begin(Changes((), (), batches), ended.set_result)
    (await ended)()


def never(kept: Outcome) -> None:
    """Nothing ends that was not begun."""
    raise AssertionError(kept)


def run(test: Callable[[], Awaitable[None]], on: str = "asyncio") -> None:
    async def whole() -> None:
        await test()

    with asyncio.Runner(loop_factory=import_module(on).new_event_loop) as runner:
        runner.run(whole())


async def keep_in_vain(store: PostgresStore, batch: Batch, database: str, cut: Callable[[], None]) -> None:
    """Have the loop keep it, and cut its connection off before the database, which waits for a lock, has answered."""
    with psycopg.connect(database) as connection:
        connection.execute("select from routee_mock.lease for update")
        asked = asyncio.ensure_future(keep(store, batch))
        await asyncio.sleep(0)
        cut()
        with pytest.raises(CannotKeep):
            await asked


async def keep_at_last(store: PostgresStore, *batches: Batch) -> None:
    """Have a thread keep them, once the database is back."""
    patience = time.monotonic() + 60
    while True:
        try:
            return await asyncio.to_thread(store.commit, Changes((), (), batches))
        except CannotKeep:
            assert time.monotonic() < patience
            await asyncio.sleep(0.1)


def sized(world: World, seq: int, size: int) -> Batch:
    return Batch(world.key, seq, 1_893_499_200_000, 7, RELEASE, bytes([seq]) * size)


def test_a_loop_keeps_what_a_thread_would(database: str) -> None:
    with holding(database, "one", "two") as (store, [one, two]):
        commits = [
            (sized(one, 1, 0), sized(two, 1, 1)),
            (sized(one, 2, 300), sized(one, 3, 0), sized(two, 2, 5_000), sized(one, 4, 1)),
            (),
            (sized(two, 3, 100),),
            (sized(two, 3, 100),),
        ]

        async def test() -> None:
            for batches in commits:
                await keep(store, *batches)

        run(test)
        kept = {each for batches in commits for each in batches}
        assert {*store.read(one.key), *store.read(two.key)} == kept


def test_what_is_larger_than_a_socket_takes_at_once_is_kept_whole(database: str) -> None:
    with holding(database, "one") as (store, [one]):
        large = sized(one, 1, 30_000_000)
        run(lambda: keep(store, large))
        assert [*store.read(one.key)] == [large]


def test_no_thread_keeps_what_is_one_statement(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    by_thread: list[Changes] = []

    async def test() -> None:
        commit = store.commit

        def counted(changes: Changes) -> None:
            by_thread.append(changes)
            commit(changes)

        monkeypatch.setattr(store, "commit", counted)
        keeper = Keeper(store)
        engine = kept_engine(keeper)
        assert await keeper.kept()
        for amount in range(5):
            engine.submit(SetBalance(amount))
            assert await keeper.kept()
        keeper.touch()
        assert await keeper.kept()
        assert (keeper.commits, len(by_thread), len(by_thread[0].made)) == (7, 1, 1)
        await keeper.close()

    with opened(database) as store:
        run(test)


def test_a_thread_can_keep_when_the_loop_has_kept(database: str) -> None:
    with holding(database, "one") as (store, [one]):
        another = world(store, 2, "two")

        async def test() -> None:
            for seq in range(1, 4):
                await keep(store, batch(one, seq))
                made, gone = Changes((another,), (), ()), Changes((), (another.key,), ())
                for changes in (made, gone):
                    assert not store.begin(changes, never)
                    await asyncio.to_thread(store.commit, changes)

        run(test)
        assert numbers(store, one) == [("Batch", 1), ("Batch", 2), ("Batch", 3)]


def test_a_loop_is_fenced_as_a_thread_is_and_goes_on_with_the_rest(database: str) -> None:
    with holding(database, "one", "own") as (store, [one, own]), opened(database, "two") as two:
        for number in range(3, 13):  # so often that psycopg would prepare them
            store.commit(Changes((world(store, number, "another"),), (), ()))
            store.commit(Changes((), (world(store, number).key,), ()))
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("update routee_mock.lease set until = seen where key = %s", (one.key,))
        assert two.claim() is not None

        async def test() -> None:
            with pytest.raises(Fenced) as fenced:
                await keep(store, batch(one, 1), batch(own, 1))
            assert fenced.value.keys == {one.key}
            store._epochs[one.key] = 1  # as if it had not been told
            with pytest.raises(Fenced):
                await asyncio.to_thread(store.commit, Changes((world(store, 20, "new"),), (one.key,), ()))
            await keep(store, batch(own, 1))

        run(test)
        assert (numbers(store, one), numbers(store, own)) == ([], [("Batch", 1)])
        assert not store.holds(one.key)


def test_a_connection_that_breaks_is_made_anew_on_a_thread(postgres: Database, database: str) -> None:
    relay = Relay(postgres.port)
    with holding(relay.leading(database), "one") as (store, [one]):

        async def test() -> None:
            await keep(store, batch(one, 1))
            await keep_in_vain(store, batch(one, 2), database, relay.cut)
            relay.mend()
            assert not store.begin(NOTHING, never)
            await asyncio.to_thread(store.commit, Changes((), (), (batch(one, 2),)))
            await keep(store, batch(one, 3))

        run(test)
        assert [seq for _, seq in numbers(store, one)] == [1, 2, 3]


@pytest.mark.parametrize("loop", LOOPS)
def test_a_commit_ends_whose_connection_is_reset_after_a_last_word(
    loop: str, postgres: Database, database: str
) -> None:
    relay = Relay(postgres.port)
    with holding(relay.leading(database), "one") as (store, [one]):

        async def test() -> None:
            await keep(store, batch(one, 1))
            await keep_in_vain(store, batch(one, 2), database, lambda: relay.reset(b"N"))  # a notice begins
            relay.mend()
            await keep_at_last(store, batch(one, 2))
            await keep(store, batch(one, 3))

        run(test, loop)
        assert [seq for _, seq in numbers(store, one)] == [1, 2, 3]


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("watched", [True, False])
def test_a_connection_that_is_lost_while_nothing_is_asked_is_made_anew(
    watched: bool, loop: str, postgres: Database, database: str
) -> None:
    relay = Relay(postgres.port)
    with holding(relay.leading(database), "one") as (store, [one]):

        async def test() -> None:
            await keep(store, batch(one, 1))
            append = store._append
            assert append is not None
            if not watched:
                append.rest()
            relay.cut()
            while watched and append.loop is not None:  # noqa: ASYNC110 -- nobody tells
                await asyncio.sleep(0.01)
            relay.mend()
            with pytest.raises(CannotKeep):
                await keep(store, batch(one, 2))
            await keep_at_last(store, batch(one, 2))
            await keep(store, batch(one, 3))

        run(test, loop)
        assert [seq for _, seq in numbers(store, one)] == [1, 2, 3]


@pytest.mark.parametrize("closed", [False, True])
def test_a_loop_that_stands_still_keeps_nobody_from_keeping(closed: bool, database: str) -> None:
    still = asyncio.new_event_loop()

    async def begin() -> None:
        assert store.begin(Changes((), (), (batch(one, 1),)), never)

    with holding(database, "one") as (store, [one]):
        with psycopg.connect(database) as connection:
            connection.execute("select from routee_mock.lease for update")
            still.run_until_complete(begin())
        if closed:
            still.close()
        store.commit(Changes((), (), (batch(one, 1),)))
        assert numbers(store, one) == [("Batch", 1)]
        run(lambda: keep(store, batch(one, 2)))
        assert [seq for _, seq in numbers(store, one)] == [1, 2]
    still.close()
