"""The pieces from which both OpenAPI documents are built."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson

from mockserver.wire import Json

REF = "#/components/schemas/{model}"

TEXT: Json = {"type": "string"}
WHOLE: Json = {"type": "integer", "minimum": 0}
NUMBER: Json = {"type": "number"}
YES_OR_NO: Json = {"type": "boolean"}
ANY_OBJECT: Json = {"type": "object"}
INSTANT: Json = {"type": "string", "format": "date-time"}

NOTHING: Json = {"type": "null"}

BY_NAME = ("properties", "$defs", "dependentSchemas", "patternProperties")
ONE = ("items", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else")
SEVERAL = ("anyOf", "oneOf", "allOf", "prefixItems")
"""The keywords of a schema that hold other schemas: some by name, one, or several."""


def record(properties: Mapping[str, Any], required: Iterable[str] | None = None, about: str = "") -> Json:
    """An object. required: the names of the properties that are required; None for all. about: a description."""
    described = {"description": about} if about else {}
    names = list(properties if required is None else required)
    return {"type": "object", **described, "properties": dict(properties), **({"required": names} if names else {})}


def listed(schema: Json) -> Json:
    """An array of this schema."""
    return {"type": "array", "items": schema}


def words(values: Iterable[str], about: str = "") -> Json:
    """One of these words."""
    return {"type": "string", **({"description": about} if about else {}), "enum": list(map(str, values))}


def exactly(word: str) -> Json:
    """This word."""
    return {"type": "string", "const": str(word)}


def maybe(schema: Json) -> Json:
    """This schema, or null."""
    plain = isinstance(schema.get("type"), str) and not schema.keys() & {"enum", "const"}
    return schema | {"type": [schema["type"], "null"]} if plain else {"anyOf": [schema, NOTHING]}


def ref(name: str) -> Json:
    """A reference to a schema by its name."""
    return {"$ref": REF.format(model=name)}


def one_of(names: Iterable[str], about: str) -> Json:
    """Any of the schemas with these names."""
    return {"description": about, "anyOf": [ref(name) for name in names]}


def by_kind(key: str, kinds: Mapping[str, str], about: str) -> Json:
    """One of several schemas. key: the property that tells them apart. kinds: for each of its values, a schema."""
    mapping = {value: REF.format(model=name) for value, name in kinds.items()}
    return {
        "description": about,
        "oneOf": [ref(name) for name in kinds.values()],
        "discriminator": {"propertyName": key, "mapping": mapping},
    }


def answered(description: str, schema: Json, media: str = "application/json") -> Json:
    """A response with a body."""
    return {"description": description, "content": {media: {"schema": schema}}}


HEADERS: Json = {
    "Mock-Report": {
        "description": "The path of the journal entry about the request, with everything that was wrong.",
        "schema": TEXT,
    },
    "Mock-Page": {
        "description": "The path of the page in a browser that explains it; not with --no-ui.",
        "schema": TEXT,
    },
}
"""What the answer to a refused request of the mocked API has besides Routee's headers, by name. Ours (choice)."""


def refused(schema: Json) -> Json:
    """The answer to a refused request of the mocked API."""
    return answered("Refused", schema) | {
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS}
    }


def rebuilt(schema: Any, change: Callable[[Json], Json]) -> Any:
    """The schema after a change to each schema in it and to itself, inner ones first."""
    if not isinstance(schema, dict):  # true and false are schemas too
        return schema
    inner: Json = {}
    for key, value in schema.items():
        if key in BY_NAME:
            inner[key] = {name: rebuilt(each, change) for name, each in value.items()}
        elif key in SEVERAL:
            inner[key] = [rebuilt(each, change) for each in value]
        else:
            inner[key] = rebuilt(value, change) if key in ONE else value
    return change(inner)


def used(schemas: Mapping[str, Json], node: Any) -> Json:
    """Those of the schemas that this refers to, directly or by way of others. A name that none has is passed over."""
    found: dict[str, None] = {}
    todo = _names(node)
    while todo:
        name = todo.pop()
        if name in schemas and name not in found:
            found[name] = None
            todo += _names(schemas[name])
    return {name: schema for name, schema in schemas.items() if name in found}


def _names(node: Any) -> list[str]:
    """The names of the schemas that something refers to."""
    pattern = f'"{re.escape(REF.format(model=""))}([^"]+)"'
    return re.findall(pattern, orjson.dumps(node).decode())
