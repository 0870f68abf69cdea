"""Verification: whether what a test expects has happened, or happens in time."""

import asyncio
from collections.abc import Sequence
from itertools import islice
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from mockserver.http.clock import clock_of
from mockserver.http.control import Control
from mockserver.http.pieces import unhurried
from mockserver.http.replies import Json
from mockserver.sandbox.driver import Driver
from mockserver.wire.control.views import read_switches
from mockserver.wire.verify.expectations import Expectation, NearMiss, Snapshot, nearest, tell
from mockserver.wire.verify.request import Verification, read_verification

PAUSE = 0.01
"""The shortest time between two looks, in real seconds."""

SHARE = 4
"""The wait until the next look, as a multiple of how long the last look took: a busy server must serve others too."""

GLANCE = 100
"""Things looked at in one go, after which others are served: a few milliseconds' work (choice)."""

COMPARED = 200_000
"""Things in which one request looks for near misses; expectations after those get none (choice)."""


async def verify(control: Control, request: Request) -> Response:
    """Look for what is expected, and wait for it as long as the request asks.

    With `fail=true`, 409 with the sentences of what is not so, as text.
    """
    driver, fails = control.sandbox(request).driver, read_switches(request.query_params, ("fail",))["fail"]
    wanted = read_verification(await control.body(request))
    answer = await _verified(driver, wanted)
    if fails and not answer["ok"]:
        wrong = [each["says"] for each in answer["expectations"] if not each["ok"]]
        return PlainTextResponse("".join(f"{says}\n" for says in wrong), 409)
    return Json(answer | {"clock": clock_of(driver)})


async def _verified(driver: Driver, wanted: Verification) -> dict[str, Any]:
    """The answer, as soon as everything is as expected, the time is over, or the driver is closed."""
    now = asyncio.get_running_loop().time
    until = now() + wanted.within
    while True:
        began, seen, record = now(), len(driver.engine.journal), _record(driver)
        matching = await _matching(wanted, record)
        took = now() - began
        if _holds(wanted, matching) or began >= until or not await driver.news.changed(seen, until - now()):
            return await _told(wanted, record, matching)
        await asyncio.sleep(min(PAUSE + SHARE * took, until - now()))


def _record(driver: Driver) -> Snapshot:
    engine = driver.engine
    kept = engine.journal
    return Snapshot(tuple(engine.flows.values()), tuple(engine.deliveries), kept.after(0), kept.forgotten)


# Looking through a full sandbox takes time, so other requests are served in between.
async def found(expectation: Expectation, record: Snapshot) -> list[Any]:
    """What matches an expectation, oldest first."""
    things = unhurried(expectation.things(record), GLANCE)
    return [thing async for thing in things if expectation.fits(record, thing)]


async def misses(expectation: Expectation, record: Snapshot, most: int) -> list[NearMiss]:
    """The nearest misses among so many of the newest things."""
    near: list[NearMiss] = []
    async for age, thing in unhurried(enumerate(islice(reversed(expectation.things(record)), most)), GLANCE):
        miss = expectation.miss(record, thing, age)
        if miss.lacks:
            near = nearest([*near, miss])
    return near


async def _matching(wanted: Verification, record: Snapshot) -> list[list[Any]]:
    """What matches each expectation, up to the first of which there are too many or too few."""
    matching: list[list[Any]] = []
    for expectation in wanted.expectations:
        matching.append(await found(expectation, record))
        if len(matching[-1]) not in expectation.count:
            break
    return matching


def _holds(wanted: Verification, matching: Sequence[Sequence[Any]]) -> bool:
    return all(len(each) in expectation.count for each, expectation in zip(matching, wanted.expectations, strict=False))


async def _told(wanted: Verification, record: Snapshot, known: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """The answer. known: what matches the first expectations."""
    verdicts, left = [], COMPARED
    for index, expectation in enumerate(wanted.expectations):
        matching = known[index] if index < len(known) else await found(expectation, record)
        near: list[NearMiss] = []
        if expectation.wants_more(len(matching)):
            near = await misses(expectation, record, left)
            left = max(0, left - len(expectation.things(record)))
        verdicts.append(tell(expectation, record, matching, near))
    return {"ok": all(each["ok"] for each in verdicts), "expectations": verdicts}
