"""The control API as an OpenAPI document: requests from the very models that validate them, wherever there are some.

What each operation is for is said by whoever serves it, and handed in.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic.json_schema import models_json_schema

from mockserver.core.channels import Channel
from mockserver.core.commands import Mode
from mockserver.core.deliveries import DeliveryState
from mockserver.core.flow import FlowStatus
from mockserver.wire import Json
from mockserver.wire.control.events import Event, Inbound
from mockserver.wire.control.journal import FORMATS, NAMES
from mockserver.wire.control.sandboxes import SandboxModel
from mockserver.wire.control.views import MOST_EURO, RATES
from mockserver.wire.instants import DURATION_EXAMPLES
from mockserver.wire.openapi.routee import error_schemas
from mockserver.wire.openapi.schemas import INSTANT, REF, answered, listed, maybe, record, ref
from mockserver.wire.scenario import language
from mockserver.wire.verify.request import LONGEST, MODELS, MOST

ONE = "/_mock/sandboxes/{sandbox}"
"""Where everything of a sandbox lives; without a name, under /_mock, that of `default`."""

TEXT: Json = {"type": "string"}
WHOLE: Json = {"type": "integer", "minimum": 0}
LIMIT: Json = {"anyOf": [{"type": "number", "minimum": 0}, {"const": "unlimited"}]}
DURATION: Json = {"type": ["number", "string"], "description": f"Such as {DURATION_EXAMPLES}."}
EURO: Json = {"anyOf": [{"type": "number"}, {"const": "unlimited"}]}
ANY_OBJECT: Json = {"type": "object"}

PAGE = {"after": WHOLE, "limit": WHOLE}
JOURNAL = PAGE | {"flow": TEXT, "kind": {"type": "string", "description": f"Of {', '.join(NAMES)}; several, by comma."}}


class Operation(NamedTuple):
    """One method of one path. body: of the request, if it takes one, by media type; refusals: beside those of all."""

    id: str
    reply: Json | None
    body: Mapping[str, Json] | None = None
    query: Mapping[str, Json] = {}
    status: int = 200
    media: str = "application/json"
    refusals: tuple[int, ...] = ()


def _json(schema: Json) -> Mapping[str, Json]:
    return {"application/json": schema}


SERVER: Mapping[str, Operation] = {
    "GET /_mock/health": Operation("health", record({"status": {"const": "ok"}, "instance": TEXT})),
    "GET /_mock/ready": Operation("ready", record({"status": {"const": "ready"}, "instance": TEXT})),
    "GET /_mock/version": Operation("version", record({"name": TEXT, "version": TEXT, "instance": TEXT})),
    "GET /_mock/openapi.json": Operation("openapi", record({"openapi": TEXT, "paths": ANY_OBJECT})),
    "GET /_mock/metrics": Operation("metrics", TEXT, media="text/plain"),
    "GET /_mock/ca.pem": Operation("ca", TEXT, media="application/x-pem-file", refusals=(404,)),
    "GET /_mock/library": Operation("library", record({"scenarios": listed(ref("PlayedScenario"))})),
    "GET /_mock/scenario.schema.json": Operation("scenarioSchema", ANY_OBJECT),
    "GET /_mock/sandboxes": Operation("listSandboxes", record({"sandboxes": listed(ref("Sandbox"))})),
    "POST /_mock/sandboxes": Operation("createSandbox", ref("Sandbox"), _json(ref("SandboxModel")), status=201),
    f"GET {ONE}": Operation("readSandbox", ref("Sandbox")),
    f"DELETE {ONE}": Operation("deleteSandbox", None, status=204),
}
"""What there is once."""

SANDBOX: Mapping[str, Operation] = {
    "POST /reset": Operation("reset", ref("Sandbox")),
    "GET /clock": Operation("readClock", ref("Clock")),
    "PUT /clock": Operation("setClock", ref("Clock"), _json(ref("ClockSetting"))),
    "POST /clock/advance": Operation("advance", ref("Moved"), _json(ref("Move")), refusals=(404,)),
    "GET /callbacks": Operation(
        "callbacks", record({"callbacks": listed(ref("Callback"))}), query=PAGE | {"trackingId": TEXT}
    ),
    "GET /balance": Operation("readBalance", record({"balance": EURO})),
    "PUT /balance": Operation("setBalance", record({"balance": EURO}), _json(ref("Balance"))),
    "DELETE /tokens": Operation(
        "revokeTokens",
        {"anyOf": [record({"revoked": WHOLE}), record({"expired": WHOLE})]},
        query={"applicationId": TEXT, "expire": {"type": "boolean"}},
    ),
    "GET /journal": Operation(
        "journal",
        record({"forgotten": WHOLE, "entries": listed(ref("Entry"))}),
        query=JOURNAL | {"format": {"enum": list(FORMATS), "default": "json"}},
    ),
    "GET /log": Operation("log", TEXT, media="application/x-ndjson", refusals=(409,)),
    "POST /verify": Operation("verify", ref("Verdict"), _json(ref("Verification"))),
    "POST /events": Operation("push", ref("Happened"), _json(ref("Event")), refusals=(404,)),
    "POST /inbound": Operation("pushInbound", ref("Happened"), _json(ref("Inbound")), refusals=(404,)),
    "GET /requests": Operation("requests", record({"requests": listed(ref("Entry"))}), query=JOURNAL),
    "GET /flows": Operation("flows", record({"flows": listed(ref("FlowLine"))}), query=PAGE | {"trackingId": TEXT}),
    "GET /flows/{trackingId}": Operation("flow", ref("WholeFlow"), refusals=(404,)),
    "GET /flows/{trackingId}/why": Operation("why", ref("Why"), refusals=(404,)),
    "GET /scenarios": Operation("scenarios", ref("Scenarios")),
    "POST /scenarios": Operation(
        "putScenario",
        ref("PlayedScenario"),
        {"application/json": ref("Scenario"), "application/yaml": TEXT},
        {"name": TEXT},
        status=201,
    ),
    "DELETE /scenarios": Operation("dropScenarios", None, status=204),
    "POST /scenarios/reload": Operation("reloadScenarios", ref("Scenarios")),
    "GET /scenarios/{name}": Operation("readScenario", ref("PlayedScenario"), refusals=(404,)),
    "DELETE /scenarios/{name}": Operation("dropScenario", None, status=204, refusals=(404,)),
    "POST /sink/{name}": Operation("fillSink", record({"kept": {"const": True}}), {"*/*": {}}),
    "GET /sink/{name}": Operation("readSink", record({"sink": TEXT, "requests": listed(ANY_OBJECT)})),
    "DELETE /sink/{name}": Operation("clearSink", None, status=204),
}
"""What there is of each sandbox."""


CHANNEL: Json = {"enum": list(Channel)}
INSTANT_OR_NONE: Json = maybe(INSTANT)
CHANGE: Json = {"at": INSTANT, "trackingId": TEXT}
HAPPENED: Json = {"transitions": listed(ref("Transition")), "callbacks": listed(ref("Attempt"))}
LINE: Json = {
    "flow": WHOLE,
    "trackingId": TEXT,
    "applicationId": TEXT,
    "createdAt": INSTANT,
    "to": listed(TEXT),
    "channels": listed(CHANNEL),
    "heard": listed(TEXT),
    "status": {"enum": list(FlowStatus)},
    "statusCode": maybe(TEXT),
    "terminationChannel": maybe(CHANNEL),
    "ttlEnds": INSTANT_OR_NONE,
}
REPLIES: Mapping[str, Json] = {
    "Clock": record(
        {
            "now": INSTANT,
            "mode": {"enum": list(Mode)},
            "rate": {"type": "number"},
            "pending": WHOLE,
            "next": INSTANT_OR_NONE,
        }
    ),
    "Sandbox": record(
        {
            "id": TEXT,
            "applicationId": maybe(TEXT),
            "applicationSecret": maybe(TEXT),
            **dict.fromkeys(("authUrl", "apiUrl", "controlUrl"), TEXT),
            "seed": {"type": "integer"},
            "clock": ref("Clock"),
            "flows": WHOLE,
            "forgotten": record({"flows": WHOLE, "journal": WHOLE}),
            "callbacks": WHOLE,
            "journal": WHOLE,
        }
    ),
    "Transition": {
        "anyOf": [
            record(
                CHANGE
                | {"step": WHOLE, "channel": CHANNEL, "messageId": TEXT, "status": TEXT, "reason": maybe(TEXT)}
                | {"cause": TEXT, "late": {"type": "boolean"}}
            ),
            record(
                CHANGE
                | {"flowStatus": {"enum": list(FlowStatus)}, "statusCode": maybe(TEXT)}
                | {"terminationChannel": maybe(CHANNEL)}
            ),
        ]
    },
    "Attempt": record(
        {
            "callback": WHOLE,
            "trackingId": TEXT,
            "url": TEXT,
            "attempt": WHOLE,
            "at": INSTANT,
            "delivered": {"type": "boolean"},
            "status": maybe(WHOLE),
            "error": maybe(TEXT),
            "answer": TEXT,
            "tookMs": {"type": "number"},
            "nextRetry": INSTANT_OR_NONE,
        }
    ),
    "Callback": record(
        {
            "callback": WHOLE,
            "trackingId": TEXT,
            "url": TEXT,
            "state": {"enum": list(DeliveryState)},
            "nextRetry": INSTANT_OR_NONE,
            "faults": listed(TEXT),
            "copyOf": maybe(WHOLE),
            "attempts": listed(ref("Attempt")),
            "payload": ANY_OBJECT,
        }
    ),
    "Happened": record(HAPPENED | {"clock": ref("Clock")}),
    "Moved": record(
        {"from": INSTANT, "to": INSTANT, "stopped": TEXT, "events": WHOLE, **HAPPENED, "clock": ref("Clock")}
    ),
    "Entry": record({"number": WHOLE, "at": INSTANT, "kind": {"enum": list(NAMES)}}),
    "FlowLine": record(LINE),
    "WholeFlow": record(LINE | {"document": ANY_OBJECT, "steps": listed(ANY_OBJECT), "journal": listed(ref("Entry"))}),
    "Why": record({"trackingId": TEXT, "status": TEXT, "why": listed(ref("Reason"))}),
    "Reason": record({"at": INSTANT, "step": WHOLE, "says": TEXT, "rule": TEXT, "mark": TEXT}),
    "PlayedScenario": record(
        {
            "name": TEXT,
            "why": TEXT,
            "when": maybe(TEXT),
            "priority": {"type": "integer"},
            "uses": maybe(WHOLE),
            "used": WHOLE,
            "says": ANY_OBJECT,
        }
    ),
    "Scenarios": record({"scenarios": listed(ref("PlayedScenario")), "problems": listed(TEXT)}),
    "Verdict": record(
        {
            "ok": {"type": "boolean"},
            "expectations": listed(record({"ok": {"type": "boolean"}, "says": TEXT, "found": WHOLE})),
            "clock": ref("Clock"),
        }
    ),
}
"""What is answered."""


def document(summaries: Mapping[str, str]) -> Json:
    """The document: OpenAPI 3.1. summaries: what each operation is for, by method and path without a sandbox's name."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "routee-mock, controlled",
            "version": "1",
            "description": "How a test moves the time of the mock, chooses what happens, and asks what did.",
        },
        "security": [{}, {"token": []}, {"bearer": []}],
        "paths": _paths(summaries),
        "components": {"schemas": _schemas(), "securitySchemes": _schemes()},
    }


