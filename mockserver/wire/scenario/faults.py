"""What a scenario can make go wrong with callbacks and with requests, as pydantic models.

callbacks: {drop: last, delay: 2m}
api: 503                                                       the next sends
api: {answer: 429, retryAfter: 30s, body: {error: busy}}       the same, in more detail
api: {answer: reset, endpoint: [token, tracking]}              other requests
"""

import re
from typing import Annotated, Any

import orjson
from pydantic import AfterValidator, Field
from pydantic.json_schema import WithJsonSchema

from mockserver.core.faults import NONE, ApiAnswer, ApiFault, CallbackFaults, Endpoint, Which
from mockserver.wire import Json
from mockserver.wire.problems import nearest
from mockserver.wire.scenario.outcomes import DelaySpan, Wording, read_span

SLOWEST = 60_000
"""The longest time a scenario can delay an answer, in real milliseconds."""


def _which(value: Any) -> Which:
    """Which callbacks: `true`, a share such as 30%, their numbers, or `last`."""
    if isinstance(value, bool):
        return Which(percent=100 if value else 0)
    if value == "last":
        return Which(last=True)
    share = value.removesuffix("%") if isinstance(value, str) and value.endswith("%") else ""
    if share.isascii() and share.isdecimal() and len(share) <= 3 and int(share) <= 100:
        return Which(percent=int(share))
    numbers = value if isinstance(value, list) else [value]
    if numbers and all(isinstance(each, int) and not isinstance(each, bool) and each > 0 for each in numbers):
        return Which(numbers=frozenset(numbers))
    raise ValueError("must be true, a share such as 30%, numbers of callbacks such as [1, 3], or last")


Chosen = Annotated[
    Any,
    AfterValidator(_which),
    WithJsonSchema(
        {
            "description": "Which callbacks of a flow: all, a share, those with these numbers, or the last.",
            "anyOf": [
                {"type": "boolean"},
                {"type": "string", "pattern": r"^(\d{1,3}%|last)$"},
                {"type": "integer", "minimum": 1},
                {"type": "array", "items": {"type": "integer", "minimum": 1}},
            ],
        }
    ),
]


class CallbacksModel(Wording):
    """What goes wrong with the callbacks of a flow."""

    delay: DelaySpan | None = Field(None, description="How much later they are posted, on the virtual clock.")
    drop: Chosen | None = Field(None, description="These callbacks are never posted.")
    duplicate: Chosen | None = Field(None, description="These callbacks are posted twice.")
    reorder: Chosen | None = Field(None, description="These callbacks are posted after the next one of their flow.")
    timeouts: Annotated[int, Field(ge=0, le=13)] = Field(
        0, description="How many attempts of each callback count as unanswered."
    )


def callbacks(model: CallbacksModel) -> CallbackFaults:
    """The faults of callbacks that a scenario asks for."""
    dropped, duplicated, reordered = (each or NONE for each in (model.drop, model.duplicate, model.reorder))
    return CallbackFaults(model.delay or (0, 0), dropped, duplicated, reordered, model.timeouts)


def _patience(value: Any) -> int:
    low, high = read_span(value)
    if low != high or high > SLOWEST:
        raise ValueError(f"is one duration of real time, {SLOWEST // 1_000} seconds at the most")
    return high


WORDS = ", ".join(ApiAnswer)

STATUSES = (400, 599)
"""The errors that a scenario can answer with."""

MOST_BODY = 16_384
"""The most characters of a body of an error, as JSON."""

LATEST = 86_400
"""The longest Retry-After, in seconds."""


def _answer(value: Any) -> int | ApiAnswer:
    number = int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{3}", value) else value
    if isinstance(number, int) and not isinstance(number, bool) and STATUSES[0] <= number <= STATUSES[1]:
        return number
    if isinstance(value, str) and value in set(ApiAnswer):
        return ApiAnswer(value)
    hint = nearest(value, ApiAnswer)
    raise ValueError(f"must be a status from {STATUSES[0]} to {STATUSES[1]}, or one of {WORDS}{hint}")


def _body(value: Any) -> bytes | str:
    """The body of an error: a text as it is, anything else as JSON."""
    body = value if isinstance(value, str) else orjson.dumps(value)
    if len(body) > MOST_BODY:
        raise ValueError(f"must have at most {MOST_BODY} characters")
    return body


def _endpoints(value: Any) -> frozenset[Endpoint]:
    names = value if isinstance(value, list) else [value]
    for name in names:
        if name not in set(Endpoint):
            raise ValueError(f"must be one of {', '.join(Endpoint)}, or several of them{nearest(name, Endpoint)}")
    if not names:
        raise ValueError("must name at least one endpoint")
    return frozenset(map(Endpoint, names))


def _later(value: Any) -> int:
    low, high = read_span(value)
    if low != high or high % 1_000 or high > LATEST * 1_000:
        raise ValueError(f"is whole seconds, {LATEST} at the most")
    return high // 1_000


_ANSWERS: Json = {
    "anyOf": [
        {"type": "integer", "minimum": STATUSES[0], "maximum": STATUSES[1]},
        {"type": "string", "pattern": "^[45][0-9]{2}$"},
        {"enum": list(map(str, ApiAnswer))},
    ]
}
_PLACES: Json = {"enum": list(map(str, Endpoint))}


class ApiModel(Wording):
    """What goes wrong with requests: with sends, if no endpoint is named."""

    answer: Annotated[Any, AfterValidator(_answer), WithJsonSchema(_ANSWERS)] | None = Field(
        None,
        description="A status from 400 to 599. reset: the connection breaks. lost: it breaks after the send.",
    )
    body: Annotated[Any, AfterValidator(_body), WithJsonSchema({"description": "JSON, or a text."})] = Field(
        None, description="The body of an error, instead of Routee's: a text as it is, anything else as JSON."
    )
    retry_after: Annotated[Any, AfterValidator(_later), WithJsonSchema({"type": ["string", "number"]})] = Field(
        None, alias="retryAfter", description="The header Retry-After of an error, in seconds."
    )
    delay: Annotated[
        Any, AfterValidator(_patience), WithJsonSchema({"type": ["string", "number"], "examples": ["3s"]})
    ] = Field(0, description="How much later the answer comes, in real time.")
    endpoint: Annotated[
        Any,
        AfterValidator(_endpoints),
        WithJsonSchema({"anyOf": [_PLACES, {"type": "array", "minItems": 1, "items": _PLACES}]}),
    ] = Field(frozenset({Endpoint.SEND}), description="Which requests fail: one kind or several; by default, sends.")


class WordOrModel:
    """In a JSON Schema: one word, or the whole object. It is written only when it is needed, because that is slow."""

    def __get_pydantic_json_schema__(self, *_: Any) -> Json:
        return {"anyOf": [{"type": ["string", "integer"]}, ApiModel.model_json_schema()]}


def api(model: ApiModel) -> ApiFault:
    """The fault of requests that a scenario asks for. Raises ValueError for one that does nothing."""
    if model.answer is None and not model.delay:
        raise ValueError("must have an answer, a delay, or both")
    if (model.body is not None or model.retry_after is not None) and not isinstance(model.answer, int):
        raise ValueError("can have a body and retryAfter only with an answer from 400 to 599")
    return ApiFault(model.answer, model.delay, model.body, model.retry_after, model.endpoint)
