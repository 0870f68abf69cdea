"""The OTP service in the document of the mocked API: its operations, and the schemas of what it takes and answers."""

from collections.abc import Mapping
from typing import Any

from mockserver.wire import Json
from mockserver.wire.openapi.requests import PHONE, spelled
from mockserver.wire.openapi.rules import blank_or_whole, or_blank
from mockserver.wire.openapi.schemas import (
    INSTANT,
    NUMBER,
    TEXT,
    WHOLE,
    answered,
    by_kind,
    exactly,
    listed,
    maybe,
    record,
    ref,
    refused,
    words,
)
from mockserver.wire.openapi.shapes import hoisted, shapes
from mockserver.wire.otp.document import STATUSES
from mockserver.wire.otp.models import MOST_FIELDS, TEMPLATE_TYPES, OtpCallback
from mockserver.wire.otp.requests import MODELS
from mockserver.wire.otp.search import FURTHEST, MOST, USUAL
from mockserver.wire.routee.limits import MOST_STEPS

TAG = "otp"

ABOUT = "One-time passwords over Viber, then Sms: a separate service on connect.routee.net."

UUID: Json = {"type": "string", "format": "uuid"}
PRICE: Json = NUMBER | {"minimum": 0}
CODE: Json = WHOLE | {
    "maximum": 3,
    "description": "Why it failed. 0: a server error. 1: no balance. 2: no step is left. 3: the status is no trigger.",
}
STEPS = {kind: f"{model.__name__}" for kind, model in MODELS.items()}
"""For each type of a step, its schema."""

INVALID, REFUSED = "OtpInvalid", "OtpError"


def operations() -> Mapping[str, Json]:
    """What each method and path does."""
    described = {
        "GET /failover-otp": _read(
            "otpService", "Read the name and state of the service", "OtpService", {}, open_=True
        ),
        "GET /failover-otp/health": _read("otpHealth", "Check that the service is up", "OtpHealth", {}, open_=True),
        "GET /failover-otp/otp/failover": _list(),
        "GET /failover-otp/otp/failover/{id}": _track(),
        "GET /failover-otp/otp/templates": _read(
            "otpTemplates", "List the Viber templates", "OtpTemplates", {401: REFUSED, 403: REFUSED}
        ),
    }
    return {"POST /failover-otp/otp/send-failover": _send(), **described}


def _send() -> Json:
    bad = {401: REFUSED, 403: REFUSED, 413: "Error", 422: INVALID, 429: "Error", 503: "Error"}
    send = {"requestBody": {"required": True, "content": {"application/json": {"schema": ref("OtpSend")}}}}
    return _read("sendOtp", "Send a one-time password; 200 also when the send failed", "OtpReply", bad) | send


def _track() -> Json:
    id_ = {"name": "id", "in": "path", "required": True, "schema": TEXT}
    about = "Track one flow, by its flowId or the trackingId of any of its steps"
    bad = {401: REFUSED, 403: REFUSED, 404: REFUSED}
    return _read("trackOtp", about, "OtpFlow", bad) | {"parameters": [id_]}


def _list() -> Json:
    number = {"type": "integer"}
    query: Mapping[str, tuple[Json, str]] = {
        "status": (words(sorted(set(STATUSES.values()))), "The status of the flow, in any case."),
        "tag": (TEXT, "The label of any step."),
        "phone_number": (TEXT, "The number of any step, with or without a plus."),
        "flow_id": (TEXT, "The id of the flow."),
        "limit": (number | {"minimum": 1, "maximum": MOST, "default": USUAL}, "Flows in the answer."),
        "offset": (number | {"minimum": 0, "maximum": FURTHEST, "default": 0}, "How many flows to skip."),
    }
    parameters = [
        {"name": name, "in": "query", "description": about, "schema": schema} for name, (schema, about) in query.items()
    ]
    bad = {401: REFUSED, 403: REFUSED, 422: INVALID}
    return _read("listOtp", "List the flows of one-time passwords, newest first", "OtpPage", bad) | {
        "parameters": parameters
    }


def _read(operation: str, summary: str, good: str, bad: Mapping[int, str], *, open_: bool = False) -> Json:
    errors = {str(status): refused(ref(name)) for status, name in bad.items()}
    return {
        "operationId": operation,
        "tags": [TAG],
        "summary": summary,
        **({"security": []} if open_ else {}),
        "responses": {"200": answered("OK", ref(good))} | errors,
    }


def webhook() -> Json:
    """What is posted to a callback's url."""
    return {
        "operationId": "otpCallback",
        "tags": ["webhooks"],
        "summary": "The flow of a one-time password, posted to callback.url; a failed attempt is not tried again",
        "security": [],
        "requestBody": {"required": True, "content": {"application/json": {"schema": ref("OtpFlow")}}},
        "responses": {"2XX": {"description": "Received"}, "4XX": {"description": "Lost"}},
    }


def schemas() -> Json:
    """Every schema of the service, by its name."""
    return _sends() | _replies() | flows() | _others()


def _made() -> Json:
    made = shapes([*MODELS.values(), OtpCallback], {})
    for kind, name in STEPS.items():
        made[name]["properties"] |= {"type": spelled(kind), "to": ref("OtpRecipient")}
    return made


