"""A server as one of several on a store in memory; test_replicas.py has the real ones."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from mockserver.app import create_app
from mockserver.core.commands import SetBalance
from mockserver.keeping import archive as archives
from mockserver.keeping import keeper as keepers
from mockserver.keeping.keeper import Keeper
from mockserver.keeping.replica import Replica
from mockserver.keeping.values import CannotKeep, Changes, Claim, World
from mockserver.settings import Settings
from tests.keeping.drawn import LEASE, LeasedStore
from tests.keeping.stores import FaultyStore
from tests.keeping.test_keeper import kept_engine


@dataclass
class Lost(LeasedStore):
    """A commit takes effect, and its answer is lost."""

    lost_answers: int = 1
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    def apply(self, changes: Changes) -> None:
        super().apply(changes)
        if self.lost_answers:
            self.lost_answers -= 1
            raise CannotKeep("the connection is lost")

    def claim(self, besides: Sequence[int] = ()) -> Claim | None:
        self.asked.set()
        return super().claim(besides)


def test_what_a_server_has_made_and_does_not_know_to_be_kept_is_not_claimed_as_if_it_were_anothers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keepers, "PAUSE", 0.5)
    now = 0.0
    store = Lost(draw=Random(1), name="one", clock=lambda: now)

    async def test() -> None:
        nonlocal now
        lost: list[int] = []
        keeper = Keeper(store, lose=lost.extend)
        engine = kept_engine(keeper)
        replica = Replica(store, keeper)
        engine.submit(SetBalance(1))
        keeping = asyncio.create_task(keeper.kept())
        for _ in range(3):
            await asyncio.sleep(0)
        assert keeper.trouble is not None
        [key] = store.kept
        now += 2 * LEASE
        two = store.begun("two", lambda: now)
        taken = two.claim()
        assert taken is not None
        assert taken.world.key == key
        two.leave(key)
        now += 1
        claimed: list[World] = []
        keeper.trouble = None  # as it is once something else was kept

        def note(claim: Claim) -> World:
            claimed.append(claim.world)
            return claim.world

        async def part(_: int, __: str) -> None:
            raise AssertionError

        hunting = asyncio.create_task(replica.hunt(note, lambda _: None, part, lambda: None))
        store.asked = asyncio.Event()
        replica.look()
        await store.asked.wait()
        await keeping
        hunting.cancel()
        assert (claimed, lost) == ([], [key])
        await keeper.close()

    asyncio.run(test())


def test_a_sandbox_that_the_first_commit_finds_taken_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    store = FaultyStore(["taken"])
    store.lease = LEASE
    monkeypatch.setattr(archives, "_opened", lambda _: (store, None))

    async def test() -> None:
        app = create_app(Settings(data=Path("memory")))
        driver = app.state.sandboxes.default.driver
        async with app.router.lifespan_context(app):
            assert await app.state.archive.keeper.kept()
            assert driver.lost

    asyncio.run(test())
