"""The clock of a sandbox: read it, set it, move it."""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mockserver.core.clock import ClockError
from mockserver.core.facts import CallbackAttempted, Fact, FlowMoved, StatusChanged
from mockserver.http import pieces
from mockserver.http.control import Control
from mockserver.http.replies import Json
from mockserver.sandbox.driver import Driver, Written
from mockserver.wire import errors
from mockserver.wire.control import due, views
from mockserver.wire.instants import stamp

FIRST = 20
"""How many things due are told."""


async def read(control: Control, request: Request) -> Response:
    """The clock."""
    return Json(clock_of(control.sandbox(request).driver))


async def list_due(control: Control, request: Request) -> Response:
    """What is due first."""
    engine = control.sandbox(request).driver.engine
    return Json({"pending": engine.pending, "due": due.coming(engine, FIRST)})


async def set_clock(control: Control, request: Request) -> Response:
    """Change the mode or the rate."""
    driver = control.sandbox(request).driver
    driver.set_clock(views.read_clock(await control.body(request)))
    return Json(clock_of(driver))


async def advance(control: Control, request: Request) -> Response:
    """Move time. Raises Refusal for an unknown flow (404) and for a move that the clock cannot make (400)."""
    driver = control.sandbox(request).driver
    until = views.read_advance(await control.body(request))
    flow = until.flow or until.ttl
    if flow is not None and flow not in driver.engine.flows:
        raise views.unknown_flow(flow, driver.engine.flows, driver.engine.store.forgotten)
    try:
        done = await driver.advance(until)
    except ClockError as error:
        said = f"{error}; the clock stands at {stamp(driver.now())}"
        raise errors.malformed(
            f"The clock stands at {stamp(driver.now())}: {error}.", {views.aim(until): said}
        ) from None
    moved = {"from": stamp(done.since), "to": stamp(done.now), "stopped": done.stopped, "events": done.events}
    return await pieces.reply(pieces.members(moved | happened(done.entries) | {"clock": clock_of(driver)}))


def happened(*stretches: Written) -> dict[str, Any]:
    """What stretches of the journal came to, as pieces: changes of status, and callbacks with their results."""

    def told(tell: Callable[[int, Any], Any], *kinds: type[Fact]) -> Iterator[bytes]:
        entries = chain.from_iterable(each.pick(*kinds) for each in stretches)
        return pieces.told(entries, lambda entry: tell(entry.at, entry.fact))

    return {
        "transitions": told(views.transition, StatusChanged, FlowMoved),
        "callbacks": told(views.attempt, CallbackAttempted),
    }


def clock_of(driver: Driver) -> dict[str, Any]:
    """The clock as JSON, as in every answer that shows it."""
    clock, first = driver.engine.clock, driver.engine.peek()
    return views.clock_document(
        driver.now(), clock.mode, clock.rate, driver.engine.pending, None if first is None else first[0]
    )
