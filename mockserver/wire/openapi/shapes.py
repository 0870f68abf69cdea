"""Schemas from pydantic models, as generators of code like them."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from mockserver.wire import Json
from mockserver.wire.openapi.schemas import NOTHING, REF, maybe, rebuilt, ref


def shapes(models: Iterable[type[BaseModel]], names: Mapping[str, str]) -> Json:
    """Schemas by name, of the models and of those inside them. names: of models that are called otherwise here."""
    wanted: Any = [(model, "validation") for model in dict.fromkeys(models)]
    _, schema = models_json_schema(wanted, by_alias=True, ref_template=REF)
    return renamed(schema["$defs"], names)


def renamed(schemas: Mapping[str, Json], names: Mapping[str, str]) -> Json:
    """The schemas, plain, with these names instead of their own, wherever one refers to another."""

    def change(schema: Json) -> Json:
        if "$ref" not in schema:
            return plain(schema)
        name = schema["$ref"].rpartition("/")[2]
        return plain(schema) | ref(names.get(name, name))

    return {names.get(name, name): rebuilt(schema, change) for name, schema in schemas.items()}


def plain(schema: Json) -> Json:
    """A schema without titles, and without null as a default; null as a type among others where that says it all."""
    kept = {key: value for key, value in schema.items() if key != "title" and (key, value) != ("default", None)}
    kept.pop("discriminator", None)
    if kept.keys() == {"enum"}:
        kept["type"] = "string"
    options = [option for each in kept.get("anyOf", ()) for option in _options(each)]
    others = [each for each in options if each != NOTHING]
    if len(others) == 1 and len(options) == 2:
        rest = {key: value for key, value in kept.items() if key != "anyOf"}
        one = others[0] | rest
        return maybe(one) if "type" in one and "enum" not in one else {"anyOf": options} | rest
    return kept | {"anyOf": options} if options else kept


def _options(schema: Json) -> list[Json]:
    """The options of a union in a union, which are options of the outer one; else the schema itself."""
    if schema.keys() == {"anyOf"}:
        return list(schema["anyOf"])
    if "enum" in schema and None in schema["enum"]:
        return [{"type": "string", "enum": [each for each in schema["enum"] if each is not None]}, NOTHING]
    return [schema]


def hoisted(schemas: Json, parts: Mapping[str, Json]) -> Json:
    """The schemas and the parts by their names, with a reference wherever a part stands in a schema.

    parts: a part that stands in another one comes after it.
    """
    for name, part in parts.items():
        reference = ref(name)

        def change(schema: Json, part: Json = part, reference: Json = reference) -> Json:
            return reference if schema == part else schema

        schemas = {known: rebuilt(schema, change) for known, schema in schemas.items()} | {name: part}
    return schemas
