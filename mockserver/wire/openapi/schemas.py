"""The pieces from which both OpenAPI documents are built."""

from collections.abc import Iterable, Mapping
from typing import Any

from mockserver.wire import Json

REF = "#/components/schemas/{model}"

TEXT: Json = {"type": "string"}
WHOLE: Json = {"type": "integer", "minimum": 0}
ANY_OBJECT: Json = {"type": "object"}
INSTANT: Json = {"type": "string", "format": "date-time"}


def record(properties: Mapping[str, Any], required: Iterable[str] | None = None) -> Json:
    """An object. required: the names of the properties that are required; None for all."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties if required is None else required),
    }


def listed(schema: Json) -> Json:
    """An array of this schema."""
    return {"type": "array", "items": schema}


def maybe(schema: Json) -> Json:
    """This schema, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def ref(name: str) -> Json:
    """A reference to a schema by its name."""
    return {"$ref": REF.format(model=name)}


def answered(description: str, schema: Json, media: str = "application/json") -> Json:
    """A response with a body."""
    return {"description": description, "content": {media: {"schema": schema}}}
