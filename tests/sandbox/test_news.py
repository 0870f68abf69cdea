"""News: who is woken, and by what."""

import asyncio

from mockserver.core.facts import BalanceSet
from mockserver.core.journal import Journal
from mockserver.sandbox.news import News


def test_every_wait_is_woken_and_goes_on_when_there_is_no_new_entry() -> None:
    async def scene() -> None:
        journal = Journal(10)
        news = News(journal)
        news.tell()  # nobody waits
        waiting = [asyncio.create_task(news.changed(0, 60)) for _ in range(3)]
        for _ in range(2):
            await asyncio.sleep(0)
            news.tell()
        await asyncio.sleep(0)
        assert not any(each.done() for each in waiting)
        journal.write(0, BalanceSet(None))
        news.tell()
        assert await asyncio.gather(*waiting) == [True] * 3

    asyncio.run(scene())
