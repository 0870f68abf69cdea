"""The types that fields of several requests share, and the base of all models.

The functions return the value, or raise ValueError, which says what is wrong with it.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, HttpUrl, TypeAdapter

from mockserver.core.chance import flow_id

LEAST_WHOLE, MOST_WHOLE = -(2**63), 2**63 - 1
"""What fits 64 bits: other numbers would not come back as they were sent (choice)."""

MOST_OBJECTS = 100
"""The most objects that an array of any request may hold."""

_URL = TypeAdapter(HttpUrl)
_WEB = re.compile(r"https?://[^\s\x00-\x1f\x7f/][^\s\x00-\x1f\x7f]*", re.IGNORECASE)

REST = r"://[^\s/]\S*$"
"""A regular expression, in any dialect, for a URL after its scheme."""

_USER = re.compile(r"^([a-z]+://)[^/?#]*@", re.IGNORECASE)


def camel(name: str) -> str:
    """A name as JSON has it, from any spelling."""
    first, *rest = name.replace("-", "_").split("_")
    return first[:1].lower() + first[1:] + "".join(each[:1].upper() + each[1:] for each in rest)


class Model(BaseModel):
    """Names on the wire are camelCase. No value is converted to another type."""

    model_config = ConfigDict(alias_generator=camel, strict=True, extra="ignore", frozen=True)

    @classmethod
    def names(cls) -> frozenset[str]:
        """The names of its fields on the wire."""
        return frozenset(field.alias or name for name, field in cls.model_fields.items())

    @classmethod
    def all_names(cls) -> frozenset[str]:
        """The names of its fields on the wire, and of the fields inside them."""
        inner = (model for field in cls.model_fields.values() for model in _models(field.annotation))
        return cls.names().union(*(model.all_names() for model in inner))

    @classmethod
    def strangers(cls, data: Any) -> Iterator[tuple[str | int, ...]]:
        """Where an object has fields that are not known, also in the objects inside it, in the order of validation."""
        if not isinstance(data, dict):
            return
        for name, field in cls.model_fields.items():
            key = field.alias or name
            yield from ((key, *place) for place in _strangers(tuple(_models(field.annotation)), data.get(key)))
        yield from ((name,) for name in data if name not in cls.names())


def _models(annotation: Any) -> Iterator[type[Model]]:
    """The models inside a type."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _strangers(models: tuple[type[Model], ...], value: Any) -> Iterator[tuple[str | int, ...]]:
    """The same for what is in a field: an object, or several of them. More than may be are not looked at."""
    for place, entry in (
        [((at,), entry) for at, entry in enumerate(value[:MOST_OBJECTS])] if isinstance(value, list) else [((), value)]
    ):
        for model in models:
            if len(models) == 1 or (isinstance(entry, dict) and _is_tagged(model, entry.get("type"))):
                yield from ((*place, *inner) for inner in model.strangers(entry))


def _is_tagged(model: type[Model], tag: Any) -> bool:
    return get_args(model.model_fields["type"].annotation) == (tag,)


def any_case(*words: str) -> str:
    """A regular expression, in any dialect, for one of these words in upper or lower case; inside a larger one."""
    return "|".join("".join(f"[{a.upper()}{a.lower()}]" if a.isalpha() else re.escape(a) for a in w) for w in words)


def text(value: str) -> str:
    """A text without a NUL character (choice)."""
    if "\0" in value:
        raise ValueError("must not hold a NUL character")
    return value


def whole(value: Any) -> Any:
    """A JSON number as a whole number, if it has no fraction; 5.0 counts as 5."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def url(value: str) -> str:
    """An http or https URL with a host, without white space or control characters; its scheme may be in any case."""
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


# Limits must come before WHOLE: after it, pydantic checks them too, but leaves them out of the schema.
WHOLE = BeforeValidator(whole)
Whole = Annotated[int, Field(ge=LEAST_WHOLE, le=MOST_WHOLE), WHOLE]
Text = Annotated[str, AfterValidator(text)]
FlowId = Annotated[Text, AfterValidator(flow_id)]
Filled = Annotated[Text, Field(min_length=1, json_schema_extra={"pattern": r"\S"})]
Url = Annotated[Text, AfterValidator(url), Field(json_schema_extra={"pattern": f"^{any_case('http')}[Ss]?{REST}"})]
Webhook = Annotated[Url, AfterValidator(without_user)]
