"""What a test makes happen to a message: it gets a status, or its recipient answers it."""

from collections.abc import Callable
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response

from mockserver.core.clock import Until
from mockserver.core.commands import Command, PushInbound
from mockserver.core.flow import Flow
from mockserver.http import pieces
from mockserver.http.clock import clock_of, happened
from mockserver.http.control import Control
from mockserver.wire import errors
from mockserver.wire.control import events

T = TypeVar("T", bound=events.Target)


async def push_event(control: Control, request: Request) -> Response:
    """Give a message a status, or several in one instant. Raises Refusal: 404 for an unknown flow, 400 otherwise."""
    return await _push(control, request, events.read_event, events.read_reports)


async def hold(control: Control, request: Request) -> Response:
    """Drop what is planned for a message. Raises Refusal for an unknown flow (404) or step (400)."""
    return await _push(control, request, events.read_target, events.read_hold)


async def push_inbound(control: Control, request: Request) -> Response:
    """Let a recipient answer. Raises Refusal for an unknown flow (404), what cannot happen (400), and no room (503)."""
    store = control.sandbox(request).driver.engine.store

    def answer(inbound: events.Inbound, flow: Flow) -> PushInbound:
        command = events.read_answer(inbound, flow)
        if not store.has_room(command):
            raise errors.no_room(f"{store.payload} bytes of flows and answers are kept, which --max-payload bounds")
        return command

    return await _push(control, request, events.read_inbound, answer)


async def _push(
    control: Control, request: Request, read: Callable[[bytes], T], command: Callable[[T, Flow], Command]
) -> Response:
    """Do what the body asks for, and answer when its callbacks have their answers.

    Everything else that is due at this instant happens first, so that the first step of a new flow has begun.
    """
    driver = control.sandbox(request).driver
    wanted = read(await control.body(request))
    flow = events.find_flow(wanted, driver.engine.flows)
    before = await driver.advance(Until(by=0))
    driver.submit(command(wanted, driver.engine.flows.get(flow.id, flow)))
    after = await driver.advance(Until(by=0))
    told = happened(before.entries, after.entries) | {"clock": clock_of(driver)}
    return await pieces.reply(pieces.members(told))