def _sends() -> Json:
    made = _made()
    loose = {name: _loose(schema) for name, schema in made.items()}
    loose["OtpCallback"] = blank_or_whole(made["OtpCallback"])
    loose[STEPS["ViberOtp"]]["additionalProperties"] = True
    named = hoisted(loose, {"OtpTemplateType": words(TEMPLATE_TYPES)})
    return named | {
        "OtpRecipient": {
            "description": "A number, or an array that holds one.",
            "anyOf": [PHONE, listed(PHONE) | {"minItems": 1, "maxItems": 1}],
        },
        "OtpStep": by_kind("type", STEPS, "A step: a one-time password over one channel."),
        "OtpSend": record(
            {
                "flow": listed(ref("OtpStep")) | {"minItems": 1, "maxItems": MOST_STEPS},
                "callback": or_blank(ref("OtpCallback")),
            },
            ["flow"],
            "One-time passwords: the steps run by ascending order, each when the one before it has failed.",
        ),
    }


def _loose(schema: Json) -> Json:
    required = schema["required"]
    fields = {name: each if name in required else or_blank(each) for name, each in schema["properties"].items()}
    return schema | {"properties": fields, "maxProperties": MOST_FIELDS}


def _replies() -> Json:
    made, echoed = _made(), {kind: f"Accepted{name}" for kind, name in STEPS.items()}
    fields = {
        "flowId": maybe(UUID),
        "status": ref("OtpStatus"),
        "type": maybe(words(("Viber", "Sms"))),
        "flow": listed(ref("AcceptedOtpStep")),
        "createdAt": INSTANT,
        "error": TEXT | {"description": "Only when the send failed."},
        "statusCode": maybe(CODE),
    }
    about = "What became of a send. Its first message is on its way, unless the status is Failed."
    return {
        **{echoed[kind]: _echo(made[name], kind) for kind, name in STEPS.items()},
        "AcceptedOtpStep": by_kind("type", echoed, "A step as it was sent."),
        "OtpReply": record(fields, [name for name in fields if name != "error"], about),
    }


def _echo(asked: Json, kind: str) -> Json:
    """A step as it was sent, its blanks left out; the one that was sent first has its trackingId."""
    fields: dict[str, Any] = asked["properties"] | {"type": exactly(kind)}
    fields = {name: {key: each[key] for key in each if key != "default"} for name, each in fields.items()}
    if "templateType" in fields:
        fields["templateType"] = words(TEMPLATE_TYPES)
    about = f"A step over {kind} as it was sent; the one that was sent first has its trackingId."
    params = {"additionalProperties": True} if "templateType" in fields else {}
    return record(fields | {"trackingId": UUID}, asked["required"], about) | params


def flows() -> Json:
    """The schemas of the flow document, by name."""
    step = {
        "trackingId": UUID,
        "role": words(("primary", "failover")),
        "flowId": UUID,
        "status": TEXT | {"description": "queued, then the channel's own spelling."},
        "channel": words(("viber", "sms")),
        "phone_number": TEXT | {"description": "Without a plus."},
        "label": TEXT,
        "created_at": INSTANT,
        "sent_at": INSTANT,
        "delivered_at": INSTANT,
        "detailed_status": TEXT,
        "error_message": TEXT,
        "failover_from_message_token": UUID | {"description": "The trackingId of the step before."},
        "price": PRICE,
        "latency_ms": WHOLE | {"description": "From the beginning of the step to the delivery."},
        "country": TEXT,
        "operator": TEXT,
    }
    always = ("trackingId", "role", "flowId", "status", "channel", "phone_number", "created_at", "price")
    return {
        "OtpStatus": words(sorted(set(STATUSES.values())), "The status of a flow of one-time passwords."),
        "OtpFlow": record(
            {
                "flowId": UUID,
                "status": ref("OtpStatus"),
                "statusCode": maybe(CODE),
                "total_cost": PRICE,
                "steps": listed(ref("OtpFlowStep")),
            },
            about="A flow of one-time passwords and what has happened to it, as tracking and callbacks show it.",
        ),
        "OtpFlowStep": record(step, always, "A step that was attempted."),
    }


def _others() -> Json:
    page = {**dict.fromkeys(("total", "limit", "offset"), WHOLE), "results": listed(ref("OtpFlow"))}
    template = {
        "templateId": UUID,
        "templateType": words(TEMPLATE_TYPES),
        "name": TEXT,
        "params": listed(TEXT),
        "languages": listed(TEXT),
    }
    return {
        "OtpPage": record(page, about="Flows of one-time passwords, newest first."),
        "OtpTemplates": listed(ref("OtpTemplate")),
        "OtpTemplate": record(template, about="A template of one-time passwords over Viber."),
        "OtpService": record(dict.fromkeys(("service", "version", "status", "health"), TEXT)),
        "OtpHealth": record({"status": TEXT}),
        REFUSED: record({"detail": TEXT}, about="A refusal of the OTP service."),
        INVALID: record({"detail": listed(ref("OtpFinding"))}, about="Every wrong field of a request."),
        "OtpFinding": record({"loc": listed(ref("OtpPlace")), "msg": TEXT, "type": TEXT}, about="A wrong field."),
        "OtpPlace": {"description": "A name, or a position in an array.", "anyOf": [TEXT, WHOLE]},
    }
