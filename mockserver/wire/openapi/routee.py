"""The mocked API as an OpenAPI document: requests are made from the models that validate them."""

from functools import lru_cache
from typing import Annotated, Any, Union

import orjson
from pydantic import Field, create_model
from pydantic.json_schema import models_json_schema

from mockserver.core.channels import RULES, Channel
from mockserver.core.flow import FlowStatus
from mockserver.core.step import FlowKind
from mockserver.wire import Json
from mockserver.wire.openapi.schemas import INSTANT, REF, answered, record, ref
from mockserver.wire.routee.channels import FORMS
from mockserver.wire.routee.limits import MOST_STEPS
from mockserver.wire.routee.models.send import CallbackModel
from mockserver.wire.routee.search import FIELDS, MOST, MOST_FILTERS, OPERATORS
from mockserver.wire.routee.tokens import SCOPES
from mockserver.wire.types import Model

SENDS = {
    FlowKind.FAILOVER: (
        "Send",
        "A flow: its steps run by ascending order, each when the one before it ended in one of its statuses.",
    ),
    FlowKind.TRANSACTIONAL: ("SendTemplates", "A flow whose Viber steps are templates."),
}
"""For each kind of send, its name and its description."""


@lru_cache(maxsize=1)
def render() -> bytes:
    """The document as JSON."""
    return orjson.dumps(document())