def _paths(summaries: Mapping[str, str]) -> Json:
    paths: Json = {}
    for place, operation, summary in _places(summaries):
        method, path = place.split()
        paths.setdefault(path, {})[method.lower()] = _operation(path, operation, summary)
    return paths


def _places(summaries: Mapping[str, str]) -> Iterator[tuple[str, Operation, str]]:
    """Every method and path, and what is to be said of it."""
    for place, operation in SERVER.items():
        yield place, operation, summaries[place]
    for place, operation in SANDBOX.items():
        method, path = place.split()
        summary = summaries[f"{method} /_mock{path}"]
        yield f"{method} /_mock{path}", operation, summary
        within = operation._replace(id=f"{operation.id}In")
        yield f"{method} {ONE}{path}", within, summary


def _operation(path: str, operation: Operation, summary: str) -> Json:
    named = [name for name in ("sandbox", "trackingId", "name") if f"{{{name}}}" in path]
    parameters = [{"name": name, "in": "path", "required": True, "schema": TEXT} for name in named]
    parameters += [{"name": name, "in": "query", "schema": schema} for name, schema in operation.query.items()]
    described: Json = {"operationId": operation.id, "summary": summary, "parameters": parameters}
    if operation.body is not None:
        content = {media: {"schema": schema} for media, schema in operation.body.items()}
        described["requestBody"] = {"required": operation.id.startswith("put"), "content": content}
    return described | {"responses": _responses(operation, sandbox="sandbox" in named)}


