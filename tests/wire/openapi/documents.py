"""The two documents, and validators for their schemas."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

from mockserver.http.endpoints import ENDPOINTS
from mockserver.wire.openapi import control, routee

Json = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DOCUMENTS: dict[str, Json] = {"routee": routee.document(), "control": control.document(ENDPOINTS)}


@cache
def validator(document: str, name: str, *, closed: bool = False) -> jsonschema_rs.Validator:
    """A validator for a schema of a document, by its name. closed: fields that are not described are wrong."""
    return validator_of(document, {"$ref": f"#/components/schemas/{name}"}, closed=closed)


def validator_of(document: str, schema: Json, *, closed: bool = False) -> jsonschema_rs.Validator:
    """A validator for a schema that stands in a document."""
    schemas = DOCUMENTS[document]["components"]["schemas"]
    if closed:
        schemas = {name: _closed(each) for name, each in schemas.items()}
    return jsonschema_rs.validator_for({"$schema": DIALECT, **schema, "components": {"schemas": schemas}})


def _closed(schema: Json) -> Json:
    is_open = schema.get("type") == "object" and "additionalProperties" not in schema
    return schema | {"additionalProperties": False} if is_open else schema


def operations(document: str) -> Iterator[tuple[str, Json]]:
    """Each operation of a document, with its method and path."""
    for path, methods in DOCUMENTS[document]["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def contents(operation: Json) -> Iterator[tuple[str, str, Json]]:
    """Every body of an operation: whether of a request or of which status, its media type, and what is said of it."""
    bodies = {"request": operation.get("requestBody", {}), **operation["responses"]}
    for whose, body in bodies.items():
        for media, content in body.get("content", {}).items():
            yield whose, media, content


def drawn(strategy: SearchStrategy[Any], count: int) -> list[Any]:
    """So many values of a strategy, always the same."""
    found: list[Any] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def draw(each: Any) -> None:
        found.append(each)

    draw()
    return found
