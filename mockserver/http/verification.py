"""Verification: whether what a test expects has happened, or happens in time."""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from mockserver.http.clock import clock_of
from mockserver.http.control import Control
from mockserver.http.replies import Json
from mockserver.sandbox.driver import Driver
from mockserver.wire.control.views import read_switches
from mockserver.wire.verify.expectations import Snapshot, tell
from mockserver.wire.verify.request import Verification, read_verification

PAUSE = 0.01
"""The shortest time between two looks, in real seconds."""

SHARE = 4
"""The wait until the next look, as a multiple of how long the last look took: a busy server must serve others too."""


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
        holds = await _holds(wanted, record)
        took = now() - began
        if holds or began >= until or not await driver.news.changed(seen, until - now()):
            return await _told(wanted, record)
        await asyncio.sleep(min(PAUSE + SHARE * took, until - now()))


def _record(driver: Driver) -> Snapshot:
    engine = driver.engine
    kept = engine.journal
    return Snapshot(tuple(engine.flows.values()), tuple(engine.deliveries), kept.after(0), kept.forgotten)


# Looking through a full sandbox takes time, so other requests are served in between.
async def _holds(wanted: Verification, record: Snapshot) -> bool:
    for expectation in wanted.expectations:
        if not expectation.holds(record):
            return False
        await asyncio.sleep(0)
    return True


async def _told(wanted: Verification, record: Snapshot) -> dict[str, Any]:
    verdicts = []
    for expectation in wanted.expectations:
        verdicts.append(tell(expectation, record))
        await asyncio.sleep(0)
    return {"ok": all(each["ok"] for each in verdicts), "expectations": verdicts}
