"""The keeper: whatever a store does, nobody is told what is not kept, and nothing is lost."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import orjson
import pytest

from mockserver.core.behaviour import Behaviour
from mockserver.core.commands import Answer, IssueToken, Mode, MoveClock, SetBalance, SetClock
from mockserver.core.engine import Engine
from mockserver.keeping import keeper as keepers
from mockserver.keeping.archive import post_kept
from mockserver.keeping.keeper import Keeper
from mockserver.keeping.sqlite import FILE, SqliteStore
from mockserver.keeping.tap import Tap
from mockserver.keeping.values import World
from mockserver.wire.control import replay
from tests.keeping.stores import FaultyStore

START = 1_893_499_200_000


def kept_engine(keeper: Keeper, mode: Mode = Mode.MANUAL) -> Engine:
    """An engine that a keeper listens to."""
    engine = Engine(Behaviour(), START, mode)
    keeper.listen(engine)
    head = orjson.dumps(replay.head(engine.log.start, "1"))
    keeper.made(engine, lambda key: World(key, "default", None, None, head, b"{}"))
    return engine


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await test()

    asyncio.run(whole())


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Failed commits are tried again at once, and nobody waits for long."""
    monkeypatch.setattr(keepers, "PAUSE", 0.001)
    monkeypatch.setattr(keepers, "LONGEST_PAUSE", 0.001)
    monkeypatch.setattr(keepers, "PATIENCE", 0.02)