def _responses(operation: Operation, *, sandbox: bool) -> Json:
    good: Json = {"description": "Done"}
    if operation.reply is not None:
        good = answered("OK", operation.reply, operation.media)
    if operation.id.removesuffix("In") == "journal":
        others = ("application/x-ndjson", "text/plain", "text/event-stream")
        good["content"] |= {media: {"schema": TEXT} for media in others}
    bad = {401, 403, *operation.refusals, *((404,) if sandbox else ())}
    if operation.query or operation.body is not None or operation.id == "deleteSandbox":
        bad.add(400)
    if operation.body is not None:
        bad |= {413, 503}
    refused = {str(status): answered("Refused", ref("Error")) for status in sorted(bad)}
    return {str(operation.status): good} | refused


# Schemas


def _schemas() -> Json:
    models: list[Any] = [Event, Inbound, SandboxModel, *(each for pair in MODELS.values() for each in pair)]
    _, validated = models_json_schema(
        [(each, "validation") for each in dict.fromkeys(models)], by_alias=True, ref_template=REF
    )
    refusal = {"Error": error_schemas()["Error"]}
    return refusal | dict(validated["$defs"]) | _scenario() | _requests() | dict(REPLIES)


def _scenario() -> Json:
    """A scenario, and what it is made of, as components."""
    schema = language.schema()
    parts: Json = schema.pop("$defs")
    del schema["$schema"]
    return {name: _moved(part) for name, part in {**parts, "Scenario": schema}.items()}


