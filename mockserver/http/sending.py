"""Sending a flow over the control API: as an application, but without a token, which runs out on the virtual clock."""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mockserver.core.behaviour import Effect
from mockserver.core.commands import SendFlow
from mockserver.core.faults import ApiAnswer
from mockserver.core.step import FlowKind
from mockserver.http import faults, scenarios, send
from mockserver.http.admission import Caller
from mockserver.http.control import Control
from mockserver.http.replies import Json
from mockserver.wire import errors
from mockserver.wire.control import foresight, sending
from mockserver.wire.control.sending import ANYBODY
from mockserver.wire.errors import Refusal
from mockserver.wire.services import read_send, reply

UNPROCESSABLE = 422
"""What the OTP service answers to a wrong send; here it is told as any other."""

PATH = "/_mock/flows"
"""The path that such sends are counted under."""


async def send_flow(control: Control, request: Request) -> Response:
    """Send a flow. Raises Refusal as POST /failover answers it; 502 where a scenario breaks the connection."""
    sandbox = control.sandbox(request)
    wanted = sending.read_sender(request.query_params, sandbox.application)
    caller = Caller(sandbox, wanted.application)
    try:
        command, effect = await _sent(control, request, caller, wanted.kind)
    except Refusal as refused:
        refusal = errors.invalid(dict(refused.explain()[1])) if refused.status == UNPROCESSABLE else refused
        headers = control.notes.refused(caller, request.scope, refusal, PATH)
        return Json(refusal.body, refusal.status or 502, headers)
    assert effect.flow is not None  # noqa: S101 -- every other effect was refused
    control.notes.accepted(caller, request.scope, PATH, effect.flow.id)
    return Json(reply(effect.flow, command))


async def check_flow(control: Control, request: Request) -> Response:
    """Say what would become of a send, and change nothing. Raises Refusal (400) for a scenario that is none."""
    sandbox, asked = control.sandbox(request), foresight.read_asked(await control.body(request))
    scenario = None if asked.scenario is None else scenarios.read_played(asked.scenario, "checked", control.library)
    settings = sandbox.settings
    options: dict[str, Any] = {"kind": asked.kind, "strict": settings.strict_fields, "transcode": settings.transcode}
    options |= {"dialect": sandbox.dialect}
    try:
        command = read_send(asked.send, ANYBODY, **options)
    except Refusal as refusal:
        return Json(foresight.refused(refusal))
    engine = sandbox.driver.engine
    return Json(foresight.foreseen(engine, command, scenario, transcode=settings.transcode))


async def _sent(control: Control, request: Request, caller: Caller, kind: FlowKind) -> tuple[SendFlow, Effect]:
    """The send in a body, and the flow that was made of it. Raises Refusal."""
    sandbox, settings = caller.sandbox, caller.sandbox.settings
    body, application = await control.body(request), caller.application or ""
    options: dict[str, Any] = {"strict": settings.strict_fields, "transcode": settings.transcode}
    command = read_send(body, application, kind=kind, dialect=sandbox.dialect, **options)
    control.keep_up()
    effect = sandbox.driver.send(command)
    if effect.flow is not None:
        sandbox.driver.replied(effect.flow.id)
    fault = effect.fault or faults.NO_FAULT
    await asyncio.sleep(fault.delay / 1_000)
    if fault.answer is not ApiAnswer.LOST and (refusal := send.refusal_of(sandbox, effect, fault)) is not None:
        raise refusal
    if effect.flow is None:
        raise errors.insufficient_balance()
    return command, effect
