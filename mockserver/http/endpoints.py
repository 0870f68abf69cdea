"""The table of the control API: each row is an endpoint. Its route and its description are made from the row.

To add an endpoint, add a row, and a handler in the file of its subject. The schemas that rows name by `ref` are in
`wire/openapi/control.py`.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib import import_module

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

from mockserver.core.step import FlowKind
from mockserver.http.control import Control
from mockserver.wire import code
from mockserver.wire.control.journal import FORMATS
from mockserver.wire.control.listing import REFUSED
from mockserver.wire.openapi.operations import Body, Content, Operation, as_json
from mockserver.wire.openapi.queries import ENTRIES, KIND, LISTED, PAGE, PARTS
from mockserver.wire.openapi.schemas import ANY_OBJECT, TEXT, WHOLE, YES_OR_NO, exactly, listed, record, ref, words

Handler = Callable[[Control, Request], Awaitable[Response]]

ROOT, ONE = "/_mock", "/_mock/sandboxes/{sandbox}"
"""The prefixes of endpoints: of those of the server and of the sandbox `default`, and of those of one sandbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint(Operation):
    """One method of one path: its description, and its handler.

    handler: its module in this room and its name. The module is imported for the first request to one of its endpoints:
    with all it needs, pydantic above all, that takes longer than the start of the server without it.
    """

    handler: str


NOTHING: Content = {}
LINES: Content = {"application/x-ndjson": TEXT}
BALANCE = as_json(ref("Account"))

SERVER: Mapping[str, Endpoint] = {
    "GET /health": Endpoint(
        "health",
        "Check that the server answers.",
        as_json(record({"status": exactly("ok"), "instance": TEXT})),
        handler="server.health",
    ),
    "GET /ready": Endpoint(
        "ready",
        "Check that the server takes requests; 503 with the reason if not.",
        as_json(record({"status": exactly("ready"), "instance": TEXT})),
        others={503: as_json(ANY_OBJECT)},
        handler="server.ready",
    ),
    "GET /version": Endpoint(
        "version",
        "Read the name and version of the mock.",
        as_json(record({"name": TEXT, "version": TEXT, "instance": TEXT})),
        handler="server.version",
    ),
    "GET /fidelity": Endpoint(
        "fidelity", "List every rule, and what was learnt of it.", as_json(ref("Rules")), handler="rules.rules"
    ),
    "GET /openapi.json": Endpoint(
        "openapi",
        "Read this description.",
        as_json(record({"openapi": TEXT, "paths": ANY_OBJECT})),
        handler="description.describe",
    ),
    "GET /docs": Endpoint("docs", "Read this description as a page.", {"text/html": TEXT}, handler="description.show"),
    "GET /metrics": Endpoint(
        "metrics", "Read the metrics, in Prometheus' text format.", {"text/plain": TEXT}, handler="server.metrics"
    ),
    "GET /ca.pem": Endpoint(
        "ca",
        "Read the certificate that clients over HTTPS must trust.",
        {"application/x-pem-file": TEXT},
        refusals=(404,),
        handler="server.certificate",
    ),
    "GET /store": Endpoint(
        "store", "Show what the store keeps.", as_json(ref("Store")), refusals=(404, 503), handler="server.store"
    ),
    "POST /store/seal": Endpoint(
        "seal",
        "Keep the state of every sandbox instead of its log, so that a restart takes less time.",
        as_json(record({"sealed": listed(record({"id": TEXT, "entries": WHOLE, "bytes": WHOLE}))})),
        refusals=(409, 503),
        handler="server.seal",
    ),
    "GET /library": Endpoint(
        "library",
        "List the scenarios that can be played by name.",
        as_json(record({"scenarios": listed(ref("PlayedScenario"))})),
        handler="scenarios.list_library",
    ),
    "GET /scenario.schema.json": Endpoint(
        "scenarioSchema", "The JSON Schema of a scenario file.", as_json(ANY_OBJECT), handler="scenarios.read_schema"
    ),
    "GET /sandboxes": Endpoint(
        "listSandboxes",
        "List every sandbox with what it holds; with a shared store, also those of other servers, with their owners.",
        as_json(ref("Sandboxes")),
        handler="sandboxes.list_sandboxes",
    ),
    "POST /sandboxes": Endpoint(
        "createSandbox",
        "Make a sandbox, with its own credentials and URLs.",
        as_json(ref("Sandbox")),
        Body(as_json(ref("NewSandbox")), required=False),
        status=201,
        handler="sandboxes.create_sandbox",
    ),
    "GET /sandboxes/{sandbox}": Endpoint(
        "readSandbox", "Read one sandbox.", as_json(ref("Sandbox")), handler="sandboxes.read_sandbox"
    ),
    "PUT /sandboxes/{sandbox}": Endpoint(
        "putSandbox",
        "Make the sandbox with this id, if it is not there; 409 if it was made with other settings. With"
        " `If-None-Match: *`, 412 if it is there.",
        as_json(ref("Sandbox")),
        Body(as_json(ref("NewSandbox")), required=False),
        status=201,
        also={200: "It was there, and was not changed"},
        refusals=(409, 412),
        handler="sandboxes.put_sandbox",
    ),
    "DELETE /sandboxes/{sandbox}": Endpoint(
        "deleteSandbox",
        "Delete a sandbox.",
        NOTHING,
        status=204,
        refusals=(400,),
        handler="sandboxes.delete_sandbox",
    ),
}
"""The endpoints of the server, under ROOT."""

