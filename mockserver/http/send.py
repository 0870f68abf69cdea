"""POST /failover and POST /failover/transactional, as plain ASGI apps that can take the shortcut too: no other endpoint
is called so often.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from time import perf_counter

from starlette.types import Receive, Scope, Send

from mockserver.core.behaviour import Effect
from mockserver.core.commands import SendFlow
from mockserver.core.faults import ApiFault
from mockserver.core.flow import Flow
from mockserver.core.step import FlowKind
from mockserver.http import faults
from mockserver.http.admission import Admission, Caller
from mockserver.http.notes import Notes
from mockserver.http.replies import BEGAN, BODY, REPLY, Json, answer, expect_json, headers_of, read_whole
from mockserver.http.shortcut import Accepted, Decided
from mockserver.sandbox.registry import Sandbox
from mockserver.settings import Settings
from mockserver.wire import errors
from mockserver.wire.errors import Refusal
from mockserver.wire.routee import document
from mockserver.wire.routee.requests import read_send


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
        self._dialect = settings.behaviour.dialect
        self._keep_up = keep_up

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        reply = scope.get(REPLY) or await self._read(scope, receive)
        if not isinstance(reply, Accepted):
            await reply(scope, receive, send)
            return
        try:
            await answer(send, reply.body, reply.status)
        finally:
            reply.sent()

    async def _read(self, scope: Scope, receive: Receive) -> Decided:
        """The reply to a request whose body is still to come. It may be refused before that."""
        try:
            self._admit(scope)
            body = await read_whole(scope, receive, self._most)
        except Refusal as refusal:
            return self._refused(scope, refusal)
        return self.reply(scope, body)

    def reply(self, scope: Scope, body: bytes) -> Decided:
        """The reply to a request that has come whole."""
        scope[BODY] = body
        if BEGAN not in scope:  # it takes the shortcut past the guard
            scope[BEGAN] = perf_counter()
        try:
            caller = self._admit(scope)
            command = self._command(caller, body)
        except Refusal as refusal:
            return self._refused(scope, refusal)
        self._keep_up()
        driver = caller.sandbox.driver
        effect = driver.send(command)
        if effect.fault is not None or effect.flow is None:
            return partial(self._fail, effect, caller, command)
        try:
            return self._accepted(scope, effect.flow, caller, command)
        except BaseException:  # the flow's callbacks must not wait for ever
            driver.replied(effect.flow.id)
            raise

    def _admit(self, scope: Scope) -> Caller:
        headers = headers_of(scope)
        caller = self._admission.admit(headers.get(b"authorization", b"").decode("latin-1"))
        expect_json(headers.get(b"content-type", b"").decode("latin-1"))
        return caller

    def _command(self, caller: Caller, body: bytes) -> SendFlow:
        settings, application = caller.sandbox.settings, caller.application or ""
        return read_send(
            body,
            application,
            kind=self._kind,
            strict=settings.strict_fields,
            transcode=settings.transcode,
            dialect=caller.sandbox.dialect,
        )

    def _refused(self, scope: Scope, refusal: Refusal) -> Json:
        caller = self._admission.whose(headers_of(scope).get(b"authorization", b"").decode("latin-1"))
        return Json(refusal.body, refusal.status, self._notes.refused(caller, scope, refusal, self.path))

    def _accepted(self, scope: Scope, flow: Flow, caller: Caller, command: SendFlow) -> Accepted:  # noqa: ARG002
        """Note the send, and reply. Until the reply is sent, the callbacks of its flow wait."""
        status = caller.sandbox.dialect.success_status
        self._notes.accepted(caller, scope, self.path, flow.id, status)
        return Accepted(document.reply(flow), partial(caller.sandbox.driver.replied, flow.id), status)

    def _failure(self, effect: Effect, caller: Caller, command: SendFlow) -> bytes | None:  # noqa: ARG002
        """The reply to a send that failed, where a service says so in a reply; None where it refuses the send."""
        return None

    async def _fail(
        self, effect: Effect, caller: Caller, command: SendFlow, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Play the fault that a scenario has for the reply, or answer why the send is refused."""
        fault, flow = effect.fault or faults.NO_FAULT, effect.flow
        try:
            await asyncio.sleep(fault.delay / 1_000)
            if body := self._failure(effect, caller, command):
                self._notes.accepted(caller, scope, self.path)
                await answer(send, body)
                return
            refusal = refusal_of(caller.sandbox, effect, fault)
            if refusal is None and flow is not None:
                accepted = self._accepted(scope, flow, caller, command)
                await answer(send, accepted.body, accepted.status)
                return
            refusal = refusal or errors.insufficient_balance()
            headers = self._notes.refused(caller, scope, refusal, self.path)
            await faults.response(fault, refusal, headers)(scope, receive, send)
        finally:  # however it ends, for the flow's callbacks wait for it
            if flow is not None:
                caller.sandbox.driver.replied(flow.id)


def refusal_of(sandbox: Sandbox, effect: Effect, fault: ApiFault) -> Refusal | None:
    """The answer to the send instead of its reply; None if it is accepted, or cannot be paid."""
    if fault.answer is not None:
        return faults.refusal_of(fault)
    if effect.full is not None:
        return errors.no_room(f"in the sandbox {sandbox.id}, {effect.full}; POST /_mock/reset empties it")
    return None
