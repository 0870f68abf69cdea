"""The mocked API: the routes that Routee's clients call."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from itertools import islice
from typing import Any
from weakref import WeakKeyDictionary

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockserver.core.chance import flow_id
from mockserver.core.commands import IssueToken
from mockserver.core.faults import Endpoint
from mockserver.core.flow import Flow
from mockserver.core.step import SERVICES, FlowKind
from mockserver.core.store import Store
from mockserver.http import faults, pieces
from mockserver.http.admission import Admission, Caller
from mockserver.http.notes import Notes
from mockserver.http.otp import OtpApi
from mockserver.http.replies import Json, read_body
from mockserver.http.send import SendEndpoint
from mockserver.sandbox.errors import SandboxError
from mockserver.sandbox.registry import Sandbox, Sandboxes
from mockserver.settings import Settings
from mockserver.wire import errors
from mockserver.wire.errors import Refusal
from mockserver.wire.routee import document, search, tokens
from mockserver.wire.routee.matching import Columns
from mockserver.wire.routee.search import Search

LOOKED_AT = 5_000
"""Flows that one filter is held against in one go (choice): some milliseconds' work when it is the first filter."""

OWN = SERVICES[FlowKind.FAILOVER].name
"""The service whose flows are tracked here."""

ORDERS: Mapping[str, Callable[[Any], Iterable[Flow]]] = {"newest-first": reversed, "oldest-first": iter}
"""For each `search_order` of a dialect, what puts flows into that order, oldest first."""

Handler = Callable[[Request, Sandbox, str], Awaitable[Response]]