@pytest.fixture
def patiently(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is told that it takes too long, however busy the machine."""
    monkeypatch.setattr(keepers, "PATIENCE", 60)


def test_a_file_that_was_removed_is_written_anew_while_the_loop_goes_on(tmp_path: Path) -> None:
    writers: list[threading.Thread] = []

    async def test() -> None:
        store = SqliteStore(tmp_path, hold=lambda: writers.append(threading.current_thread()))
        keeper = Keeper(store)
        engine = kept_engine(keeper)
        assert await keeper.kept()
        (tmp_path / FILE).unlink()
        engine.submit(SetBalance(1))
        assert await keeper.kept()
        assert store.worlds() != []
        await keeper.close()

    run(test)
    [writer] = writers
    assert writer is not threading.main_thread()


@pytest.mark.parametrize("alone", [False, True])
def test_one_commit_keeps_what_everybody_was_told_in_one_turn(alone: bool) -> None:
    async def test() -> None:
        store = FaultyStore(alone=alone)
        keeper = Keeper(store)
        engine = kept_engine(keeper)
        for amount in range(10):
            engine.submit(SetBalance(amount))
        assert await asyncio.gather(*(keeper.kept() for _ in range(10))) == [True] * 10
        assert (store.tried, len(store.batches), keeper.pending) == (1, 1, False)
        assert await keeper.kept()
        assert store.tried == 1
        await keeper.close()
        assert list(store.revived().journal.read(0)) == list(engine.journal.read(0))

    run(test)


@pytest.mark.usefixtures("soon", "patiently")
@pytest.mark.parametrize("how", ["before", "after"])
@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("failing", range(1, 6))
def test_whichever_commit_fails_all_is_kept_in_the_end_and_nobody_goes_on_before(
    failing: int, how: str, alone: bool
) -> None:
    async def test() -> None:
        store = FaultyStore([""] * (failing - 1) + [how, "before"], alone)
        keeper = Keeper(store)
        engine = kept_engine(keeper)
        for amount in range(5):
            engine.submit(SetBalance(amount))
            assert await keeper.kept()
            assert list(store.revived().journal.read(0)) == list(engine.journal.read(0))
        assert (keeper.trouble, keeper.commits, store.tried) == (None, 5, 7)
        await keeper.close()

    run(test)


@pytest.mark.usefixtures("soon")
def test_who_waits_too_long_is_told_and_what_came_meanwhile_is_kept_later() -> None:
    async def test() -> None:
        store = FaultyStore(["before"] * 100)
        keeper = Keeper(store)
        engine = kept_engine(keeper)
        assert not await keeper.kept()
        assert keeper.trouble == "disk full"
        assert (keeper.refuses(change=True), keeper.refuses(change=False)) == (True, False)
        engine.submit(SetBalance(1))
        assert not await keeper.kept()
        assert store.batches == {}
        store.fails.clear()
        while keeper.pending:
            await keeper.kept()
        assert not keeper.refuses(change=True)
        assert list(store.revived().journal.read(0)) == list(engine.journal.read(0))
        await keeper.close()

    run(test)


@pytest.mark.usefixtures("soon")
def test_even_reads_are_refused_when_too_much_waits_to_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        monkeypatch.setattr(keepers, "MOST", 3)
        keeper = Keeper(FaultyStore(["before"] * 1_000))
        engine = kept_engine(keeper)
        assert not await keeper.kept()
        for amount in range(4):
            assert not keeper.refuses(change=False)
            engine.submit(SetBalance(amount))
        assert keeper.refuses(change=False)
        keeper.stop_trying()
        await keeper.close()

    run(test)


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("more", [0, 1])
def test_a_server_that_stops_tries_once_more_and_makes_nobody_wait(more: int) -> None:
    async def test() -> None:
        store = FaultyStore(["before"] * 1_000)
        keeper = Keeper(store)
        engine = kept_engine(keeper)
        assert not await keeper.kept()
        for amount in range(more):
            engine.submit(SetBalance(amount))
        waiting = asyncio.create_task(keeper.kept())
        await asyncio.sleep(0)
        keeper.stop_trying()
        assert not await waiting
        assert not await keeper.kept()
        store.fails.clear()
        await keeper.close()
        assert store.closed
        assert list(store.revived().journal.read(0)) == list(engine.journal.read(0))

    run(test)


def test_what_is_told_before_there_is_an_event_loop_waits_for_it() -> None:
    store = FaultyStore()
    keeper = Keeper(store)
    engine = kept_engine(keeper)
    engine.submit(SetBalance(1))

    async def test() -> None:
        assert store.tried == 0
        assert await keeper.kept()
        await keeper.close()

    run(test)
    assert len(store.revived().journal) == 1


def test_a_world_that_ends_takes_what_was_kept_of_it_along() -> None:
    async def test() -> None:
        store = FaultyStore()
        keeper = Keeper(store)
        first = kept_engine(keeper)
        first.submit(SetBalance(1))
        await keeper.kept()
        keeper.gone(first)
        second = kept_engine(keeper)
        second.submit(SetBalance(2))
        first.submit(SetBalance(3))  # a callback of the old world that has its answer late
        await keeper.kept()
        assert [place for place, _ in store.batches.items()] == [(2, 1)]
        third = kept_engine(keeper)  # made and gone in one turn
        third.submit(SetBalance(4))
        keeper.gone(third)
        await keeper.kept()
        assert list(store.revived().journal.read(0)) == list(second.journal.read(0))
        await keeper.close()

    run(test)


def test_a_tap_gathers_events_as_a_number_and_idle_moves_as_one() -> None:
    engine = Engine(Behaviour(), START, Mode.REALTIME)
    stirred: list[Tap] = []
    tap = Tap(engine, stirred.append, World(1, "a", None, None, b"", b""))
    for to in (1, 2, 3):
        tap.submitted(MoveClock(START + to), silent=True)
    for _ in range(4):
        tap.happened()
    tap.submitted(SetClock(Mode.MANUAL), silent=False)
    tap.submitted(MoveClock(START + 4), silent=False)
    tap.submitted(MoveClock(START + 5), silent=False)
    tap.submitted(IssueToken("a", ()), silent=True)
    assert (len(tap), stirred) == (6, [tap])
    assert tap.take(7).seq == 1
    assert len(tap) == 0


@pytest.mark.parametrize("alone", [False, True])
def test_a_store_is_tidied_beside_the_commits(alone: bool) -> None:
    async def test() -> None:
        store = FaultyStore(alone=alone, untidy=True)
        keeper = Keeper(store)
        kept_engine(keeper)
        assert await keeper.kept()
        await keeper.close()
        assert not store.untidy

    run(test)


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("stops", [False, True])
def test_a_callback_is_posted_when_what_led_to_it_is_kept_and_not_before(stops: bool) -> None:
    posted: list[str] = []

    async def post(url: str, _: bytes) -> Answer:
        posted.append(url)
        return Answer(200, None, 1.0)

    async def test() -> None:
        store = FaultyStore(["before"] * 10_000)
        keeper = Keeper(store)
        kept_engine(keeper).submit(SetBalance(1))
        posting = asyncio.create_task(post_kept(keeper, post, "http://a/", b"{}"))
        await asyncio.sleep(0.1)  # longer than a reply would wait
        assert (posted, posting.done()) == ([], False)
        if stops:
            keeper.stop_trying()
            assert (await posting).error == "the mock has stopped before it could keep what led to this callback"
        store.fails.clear()
        answer = await posting
        assert (posted, answer.ok) == (([], False) if stops else (["http://a/"], True))
        await keeper.close()
        assert len(store.batches) == 1

    run(test)


def test_the_log_of_an_engine_is_left_to_the_store() -> None:
    async def test() -> None:
        store = FaultyStore()
        keeper = Keeper(store)
        engine = kept_engine(keeper)
        engine.submit(SetBalance(1))
        assert await keeper.kept()
        assert engine.log.entries is store.revived().log.entries is None
        await keeper.close()

    run(test)


def test_a_loop_that_runs_while_a_server_is_made_is_not_that_of_the_server() -> None:
    store = FaultyStore()

    async def make() -> tuple[Keeper, Engine]:
        keeper = Keeper(store)
        engine = kept_engine(keeper)
        engine.submit(SetBalance(1))
        await asyncio.sleep(0.01)
        assert store.tried == 0
        return keeper, engine

    keeper, engine = asyncio.run(make())

    async def test() -> None:
        keeper.serve()
        engine.submit(SetBalance(2))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert (store.tried, keeper.pending) == (1, False)
        await keeper.close()

    run(test)
    assert len(store.revived().journal) == 2


@pytest.mark.parametrize("alone", [False, True])
def test_what_one_loop_has_left_undone_is_done_on_the_next(alone: bool) -> None:
    store = FaultyStore(alone=alone)
    keeper = Keeper(store)
    engine = kept_engine(keeper)

    async def one(amount: int) -> None:
        assert await keeper.kept()
        engine.submit(SetBalance(amount))  # a commit is due, and the loop ends before it
        if amount % 2:
            keeper.touch()  # or while it is under way

    for amount in range(6):
        asyncio.run(one(amount))

    async def end() -> None:
        assert await keeper.kept()
        await keeper.close()

    asyncio.run(end())
    assert list(store.revived().journal.read(0)) == list(engine.journal.read(0))


@pytest.mark.parametrize("alone", [False, True])
def test_who_waits_for_a_world_that_ends_before_it_is_kept_goes_on(alone: bool) -> None:
    async def test() -> None:
        keeper = Keeper(FaultyStore(alone=alone))
        engine = kept_engine(keeper)
        engine.submit(SetBalance(1))
        waiting = asyncio.create_task(keeper.kept())
        await asyncio.sleep(0)
        keeper.gone(engine)
        assert await asyncio.wait_for(waiting, 30)
        await keeper.close()

    run(test)
