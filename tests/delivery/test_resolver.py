"""Hosts are looked up once for all who ask, and judged before anybody is connected to."""

import asyncio
import socket
from collections.abc import Sequence

import pytest

from mockserver.delivery.destinations import Destinations, Forbidden
from mockserver.delivery.http import HttpSender
from mockserver.delivery.resolver import FRESH, KNOWN, Address, AddressBook, Resolver, look_up
from tests.delivery.scripts import BODY, LOOPS, run_in


class Names:
    """A name service: what it was asked, and what it says; an exception is raised."""

    def __init__(self, *said: Sequence[Address] | Exception, takes: float = 0.0) -> None:
        self.said = said
        self.takes = takes
        self.asked: list[tuple[str, int]] = []

    async def look_up(self, host: str, port: int) -> Sequence[Address]:
        self.asked.append((host, port))
        await asyncio.sleep(self.takes)
        said = self.said[min(len(self.asked), len(self.said)) - 1]
        if isinstance(said, Exception):
            raise said
        return said


HERE = [Address(socket.AF_INET, ("127.0.0.1", 80))]


def book(names: Names, destinations: Destinations | None = None) -> AddressBook:
    return AddressBook(Resolver(destinations or Destinations(), names.look_up))


def test_whoever_asks_at_the_same_time_or_soon_after_asks_once() -> None:
    async def scene() -> None:
        names = Names(HERE, takes=0.01)
        known = book(names)
        assert await asyncio.gather(*(known.find("a.test", 80) for _ in range(50))) == [HERE] * 50
        assert await known.find("a.test", 80) == HERE
        assert names.asked == [("a.test", 80)]
        await known.find("a.test", 81)
        await known.find("b.test", 80)
        assert len(names.asked) == 3

    asyncio.run(scene())


def test_what_was_found_is_not_believed_for_ever() -> None:
    async def scene() -> None:
        names = Names(HERE)
        known = book(names)
        now = asyncio.get_running_loop().time
        before = now()
        await known.find("a.test", 80)
        [(until, asking)] = known._known.values()
        assert before + FRESH <= until <= now() + FRESH
        known._known["a.test", 80] = (now() - 0.1, asking)
        await known.find("a.test", 80)
        assert len(names.asked) == 2

    asyncio.run(scene())


def test_what_was_not_found_is_asked_for_again() -> None:
    async def scene() -> None:
        names = Names(socket.gaierror("unknown"), HERE)
        known = book(names)
        with pytest.raises(socket.gaierror):
            await known.find("a.test", 80)
        assert await known.find("a.test", 80) == HERE

    asyncio.run(scene())


def test_a_name_is_judged_each_time_it_is_looked_up() -> None:
    async def scene() -> None:
        names = Names(HERE)
        known = book(names, Destinations(deny=["127.0.0.0/8"]))
        for _ in range(2):
            with pytest.raises(Forbidden):
                await known.find("a.test", 80)
        assert len(names.asked) == 2

    asyncio.run(scene())


def test_whoever_leaves_takes_nothing_from_those_who_wait() -> None:
    async def scene() -> None:
        names = Names(HERE, takes=0.05)
        known = book(names)
        leaving = asyncio.create_task(known.find("a.test", 80))
        waiting = asyncio.create_task(known.find("a.test", 80))
        await asyncio.sleep(0.01)
        leaving.cancel()
        assert await waiting == HERE
        assert len(names.asked) == 1

    asyncio.run(scene())


def test_no_more_hosts_are_remembered_than_so_many() -> None:
    async def scene() -> None:
        known = book(Names(HERE))
        for number in range(KNOWN + 5):
            await known.find(f"{number}.test", 80)
        assert len(known._known) <= KNOWN

    asyncio.run(scene())


def test_an_address_is_not_asked_for() -> None:
    async def scene() -> None:
        assert [each.host for each in await look_up("127.0.0.1", 80)] == ["127.0.0.1"]
        assert [each.host for each in await look_up("0x7f.1", 80)] == ["127.0.0.1"]
        assert [each.host for each in await look_up("::1", 80)] == ["::1"]
        found = await look_up("localhost", 80)
        assert {each.host for each in found} <= {"127.0.0.1", "::1"}
        with pytest.raises(socket.gaierror):
            await look_up(".".join(["a"] * 150), 80)

    for loop in LOOPS:
        run_in(loop, scene())


@pytest.mark.parametrize("loop", LOOPS)
def test_a_lookup_that_takes_too_long_is_no_connection(loop: str) -> None:
    async def scene() -> None:
        sender = HttpSender(0.1, lookup=Names(HERE, takes=60.0).look_up)
        answer = await sender.post("http://a.test/", BODY)
        assert (answer.error or "").startswith("http://a.test/: no connection within 0.1 s; does it listen on 0.0.0.0")
        await sender.close()

    run_in(loop, scene())


@pytest.mark.parametrize("loop", LOOPS)
def test_closing_does_not_wait_for_a_lookup(loop: str) -> None:
    async def scene() -> None:
        names = Names(HERE, takes=600.0)
        sender = HttpSender(600.0, lookup=names.look_up)
        posting = asyncio.create_task(sender.post("http://a.test/", BODY))
        await asyncio.sleep(0.02)
        assert names.asked
        async with asyncio.timeout(60):
            await sender.close()
            answer = await posting
        assert answer.error == "the mock is shutting down; the answer was not waited for"

    run_in(loop, scene())


@pytest.mark.parametrize("error", [ValueError("a label"), RuntimeError("no loop"), UnicodeError("what")])
def test_whatever_a_lookup_raises_is_a_value(error: Exception) -> None:
    async def scene() -> None:
        sender = HttpSender(60.0, lookup=Names(error).look_up)
        answer = await sender.post("http://a.test/", BODY)
        assert (answer.status, str(error) in (answer.error or "")) == (None, True)
        await sender.close()

    asyncio.run(scene())
