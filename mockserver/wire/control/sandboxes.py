"""What a sandbox can be asked to be: the body of POST /_mock/sandboxes. All of it is ours (choice)."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError
from pydantic.json_schema import WithJsonSchema

from mockserver.core.clock import LAST
from mockserver.core.commands import Mode
from mockserver.core.cost import MONEY
from mockserver.wire import Json, errors
from mockserver.wire.control.views import RATES
from mockserver.wire.instants import read_instant
from mockserver.wire.problems import problems, read_object
from mockserver.wire.types import Model, Text, Whole

EXAMPLE = (
    'send {"id", "clock", "rate", "start", "strict", "transcode", "seed", "scenario", '
    '"tokenLife": seconds | "unlimited", "balance": euro | "unlimited", '
    '"balanceMode": "later" | "at-once"}, or any part of it'
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a sandbox is to be like where it is not to be like the server.

    settings, behaviour: keyword arguments of both; seed: None for one of the sandbox's own.
    """

    id: str | None
    seed: int | None
    settings: Json
    behaviour: Json


def _limit(unit: int, least: int, value: Any) -> int | None:
    if value == "unlimited":
        return None
    number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else -1.0
    if not least <= number <= LAST // unit:
        raise ValueError(f'must be a number from {least} up, or "unlimited"')
    return round(number * unit)


def _amount(least: int) -> Json:
    return {"anyOf": [{"type": "number", "minimum": least}, {"enum": ["unlimited", None]}]}


_START: Json = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}


class SandboxModel(Model):
    """The fields, each as the option of `routee-mock serve` it is named after."""

    id: Annotated[Text, Field(max_length=64)] | None = None
    clock: Literal["realtime", "manual", "instant"] | None = None
    rate: Annotated[float, Field(ge=RATES[0], le=RATES[1])] | None = None
    start: Annotated[Any, AfterValidator(read_instant), WithJsonSchema(_START)] = None
    strict: bool | None = None
    transcode: bool | None = None
    seed: Whole | None = None
    scenario: Text | None = None
    token_life: Annotated[Any, AfterValidator(partial(_limit, 1_000, 1)), WithJsonSchema(_amount(1))] = None
    balance: Annotated[Any, AfterValidator(partial(_limit, MONEY, 0)), WithJsonSchema(_amount(0))] = None
    balance_mode: Literal["later", "at-once"] | None = None


def read_sandbox(body: bytes) -> Wanted:
    """The sandbox that is asked for; an empty body asks for one like the server. Raises Refusal."""
    data = read_object(body, EXAMPLE) if body.strip() else {}
    try:
        model = SandboxModel.model_validate(data, extra="forbid")
    except ValidationError as error:
        raise errors.malformed(
            f"The sandbox cannot be made like that; {EXAMPLE}.", dict(problems(error, SandboxModel.names()))
        ) from None
    asked = {name for name in model.model_fields_set if data[SandboxModel.model_fields[name].alias or name] is not None}
    settings = {name: getattr(model, name) for name in asked & {"rate", "start", "strict", "transcode", "scenario"}}
    if model.clock is not None:
        settings["clock"] = Mode(model.clock)
    behaviour = {name: getattr(model, name) for name in asked & {"token_life", "balance"}}
    if model.balance_mode is not None:
        behaviour["refuse_at_once"] = model.balance_mode == "at-once"
    return Wanted(model.id, model.seed, settings, behaviour)
