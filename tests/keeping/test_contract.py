"""What every store must do, and what the keeper makes of one that fails."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import pytest

from mockserver.core.behaviour import Behaviour
from mockserver.core.commands import Answer, Mode, SetBalance
from mockserver.core.engine import Engine
from mockserver.keeping import keeper as keepers
from mockserver.keeping.archive import post_kept
from mockserver.keeping.keeper import Keeper
from mockserver.keeping.reviving import revive
from mockserver.keeping.sqlite import SqliteStore
from mockserver.keeping.values import NOTHING, Batch, CannotKeep, Changes, Fenced, LogStore, Snapshot, World
from mockserver.wire.control import kept, replay
from tests.keeping.stores import FaultyStore

RELEASE = (replay.FORMAT, replay.ENGINE)

STORES = ("memory", "sqlite", "sqlite power", "postgres")


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LogStore]:
    made: LogStore
    if request.param == "memory":
        made = FaultyStore()
    elif request.param == "postgres":
        from mockserver.keeping.postgres import PostgresStore

        made = PostgresStore(request.getfixturevalue("database"))
    else:
        made = SqliteStore(tmp_path, power=request.param == "sqlite power")
    yield made
    made.close()


HEAD = orjson.dumps(replay.head(Engine(Behaviour(), 0).log.start, "1"))


def world(store: LogStore, number: int = 1, id_: str = "default") -> World:
    return World(store.last_key() + number, id_, f"of {id_}", None, HEAD, b'{"rate": 2.0}')


def batch(world: World, seq: int) -> Batch:
    return Batch(world.key, seq, seq * 1_000, seq, RELEASE, kept.pack([SetBalance(seq)]))


def snapshot(world: World, seq: int) -> Snapshot:
    return Snapshot(world.key, seq, seq * 1_000, seq, RELEASE, b"the state")


def numbers(store: LogStore, world: World) -> list[tuple[str, int]]:
    return [(type(each).__name__, each.seq) for each in store.read(world.key)]


# Every store


def test_what_is_kept_is_read_as_it_was(store: LogStore) -> None:
    one, two = world(store), world(store, 2, "other")
    store.commit(Changes((one, two), (), (batch(one, 1),)))
    store.commit(Changes((), (), (batch(one, 2), batch(two, 1))))
    assert store.worlds() == [one, two]
    assert list(store.read(one.key)) == [batch(one, 1), batch(one, 2)]
    assert list(store.read(two.key)) == [batch(two, 1)]
    assert (store.holds(one.key), store.lapsed, store.claim(), list(store.elsewhere())) == (True, False, None, [])


def test_the_same_changes_twice_are_kept_once(store: LogStore) -> None:
    one, two = world(store), world(store, 2)
    for changes in (
        Changes((one,), (), (batch(one, 1),)),
        Changes((), (), (batch(one, 2),)),
        Changes((two,), (one.key,), (batch(two, 1),)),  # a reset
        NOTHING,
    ):
        for _ in range(3):
            store.commit(changes)
    assert (store.worlds(), numbers(store, two), numbers(store, one)) == ([two], [("Batch", 1)], [])


def test_a_world_that_ends_takes_all_of_it_along(store: LogStore) -> None:
    one = world(store)
    store.commit(Changes((one,), (), tuple(batch(one, seq) for seq in (1, 2, 3))))
    store.seal(snapshot(one, 2))
    store.commit(Changes((), (one.key,), ()))
    store.seal(snapshot(one, 3))
    assert (store.worlds(), numbers(store, one)) == ([], [])


def test_a_snapshot_stands_for_the_batches_before_it(store: LogStore) -> None:
    one = world(store)
    store.commit(Changes((one,), (), tuple(batch(one, seq) for seq in range(1, 6))))
    store.seal(snapshot(one, 3))
    assert numbers(store, one) == [("Snapshot", 3), ("Batch", 4), ("Batch", 5)]
    assert next(iter(store.read(one.key))) == snapshot(one, 3)
    store.seal(snapshot(one, 2))  # too late
    store.seal(snapshot(one, 5))
    store.commit(Changes((), (), (batch(one, 6),)))
    assert numbers(store, one) == [("Snapshot", 5), ("Batch", 6)]


def test_keys_of_new_worlds_are_new(store: LogStore) -> None:
    one = world(store)
    store.commit(Changes((one,), (), ()))
    assert store.last_key() + (0 if store.lease is None else 2) >= one.key


# The keeper, and a store that fails


@dataclass
class Failing(LogStore):
    """A store whose commits fail. fails: what goes wrong with each, in turn; see FAILURES."""

    store: LogStore
    fails: list[str] = field(default_factory=list)
    alone: bool = False
    place: str = "somewhere"
    untidy: bool = False
    fenced: set[int] = field(default_factory=set)

    def commit(self, changes: Changes) -> None:
        how, _, when = (self.fails.pop(0) if self.fails else "").partition(" ")
        if how == "fenced":
            self.fenced |= _keys(changes)
        if when == "after":
            self.store.commit(changes)
        keys = self.fenced & {*changes.gone, *_keys(changes)}
        if keys:
            raise Fenced(keys)
        if how:
            raise CannotKeep({"full": "disk full", "away": "the database went away"}[how])
        self.store.commit(changes)

    def worlds(self) -> list[World]:
        return self.store.worlds()

    def read(self, key: int) -> Iterator[Snapshot | Batch]:
        return self.store.read(key)

    def last_key(self) -> int:
        return self.store.last_key()

    def seals(self) -> Mapping[int, int]:
        return self.store.seals()

    def seal(self, snapshot: Snapshot) -> None:
        self.store.seal(snapshot)

    def tidy(self) -> None:
        pass

    def close(self) -> None:
        pass


def _keys(changes: Changes) -> set[int]:
    return {world.key for world in changes.made} | {batch.key for batch in changes.batches}


FAILURES = [f"{how} {when}" for how in ("full", "away", "fenced") for when in ("before", "after")]


@dataclass
class Told:
    """A sandbox, as far as the keeper knows; and what was told of it."""

    keeper: Keeper
    id_: str
    said: list[int] = field(default_factory=list)
    posted: list[int] = field(default_factory=list)
    posts: list["asyncio.Task[Answer]"] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.engine = Engine(Behaviour(), 0, Mode.MANUAL)
        self.keeper.listen(self.engine)
        self.world = self.keeper.made(self.engine, lambda key: World(key, self.id_, None, None, HEAD, b"{}"))

    async def do(self, amount: int) -> bool:
        """Change something, post a callback of it, and answer, however long that takes. False if the world is lost."""
        if self.engine.log.tap is None:
            return False
        self.engine.submit(SetBalance(amount))

        async def post(url: str, body: bytes) -> Answer:
            self.posted.append(amount)
            return Answer(200, None, 1.0)

        self.posts.append(asyncio.create_task(post_kept(self.keeper, post, "", b"")))
        while not await self.keeper.kept():
            pass
        if here := self.engine.log.tap is not None:
            self.said.append(amount)
        return here

    def lose(self) -> None:
        """What `Archive` does when a world is lost."""
        self.engine.log.tap = None
        for each in self.posts:
            each.cancel()


def balances(store: LogStore, key: int) -> list[int | None]:
    entries = (entry for each in store.read(key) for entry in kept.unpack(each.packed))
    return [entry.balance for entry in entries if isinstance(entry, SetBalance)]


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keepers, "PAUSE", 0.001)
    monkeypatch.setattr(keepers, "LONGEST_PAUSE", 0.001)
    monkeypatch.setattr(keepers, "PATIENCE", 0.01)


async def story(store: Failing) -> tuple[Sequence[Told], set[int]]:
    """Two sandboxes are told things, both in the same turns, and other servers may take some. Returns whose keys."""
    told: list[Told] = []
    lost: set[int] = set()

    def lose(keys: frozenset[int]) -> None:
        lost.update(keys)
        for each in told:
            if each.world.key in keys:
                each.lose()

    keeper = Keeper(store, lose=lose)
    told += [Told(keeper, "one"), Told(keeper, "two")]
    for amount in range(1, 5):
        await asyncio.gather(*(each.do(amount) for each in (told if amount != 3 else told[:1])))
    await asyncio.gather(*(post for each in told for post in each.posts), return_exceptions=True)
    assert keeper.trouble is None
    await keeper.close()
    return told, lost


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("nth", range(1, 5))
@pytest.mark.parametrize("how", FAILURES)
def test_whichever_commit_fails_memory_and_store_agree_and_nothing_is_told_that_is_not_kept(
    store: LogStore, how: str, nth: int
) -> None:
    told, lost = asyncio.run(story(Failing(store, [""] * (nth - 1) + [how], store.alone)))
    for each in told:
        found = balances(store, each.world.key)
        assert set(each.said) <= set(found)
        assert set(each.posted) <= set(found)
        if each.world.key not in lost:
            assert each.said == each.posted == ([1, 2, 3, 4] if each is told[0] else [1, 2, 4])
            [mine] = [world for world in store.worlds() if world.key == each.world.key]
            assert list(revive(store, mine).revival.engine.journal.read(0)) == list(each.engine.journal.read(0))
        else:
            assert each.said == each.posted == [1, 2, 3, 4][: len(each.said)]
    assert bool(lost) is how.startswith("fenced")


@pytest.mark.usefixtures("soon")
def test_one_fenced_world_does_not_keep_another_from_being_kept(store: LogStore) -> None:
    async def test() -> None:
        failing, lost = Failing(store), list[int]()
        keeper = Keeper(failing, lose=lambda keys: lost.extend(keys))
        one, two = Told(keeper, "one"), Told(keeper, "two")
        assert [*await asyncio.gather(one.do(1), two.do(1))] == [True, True]
        failing.fenced.add(one.world.key)
        keeper._lose = lambda keys: one.lose()
        assert [*await asyncio.gather(one.do(2), two.do(2))] == [False, True]
        await asyncio.gather(*one.posts, *two.posts, return_exceptions=True)
        assert (one.posted, two.posted) == ([1], [1, 2])
        assert (balances(store, one.world.key), balances(store, two.world.key)) == ([1], [1, 2])
        assert await two.do(3)
        await keeper.close()

    asyncio.run(test())


@pytest.mark.usefixtures("soon")
def test_a_commit_without_an_end_is_told_as_one_that_fails() -> None:
    async def test() -> None:
        store, free = FaultyStore(alone=True), asyncio.Event()
        keeper = Keeper(store)
        loop, commit = asyncio.get_running_loop(), store.commit

        def hang(changes: Changes) -> None:
            asyncio.run_coroutine_threadsafe(free.wait(), loop).result()
            commit(changes)

        store.commit = hang  # type: ignore[method-assign]
        told = Told(keeper, "one")
        doing = asyncio.create_task(told.do(1))
        await asyncio.sleep(0)
        assert not await keeper.kept()
        assert (keeper.trouble, keeper.refuses(change=True)) == ("it takes too long", True)
        assert not await keeper.kept()
        free.set()
        assert await doing
        await told.posts[0]
        assert (keeper.trouble, told.posted, balances(store, told.world.key)) == (None, [1], [1])
        await keeper.close()

    asyncio.run(test())
