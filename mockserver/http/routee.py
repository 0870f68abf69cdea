"""The mocked API: the routes Routee's clients call."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockserver import logs
from mockserver.core.commands import IssueToken, NoteRequest
from mockserver.core.faults import ApiAnswer, ApiFault
from mockserver.core.step import FlowKind
from mockserver.http.replies import Json, ReplyFirst, Reset, expect_json, read_body
from mockserver.sandbox.registry import Sandbox, SandboxError, Sandboxes
from mockserver.settings import Settings
from mockserver.wire import errors
from mockserver.wire.errors import Refusal
from mockserver.wire.routee import document, requests, search, tokens

Endpoint = Callable[[Request], Awaitable[Response]]

NO_FAULT = ApiFault()

NOWHERE = "none"
"""The path under which requests that led nowhere are counted: their own could be anything."""

LONGEST_PATH = 200
"""Characters of a request's path that the journal keeps."""


class RouteeApi:
    """What Routee serves on auth.routee.net and connect.routee.net, on one port.

    keep_up: called before a send, so that it finds the scenarios as their files are now. answered: how many requests
    there were, by method, path as the route is written, and status.
    """

    def __init__(self, sandboxes: Sandboxes, settings: Settings, keep_up: Callable[[], None]) -> None:
        self._sandboxes = sandboxes
        self._settings = settings
        self._keep_up = keep_up
        self.answered: Counter[tuple[str, str, int]] = Counter()

    def routes(self) -> list[Route]:
        """The paths, as Routee names them; a slash at the end of the token's is fine (seen)."""
        return [
            self._route("POST", "/oauth/token", self.token),
            self._route("POST", "/oauth/token/", self.token),
            self._route("POST", "/failover", partial(self.send, kind=FlowKind.FAILOVER)),
            self._route("POST", "/failover/transactional", partial(self.send, kind=FlowKind.TRANSACTIONAL)),
            self._route("GET", "/failover/tracking/{trackingId}", self.track),
            self._route("POST", "/failover/tracking", self.search),
            self._route("GET", "/accounts/me/balance", self.balance),
            Route("/openapi.json", self.openapi, methods=["GET"]),
        ]

    def _route(self, method: str, path: str, endpoint: Endpoint) -> Route:
        """A route whose requests are noted in the journal, the refused ones with what was wrong."""

        async def noted(request: Request) -> Response:
            try:
                response = await endpoint(request)
            except Refusal as refusal:
                self.note(request, refusal, path)
                raise
            self.note(request, errors.broken_off() if isinstance(response, Reset) else None, path)
            return response

        return Route(path, noted, methods=[method])

    def note(self, request: Request, refusal: Refusal | None, route: str = NOWHERE) -> None:
        """Count a request, and write it into the journal of its sandbox; a refusal's header leads to the entry."""
        self.answered[request.method, route, refusal.status if refusal else 200] += 1
        sandbox, application = self._whose(request)
        method, path = request.method, request.url.path[:LONGEST_PATH]
        if refusal is None:
            sandbox.driver.submit(NoteRequest(method, path, 200, application))
            logs.request(method, path, 200, None, ())
            return
        error, wrong = refusal.explain()
        logs.request(method, path, refusal.status, error, (field for field, _ in wrong))
        sandbox.driver.submit(NoteRequest(method, path, refusal.status, application, error, wrong))
        number = len(sandbox.driver.engine.journal)
        refusal.headers["Mock-Report"] = f"/_mock/sandboxes/{sandbox.id}/journal?after={number - 1}&limit=1"

    def _whose(self, request: Request) -> tuple[Sandbox, str | None]:
        """Where a request belongs, as far as token or credentials tell; what tells nothing belongs to `default`."""
        value = request.headers.get("authorization", "").rpartition(" ")[2]
        found = self._sandboxes.of_token(value)
        if found is not None:
            return found[0], found[1].application
        application: str | None = getattr(request.state, "application", None)
        own = self._sandboxes.issuer(value) if application is None else self._sandboxes.of_application(application)
        return own or self._sandboxes.default, application

    async def token(self, request: Request) -> Response:
        """POST /oauth/token: a bearer token for an application's id and secret."""
        body = await read_body(request, self._settings.max_body)
        headers = request.headers
        wanted = tokens.read_token_request(
            headers.get("authorization"), request.query_params, body, headers.get("content-type")
        )
        request.state.application = wanted.application
        try:
            sandbox = self._sandboxes.admit(wanted.application, wanted.secret)
        except SandboxError as error:
            raise errors.no_room(str(error)) from None
        if sandbox is None:
            raise tokens.bad_credentials(self._sandboxes.default.driver.now())
        token = sandbox.driver.submit(IssueToken(wanted.application, wanted.scopes)).token
        assert token is not None  # noqa: S101 -- issuing a token cannot fail
        self._sandboxes.remember(token, sandbox)
        left = None if token.expires is None else token.expires - sandbox.driver.now()
        return Json(tokens.token_document(token.value, left, token.scopes))

    async def send(self, request: Request, *, kind: FlowKind) -> Response:
        """POST /failover, POST /failover/transactional: a flow is accepted, or every wrong field is named."""
        sandbox, application = self._admit(request)
        expect_json(request)
        body = await read_body(request, self._settings.max_body)
        settings = sandbox.settings
        command = requests.read_send(body, application, kind=kind, strict=settings.strict, transcode=settings.transcode)
        self._keep_up()
        effect = sandbox.driver.send(command)
        flow, fault = effect.flow, effect.fault or NO_FAULT
        replied = partial(sandbox.driver.replied, flow.id) if flow is not None else _nothing
        await asyncio.sleep(fault.delay / 1_000)
        if fault.answer in (ApiAnswer.RESET, ApiAnswer.LOST):
            return Reset(replied)
        if fault.answer is not None:
            raise errors.faulted(fault.answer)
        if effect.full is not None:
            raise errors.no_room(f"in the sandbox {sandbox.id}, {effect.full}; POST /_mock/reset empties it")
        if flow is None:
            raise errors.insufficient_balance()
        return ReplyFirst(document.reply(flow), replied)

    async def track(self, request: Request) -> Response:
        """GET /failover/tracking/{trackingId}: the flow document."""
        sandbox, application = self._admit(request)
        tracking_id = request.path_params["trackingId"]
        flow = sandbox.driver.engine.flows.get(tracking_id)
        if flow is None or flow.application != application:
            raise errors.unknown_flow(tracking_id, sandbox.driver.engine.store.forgotten)
        return Json(document.render(flow))

    async def search(self, request: Request) -> Response:
        """POST /failover/tracking: a page of the application's flows, newest first."""
        sandbox, application = self._admit(request)
        body = await read_body(request, self._settings.max_body)
        wanted = search.read_search(request.query_params, body)
        newest_first = reversed(sandbox.driver.engine.flows.values())
        flows = (flow for flow in newest_first if flow.application == application)
        return Json(search.page_document(wanted, flows))

    async def balance(self, request: Request) -> Response:
        """GET /accounts/me/balance: what the account of the sandbox has."""
        sandbox, _ = self._admit(request, scope="account")
        return Json(document.balance_document(sandbox.driver.engine.purse.balance))

    async def openapi(self, _: Request) -> Response:
        """GET /openapi.json: the description of this surface."""
        from mockserver.wire.openapi import routee

        return Json(routee.render())

    def _admit(self, request: Request, scope: str = "failover") -> tuple[Sandbox, str]:
        """The sandbox and application a bearer token stands for. Raises Refusal for a token that is no good."""
        found = self._sandboxes.of_token(tokens.read_bearer(request.headers.get("authorization")))
        if found is None:
            raise tokens.unknown_token()
        sandbox, token = found
        if not token.alive(sandbox.driver.now()):
            raise tokens.expired_token(token.expires or 0)
        if scope not in token.scopes:
            raise tokens.access_denied()
        return sandbox, token.application


def _nothing() -> None:
    pass
