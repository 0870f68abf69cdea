"""The mocked API as an OpenAPI document: requests are made from the models that validate them."""

from collections.abc import Mapping
from functools import lru_cache

import orjson

from mockserver.wire import Json
from mockserver.wire.openapi import otp, replies, requests
from mockserver.wire.openapi import page as pages
from mockserver.wire.openapi.examples import HOME, with_examples
from mockserver.wire.openapi.schemas import HEADERS, TEXT, answered, exactly, listed, record, ref, refused, words
from mockserver.wire.routee.search import EVERYWHERE, FIELDS, MOST, MOST_FILTERS, OPERATORS

ABOUT = """\
What the test double serves in the place of auth.routee.net and connect.routee.net.

A field that is not required counts as absent where it is blank: "", white space, 0, false, null, [], or an object of
blanks. The schemas take the blanks of a field's own type, and null; the mock takes every other blank too. Fields that
no schema knows are passed over, unless the mock is started with --strict-fields.

It describes the mock by default; where a dialect says so, it answers otherwise."""

ERRORS: Mapping[int, str] = {400: "Error", 401: "OAuthError", 403: "Error", 413: "Error"}
"""For each status of a refusal, the schema of its body."""

FAULTS: Mapping[int, str] = {429: "Error", 500: "Error", 503: "Error"}
"""The same, for a send that a scenario makes fail."""


@lru_cache(maxsize=4)
def render(url: str) -> bytes:
    """The document as JSON. url: of the mock."""
    return orjson.dumps(document(url))


@lru_cache(maxsize=4)
def page(url: str) -> str:
    """The document as a page to read. url: of the mock."""
    return pages.render(document(url), {"the mock's own API": "/_mock/docs", "this API for programs": "/openapi.json"})


def document(url: str = HOME) -> Json:
    """The document: OpenAPI 3.1. url: of the mock."""
    operations = {
        "POST /oauth/token": _token(),
        "POST /failover": _send("send", "Send a flow", "Send"),
        "POST /failover/transactional": _send("sendTemplates", "Send a flow of templates", "SendTemplates"),
        "GET /failover/tracking/{trackingId}": _track(),
        "POST /failover/tracking": _search(),
        "GET /accounts/me/balance": _balance(),
        **otp.operations(),
    }
    paths: Json = {}
    for place, operation in operations.items():
        method, path = place.split()
        paths.setdefault(path, {})[method.lower()] = with_examples(place, operation, url)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Routee Failover API, mocked",
            "version": "1",
            "description": ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": url}],
        "security": [{"bearer": []}],
        "tags": [{"name": name, "description": about} for name, about in TAGS.items()],
        "paths": paths,
        "webhooks": {
            "callback": {"post": _callback()},
            "inbound": {"post": _inbound()},
            "answered": {"post": _answered()},
            "otp": {"post": otp.webhook()},
        },
        "components": {"schemas": _schemas(), "headers": HEADERS, "securitySchemes": _schemes()},
    }


TAGS = {
    "auth": "Tokens, as on auth.routee.net.",
    "failover": "Flows, as on connect.routee.net.",
    otp.TAG: otp.ABOUT,
    "account": "The account, as on connect.routee.net.",
    "webhooks": "What the mock posts.",
}


def _token() -> Json:
    scope = {"type": "string", "examples": ["sms failover"], "description": "By default every scope."}
    form = record({"grant_type": exactly("client_credentials"), "scope": scope}, ["grant_type"], "What is asked for.")
    return {
        "operationId": "token",
        "tags": ["auth"],
        "summary": "Get a bearer token for an application's id and secret",
        "security": [{"basic": []}],
        "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": form}}},
        "responses": _responses("Token", {400: "OAuthError", 401: "AuthError", 413: "Error"}),
    }


def _send(operation: str, summary: str, body: str) -> Json:
    return {
        "operationId": operation,
        "tags": ["failover"],
        "summary": summary,
        "requestBody": {"required": True, "content": {"application/json": {"schema": ref(body)}}},
        "responses": _responses(f"{body}Reply", {**ERRORS, **FAULTS}),
    }


