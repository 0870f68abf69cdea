"""Routee's OTP service: the routes under /failover-otp."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Scope

from mockserver.core.behaviour import Effect
from mockserver.core.commands import SendFlow
from mockserver.core.faults import ApiAnswer, Endpoint
from mockserver.core.flow import Flow, Verdict
from mockserver.core.step import FlowKind
from mockserver.http import pieces
from mockserver.http.admission import Admission, Caller
from mockserver.http.notes import Notes
from mockserver.http.replies import Json
from mockserver.http.send import SendEndpoint
from mockserver.http.shortcut import Accepted
from mockserver.settings import Settings
from mockserver.wire.errors import Refusal
from mockserver.wire.otp import document, search, templates
from mockserver.wire.otp.errors import in_shape, unknown_id

ROOT = "/failover-otp"

ABOUT = {"service": "failover-otp", "version": "1.0.0", "status": "running", "health": f"{ROOT}/health"}
"""What the service says of itself (fields: doc, values: choice)."""

LOOKED_AT = 2_000
"""Flows that are looked at in one go (choice)."""

FAILURES: Mapping[int | ApiAnswer, Verdict] = {500: Verdict.SERVER_ERROR, ApiAnswer.BALANCE: Verdict.NO_BALANCE}
"""The faults of a scenario that a send is told of in a reply, and why it failed then."""

Handler = Callable[[Request, Caller], Awaitable[Response]]

Met = Callable[[Request, Caller, str, Endpoint, Callable[[], Awaitable[Response]]], Awaitable[Response]]
"""Answers a request and notes it, unless a scenario makes something go wrong with it."""


class OtpSend(SendEndpoint):
    """Accepts a flow of one-time passwords, or names every wrong field.

    A request without a bearer leads to no sandbox, so the dialect of the server decides its answer.
    """

    def _admit(self, scope: Scope) -> Caller:
        try:
            return super()._admit(scope)
        except Refusal as refusal:
            raise in_shape(refusal, self._dialect.otp_no_bearer) from None

    def _refused(self, scope: Scope, refusal: Refusal) -> Json:
        return super()._refused(scope, in_shape(refusal) if refusal.status == 400 else refusal)

    def _command(self, caller: Caller, body: bytes) -> SendFlow:
        from mockserver.wire.otp.requests import read_send

        return read_send(body, caller.application or "", transcode=caller.sandbox.settings.transcode)

    def _accepted(self, scope: Scope, flow: Flow, caller: Caller, command: SendFlow) -> Accepted:
        self._notes.accepted(caller, scope, self.path, flow.id)
        return Accepted(document.reply(flow, command), partial(caller.sandbox.driver.replied, flow.id))

    def _failure(self, effect: Effect, caller: Caller, command: SendFlow) -> bytes | None:
        """A send fails with a reply, whatever the reason (doc), unless the service itself cannot be reached."""
        fault = effect.fault
        played = None if fault is None or fault.body is not None else FAILURES.get(fault.answer or 0)
        why = Verdict.NO_BALANCE if effect.refused is not None else played
        return None if why is None else document.failure(command.steps, why, caller.sandbox.driver.now())


class OtpApi:
    """Everything under /failover-otp. send: the endpoint of its sends. met: plays faults."""

    def __init__(
        self, met: Met, admission: Admission, notes: Notes, settings: Settings, keep_up: Callable[[], None]
    ) -> None:
        self._met = met
        self._no_bearer = settings.behaviour.dialect.otp_no_bearer
        self._admission = admission
        self._notes = notes
        self.send = OtpSend(f"{ROOT}/otp/send-failover", FlowKind.OTP, admission, notes, settings, keep_up)

    def routes(self) -> list[Route]:
        """The routes, with Routee's paths."""
        return [
            *(Route(path, partial(_say, ABOUT), methods=["GET"]) for path in (ROOT, f"{ROOT}/")),
            Route(f"{ROOT}/health", partial(_say, {"status": "ok"}), methods=["GET"]),
            Route(self.send.path, self.send, methods=["POST"]),
            self._route(f"{ROOT}/otp/failover", Endpoint.SEARCH, self.search),
            self._route(f"{ROOT}/otp/failover/{{id}}", Endpoint.TRACKING, self.track),
            self._route(f"{ROOT}/otp/templates", Endpoint.SEARCH, self.templates),
        ]

    def _route(self, path: str, about: Endpoint, handler: Handler) -> Route:
        """A route that needs a bearer token, and notes its requests."""

        async def admitted(request: Request) -> Response:
            authorization = request.headers.get("authorization")
            try:
                caller = self._admission.admit(authorization)
                return await self._met(request, caller, path, about, partial(handler, request, caller))
            except Refusal as refused:
                refusal = in_shape(refused, self._no_bearer)
                headers = self._notes.refused(self._admission.whose(authorization), request.scope, refusal, path)
                return Json(refusal.body, refusal.status, headers)

        return Route(path, admitted, methods=["GET"])

    async def track(self, request: Request, caller: Caller) -> Response:
        """GET /failover-otp/otp/failover/{id}: one flow, by its id or that of a step."""
        id_, store = request.path_params["id"], caller.sandbox.driver.engine.store
        found = await _mine(caller, lambda flow: search.is_called(flow, id_))
        if not found:
            raise unknown_id(id_, store.forgotten)
        return Json(document.document(found[0]))

    async def search(self, request: Request, caller: Caller) -> Response:
        """GET /failover-otp/otp/failover: flows, newest first."""
        wanted = search.read_query(request.query_params)
        found = await _mine(caller, wanted.fits)
        shown = found[wanted.offset : wanted.offset + wanted.limit]
        page = {"total": len(found), "limit": wanted.limit, "offset": wanted.offset}
        return await pieces.reply(pieces.members({**page, "results": pieces.told(shown, document.document)}))

    async def templates(self, _: Request, __: Caller) -> Response:
        """GET /failover-otp/otp/templates: the templates over Viber."""
        return Json(list(templates.listed()))


async def _say(what: dict[str, str], _: Request) -> Response:
    return Json(orjson.dumps(what))


async def _mine(caller: Caller, fits: Callable[[Flow], bool]) -> list[Flow]:
    """The flows of one-time passwords of an application that are as wanted, newest first."""
    kept, found = tuple(reversed(caller.sandbox.driver.engine.flows.values())), list[Flow]()
    async for part in pieces.parts(kept, LOOKED_AT):
        found += [
            flow for flow in part if flow.kind is FlowKind.OTP and flow.application == caller.application and fits(flow)
        ]
    return found
