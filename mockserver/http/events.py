"""What happens to a message because a test says so: a status it hears, an answer of its recipient."""

from collections.abc import Callable
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response

from mockserver.core.clock import Until
from mockserver.core.commands import Command
from mockserver.core.flow import Flow
from mockserver.http import pieces
from mockserver.http.clock import clock_of, happened
from mockserver.http.control import Control
from mockserver.wire.control import events

T = TypeVar("T", bound=events.Target)


async def push_event(control: Control, request: Request) -> Response:
    """A message hears a status. Raises Refusal for a flow that is not there (404) and what cannot happen (400)."""
    return await _push(control, request, events.read_event, events.read_report)


async def push_inbound(control: Control, request: Request) -> Response:
    """A message is answered. Raises Refusal for a flow that is not there (404) and what cannot happen (400)."""
    return await _push(control, request, events.read_inbound, events.read_answer)


async def _push(
    control: Control, request: Request, read: Callable[[bytes], T], command: Callable[[T, Flow], Command]
) -> Response:
    """Do now what a body asks for, and answer when the callbacks of it are answered.

    Whatever else is due at this instant happens first, so that a flow just sent is on its way already.
    """
    driver = control.sandbox(request).driver
    wanted = read(await control.body(request))
    flow = events.find_flow(wanted, driver.engine.flows)
    before = await driver.advance(Until(by=0))
    driver.submit(command(wanted, driver.engine.flows.get(flow.id, flow)))
    after = await driver.advance(Until(by=0))
    told = happened((*before.entries, *after.entries)) | {"clock": clock_of(driver)}
    return await pieces.reply(pieces.members(told))
