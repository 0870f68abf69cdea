"""The types that the fields of several requests share, and the model that all of them are made of.

The plain functions answer with the value, or raise ValueError saying what is wrong with it.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, HttpUrl, TypeAdapter
from pydantic.alias_generators import to_camel

_URL = TypeAdapter(HttpUrl)
_WEB = re.compile(r"https?://[^\s\x00-\x1f\x7f/][^\s\x00-\x1f\x7f]*", re.IGNORECASE)

_USER = re.compile(r"^([a-z]+://)[^/?#]*@", re.IGNORECASE)


class Model(BaseModel):
    """Names on the wire are camelCase; nothing is converted from one type to another."""

    model_config = ConfigDict(alias_generator=to_camel, strict=True, extra="ignore", frozen=True)

    @classmethod
    def names(cls) -> frozenset[str]:
        """The names of its fields, as they stand on the wire."""
        return frozenset(field.alias or name for name, field in cls.model_fields.items())

    @classmethod
    def all_names(cls) -> frozenset[str]:
        """The names of its fields, and of the fields inside them."""
        inner = (model for field in cls.model_fields.values() for model in _models(field.annotation))
        return cls.names().union(*(model.all_names() for model in inner))


def _models(annotation: Any) -> Iterator[type[Model]]:
    """The models that a type is made of."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def text(value: str) -> str:
    """A text, which holds no NUL character (choice)."""
    if "\0" in value:
        raise ValueError("must not hold a NUL character")
    return value


def whole(value: Any) -> Any:
    """A JSON number without a fraction is a whole number, however it is written."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def url(value: str) -> str:
    """An http or https URL with a host, its scheme in any case, without white space or control characters."""
    if not _WEB.fullmatch(value):
        raise ValueError("must be an http or https URL without spaces, such as https://example.com/path")
    try:
        _URL.validate_python(value)
    except ValueError:
        raise ValueError("must be an http or https URL with a host, such as https://example.com/path") from None
    return value


def without_user(url: str) -> str:
    """A URL without the user and password it may name: they are not sent, and nobody is to read them (choice)."""
    return _USER.sub(r"\1", url) if "@" in url else url


# Limits stand before WHOLE: after it pydantic checks them all the same, but leaves them out of the schema.
WHOLE = BeforeValidator(whole)
Whole = Annotated[int, WHOLE]
Text = Annotated[str, AfterValidator(text)]
Filled = Annotated[Text, Field(min_length=1, json_schema_extra={"pattern": r"\S"})]
Url = Annotated[Text, AfterValidator(url), Field(json_schema_extra={"format": "uri", "pattern": "^https?://"})]
Webhook = Annotated[Url, AfterValidator(without_user)]
