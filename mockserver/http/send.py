"""POST /failover and POST /failover/transactional, as plain ASGI apps, because no other endpoint is called so often.

They do without Starlette's requests and responses, and so need fewer calls.
"""

import asyncio
from collections.abc import Callable

from starlette.types import Receive, Scope, Send

from mockserver.core.behaviour import Effect
from mockserver.core.commands import SendFlow
from mockserver.core.faults import ApiAnswer, ApiFault
from mockserver.core.flow import Flow
from mockserver.core.step import FlowKind
from mockserver.http.admission import Admission, Caller
from mockserver.http.notes import Notes
from mockserver.http.replies import Json, Reset, answer, expect_json, header, read_whole
from mockserver.sandbox.registry import Sandbox
from mockserver.settings import Settings
from mockserver.wire import errors
from mockserver.wire.errors import Refusal
from mockserver.wire.routee import document
from mockserver.wire.routee.requests import read_send

NO_FAULT = ApiFault()

BROKEN_OFF = (ApiAnswer.RESET, ApiAnswer.LOST)


class SendEndpoint:
    """Accepts a flow, or names every wrong field.

    path: as the route writes it. kind: of the flow. keep_up: called before a send is accepted, so that the send meets
    the scenarios as they are in their files now.
    """

    def __init__(
        self,
        path: str,
        kind: FlowKind,
        admission: Admission,
        notes: Notes,
        settings: Settings,
        keep_up: Callable[[], None],
    ) -> None:
        self.path = path
        self._kind = kind
        self._admission = admission
        self._notes = notes
        self._most = settings.max_body
        self._keep_up = keep_up

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        authorization = header(scope, b"authorization")
        try:
            sandbox, application = self._admission.admit(authorization)
            command = await self._read(scope, receive, sandbox, application)
        except Refusal as refusal:
            headers = self._notes.refused(self._admission.whose(authorization), scope, refusal, self.path)
            await Json(refusal.body, refusal.status, headers)(scope, receive, send)
            return
        self._keep_up()
        effect, caller = sandbox.driver.send(command), Caller(sandbox, application)
        try:
            if effect.fault is not None or effect.flow is None:
                await self._fail(scope, receive, send, effect, caller)
            else:
                await self._accept(scope, send, effect.flow, caller)
        finally:  # however it ends, for the flow's callbacks wait for it
            if effect.flow is not None:
                sandbox.driver.replied(effect.flow.id)

    async def _read(self, scope: Scope, receive: Receive, sandbox: Sandbox, application: str) -> SendFlow:
        expect_json(header(scope, b"content-type"))
        body = await read_whole(scope, receive, self._most)
        settings = sandbox.settings
        return read_send(body, application, kind=self._kind, strict=settings.strict, transcode=settings.transcode)

    async def _accept(self, scope: Scope, send: Send, flow: Flow, caller: Caller) -> None:
        """Note the send, and answer with its reply."""
        self._notes.accepted(caller, scope, self.path, flow.id)
        await answer(send, document.reply(flow))

    async def _fail(self, scope: Scope, receive: Receive, send: Send, effect: Effect, caller: Caller) -> None:
        """Play the fault that a scenario has for the reply, or answer why the send is refused."""
        fault = effect.fault or NO_FAULT
        await asyncio.sleep(fault.delay / 1_000)
        refusal = refusal_of(caller.sandbox, effect, fault)
        if refusal is None and effect.flow is not None:
            await self._accept(scope, send, effect.flow, caller)
            return
        refusal = refusal or errors.insufficient_balance()
        headers = self._notes.refused(caller, scope, refusal, self.path)
        response = Reset() if fault.answer in BROKEN_OFF else Json(refusal.body, refusal.status, headers)
        await response(scope, receive, send)


def refusal_of(sandbox: Sandbox, effect: Effect, fault: ApiFault) -> Refusal | None:
    """The answer to the send instead of its reply; None if it is accepted, or cannot be paid."""
    if fault.answer in BROKEN_OFF:
        return errors.broken_off()
    if fault.answer is not None:
        return errors.faulted(fault.answer)
    if effect.full is not None:
        return errors.no_room(f"in the sandbox {sandbox.id}, {effect.full}; POST /_mock/reset empties it")
    return None
