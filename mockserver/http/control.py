"""The control API, under /_mock/: ours, not Routee's. Time is moved and watched here, callbacks are looked at."""

import difflib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import islice
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from mockserver.core.clock import ClockError
from mockserver.core.facts import TokensRevoked
from mockserver.core.flow import Flow
from mockserver.core.journal import Entry
from mockserver.http import following
from mockserver.http.replies import Json, read_body
from mockserver.http.scenarios import ScenariosApi
from mockserver.http.verification import verified
from mockserver.loader import ScenarioLibrary
from mockserver.sandbox.driver import Driver, Until
from mockserver.sandbox.registry import DEFAULT, Sandbox, SandboxError, Sandboxes
from mockserver.settings import VERSION, Settings
from mockserver.wire import errors
from mockserver.wire.control import events, journal, replay, views, why
from mockserver.wire.control.sandboxes import read_sandbox
from mockserver.wire.control.timeline import timeline
from mockserver.wire.instants import stamp
from mockserver.wire.routee import document
from mockserver.wire.verify.request import read_verification

Endpoint = Callable[[Request], Awaitable[Response]]


class ControlApi:
    """What a test or a person at the keyboard does to the mock.

    instance: tells one run of a server from the next. ca: the certificate (PEM) that clients are to trust; None
    without TLS.
    """

    def __init__(
        self, sandboxes: Sandboxes, settings: Settings, library: ScenarioLibrary, instance: str, ca: bytes | None = None
    ) -> None:
        self._sandboxes = sandboxes
        self._settings = settings
        self._library = library
        self._instance = instance
        self._ca = ca
        self.scenarios = ScenariosApi(sandboxes, library, self._sandbox)

    def routes(self) -> list[Route]:
        """The paths: of the server, and of each sandbox; those of `default` also without its name."""
        return [
            Route("/_mock/health", self.health, methods=["GET"]),
            Route("/_mock/ready", self.ready, methods=["GET"]),
            Route("/_mock/version", self.version, methods=["GET"]),
            Route("/_mock/ca.pem", self.ca, methods=["GET"]),
            Route("/_mock/library", self.scenarios.library, methods=["GET"]),
            Route("/_mock/scenario.schema.json", self.scenarios.schema, methods=["GET"]),
            Route("/_mock/sandboxes", self.list_sandboxes, methods=["GET"]),
            Route("/_mock/sandboxes", self.create_sandbox, methods=["POST"]),
            Route("/_mock/sandboxes/{sandbox}", self.read_sandbox, methods=["GET"]),
            Route("/_mock/sandboxes/{sandbox}", self.delete_sandbox, methods=["DELETE"]),
            *(
                Route(f"{prefix}{path}", endpoint, methods=[method])
                for prefix in ("/_mock", "/_mock/sandboxes/{sandbox}")
                for method, path, endpoint in self._of_a_sandbox()
            ),
        ]

    def _of_a_sandbox(self) -> tuple[tuple[str, str, Endpoint], ...]:
        return (
            ("POST", "/reset", self.reset_sandbox),
            ("GET", "/clock", self.read_clock),
            ("PUT", "/clock", self.set_clock),
            ("POST", "/clock/advance", self.advance),
            ("GET", "/callbacks", self.callbacks),
            ("GET", "/balance", self.read_balance),
            ("PUT", "/balance", self.set_balance),
            ("DELETE", "/tokens", self.revoke_tokens),
            ("GET", "/journal", self.journal),
            ("GET", "/log", self.log),
            ("POST", "/verify", self.verify),
            ("POST", "/events", self.push),
            ("POST", "/inbound", self.push_inbound),
            ("GET", "/requests", self.requests),
            ("GET", "/flows", self.flows),
            ("GET", "/flows/{trackingId}", self.flow),
            ("GET", "/flows/{trackingId}/why", self.why),
            ("GET", "/scenarios", self.scenarios.list),
            ("POST", "/scenarios", self.scenarios.put),
            ("DELETE", "/scenarios", self.scenarios.clear),
            ("POST", "/scenarios/reload", self.scenarios.reload),
            ("GET", "/scenarios/{name}", self.scenarios.read),
            ("DELETE", "/scenarios/{name}", self.scenarios.drop),
            ("POST", "/sink/{name}", self.fill_sink),
            ("GET", "/sink/{name}", self.read_sink),
            ("DELETE", "/sink/{name}", self.clear_sink),
        )

    async def health(self, _: Request) -> Response:
        """GET /_mock/health: the server answers."""
        return Json({"status": "ok", "instance": self._instance})

    async def ready(self, _: Request) -> Response:
        """GET /_mock/ready: the server takes requests; before it does, nothing answers at all."""
        return Json({"status": "ready", "instance": self._instance})

    async def version(self, _: Request) -> Response:
        """GET /_mock/version: which mock this is."""
        return Json({"name": "routee-failover-mock", "version": VERSION, "instance": self._instance})

    async def ca(self, _: Request) -> Response:
        """GET /_mock/ca.pem: the certificate that clients over HTTPS are to trust."""
        if self._ca is None:
            raise errors.no_tls()
        return Response(self._ca, media_type="application/x-pem-file")

    async def list_sandboxes(self, request: Request) -> Response:
        """GET /_mock/sandboxes: every sandbox, with what it holds."""
        return Json({"sandboxes": [_sandbox(each, request) for each in self._sandboxes]})

    async def create_sandbox(self, request: Request) -> Response:
        """POST /_mock/sandboxes: a new isolated world, with credentials and URLs of its own."""
        wanted = read_sandbox(await self._body(request))
        settings = wanted.settings(self._settings)
        if settings.scenario is not None and self._library.find(settings.scenario) is None:
            raise errors.malformed(self._library.unknown(settings.scenario))
        try:
            sandbox = self._sandboxes.create(wanted.id, settings, wanted.seed)
        except SandboxError as error:
            raise errors.malformed(f"The sandbox cannot be made: {error}.") from None
        return Json(_sandbox(sandbox, request), 201)

    async def read_sandbox(self, request: Request) -> Response:
        """GET /_mock/sandboxes/{sandbox}: one sandbox, with what it holds."""
        return Json(_sandbox(self._sandbox(request), request))

    async def delete_sandbox(self, request: Request) -> Response:
        """DELETE /_mock/sandboxes/{sandbox}: forget it; the others do not notice."""
        sandbox = self._sandbox(request)
        if sandbox is self._sandboxes.default:
            raise errors.malformed("The default sandbox is always there; POST /_mock/reset empties it.")
        await self._sandboxes.delete(sandbox)
        return Response(status_code=204)

    async def reset_sandbox(self, request: Request) -> Response:
        """POST /_mock/reset: begin again as it was made; tokens are gone, credentials stay."""
        return Json(_sandbox(await self._sandboxes.reset(self._sandbox(request)), request))

    async def read_clock(self, request: Request) -> Response:
        """GET /_mock/clock: the instant, how the clock moves, and what is due."""
        return Json(_clock(self._sandbox(request).driver))

    async def set_clock(self, request: Request) -> Response:
        """PUT /_mock/clock: another mode, rate, or both."""
        driver = self._sandbox(request).driver
        driver.set_clock(views.read_clock(await self._body(request)))
        return Json(_clock(driver))

    async def advance(self, request: Request) -> Response:
        """POST /_mock/clock/advance: time moves; answers when all of it has happened."""
        driver = self._sandbox(request).driver
        until = Until(**views.read_advance(await self._body(request)))
        if until.flow is not None and until.flow not in driver.engine.flows:
            raise errors.unknown_flow(until.flow, driver.engine.store.forgotten)
        try:
            done = await driver.advance(until)
        except ClockError as error:
            raise errors.malformed(f"The clock stands at {stamp(driver.now())}: {error}.") from None
        moved = {"from": stamp(done.since), "to": stamp(done.now), "stopped": done.stopped, "events": done.events}
        return Json(moved | views.happened(done.entries) | {"clock": _clock(driver)})

    async def callbacks(self, request: Request) -> Response:
        """GET /_mock/callbacks: every callback with its payload, attempts and next retry, oldest first."""
        page = views.read_page(request.query_params)
        later = self._sandbox(request).driver.engine.deliveries.after(page.after)
        found = islice((each for each in later if page.flow in (None, each.flow.id)), page.limit)
        return Json({"callbacks": [views.callback_document(each, document.callback_body(each)) for each in found]})

    async def read_balance(self, request: Request) -> Response:
        """GET /_mock/balance: what the account has, in euro."""
        return Json({"balance": views.euro(self._sandbox(request).driver.engine.purse.balance)})

    async def set_balance(self, request: Request) -> Response:
        """PUT /_mock/balance: the account has this much from now on."""
        driver = self._sandbox(request).driver
        driver.submit(views.read_balance(await self._body(request)))
        return Json({"balance": views.euro(driver.engine.purse.balance)})

    async def revoke_tokens(self, request: Request) -> Response:
        """DELETE /_mock/tokens: every token is good no longer; ?applicationId= of one, ?expire=true as run out."""
        driver = self._sandbox(request).driver
        revoke = views.read_revocation(request.query_params)
        driver.submit(revoke)
        [entry] = driver.engine.journal.after(len(driver.engine.journal) - 1)
        assert isinstance(entry.fact, TokensRevoked)  # noqa: S101 -- nothing comes between a command and its fact
        return Json({"expired" if revoke.expire else "revoked": entry.fact.count})

    async def push_inbound(self, request: Request) -> Response:
        """POST /_mock/inbound: the recipient of a Viber message answers it; answers when its inboundUrl has."""
        driver = self._sandbox(request).driver
        inbound = events.read_inbound(await self._body(request))
        flow = events.find_flow(inbound, driver.engine.flows)
        before = await driver.advance(Until(by=0))
        driver.submit(events.read_answer(inbound, driver.engine.flows.get(flow.id, flow)))
        after = await driver.advance(Until(by=0))
        return Json(views.happened((*before.entries, *after.entries)) | {"clock": _clock(driver)})

    async def push(self, request: Request) -> Response:
        """POST /_mock/events: a message hears a status now; answers when its callbacks are answered.

        Whatever else is due at this instant happens first, so that a flow just sent is on its way already.
        """
        driver = self._sandbox(request).driver
        event = events.read_event(await self._body(request))
        flow = events.find_flow(event, driver.engine.flows)
        before = await driver.advance(Until(by=0))
        driver.submit(events.read_report(event, driver.engine.flows.get(flow.id, flow)))
        after = await driver.advance(Until(by=0))
        return Json(views.happened((*before.entries, *after.entries)) | {"clock": _clock(driver)})

    async def journal(self, request: Request) -> Response:
        """GET /_mock/journal: everything that happened, in one order; as JSON, JSON Lines or text, or followed."""
        driver = self._sandbox(request).driver
        if following.wanted(request):
            return following.follow(request, driver)
        wanted = journal.read_excerpt(request.query_params, journal.FORMATS)
        kept = driver.engine.journal
        entries = journal.excerpt(kept.after(wanted.after), wanted)
        match request.query_params.get("format"):
            case "jsonl":
                return Response(b"".join(journal.lines(entries)), media_type="application/x-ndjson")
            case "text":
                return PlainTextResponse("".join(f"{line}\n" for line in timeline(entries)))
        return Json({"forgotten": kept.forgotten, "entries": list(entries)})

    async def verify(self, request: Request) -> Response:
        """POST /_mock/verify: whether what is expected has happened, or happens in time; the near misses if not."""
        driver = self._sandbox(request).driver
        wanted = read_verification(await self._body(request))
        return Json(await verified(driver, wanted) | {"clock": _clock(driver)})

    async def log(self, request: Request) -> Response:
        """GET /_mock/log: every command and event since the sandbox began, to be replayed."""
        lines = replay.write(self._sandbox(request).driver.engine.log, VERSION)
        if lines is None:
            raise errors.log_given_up()
        return Response(b"".join(lines), media_type="application/x-ndjson")

    async def requests(self, request: Request) -> Response:
        """GET /_mock/requests: every request to the mocked API, with what was wrong with it; oldest first."""
        wanted = replace(journal.read_excerpt(request.query_params), kinds=("request",))
        entries = self._sandbox(request).driver.engine.journal.after(wanted.after)
        return Json({"requests": list(journal.excerpt(entries, wanted))})

    async def flows(self, request: Request) -> Response:
        """GET /_mock/flows: every flow in a line, whoever sent it, oldest first."""
        page = views.read_page(request.query_params)
        kept = self._sandbox(request).driver.engine.flows.values()
        later = (each for each in kept if each.number > page.after)
        found = islice((each for each in later if page.flow in (None, each.id)), page.limit)
        return Json({"flows": [views.flow_line(flow) for flow in found]})

    async def flow(self, request: Request) -> Response:
        """GET /_mock/flows/{trackingId}: one flow: its line, its document, its steps as asked, and its journal."""
        flow, entries = self._flow(request)
        steps = [orjson.Fragment(step.asked) for step in flow.steps]
        entries_json = [journal.entry_json(entry) for entry in entries]
        return Json(
            views.flow_line(flow) | {"document": document.document(flow), "steps": steps, "journal": entries_json}
        )

    async def why(self, request: Request) -> Response:
        """GET /_mock/flows/{trackingId}/why: in words, why the flow went the way it did."""
        flow, entries = self._flow(request)
        return Json({"trackingId": flow.id, "status": str(flow.status), "why": why.explain(flow, entries)})

    async def fill_sink(self, request: Request) -> Response:
        """POST /_mock/sink/{name}: keep what is posted here."""
        sandbox = self._sandbox(request)
        body = await self._body(request)
        sandbox.sinks.put(request.path_params["name"], stamp(sandbox.driver.now()), body)
        return Json({"kept": True})

    async def read_sink(self, request: Request) -> Response:
        """GET /_mock/sink/{name}: what was posted there, oldest first."""
        name = request.path_params["name"]
        return Json({"sink": name, "requests": self._sandbox(request).sinks.read(name)})

    async def clear_sink(self, request: Request) -> Response:
        """DELETE /_mock/sink/{name}: forget what was posted there."""
        self._sandbox(request).sinks.clear(request.path_params["name"])
        return Response(status_code=204)

    def _sandbox(self, request: Request) -> Sandbox:
        id_ = request.path_params.get("sandbox", DEFAULT)
        found = self._sandboxes.find(id_)
        if found is None:
            near = difflib.get_close_matches(id_, [each.id for each in self._sandboxes], n=2)
            raise errors.unknown_sandbox(id_, near)
        return found

    def _flow(self, request: Request) -> tuple[Flow, list[Entry]]:
        engine, id_ = self._sandbox(request).driver.engine, request.path_params["trackingId"]
        flow = engine.flows.get(id_)
        if flow is None:
            raise errors.unknown_flow(id_, engine.store.forgotten)
        return flow, [entry for entry in engine.journal.after(0) if journal.flow_of(entry.fact) == id_]

    async def _body(self, request: Request) -> bytes:
        return await read_body(request, self._settings.max_body)


def _clock(driver: Driver) -> dict[str, Any]:
    clock, due = driver.engine.clock, driver.engine.peek()
    return views.clock_document(
        driver.now(), clock.mode, clock.rate, driver.engine.pending, None if due is None else due[0]
    )


def _sandbox(sandbox: Sandbox, request: Request) -> dict[str, Any]:
    engine, server = sandbox.driver.engine, str(request.base_url).rstrip("/")
    return {
        "id": sandbox.id,
        "applicationId": sandbox.application,
        "applicationSecret": sandbox.secret,
        "authUrl": server,
        "apiUrl": server,
        "controlUrl": f"{server}/_mock/sandboxes/{sandbox.id}",
        "seed": engine.behaviour.seed,
        "clock": _clock(sandbox.driver),
        "flows": len(engine.flows),
        "forgotten": {"flows": engine.store.forgotten, "journal": engine.journal.forgotten},
        "callbacks": len(engine.deliveries),
        "journal": len(engine.journal),
    }