SANDBOX: Mapping[str, Endpoint] = {
    "POST /reset": Endpoint(
        "reset",
        "Empty a sandbox: flows and tokens are gone, credentials stay, the clock is at its start.",
        as_json(ref("Sandbox")),
        handler="sandboxes.reset_sandbox",
    ),
    "GET /clock": Endpoint(
        "readClock", "Read the clock, and how much is due.", as_json(ref("Clock")), handler="clock.read"
    ),
    "PUT /clock": Endpoint(
        "setClock",
        "Change the mode or the rate of the clock.",
        as_json(ref("Clock")),
        Body(as_json(ref("ClockSetting"))),
        handler="clock.set_clock",
    ),
    "POST /clock/advance": Endpoint(
        "advance",
        "Move the clock; answers when everything due has happened.",
        as_json(ref("Moved")),
        Body(as_json(ref("Move"))),
        refusals=(404, 409),
        handler="clock.advance",
    ),
    "GET /due": Endpoint(
        "due",
        "List what happens next, earliest first: the first twenty things, and how many there are.",
        as_json(record({"pending": WHOLE, "due": listed(ref("Due"))})),
        handler="clock.list_due",
    ),
    "GET /callbacks": Endpoint(
        "callbacks",
        "List every callback with its payload (unless payload=false), attempts and next retry.",
        as_json(record({"callbacks": listed(ref("Callback"))})),
        query=PAGE | {"trackingId": TEXT, "payload": YES_OR_NO},
        handler="flows.list_callbacks",
    ),
    "GET /callbacks/{number}": Endpoint(
        "callback",
        "Read one callback, with its payload.",
        as_json(ref("Callback")),
        refusals=(404,),
        handler="flows.read_callback",
    ),
    "GET /balance": Endpoint("readBalance", "Read the balance, in euro.", BALANCE, handler="account.read_balance"),
    "PUT /balance": Endpoint(
        "setBalance",
        "Set the balance of the account, in euro.",
        BALANCE,
        Body(as_json(ref("NewBalance"))),
        handler="account.set_balance",
    ),
    "DELETE /tokens": Endpoint(
        "revokeTokens",
        "Make all tokens invalid; with ?applicationId= only those of one application, with ?expire=true as expired.",
        as_json(ref("TokensGone")),
        query={"applicationId": TEXT, "expire": {"type": "boolean"}},
        handler="account.revoke_tokens",
    ),
    "GET /journal": Endpoint(
        "journal",
        "Read everything that happened, in order: as JSON, JSON Lines, text, a diagram, or as a stream.",
        as_json(record({"forgotten": WHOLE, "entries": listed(ref("Entry"))}))
        | LINES
        | {"text/plain": TEXT, "text/event-stream": TEXT},
        query=ENTRIES | {"format": words(FORMATS) | {"default": "json"}, "signals": YES_OR_NO},
        handler="journal.read_journal",
    ),
    "GET /log": Endpoint(
        "log",
        "Read every command and event of the sandbox, for a replay.",
        LINES,
        refusals=(409,),
        handler="journal.read_log",
    ),
    "POST /verify": Endpoint(
        "verify",
        "Check what is expected, and say what came nearest if it did not happen. With ?fail=true, a failure is a 409"
        " with the sentences as text.",
        as_json(ref("Verdict")),
        Body(as_json(ref("Verification"))),
        query={"fail": YES_OR_NO},
        others={409: {"text/plain": TEXT}},
        handler="verification.verify",
    ),
    "POST /events": Endpoint(
        "push",
        "Give a message a status now, or several in one instant; answers when its callbacks are answered.",
        as_json(ref("Happened")),
        Body(as_json(ref("Push"))),
        refusals=(404, 409),
        handler="events.push_event",
    ),
    "POST /hold": Endpoint(
        "hold",
        "Drop what is planned for a message, so that it waits for pushed statuses.",
        as_json(ref("Happened")),
        Body(as_json(ref("HeldMessage"))),
        refusals=(404, 409),
        handler="events.hold",
    ),
    "POST /inbound": Endpoint(
        "pushInbound",
        "Let the recipient answer a Viber message; answers when its inboundUrl has.",
        as_json(ref("Happened")),
        Body(as_json(ref("Inbound"))),
        refusals=(404, 409),
        handler="events.push_inbound",
    ),
    "GET /requests": Endpoint(
        "requests",
        "List every request to Routee's endpoints, or only=refused: what was wrong, the body, the flow it made.",
        as_json(record({"requests": listed(ref("RequestMade")), "total": WHOLE})),
        query=PAGE | {"flow": TEXT, "kind": KIND, "only": exactly(REFUSED)},
        handler="journal.list_requests",
    ),
    "GET /flows": Endpoint(
        "flows",
        "List the flows, a line each; of a group (only=) or with some words (q=), and how many there are.",
        as_json(record({"flows": listed(ref("FlowInList")), "total": WHOLE, "counts": ref("Counts")})),
        query=PAGE | LISTED,
        handler="flows.list_flows",
    ),
    "POST /flows": Endpoint(
        "sendFlow",
        "Send a flow as an application does, but without a token: the body of POST /failover.",
        as_json(ref("SentFlow")),
        Body(as_json(ref("SendBody"))),
        query={"applicationId": TEXT, "kind": words(FlowKind) | {"default": str(FlowKind.FAILOVER)}},
        refusals=(429, 500, 502),
        handler="sending.send_flow",
    ),
    "POST /check": Endpoint(
        "check",
        "Say what would happen to a flow, without sending it: every wrong field, or the outcome of each step and why.",
        as_json(ref("Foresight")),
        Body(as_json(ref("SendToCheck"))),
        handler="sending.check_flow",
    ),
    "GET /flows/{trackingId}": Endpoint(
        "flow",
        "Read one flow: its document, steps, journal, progress, and the statuses that its message can get now.",
        as_json(ref("WholeFlow")),
        query={"with": PARTS},
        also={304: "Nothing has changed"},
        refusals=(404,),
        handler="flows.read_flow",
    ),
    "GET /flows/{trackingId}/as": Endpoint(
        "writeFlow",
        "Write the flow as code: what was planned, sent and done, with the statuses that came as the expectation.",
        {"text/plain": TEXT},
        query={"format": words(code.FORMATS) | {"default": "pytest"}},
        refusals=(404,),
        handler="flows.write_flow",
    ),
    "GET /flows/{trackingId}/why": Endpoint(
        "why",
        "Say in words why the flow went on or stopped at each step.",
        as_json(ref("Why")),
        refusals=(404,),
        handler="flows.explain_flow",
    ),
    "GET /scenarios": Endpoint(
        "scenarios",
        "List the scenarios of the sandbox, in the order in which they are asked, and the errors in files.",
        as_json(ref("Scenarios")),
        handler="scenarios.list_scenarios",
    ),
    "POST /scenarios": Endpoint(
        "putScenario",
        "Play a scenario, in YAML or JSON; it replaces one with the same name. With dry=true, only check it (200).",
        as_json(ref("PlayedScenario")),
        Body(as_json(ref("Scenario")) | {"application/yaml": TEXT}),
        query={"name": TEXT, "default": YES_OR_NO, "dry": YES_OR_NO},
        status=201,
        also={200: "It was only checked"},
        handler="scenarios.put_scenario",
    ),
    "DELETE /scenarios": Endpoint(
        "dropScenarios", "Stop all scenarios.", NOTHING, status=204, handler="scenarios.drop_scenarios"
    ),
    "POST /scenarios/reload": Endpoint(
        "reloadScenarios", "Read the files again.", as_json(ref("Scenarios")), handler="scenarios.reload_scenarios"
    ),
    "GET /scenarios/{name}": Endpoint(
        "readScenario",
        "Read a scenario that the sandbox plays, or can play by name.",
        as_json(ref("PlayedScenario")),
        refusals=(404,),
        handler="scenarios.read_scenario",
    ),
    "DELETE /scenarios/{name}": Endpoint(
        "dropScenario", "Stop a scenario.", NOTHING, status=204, refusals=(404,), handler="scenarios.drop_scenario"
    ),
    "POST /sink/{name}": Endpoint(
        "fillSink",
        "Keep what is posted here, for callbacks.",
        as_json(record({"kept": YES_OR_NO})),
        Body(as_json({}) | {"*/*": {}}, required=False),
        handler="sinks.fill_sink",
    ),
    "GET /sink/{name}": Endpoint(
        "readSink",
        "Read what was posted here, oldest first.",
        as_json(record({"sink": TEXT, "requests": listed(ANY_OBJECT)})),
        handler="sinks.read_sink",
    ),
    "DELETE /sink/{name}": Endpoint(
        "clearSink", "Forget what was posted here.", NOTHING, status=204, handler="sinks.clear_sink"
    ),
}
"""The endpoints of each sandbox, under ONE; those of `default` are under ROOT too."""