def document() -> Json:
    """The document: OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Routee Failover API, mocked",
            "version": "1",
            "description": "What the test double serves in the place of auth.routee.net and connect.routee.net.",
        },
        "security": [{"bearer": []}],
        "paths": {
            "/oauth/token": {"post": _token()},
            "/failover": {"post": _send("send", "Send a flow", "Send")},
            "/failover/transactional": {"post": _send("sendTemplates", "Send a flow of templates", "SendTemplates")},
            "/failover/tracking/{trackingId}": {"get": _track()},
            "/failover/tracking": {"post": _search()},
            "/accounts/me/balance": {"get": _balance()},
        },
        "components": {"schemas": _schemas(), "securitySchemes": _schemes()},
    }


def _token() -> Json:
    form = record(
        {"grant_type": {"const": "client_credentials"}, "scope": {"type": "string", "examples": ["sms failover"]}},
        ["grant_type"],
    )
    return {
        "operationId": "token",
        "summary": "A bearer token for an application's id and secret",
        "security": [{"basic": []}],
        "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": form}}},
        "responses": _responses("Token", {400: "OAuthError", 401: "AuthError", 413: "Error"}),
    }


def _send(operation: str, summary: str, body: str) -> Json:
    return {
        "operationId": operation,
        "summary": summary,
        "requestBody": {"required": True, "content": {"application/json": {"schema": ref(body)}}},
        "responses": _responses("SendReply", {400: "Error", 401: "OAuthError", 403: "Error", 413: "Error"}),
    }


def _track() -> Json:
    tracking_id = {"name": "trackingId", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        "operationId": "track",
        "summary": "One flow's document",
        "parameters": [tracking_id],
        "responses": _responses("Flow", {401: "OAuthError", 403: "Error", 404: "Error"}),
    }


def _search() -> Json:
    date = {"type": "string", "examples": ["2025-05-05T15:00Z"]}
    page = {"type": "integer", "minimum": 0, "maximum": 10**9, "default": 0}
    size = {"type": "integer", "minimum": 1, "maximum": MOST, "default": 10}
    query = {"dateStart": date, "dateEnd": date, "page": page, "size": size}
    filters = {"anyOf": [{"type": "array", "items": ref("Filter"), "maxItems": MOST_FILTERS}, ref("Filter")]}
    return {
        "operationId": "search",
        "summary": "Search the flows, newest first",
        "parameters": [{"name": name, "in": "query", "schema": schema} for name, schema in query.items()],
        "requestBody": {"content": {"application/json": {"schema": filters}}},
        "responses": _responses("Page", {400: "Error", 401: "OAuthError", 403: "Error", 413: "Error"}),
    }


def _balance() -> Json:
    return {
        "operationId": "balance",
        "summary": "What the account has",
        "responses": _responses("Balance", {401: "OAuthError", 403: "Error"}),
    }


def _responses(good: str, bad: dict[int, str]) -> Json:
    schemas = {200: good} | bad
    return {str(status): answered("OK" if status == 200 else "Refused", ref(name)) for status, name in schemas.items()}


def _schemas() -> Json:
    _, models = models_json_schema(
        [(_send_model(kind), "validation") for kind in FlowKind], by_alias=True, ref_template=REF
    )
    requests: Json = models["$defs"]
    return requests | _replies() | error_schemas() | {"Filter": _filter()}


def _send_model(kind: FlowKind) -> type[Model]:
    name, about = SENDS[kind]
    step: Any = Union[*(form.model() for form in FORMS[kind].values())]
    steps = Annotated[list[Annotated[step, Field(discriminator="type")]], Field(min_length=1, max_length=MOST_STEPS)]
    fields: Any = {
        "flow": (steps, ...),
        "callback": (CallbackModel | None, None),
        "restrictions": (dict[str, Any] | None, None),
    }
    return create_model(name, __base__=Model, __doc__=about, **fields)


def _filter() -> Json:
    return record(
        {
            "fieldName": {"enum": list(FIELDS)},
            "searchOperator": {"enum": list(OPERATORS), "default": "is"},
            "searchTerm": {"type": "string", "minLength": 1},
        },
        ["fieldName", "searchTerm"],
    )


def _replies() -> Json:
    return {
        "Token": record(
            {
                "access_token": {"type": "string", "format": "uuid"},
                "token_type": {"const": "bearer"},
                "expires_in": {"type": "integer", "minimum": 0},
                "scope": {"type": "string", "description": f"Of: {' '.join(SCOPES)}"},
                "permissions": {"type": "array", "items": {"type": "string"}},
            }
        ),
        "SendReply": record(
            {
                "trackingId": {"type": "string", "format": "uuid"},
                "flow": {"type": "array", "items": {"type": "object"}, "minItems": 1},
                "callback": record({"strategy": {"enum": ["OnStep", "OnCompletion"]}, "url": {"type": "string"}}),
                "restrictions": {"type": "object"},
                "flowKind": {"const": FlowKind.TRANSACTIONAL},
                "createdAt": INSTANT,
            },
            ["trackingId", "flow", "createdAt"],
        ),
        "Flow": _flow(),
        "Message": record(
            {
                "type": {"enum": list(Channel)},
                "to": {"type": "string"},
                "status": record(
                    {
                        "name": {"enum": _statuses()},
                        "reason": {"type": ["object", "null"]},
                        "updatedDate": INSTANT,
                    },
                    ["name", "updatedDate"],
                ),
                "price": {"type": "number", "minimum": 0},
                "createdAt": INSTANT,
            },
            ["type", "to", "status", "price", "createdAt", "order", "failoverOnStatuses"],
        ),
        "Balance": record(
            {
                "balance": {"type": "number"},
                "currency": record({name: {"type": "string"} for name in ("code", "name", "sign")}),
            }
        ),
        "Page": record(
            {
                "content": {"type": "array", "items": ref("Flow")},
                "totalPages": {"type": "integer"},
                "totalElements": {"type": "integer"},
                "number": {"type": "integer"},
                "size": {"type": "integer"},
                "numberOfElements": {"type": "integer"},
                "first": {"type": "boolean"},
                "last": {"type": "boolean"},
            }
        ),
    }


def error_schemas() -> Json:
    """The shapes of a refusal."""
    return {
        "Error": record(
            {
                "code": {"type": "string", "pattern": "^[0-9]{9}$"},
                "developerMessage": {"type": "string"},
                "properties": {"type": "object", "additionalProperties": {"type": "string"}},
            },
            ["code", "developerMessage"],
        ),
        "OAuthError": record({"error": {"type": "string"}, "error_description": {"type": "string"}}),
        "BadCredentials": record({name: {} for name in ("timestamp", "status", "error", "message", "path")}),
        "AuthError": {"anyOf": [ref("OAuthError"), ref("BadCredentials")]},
    }


def _flow() -> Json:
    channel = {"enum": [*Channel, None]}
    return record(
        {
            "trackingId": {"type": "string", "format": "uuid"},
            "messages": {"type": "array", "items": ref("Message")},
            "terminationChannel": channel,
            "status": {"enum": list(FlowStatus)},
            "statusCode": {"enum": [None, "0", "1", "2", "3"]},
            "totalPrice": {"type": "number", "minimum": 0},
            "originatingService": {"const": "Failover"},
            "applicationId": {"type": "string"},
            "createdAt": INSTANT,
            "updatedAt": INSTANT,
        }
    )


def _statuses() -> list[str]:
    return sorted({status for rules in RULES.values() for status in rules.statuses})


def _schemes() -> Json:
    return {"bearer": {"type": "http", "scheme": "bearer"}, "basic": {"type": "http", "scheme": "basic"}}