class RouteeApi:
    """Everything that Routee serves on auth.routee.net and connect.routee.net, on one port.

    notes: counts and records every request. sends: the endpoints of the sends. keep_up: called before a request, so
    that it meets the scenarios as they are in their files now.
    """

    def __init__(self, sandboxes: Sandboxes, settings: Settings, keep_up: Callable[[], None]) -> None:
        self._sandboxes = sandboxes
        self._settings = settings
        self._keep_up = keep_up
        self._admission = Admission(sandboxes)
        self._columns = WeakKeyDictionary[Store, Columns]()
        self.notes = Notes(ui=settings.ui)
        parts = (self._admission, self.notes, settings, keep_up)
        self._otp = OtpApi(self._met, *parts)
        self.sends = (
            SendEndpoint("/failover", FlowKind.FAILOVER, *parts),
            SendEndpoint("/failover/transactional", FlowKind.TRANSACTIONAL, *parts),
            self._otp.send,
        )

    def routes(self) -> list[Route]:
        """The routes, with Routee's paths. The path for tokens may end with a slash (seen)."""
        return [
            *(Route(path, partial(self.token, path), methods=["POST"]) for path in ("/oauth/token", "/oauth/token/")),
            *(Route(send.path, send, methods=["POST"]) for send in self.sends),
            self._route("GET", "/failover/tracking/{trackingId}", Endpoint.TRACKING, self.track),
            self._route("POST", "/failover/tracking", Endpoint.SEARCH, self.search),
            self._route("GET", "/accounts/me/balance", Endpoint.BALANCE, self.balance, scope="account"),
            *self._otp.routes(),
            Route("/openapi.json", self.openapi, methods=["GET"]),
            Route("/docs", self.docs, methods=["GET"]),
        ]

    def _route(self, method: str, path: str, about: Endpoint, handler: Handler, scope: str = "failover") -> Route:
        """A route that needs a bearer token with this scope, and notes its requests."""

        async def admitted(request: Request) -> Response:
            authorization = request.headers.get("authorization")
            try:
                caller = self._admission.admit(authorization, scope)
                answer = partial(handler, request, caller.sandbox, caller.application or "")
                return await self._met(request, caller, path, about, answer)
            except Refusal as refusal:
                return self._refused(request, refusal, path, self._admission.whose(authorization))

        return Route(path, admitted, methods=[method])

    async def _met(
        self, request: Request, caller: Caller, path: str, about: Endpoint, answer: Callable[[], Awaitable[Response]]
    ) -> Response:
        """Answer a request and note it, unless a scenario makes something go wrong. Raises what `answer` raises."""
        self._keep_up()
        fault = faults.meet(caller.sandbox, about, next(iter(request.path_params.values()), None))
        if fault.delay:
            await asyncio.sleep(fault.delay / 1_000)
        done = await answer() if fault.accepts else None
        refusal = faults.refusal_of(fault)
        if done is not None and refusal is None:
            self.notes.accepted(caller, request.scope, path)
            return done
        assert refusal is not None  # noqa: S101 -- what is not done is refused
        return faults.response(fault, refusal, self.notes.refused(caller, request.scope, refusal, path))

    def _refused(self, request: Request, refusal: Refusal, path: str, caller: Caller | None) -> Response:
        headers = self.notes.refused(caller, request.scope, refusal, path)
        return Json(refusal.body, refusal.status, headers)

    def lost(self, request: Request, refusal: Refusal) -> Response:
        """Note and answer a request to an unknown path or method."""
        caller = self._admission.whose(request.headers.get("authorization"))
        return Json(refusal.body, refusal.status, self.notes.refused(caller, request.scope, refusal))

    async def token(self, path: str, request: Request) -> Response:
        """POST /oauth/token: a bearer token for the id and secret of an application. path: as the route writes it."""
        application = None
        try:
            body = await read_body(request, self._settings.max_body)
            headers = request.headers
            wanted = tokens.read_token_request(
                headers.get("authorization"), request.query_params, body, headers.get("content-type")
            )
            application = wanted.application
            sandbox = self._admit(application, wanted.secret)
        except Refusal as refusal:
            caller = self._admission.whose(request.headers.get("authorization"), application)
            return self._refused(request, refusal, path, caller)
        issue = partial(self._issue, sandbox, IssueToken(application, wanted.scopes))
        return await self._met(request, Caller(sandbox, application), path, Endpoint.TOKEN, issue)

    async def _issue(self, sandbox: Sandbox, command: IssueToken) -> Response:
        token = sandbox.driver.submit(command).token
        assert token is not None  # noqa: S101 -- issuing a token cannot fail
        self._sandboxes.remember(token, sandbox)
        left = None if token.expires is None else token.expires - sandbox.driver.now()
        return Json(tokens.token_document(token.value, left, token.scopes))

    def _admit(self, application: str, secret: str) -> Sandbox:
        """The sandbox for the id and secret of an application. Raises Refusal if there is none."""
        try:
            sandbox = self._sandboxes.admit(application, secret)
        except SandboxError as error:
            raise errors.no_room(str(error)) from None
        if sandbox is None:
            raise tokens.bad_credentials(self._sandboxes.now(), self._sandboxes.why_not(application[:100]))
        return sandbox

    async def track(self, request: Request, sandbox: Sandbox, application: str) -> Response:
        """GET /failover/tracking/{trackingId}: the flow document."""
        tracking_id = request.path_params["trackingId"]
        flow = sandbox.driver.engine.flows.get(flow_id(tracking_id))
        if flow is None or not _is_of(flow, application):
            code = sandbox.dialect.unknown_flow_code
            raise errors.unknown_flow(tracking_id, sandbox.driver.engine.store.forgotten, code=code)
        return Json(document.render(flow))

    async def search(self, request: Request, sandbox: Sandbox, application: str) -> Response:
        """POST /failover/tracking: a page of the application's flows, newest first by default."""
        body = await read_body(request, self._settings.max_body)
        wanted = search.read_search(request.query_params, body)
        store, first = sandbox.driver.engine.store, wanted.page * wanted.size
        in_order = ORDERS[sandbox.dialect.search_order]
        if wanted.everything:
            mine = (flow for flow in in_order(store.flows.values()) if _is_of(flow, application))
            total = store.of_application[application, OWN]
            shown = tuple(islice(mine, min(first, total), first + wanted.size))
        else:
            found = tuple(in_order(await self._matching(wanted, store, application)))
            total, shown = len(found), found[first : first + wanted.size]
        page = search.page_document(wanted, shown, total, lambda flows: pieces.told(flows, document.document))
        return await pieces.reply(pieces.members(page))

    async def _matching(self, wanted: Search, store: Store, application: str) -> list[Flow]:
        """The flows of an application that match a search, oldest first."""
        columns = self._columns.setdefault(store, Columns())
        columns.forget(len(store.flows))
        found: list[Flow] = []
        mine = tuple(store.flows.values())
        if store.of_application[application, OWN] < len(mine):
            mine = tuple(flow for flow in mine if _is_of(flow, application))
        async for part in pieces.parts(mine, max(1, LOOKED_AT // (len(wanted.filters) or 1))):
            found += columns.matching(wanted, part)
        return found

    async def balance(self, _: Request, sandbox: Sandbox, __: str) -> Response:
        """GET /accounts/me/balance: the balance of the sandbox."""
        return Json(document.balance_document(sandbox.driver.engine.purse.balance))

    async def openapi(self, request: Request) -> Response:
        """GET /openapi.json: the description of this API."""
        from mockserver.wire.openapi import routee

        return Json(routee.render(str(request.base_url).rstrip("/")))

    async def docs(self, request: Request) -> Response:
        """GET /docs: the description of this API, as a page."""
        from mockserver.http.pages import Page
        from mockserver.wire.openapi import routee

        return Page(routee.page(str(request.base_url).rstrip("/")))


def _is_of(flow: Flow, application: str) -> bool:
    return flow.application == application and SERVICES[flow.kind].name == OWN
