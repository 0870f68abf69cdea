"""What to verify: the body of POST /_mock/verify. All of it is ours (choice)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, ValidationError
from pydantic.json_schema import WithJsonSchema

from mockserver.core.channels import RULES, Channel
from mockserver.core.flow import FlowStatus
from mockserver.core.step import FlowKind
from mockserver.wire import Json, errors
from mockserver.wire.instants import read_duration
from mockserver.wire.problems import Misspelt, Wrong, cut, nearest, path, problems, read_object
from mockserver.wire.types import WHOLE, FlowId, Model, Text
from mockserver.wire.verify.expectations import SUBJECTS, Count, Expectation

Place = tuple[str | int, ...]

EXAMPLE = (
    'send {"expect": [{"sends": {"to": "+306900000300"}, "count": 1}, {"flow": {"to": "+306900000300"}, '
    '"status": "Succeeded"}], "within": "5s"}'
)

MOST = 100
"""The most expectations in one request, and the most entries of a list in one of them."""

MEANT = 5
"""Unknown fields of an expectation that are looked at to find what kind of it is meant."""

MANY = 10**9
"""A number higher than any count can be."""

LONGEST = 60_000
"""The longest time a request can wait, in real milliseconds."""


def _one_of(words: Iterable[str]) -> Callable[[str], str]:
    """A function that reads one of these words, in any case, or a pattern with a `*`."""
    by_fold = {word.casefold(): word for word in words}

    def read(text: str) -> str:
        if "*" not in text and text.casefold() not in by_fold:
            raise ValueError(f"must be one of {', '.join(by_fold.values())}")
        return by_fold.get(text.casefold(), text)

    return read


HEARD = {f"{channel} {status}" for channel, rules in RULES.items() for status in rules.statuses}
STATUSES = dict.fromkeys(status for rules in RULES.values() for status in rules.statuses)


def _heard(text: str) -> str:
    if "*" in text or text.casefold() in {each.casefold() for each in HEARD}:
        return text
    raise Misspelt('must be a channel and a status of it, such as "Viber EXPIRED"', text, HEARD)


def _message_status(text: str) -> str:
    return _heard(text) if " " in text else _one_of(STATUSES)(text) and text


def _count(value: Any) -> Count:
    if value is None:
        return Count()
    if _is_number(value):
        return Count(value, value)
    if isinstance(value, dict) and value and value.keys() <= {"atLeast", "atMost"}:
        least, most = value.get("atLeast", 0), value.get("atMost", MANY)
        if _is_number(least) and _is_number(most) and least <= most:
            return Count(value.get("atLeast"), value.get("atMost"))
    raise ValueError('must be a number, or {"atLeast": 1, "atMost": 3} or one of the two')


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MANY


_NUMBER: Json = {"type": "integer", "minimum": 0, "maximum": MANY}
_BOUNDS: Json = {
    "type": "object",
    "properties": {"atLeast": _NUMBER, "atMost": _NUMBER},
    "additionalProperties": False,
    "minProperties": 1,
}
COUNT = WithJsonSchema({"anyOf": [_NUMBER, _BOUNDS, {"type": "null"}]})

ChannelName = Annotated[Text, AfterValidator(_one_of(map(str, Channel)))]
Status = Annotated[Text, AfterValidator(_one_of(map(str, FlowStatus)))]
HeardStatus = Annotated[Text, AfterValidator(_heard)]
Counted = Annotated[Any, AfterValidator(_count), COUNT]


class Asked(Model):
    """The fields that a test expects; a field that is absent or null is not compared."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


class Sends(Asked):
    """A send that was accepted."""

    to: Text | None = None
    channel: ChannelName | None = None
    channels: Annotated[list[ChannelName], Field(min_length=1, max_length=MOST)] | None = None
    label: Text | None = None
    text: Text | None = None
    from_: Text | None = Field(None, alias="from")
    application_id: Text | None = None
    kind: Annotated[Text, AfterValidator(_one_of(map(str, FlowKind)))] | None = None
    callback_url: Text | None = None


class Which(Asked):
    """Which flow is meant."""

    tracking_id: FlowId | None = None
    to: Text | None = None
    label: Text | None = None


class Callback(Which):
    """A callback that fell due."""

    url: Text | None = None
    status: Status | None = None
    message_status: Annotated[Text, AfterValidator(_message_status)] | None = None
    delivered: bool | None = None
    attempts: Annotated[Any, AfterValidator(lambda value: None if value is None else _count(value)), COUNT] = None