def _moved(node: Any) -> Any:
    """The same, with its references to where components live."""
    if isinstance(node, dict):
        moved = {key: _moved(value) for key, value in node.items()}
        if isinstance(moved.get("$ref"), str):
            moved["$ref"] = REF.format(model=moved["$ref"].rpartition("/")[2])
        return moved
    return [_moved(each) for each in node] if isinstance(node, list) else node


def _requests() -> Json:
    final = record({"final": TEXT})
    kinds: list[Json] = [
        record({"by": DURATION}),
        record({"to": INSTANT}),
        record({"until": {"anyOf": [{"enum": ["next", "idle"]}, final]}}),
    ]
    expectations = {"anyOf": [ref(whole.__name__) for whole, _ in MODELS.values()]}
    rate = {"type": "number", "minimum": RATES[0], "maximum": RATES[1]}
    return {
        "Move": {
            "oneOf": kinds,
            "properties": {"limit": {"type": "integer", "minimum": 1, "maximum": 1_000_000}},
        },
        "ClockSetting": record({"mode": {"enum": list(Mode)}, "rate": rate}, []) | {"minProperties": 1},
        "Balance": record(
            {"balance": {"anyOf": [{"type": "number", "minimum": 0, "maximum": MOST_EURO}, {"const": "unlimited"}]}}
        ),
        "Verification": record(
            {
                "expect": {"type": "array", "items": expectations, "minItems": 1, "maxItems": MOST},
                "within": DURATION | {"description": f"Real time it may be waited for, {LONGEST // 1_000} s at most."},
            },
            ["expect"],
        ),
    }


def _schemes() -> Json:
    """Only what a mock started with --control-token wants."""
    token = {"type": "apiKey", "in": "header", "name": "X-Mock-Token"}
    return {"token": token, "bearer": {"type": "http", "scheme": "bearer"}}
