"""How a new sandbox should be: the body of POST /_mock/sandboxes, and of a PUT. All of it is ours (choice)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError, create_model
from pydantic.json_schema import WithJsonSchema

from mockserver.core.clock import LAST, Mode
from mockserver.core.dialect import differences
from mockserver.settings import SANDBOX, SETTINGS, Form, Setting, Settings, changed, current
from mockserver.wire import Json, errors
from mockserver.wire.dialect import DialectModel, fields_of
from mockserver.wire.instants import read_instant
from mockserver.wire.problems import Wrong, cut, nearest, path, problems, read_object
from mockserver.wire.types import Model, Text, Whole, camel

MADE: Mapping[str, Any] = {"clock": Mode.MANUAL, "token_life": None}
"""Settings of a sandbox that is made, where neither the request nor the server names others: it is made for a test.

Nothing happens by itself, and no token expires when a day passes.
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The sandbox that a request asks for.

    seed: None to derive it from the id. given: by name, the settings that differ from the server's; of a dialect, the
    switches that do.
    """

    id: str | None
    seed: int | None
    given: Mapping[str, Any]

    def settings(self, server: Settings) -> Settings:
        """The settings of the sandbox on a server with these settings."""
        made = {name: value for name, value in MADE.items() if current(server, name) == SETTINGS[name].default}
        return changed(server, made | self._given(server))

    def _given(self, server: Settings) -> dict[str, Any]:
        """What is given, with a whole dialect."""
        given = dict(self.given)
        if "dialect" in given:
            given["dialect"] = differences(server.behaviour.dialect) | given["dialect"]
        return given

    def others(self, made: Settings) -> list[str]:
        """The fields of this request that a sandbox which was made with these settings has another value of."""
        mine = changed(made, self._given(made))
        return [camel(name) for name in self.given if current(mine, name) != current(made, name)]


def _limit(unit: int, least: int, value: Any) -> int | None:
    if value is None or value == "unlimited":  # what is null is left out
        return None
    number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else -1.0
    if not least <= number <= LAST // unit:
        raise ValueError(f'must be a number from {least} up, or "unlimited"')
    return round(number * unit)


def _instant(value: Any) -> int | None:
    return None if value is None else read_instant(value)


def _amount(setting: Setting) -> Any:
    schema = {"anyOf": [{"type": "number", "minimum": setting.least}, {"enum": ["unlimited", None]}]}
    read = partial(_limit, setting.unit.parts, setting.least)
    return Annotated[Any, AfterValidator(read), WithJsonSchema(schema)]


_START: Json = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}

FIELDS: Mapping[Form, Callable[[Setting], Any]] = {
    Form.FLAG: lambda _: bool | None,
    Form.TEXT: lambda _: Text | None,
    Form.WHOLE: lambda _: Whole | None,
    Form.NUMBER: lambda setting: Annotated[float, Field(ge=setting.least, le=setting.most)] | None,
    Form.AMOUNT: _amount,
    Form.WORD: lambda setting: Literal[tuple(setting.words)] | None,
    Form.EITHER: lambda setting: Literal[tuple(setting.words)] | None,
    Form.INSTANT: lambda _: Annotated[Any, AfterValidator(_instant), WithJsonSchema(_START)],
    Form.DIALECT: lambda _: Annotated[DialectModel, AfterValidator(fields_of)] | None,
}
"""For each form of a setting, the type of its field."""

_fields: dict[str, Any] = {name: (FIELDS[SETTINGS[name].form](SETTINGS[name]), None) for name in SANDBOX}

SandboxModel = create_model(
    "SandboxModel",
    __base__=Model,
    __doc__="The fields, each as the option of `routee-mock serve` it is named after.",
    id=(Annotated[Text, Field(max_length=64)] | None, None),
    **_fields,
)


def _shown(setting: Setting) -> str:
    """A field as the example shows it, with its values where the name alone does not tell them."""
    takes = {
        Form.AMOUNT: f': {setting.unit.name} | "unlimited"',
        Form.EITHER: ": " + " | ".join(f'"{word}"' for word in setting.words),
        Form.DIALECT: ": {}",
    }
    return f'"{camel(setting.name)}"{takes.get(setting.form, "")}'


EXAMPLE = f'send {{"id", {", ".join(_shown(SETTINGS[name]) for name in SANDBOX)}}}, or any part of it'


def read_sandbox(body: bytes) -> Wanted:
    """The sandbox that a request asks for; with an empty body, one like the server. Raises Refusal."""
    data = read_object(body, EXAMPLE) if body.strip() else {}
    names, wrong = SandboxModel.names(), Wrong()
    few, lost = cut(data, SandboxModel.all_names())
    try:
        model = SandboxModel.model_validate(few)
    except ValidationError as error:
        wrong = problems(error)
    wrong.unknown([name for name in few if name not in names], names)
    inner = [place for place in SandboxModel.strangers(few) if len(place) > 1]
    wrong.note({path(each): f"is not known here{nearest(each[-1], DialectModel.names())}" for each in inner})
    wrong.skip(lost)
    if wrong:
        raise errors.malformed(f"The sandbox cannot be made like that; {EXAMPLE}.", wrong)
    read = {name: value for name, value in model if data.get(camel(name)) is not None}
    id_ = read.pop("id", None)
    return Wanted(id_, read.get("seed"), read)