def _everywhere() -> Iterator[tuple[str, Endpoint]]:
    for place, endpoint in SERVER.items():
        yield place.replace(" ", f" {ROOT}", 1), endpoint
    for place, endpoint in SANDBOX.items():
        yield place.replace(" ", f" {ROOT}", 1), endpoint
        yield place.replace(" ", f" {ONE}", 1), replace(endpoint, id=f"{endpoint.id}In")


ENDPOINTS: Mapping[str, Endpoint] = dict(_everywhere())
"""Every endpoint by its method and full path."""


class ControlRoute(Route):
    """A route of the control API. It gives other paths no look, so that they need not be held against all of these."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether it serves a request."""
        return super().matches(scope) if ROOT in scope["path"] else (Match.NONE, {})


def routes(control: Control) -> Iterator[Route]:
    """The routes of the control API."""
    for place, endpoint in ENDPOINTS.items():
        method, path = place.split()
        yield ControlRoute(path, partial(_handle, endpoint, control), methods=[method])


async def _handle(endpoint: Endpoint, control: Control, request: Request) -> Response:
    control.expect_query(request, endpoint)
    return await handler(endpoint.handler)(control, request)


@cache
def handler(name: str) -> Handler:
    """The handler of an endpoint, by its name in the table."""
    module, _, function = name.partition(".")
    found: Handler = getattr(import_module(f"{__package__}.{module}"), function)
    return found