def _track() -> Json:
    tracking_id = {"name": "trackingId", "in": "path", "required": True, "schema": TEXT}
    return {
        "operationId": "track",
        "tags": ["failover"],
        "summary": "Track one flow",
        "parameters": [tracking_id],
        "responses": _responses("Flow", {401: "OAuthError", 403: "Error", 404: "Error"}),
    }


def _search() -> Json:
    date = {"type": "string", "examples": ["2025-05-05T15:00Z"]}
    page = {"type": "integer", "minimum": 0, "maximum": 10**9, "default": 0}
    size = {"type": "integer", "minimum": 1, "maximum": MOST, "default": 10}
    query = {
        "dateStart": (date, "Flows created at this instant or later."),
        "dateEnd": (date, "Flows created at this instant or earlier."),
        "page": (page, "From 0."),
        "size": (size, "Flows on a page."),
    }
    return {
        "operationId": "search",
        "tags": ["failover"],
        "summary": "Search the flows, newest first",
        "parameters": [
            {"name": name, "in": "query", "description": about, "schema": schema}
            for name, (schema, about) in query.items()
        ],
        "requestBody": {"content": {"application/json": {"schema": ref("Filters")}}},
        "responses": _responses("Page", ERRORS),
    }


def _balance() -> Json:
    return {
        "operationId": "balance",
        "tags": ["account"],
        "summary": "Read the balance of the account",
        "responses": _responses("Balance", {401: "OAuthError", 403: "Error"}),
    }


def _callback() -> Json:
    return _posted("callback", "The flow document, posted to callback.url; answered by any 2xx within 2 s", "Flow")


def _inbound() -> Json:
    return _posted("inbound", "What a recipient answers to a Viber message, posted to its inboundUrl", "InboundMessage")


def _answered() -> Json:
    about = "Who has answered a call, posted to the eventUrl of its machineDetection"
    lost = {
        "responses": {
            "2XX": {"description": "Received; a dial plan in it is not played"},
            "4XX": {"description": "Lost"},
        }
    }
    return _posted("answeredCall", about, "AnsweredCall") | lost


def _posted(operation: str, summary: str, body: str) -> Json:
    return {
        "operationId": operation,
        "tags": ["webhooks"],
        "summary": summary,
        "security": [],
        "requestBody": {"required": True, "content": {"application/json": {"schema": ref(body)}}},
        "responses": {"2XX": {"description": "Received"}, "4XX": {"description": "Tried again later"}},
    }


def _responses(good: str, bad: Mapping[int, str]) -> Json:
    errors = {str(status): refused(ref(name)) for status, name in sorted(bad.items())}
    return {"200": answered("OK", ref(good))} | errors


def _schemas() -> Json:
    return requests.schemas() | replies.schemas() | replies.refusals() | _filters() | otp.schemas()


def _filters() -> Json:
    """The body of a search."""
    one = record(
        {
            "fieldName": words(FIELDS),
            "searchOperator": {
                "anyOf": [ref("SearchOperator"), exactly(""), {"type": "null"}],
                "default": "is",
                "description": "Those after is_not are only for `to`.",
            },
            "searchTerm": {"type": "string", "pattern": r"\S"},
        },
        ["fieldName", "searchTerm"],
        "A condition on the flows that are looked for.",
    )
    others = {"properties": {"searchOperator": {"enum": ["", None, *EVERYWHERE]}}}
    rule = {"if": {"not": {"properties": {"fieldName": {"const": "to"}}}}, "then": others}
    several = listed(ref("Filter")) | {"maxItems": MOST_FILTERS}
    about = "Conditions that must all hold, or a single one."
    return {
        "Filter": one | rule,
        "SearchOperator": words(OPERATORS, "How a field is compared with the term; upper and lower case are the same."),
        "Filters": {"description": about, "anyOf": [several, ref("Filter"), {"type": "null"}]},
    }


def _schemes() -> Json:
    return {
        "bearer": {"type": "http", "scheme": "bearer", "description": "A token of POST /oauth/token."},
        "basic": {"type": "http", "scheme": "basic", "description": "The id and the secret of an application."},
    }
