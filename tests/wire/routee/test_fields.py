"""Single fields: what each may hold, and that the published schema says the same."""

from typing import Any

import pytest

from mockserver.wire.openapi.requests import models
from mockserver.wire.routee import fields

Json = dict[str, Any]


def test_https_is_https_in_any_case() -> None:
    assert fields.https("HTTPS://a/b") == "HTTPS://a/b"
    with pytest.raises(ValueError, match="must be an https URL"):
        fields.https("http://a/b")


@pytest.mark.parametrize("value", [{}, {"a": [1, {"b": None}]}, {"a": "\\u0000"}, {"a\\": "\\\\u0000"}])
def test_what_can_be_echoed(value: Json) -> None:
    assert fields.echoable(value) is value


@pytest.mark.parametrize("value", [{"a": "\0"}, {"\0": 1}, {"a": [{"b": ["x\0y"]}]}, {"a": "\\\0"}])
def test_a_nul_is_found_wherever_it_hides(value: Json) -> None:
    with pytest.raises(ValueError, match="must not hold a NUL character"):
        fields.echoable(value)


def test_what_nests_too_deeply_cannot_be_echoed() -> None:
    value: Json = {}
    for _ in range(300):
        value = {"a": value}
    with pytest.raises(ValueError, match="nests too deeply"):
        fields.echoable(value)


def limits(schema: Json) -> Json:
    """The limits of a field, past the null that stands for its absence."""
    names = ("minimum", "maximum", "exclusiveMinimum", "minLength", "maxLength")
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return {"type": kinds[0]} | {name: schema[name] for name in names if name in schema}


@pytest.mark.parametrize(
    ("model", "field", "said"),
    [
        ("SmsStep", "order", {"type": "integer", "minimum": 1, "maximum": 1_000_000}),
        ("SmsStep", "ttl", {"type": "integer", "minimum": 1, "maximum": 1_440}),
        ("SmsMessage", "body", {"type": "string", "minLength": 1, "maxLength": 39_015}),
        ("SmsMessage", "label", {"type": "string", "maxLength": 350}),
        ("UrlShortener", "urlValidity", {"type": "integer", "minimum": 3_600, "maximum": 2_592_000}),
        ("ViberStep", "ttl", {"type": "number", "minimum": 0.5, "maximum": 1_440}),
        ("ViberMessage", "text", {"type": "string", "maxLength": 1_000}),
        ("Action", "caption", {"type": "string", "minLength": 1, "maxLength": 30}),
        ("Action", "targetUrl", {"type": "string", "maxLength": 1_000}),
        ("ViberVideo", "duration", {"type": "number", "maximum": 600, "exclusiveMinimum": 0}),
        ("ViberVideo", "fileSize", {"type": "number", "maximum": 209_715_200, "exclusiveMinimum": 0}),
        ("Say", "repeat", {"type": "integer", "minimum": -1, "maximum": 2_147_483_647}),
        ("Callback", "url", {"type": "string", "maxLength": 2_000}),
    ],
)
def test_the_schema_names_the_limits_that_are_kept(model: str, field: str, said: Json) -> None:
    assert limits(models()[model]["properties"][field]) == said