class Request(Asked):
    """A request to the mocked API."""

    method: Text | None = None
    path: Text | None = None
    status: Annotated[int, Field(ge=100, le=599), WHOLE] | None = None
    error: Text | None = None


class ExpectedSends(Asked):
    """So many sends."""

    sends: Sends
    count: Counted = Field(default_factory=Count, description="By default at least one.")


class ExpectedFlow(Asked):
    """A flow, and what is expected of it."""

    flow: Which
    status: Status | None = None
    status_code: Text | None = None
    termination_channel: ChannelName | None = None
    heard: Annotated[list[HeardStatus], Field(min_length=1, max_length=MOST)] | None = None
    exactly: Annotated[list[HeardStatus], Field(max_length=MOST)] | None = None
    count: Counted = Field(default_factory=Count, description="By default at least one.")


class ExpectedCallback(Asked):
    """So many callbacks."""

    callback: Callback
    count: Counted = Field(default_factory=Count, description="By default at least one.")


class ExpectedRequest(Asked):
    """So many requests."""

    request: Request
    count: Counted = Field(default_factory=Count, description="By default at least one.")


MODELS: Mapping[str, tuple[type[Asked], type[Asked]]] = {
    "sends": (ExpectedSends, Sends),
    "flow": (ExpectedFlow, Which),
    "callback": (ExpectedCallback, Callback),
    "request": (ExpectedRequest, Request),
}
"""For each kind of expectation, by its key: the model of the expectation, and the model of the thing in it."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What to verify. within: how long to wait for it, in real seconds."""

    expectations: tuple[Expectation, ...]
    within: float = 0


def read_verification(body: bytes) -> Verification:
    """The verification in a POST /_mock/verify. Raises Refusal, which names everything that is wrong."""
    data = read_object(body, EXAMPLE)
    wrong = Wrong()
    within = _within(data.pop("within", None), wrong)
    expectations = [_read(each, place, wrong) for place, each in _placed(data, wrong)]
    if wrong:
        raise errors.malformed(f"This cannot be verified; {EXAMPLE}.", wrong)
    return Verification(tuple(each for each in expectations if each is not None), within)


def _within(value: Any, wrong: Wrong) -> float:
    try:
        within = 0 if value is None else read_duration(value)
        if within > LONGEST:
            raise ValueError(f"must be at most {LONGEST // 1_000} s")
    except ValueError as error:
        wrong["within"] = str(error)
        return 0
    return within / 1_000


def _placed(data: Json, wrong: Wrong) -> list[tuple[Place, Any]]:
    """Each expectation with its place; a bare one stands for a list of one."""
    if "expect" not in data:
        return [((), data)]
    wrong.unknown(sorted(data.keys() - {"expect"}), ("expect", "within"))
    asked = data["expect"]
    if isinstance(asked, dict):
        return [(("expect",), asked)]
    if not isinstance(asked, list) or not 1 <= len(asked) <= MOST:
        wrong["expect"] = f"must be an array of 1 to {MOST} expectations"
        return []
    return [(("expect", index), each) for index, each in enumerate(asked)]


def _read(data: Any, place: Place, wrong: Wrong) -> Expectation | None:
    kinds = [name for name in MODELS if isinstance(data, dict) and name in data]
    if len(kinds) != 1:
        wrong[path(place) or "expect"] = f"must hold {'only ' if kinds else ''}one of {', '.join(MODELS)}{_meant(data)}"
        return None
    [kind] = kinds
    whole, part = MODELS[kind]
    names = {*_names(whole), *_names(part)}
    few, lost = cut(data, names, wrong.room)
    wrong.skip(lost)
    try:
        model = whole.model_validate(few)
    except ValidationError as error:
        wrong.take(problems(error, names, room=wrong.room, within=place))
        return None
    fields = _given(getattr(model, kind)) | _given(model)
    return Expectation(
        SUBJECTS[kind], {name: fields[name] for name in fields if name not in (kind, "count")}, _counted(model)
    )


def _meant(data: Any) -> str:
    """The known kind that an unknown one resembles, as a suggestion."""
    names = data if isinstance(data, dict) and not data.keys() & MODELS.keys() else ()
    return next(filter(None, (nearest(name, MODELS) for name in islice(names, MEANT))), "")


def _names(model: type[Asked]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _given(model: Asked) -> Json:
    fields = ((field.alias or name, getattr(model, name)) for name, field in type(model).model_fields.items())
    return {name: value for name, value in fields if value is not None}


def _counted(model: Asked) -> Count:
    count = getattr(model, "count", Count())
    assert isinstance(count, Count)  # noqa: S101 -- the field is read as a Count
    return count
