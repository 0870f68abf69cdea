"""A scenario as its author writes it, as pydantic models, read into the core's values. All of it is ours (choice)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import orjson
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, create_model

from mockserver.core.channels import Channel
from mockserver.core.faults import ApiFault, Endpoint
from mockserver.core.matcher import When
from mockserver.core.scenario import Part, Scenario
from mockserver.core.values import replace
from mockserver.wire import Json
from mockserver.wire.problems import Place, clip, findings
from mockserver.wire.scenario import faults
from mockserver.wire.scenario.outcomes import Wording, said_of
from mockserver.wire.scenario.patterns import read_pattern

NAME = r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$"


class IllegalScenario(ValueError):
    """A scenario that cannot be played: places that are wrong, what is wrong there, and how many more there are."""

    def __init__(self, problems: list[tuple[Place, str]], more: int = 0) -> None:
        told = [f"{'.'.join(map(str, place))}: {text}" for place, text in problems]
        super().__init__("; ".join(told + [f"and {more:,} more"] * bool(more)))
        self.problems, self.more = problems, more


# The matcher


def _number(value: Any) -> Any:
    """A number without quotes, as YAML reads it, as text. A pattern of digits means the number with its plus.

    A SIP address can begin with digits too, and has none.
    """
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return f"+{text}" if isinstance(text, str) and text[:1].isdecimal() and "@" not in text else text


def _channel(value: Any) -> Any:
    found = (
        {channel.casefold(): channel for channel in Channel}.get(value.casefold()) if isinstance(value, str) else None
    )
    return value if found is None else str(found)


_AnyChannel: Any = Literal[*map(str, Channel)]

PATTERN = "Exactly this text; * matches anything; /between slashes/ is a regular expression."

Asked = Annotated[str, Field(min_length=1, max_length=1_000, description=PATTERN), AfterValidator(read_pattern)]


class WhenModel(Wording):
    """Which steps the scenario is for: those that match all of this."""

    to: Annotated[Asked | None, BeforeValidator(_number)] = Field(None, description=f"The recipient. {PATTERN}")
    from_: Asked | None = Field(None, alias="from", description=f"The sender. {PATTERN}")
    label: Asked | None = None
    text: Asked | None = None
    channel: Annotated[_AnyChannel, BeforeValidator(_channel)] | None = None
    step: Annotated[int, Field(ge=1, le=100, description="The place of the step in the flow, from 1.")] | None = None


def _when(model: WhenModel) -> When:
    channel = None if model.channel is None else Channel(model.channel)
    read: Any = model
    found = When(read.to, read.from_, read.label, read.text, channel, model.step)
    if found == When():
        raise ValueError("asks for nothing; leave it out to speak for whoever nothing else speaks for")
    return found


# The whole of it

_CHANNELS: Mapping[str, Any] = {
    channel.lower(): (said_of(channel) | None, Field(None, description=f"What happens to {channel} messages."))
    for channel in Channel
}

StepModel: Any = create_model(
    "StepWording", __base__=Wording, __doc__="What happens to one step of the flow.", **_CHANNELS
)


class Head(Wording):
    """The keys of every scenario, apart from those for outcomes."""

    name: Annotated[str, Field(pattern=NAME)] | None = Field(None, description="By default the name of its file.")
    why: str | None = Field(None, max_length=1_000, description="Why it matters, in a sentence.")
    use: str | None = Field(None, description="A scenario to begin from; the keys here replace its keys.")
    when: Annotated[WhenModel, AfterValidator(_when)] | None = Field(
        None, description="Which steps it is for; without it, for those that nothing else decides."
    )
    priority: Annotated[int, Field(ge=-1_000_000, le=1_000_000)] = Field(
        0, description="Of several that match, the highest wins; of equal ones, the latest."
    )
    uses: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        None, description="For how many flows, or refused sends, it works."
    )
    callbacks: Annotated[faults.CallbacksModel, AfterValidator(faults.callbacks)] | None = None
    api: (
        Annotated[
            Annotated[faults.ApiModel, AfterValidator(faults.api)],
            BeforeValidator(lambda value: value if isinstance(value, dict) else {"answer": value}),
            faults.WordOrModel(),
        ]
        | None
    ) = None


_STEPS: dict[str, Any] = {
    "steps": (
        Annotated[list[StepModel], Field(min_length=1, max_length=100)] | None,
        Field(None, description="What happens to the first step of a flow, the second, and so on."),
    )
}

ScenarioModel = create_model(
    "Scenario", __base__=Head, __doc__="What happens to the messages that are sent to the mock.", **_CHANNELS, **_STEPS
)

SPEAKING = (*_CHANNELS, "steps", "callbacks", "api")

KEYS = frozenset(
    {"at", "status", "reason", "outcome", "after", "operator", "sequence", "timeline"}
    | {
        field.alias or name
        for model in (ScenarioModel, WhenModel, faults.CallbacksModel, faults.ApiModel)
        for name, field in model.model_fields.items()
    }
)
"""Every key of the language."""


Library = Callable[[str], Mapping[str, Any]]
"""Returns a scenario by its name, as its author wrote it. Raises LookupError, with a sentence, for an unknown name."""


def nothing(name: str) -> Mapping[str, Any]:
    """An empty library."""
    raise LookupError(f"there is no scenario {name[:100]!r} to use here")


@dataclass(frozen=True, slots=True)
class Written:
    """A scenario as its author wrote it. name: the one it gets if it names none itself."""

    name: str
    data: Any


def read_scenario(written: Written, library: Library) -> Scenario:
    """Read a scenario. library: what `use` can name. Raises IllegalScenario, which names every wrong place."""
    data = written.data
    if not isinstance(data, dict):
        raise IllegalScenario([((), "must be an object: {sms: failed}, say")])
    data = _based(data, library)
    try:
        model: Any = ScenarioModel.model_validate(data)
    except ValidationError as error:
        found, more = findings(error, KEYS)
        raise IllegalScenario(list(dict(reversed(found)).items())[::-1], more) from None
    if not re.fullmatch(NAME, model.name or written.name):
        raise IllegalScenario(
            [(("name",), f"is {clip(written.name, 100)!r} after its file, and must be letters, digits and dashes")]
        )
    if not any(data.get(key) for key in SPEAKING):
        raise IllegalScenario([((), f"says nothing: add {', '.join(SPEAKING[:-1])} or {SPEAKING[-1]}")])
    if (lost := _unmatched(model.when, model.api)) is not None:
        raise IllegalScenario([(("when",), lost)])
    return Scenario(
        name=model.name or written.name,
        parts=tuple(_parts(model)),
        when=model.when,
        why=model.why or "",
        priority=model.priority,
        uses=model.uses,
        callbacks=model.callbacks,
        api=model.api,
        source=orjson.dumps({"name": model.name or written.name} | data),
    )


EVERYBODY = "*"


def for_everybody(scenario: Scenario) -> Scenario:
    """The same scenario; one without `when` speaks for all messages, and is no longer a default."""
    if scenario.when is not None:
        return scenario
    source = orjson.loads(scenario.source) | {"when": {"to": EVERYBODY}}
    return replace(scenario, when=When(to=read_pattern(EVERYBODY)), source=orjson.dumps(source))


def document(scenario: Scenario, used: int) -> Json:
    """A scenario as the control API shows it. used: how many flows and refused sends it has decided."""
    return {
        "name": scenario.name,
        "why": scenario.why,
        "when": None if scenario.when is None else str(scenario.when),
        "priority": scenario.priority,
        "uses": scenario.uses,
        "used": used,
        "says": orjson.loads(scenario.source),
    }


def _based(data: Json, library: Library) -> Json:
    """What the author wrote, on top of the scenario that it uses."""
    used = data.get("use")
    if not isinstance(used, str):
        return data
    try:
        found = library(used)
    except LookupError as error:
        raise IllegalScenario([(("use",), str(error.args[0]))]) from None
    own = {key: value for key, value in data.items() if key != "use"}
    return dict(found) | own


def _unmatched(when: When | None, fault: ApiFault | None) -> str | None:
    """What is wrong with a matcher of messages, where the fault is about requests that have none."""
    without = sorted(fault.endpoints - {Endpoint.SEND, Endpoint.TRACKING}) if fault is not None else ()
    if when is None or when.anything or not without:
        return None
    return f"selects messages, and a request for {' or '.join(without)} has none: leave it out, and use endpoint"


def _parts(model: Any) -> list[Part]:
    parts = [Part(channel, turns) for channel in Channel if (turns := getattr(model, channel.lower()))]
    for number, step in enumerate(model.steps or (), start=1):
        parts += [Part(channel, turns, number) for channel in Channel if (turns := getattr(step, channel.lower()))]
    return parts


def schema() -> Json:
    """The JSON Schema of a scenario file, for editors."""
    about = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A scenario of routee-failover-mock"}
    return about | {key: value for key, value in ScenarioModel.model_json_schema().items() if key != "title"}
