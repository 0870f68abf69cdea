"""The control API as an OpenAPI document: requests are made from the models that validate them, where there are any.

The table of endpoints says what each operation takes and answers, and is passed in.
"""

import re
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from pydantic.json_schema import models_json_schema

from mockserver.core.channels import Channel
from mockserver.core.clock import RATES
from mockserver.core.commands import Mode
from mockserver.core.deliveries import DeliveryState
from mockserver.core.flow import FlowStatus
from mockserver.wire import Json
from mockserver.wire.control.journal import NAMES
from mockserver.wire.control.views import MOST_EURO
from mockserver.wire.instants import DURATION_EXAMPLES
from mockserver.wire.openapi.operations import Content, Operation
from mockserver.wire.openapi.routee import error_schemas
from mockserver.wire.openapi.schemas import (
    ANY_OBJECT,
    INSTANT,
    REF,
    TEXT,
    WHOLE,
    answered,
    listed,
    maybe,
    record,
    ref,
)
from mockserver.wire.scenario import language
from mockserver.wire.verify.request import LONGEST, MODELS, MOST

DURATION: Json = {"type": ["number", "string"], "description": f"Such as {DURATION_EXAMPLES}."}
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
    "Due": record(
        {"at": INSTANT_OR_NONE, "trackingId": TEXT, "kind": {"enum": ["status", "ttl", "callback"]}, "says": TEXT}
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
"""The schemas of the answers."""


def document(operations: Mapping[str, Operation]) -> Json:
    """The document: OpenAPI 3.1. operations: by method and path, such as `GET /_mock/clock`."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "routee-mock, controlled",
            "version": "1",
            "description": "How a test moves the time of the mock, chooses what happens, and asks what did.",
        },
        "security": [{}, {"token": []}, {"bearer": []}],
        "paths": _paths(operations),
        "components": {"schemas": _schemas(operations.values()), "securitySchemes": _schemes()},
    }


def _paths(operations: Mapping[str, Operation]) -> Json:
    paths: Json = {}
    for place, operation in operations.items():
        method, path = place.split()
        paths.setdefault(path, {})[method.lower()] = _operation(path, operation)
    return paths


def _operation(path: str, operation: Operation) -> Json:
    named = re.findall(r"{(\w+)}", path)
    parameters = [{"name": name, "in": "path", "required": True, "schema": TEXT} for name in named]
    parameters += [{"name": name, "in": "query", "schema": schema} for name, schema in operation.query.items()]
    described: Json = {"operationId": operation.id, "summary": operation.summary, "parameters": parameters}
    if operation.body is not None:
        body = operation.body
        described["requestBody"] = {"required": body.required, "content": _content(body.content)}
    return described | {"responses": _responses(operation, sandbox="sandbox" in named)}


def _responses(operation: Operation, *, sandbox: bool) -> Json:
    good = {"description": "OK", "content": _content(operation.reply)} if operation.reply else {"description": "Done"}
    bad = {401, 403, *operation.refusals, *((404,) if sandbox else ())}
    if operation.query or operation.body is not None:
        bad.add(400)
    if operation.body is not None:
        bad |= {413, 503}
    refused = {str(status): answered("Refused", ref("Error")) for status in sorted(bad)}
    others = {
        str(status): {"description": "Not so", "content": _content(each)} for status, each in operation.others.items()
    }
    return {str(operation.status): good} | others | refused


def _content(content: Content) -> Json:
    return {
        media: {"schema": ref(schema.__name__) if isinstance(schema, type) else schema}
        for media, schema in content.items()
    }


# Schemas


def _schemas(operations: Iterable[Operation]) -> Json:
    bodies = (schema for each in operations if each.body is not None for schema in each.body.content.values())
    models: list[Any] = [*(schema for schema in bodies if isinstance(schema, type)), *chain(*MODELS.values())]
    _, validated = models_json_schema(
        [(each, "validation") for each in dict.fromkeys(models)], by_alias=True, ref_template=REF
    )
    refusal = {"Error": error_schemas()["Error"]}
    return refusal | dict(validated["$defs"]) | _scenario() | _requests() | dict(REPLIES)


def _scenario() -> Json:
    """The schema of a scenario and its parts, as components."""
    schema = language.schema()
    parts: Json = schema.pop("$defs")
    del schema["$schema"]
    return {name: _moved(part) for name, part in {**parts, "Scenario": schema}.items()}


def _moved(node: Any) -> Any:
    """The same schema, with references to the components of the document."""
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
    """The security schemes; only a mock with --control-token needs them."""
    token = {"type": "apiKey", "in": "header", "name": "X-Mock-Token"}
    return {"token": token, "bearer": {"type": "http", "scheme": "bearer"}}
