"""Both documents are valid OpenAPI, and what generators of code can read."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import openapi_spec_validator
import pytest

from mockserver.wire.openapi.schemas import BY_NAME, ONE, SEVERAL, used
from mockserver.wire.scenario import language
from tests.wire.openapi.documents import DIALECT, DOCUMENTS, Json, contents, operations, validator_of

OFFICIAL = Path(__file__).with_name("oas-3.1.json")
"""https://spec.openapis.org/oas/3.1/schema/2022-10-07, as it is published."""

KEYWORDS = {
    *(*BY_NAME, *ONE, *SEVERAL),
    *("$ref", "type", "enum", "const", "required", "default", "description", "examples", "format", "pattern"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength"),
    *("minItems", "maxItems", "minProperties", "maxProperties", "discriminator"),
}
"""The keywords that schemas are written with."""


def schemas(node: Any) -> Iterator[Json]:
    """A schema and every schema in it."""
    if not isinstance(node, dict):
        return
    yield node
    for key, value in node.items():
        if key in BY_NAME:
            yield from (inner for each in value.values() for inner in schemas(each))
        elif key in SEVERAL:
            yield from (inner for each in value for inner in schemas(each))
        elif key in ONE:
            yield from schemas(value)


def every_schema(document: str) -> Iterator[Json]:
    """Every schema of a document, wherever it stands."""
    for schema in DOCUMENTS[document]["components"]["schemas"].values():
        yield from schemas(schema)
    for _, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            yield from schemas(parameter["schema"])
        for _, _, content in contents(operation):
            yield from schemas(content["schema"])


@pytest.mark.parametrize("document", DOCUMENTS)
def test_it_is_valid_for_the_validator_of_the_specification(document: str) -> None:
    openapi_spec_validator.validate(DOCUMENTS[document])


@pytest.mark.parametrize("document", DOCUMENTS)
def test_it_is_valid_for_the_official_schema_and_its_schemas_are_json_schemas(document: str) -> None:
    jsonschema_rs.validate(json.loads(OFFICIAL.read_text()), DOCUMENTS[document])
    for schema in DOCUMENTS[document]["components"]["schemas"].values():
        jsonschema_rs.meta.validate({"$schema": DIALECT, **schema})


@pytest.mark.parametrize("document", [*DOCUMENTS, "scenario"])
def test_every_word_of_a_schema_means_something(document: str) -> None:
    every = schemas(language.schema()) if document == "scenario" else every_schema(document)
    words = {word for schema in every for word in schema}
    assert words - KEYWORDS - ({"$schema", "title"} if document == "scenario" else set()) == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_defaults_are_as_on_the_wire(document: str) -> None:
    for schema in every_schema(document):
        if "default" in schema:
            assert schema["default"] is not None
            validator_of(document, schema).validate(schema["default"])


@pytest.mark.parametrize("document", DOCUMENTS)
def test_words_have_a_type_and_are_told_apart_by_more_than_their_case(document: str) -> None:
    hidden = [
        rule for schema in every_schema(document) for key in ("if", "then", "not") for rule in schemas(schema.get(key))
    ]
    for schema in every_schema(document):
        if schema.keys() & {"const", "enum"} and schema not in hidden:
            assert schema["type"] in {"string", "integer"}
            words = [schema["const"]] if "const" in schema else schema["enum"]
            assert len({str(word).casefold() for word in words}) == len(words)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_unions_have_names(document: str) -> None:
    """A union inside another schema is one with null, or of words with the empty text."""
    named = DOCUMENTS[document]["components"]["schemas"].values()
    for schema in every_schema(document):
        for keyword in ("properties", "items", "additionalProperties"):
            inner = schema.get(keyword) or {}
            for each in inner.values() if keyword == "properties" else [inner]:
                options = each.get("anyOf", []) + each.get("oneOf", []) if isinstance(each, dict) else []
                kinds = [
                    option for option in options if option not in ({"type": "null"}, {"type": "string", "const": ""})
                ]
                assert len(kinds) <= 1 or each in named, each


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_schema_that_is_named_is_there_and_used(document: str) -> None:
    whole = DOCUMENTS[document]
    schemas = whole["components"]["schemas"]
    assert used(schemas, {key: value for key, value in whole.items() if key != "components"}).keys() == schemas.keys()
    openapi_spec_validator.validate(whole)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_required_field_is_described(document: str) -> None:
    for name, schema in DOCUMENTS[document]["components"]["schemas"].items():
        assert set(schema.get("required", ())) <= schema.get("properties", {}).keys(), name


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_operation_has_a_name_and_a_summary(document: str) -> None:
    every = [operation for _, operation in operations(document)]
    assert all(len(operation["summary"]) > 5 for operation in every)
    names = [operation["operationId"].casefold() for operation in every]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_it_names_its_server(document: str) -> None:
    assert DOCUMENTS[document]["servers"] == [{"url": "http://127.0.0.1:8080"}]
