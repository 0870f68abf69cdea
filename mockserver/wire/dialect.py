"""Dialects as people write them: a TOML file, or the object of a request. An error names the line and the key."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from msgspec import Meta
from pydantic import AfterValidator, Field, ValidationError, create_model
from pydantic.alias_generators import to_snake

from mockserver.core.dialect import DEFAULT, Dialect, as_dialect, differences
from mockserver.fidelity.rule import Rule
from mockserver.fidelity.table import SWITCHES
from mockserver.wire import Json
from mockserver.wire.problems import Wrong, line, nearest, problems
from mockserver.wire.types import Model, camel

NOTHING: Mapping[str, str] = {}


class BadDialect(ValueError):
    """What is no dialect. The message has a line for each problem. wrong: what is wrong, by switch, in camel case."""

    def __init__(self, text: str, wrong: Mapping[str, str] = NOTHING) -> None:
        super().__init__(text)
        self.wrong = wrong


def _bounded(kind: Any) -> Any:
    """A type with its bounds as pydantic knows them, from the bounds that msgspec knows."""
    if get_origin(kind) is tuple:
        return list[_bounded(get_args(kind)[0])]  # type: ignore[misc]
    if get_origin(kind) is not Annotated:
        return kind
    inner, meta = get_args(kind)
    bounds: Any = Field(ge=meta.ge, le=meta.le, max_length=meta.max_length)
    return Annotated[_bounded(inner), bounds, *((AfterValidator(_like(meta)),) if meta.pattern else ())]


def _like(meta: Meta) -> Any:
    def like(value: str) -> str:
        if not re.search(str(meta.pattern), value):
            raise ValueError(f"must be {meta.description}")
        return value

    return like


def _means(field: str, rule: Rule) -> str:
    """What each value of a switch means."""
    meanings = {getattr(DEFAULT, field): rule.says} | dict(rule.alternatives)
    return " ".join(f"{shown(value)}: {says.replace('`', '')}." for value, says in meanings.items())


def shown(value: Any) -> str:
    """The value of a switch as TOML and JSON have it."""
    return json.dumps(list(value) if isinstance(value, tuple) else value)


_KINDS = get_type_hints(Dialect, include_extras=True)
_FIELDS: dict[str, Any] = {
    name: (_bounded(_KINDS[name]) | None, Field(None, description=_means(name, rule)))
    for name, rule in SWITCHES.items()
}

DialectModel: type[Model] = create_model(
    "DialectModel",
    __base__=Model,
    __doc__="What an account does otherwise than this mock by default, where Routee leaves a choice.",
    **_FIELDS,
)


def fields_of(model: Model) -> Json:
    """The switches that were read, under their names in camel case."""
    return model.model_dump(by_alias=True, exclude_none=True)


def read_fields(written: Mapping[str, Any]) -> Dialect:
    """The dialect in an object, whose names may have dashes, underscores or capitals. Raises BadDialect."""
    fields = {camel(name): value for name, value in written.items()}
    spelt, names, wrong = {camel(name): name for name in written}, DialectModel.names(), Wrong()
    wrong.unknown([name for name in fields if name not in names], names)
    try:
        model = DialectModel.model_validate(fields)
    except ValidationError as error:
        wrong.take(problems(error))
    if wrong:
        raise BadDialect("\n".join(f"{spelt.get(name, name)} {said}" for name, said in wrong.items()), wrong)
    return as_dialect(fields_of(model))


def read_json(text: str) -> Dialect:
    """The dialect in a JSON object. Raises BadDialect."""
    try:
        return read_fields(json.loads(text))
    except json.JSONDecodeError as error:
        raise BadDialect(f"it is not JSON: {error}") from None


def read_text(text: str, name: str) -> Dialect:
    """The dialect in a TOML text. name: of the file, for errors. Raises BadDialect."""
    try:
        written = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadDialect(f"{name} is not TOML: {error}") from None
    keys = {camel(each): each for each in written}
    try:
        return read_fields(written)
    except BadDialect as error:
        raise BadDialect("\n".join(_placed(error.wrong, text, name, keys)), error.wrong) from None


def _placed(wrong: Mapping[str, str], text: str, name: str, keys: Mapping[str, str]) -> Iterator[str]:
    """Each problem with the line and the key where it stands."""
    for place, sentence in wrong.items():
        switch = re.split(r"[.[]", place)[0]
        known = keys.get(switch, switch)
        said = sentence if switch in DialectModel.names() else f"is no switch of a dialect{nearest(known, KEYS)}"
        yield f"{name}, line {line(text, known)}: {known}{place.removeprefix(switch)} {said}"


def write_text(dialect: Dialect) -> str:
    """A dialect as a TOML text, with what each of its switches means; only what is otherwise than by default."""
    fields = {to_snake(name): value for name, value in differences(dialect).items()}
    return "\n".join(
        f"# {_said(name, getattr(dialect, name))}\n{key(name)} = {shown(fields[name])}\n" for name in fields
    )


def _said(field: str, value: Any) -> str:
    rule = SWITCHES[field]
    return f"{rule.alternatives.get(value, f'Otherwise than: {rule.says}')} ({rule.id})."


def key(field: str) -> str:
    """The key of a switch in a file."""
    return field.replace("_", "-")


KEYS = [key(field) for field in SWITCHES]
