"""What a scenario can say about one channel, as pydantic models: the reference for reading it and for its JSON Schema.

    sms: delivered                                                    an outcome by its name
    sms: {outcome: delivered, after: 4s to 9s, operator: Vodafone}    the same, in more detail
    sms: {delivered: 90, undelivered: 8, failed: 2}                   one of several, drawn by weight
    sms: [{at: 0s, status: Queued}, {at: 40m, status: Delivered}]     a timeline of its own
    sms: {sequence: [failed, delivered]}                              the first message, the second, and all after it

Each is read into a tuple of turns. A turn is a tuple of outcomes, and one of them is drawn.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Annotated, Any, Union

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, create_model
from pydantic.json_schema import WithJsonSchema

from mockserver.core.catalogue import HAND, NAMED
from mockserver.core.channels import RULES, Channel, canonical
from mockserver.core.outcome import IllegalTimeline, Moment, Outcome
from mockserver.core.scenario import WeightedOutcome
from mockserver.core.values import replace
from mockserver.wire.instants import read_duration
from mockserver.wire.problems import Misspelt, clip, there_are

Turn = tuple[WeightedOutcome, ...]
Span = tuple[int, int]

FORMS = ("outcome", "sequence", "timeline")
"""Keys that distinguish the forms; an object with none of them is a table of weights."""

MOST_WEIGHT = 1_000_000
MOST_ENTRIES = 1_000


class Wording(BaseModel):
    """A part of a scenario. An unknown key is an error, so that a spelling mistake is noticed."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)


def read_span(value: object) -> Span:
    """The bounds of a delay, in milliseconds: one duration, or two with `to` between them. Raises ValueError."""
    low, to, high = value.partition(" to ") if isinstance(value, str) else (value, "", "")
    bounds = read_duration(low), read_duration(high if to else low)
    if bounds[0] > bounds[1]:
        raise ValueError(f"runs from the shorter to the longer, not from {low} to {high}")
    return bounds


DURATION: dict[str, Any] = {
    "type": ["string", "number"],
    "description": "Seconds, or a text such as 40m or 1h30m.",
    "examples": ["4s"],
}
Delay = Annotated[Any, AfterValidator(read_duration), WithJsonSchema(DURATION)]
DelaySpan = Annotated[
    Any,
    AfterValidator(read_span),
    WithJsonSchema(
        {
            "type": ["string", "number"],
            "description": "Seconds, a text such as 40m, or a range such as 30s to 2m, from which the seed chooses.",
            "examples": ["4s", "4s to 9s"],
        }
    ),
]


def _word(channel: Channel, known: Mapping[str, Any], what: str, value: Any) -> str:
    if not isinstance(value, str) or value not in known:
        said = clip(repr(value), 100)
        raise Misspelt(f"{said} is no {what} of {channel}", value, (*known, *FORMS), f"; {there_are(known)}")
    return value


def _status(channel: Channel, value: Any) -> str:
    found = canonical(channel, value) if isinstance(value, str) else None
    return found or _word(channel, dict.fromkeys(RULES[channel].statuses), "status", value)


def _worded(check: Any, words: Any) -> Any:
    schema = WithJsonSchema({"type": "string", "enum": list(words)})
    return Annotated[str, BeforeValidator(check), schema]


def _name(channel: Channel) -> Any:
    return _worded(partial(_word, channel, NAMED[channel], "outcome"), NAMED[channel])


def _reason(channel: Channel) -> Any:
    return _worded(partial(_word, channel, RULES[channel].reasons, "reason"), RULES[channel].reasons)


def _detailed(channel: Channel) -> Any:
    fields: dict[str, Any] = {"outcome": (_name(channel), ...), "after": (DelaySpan | None, None)}
    if RULES[channel].reasons:
        fields["reason"] = (_reason(channel) | None, None)
    if RULES[channel].by_operator:
        fields["operator"] = (Annotated[str, Field(min_length=1, max_length=100)] | None, None)
    model = _model(f"{channel}Outcome", "An outcome in more detail.", **fields)
    return Annotated[model, AfterValidator(partial(_adjusted, channel))]


def _adjusted(channel: Channel, wording: Any) -> Turn:
    outcome, after = NAMED[channel][wording.outcome], wording.after
    reason, operator = getattr(wording, "reason", None), getattr(wording, "operator", None)
    if (after or reason) and outcome.moments[-1].status not in RULES[channel].ends:
        given, waits = "after" if after else "reason", "waits for what is pushed"
        end = waits if outcome.name == HAND else "is ended by the ttl of the step"
        raise ValueError(f"{outcome.name!r} {end}, so that {given} means nothing here")
    moments = outcome.moments if after is None else _timed(outcome.moments, after)
    if reason is not None:
        moments = (*moments[:-1], replace(moments[-1], reason=reason))
    return (WeightedOutcome(replace(outcome, moments=moments), operator=operator),)


def _timed(moments: tuple[Moment, ...], after: Span) -> tuple[Moment, ...]:
    """The moments, with the last one `after` the beginning of the step; if it is late, after the end of the ttl.

    The moments before it keep their share of the time.
    """
    *before, last = moments
    if last.late:
        return (*before, replace(last, low=after[0], high=after[1]))
    whole = sum(moment.low + moment.high for moment in moments)
    shares = [after[0] * (moment.low + moment.high) // whole for moment in before]
    fixed = [replace(moment, low=share, high=share) for moment, share in zip(before, shares, strict=True)]
    return (*fixed, replace(last, low=after[0] - sum(shares), high=after[1] - sum(shares)))


def _timeline(channel: Channel) -> Any:
    fields: dict[str, Any] = {
        "at": (Delay, ...),
        "status": (_worded(partial(_status, channel), RULES[channel].statuses), ...),
    }
    if RULES[channel].reasons:
        fields["reason"] = (_reason(channel) | None, None)
    moment = _model(f"{channel}Moment", "A status, and when it comes after the step began.", **fields)
    return Annotated[_row(moment, 0), AfterValidator(partial(_told, channel))]


def _told(channel: Channel, entries: list[Any]) -> Turn:
    moments: list[Moment] = []
    before = 0
    for position, entry in enumerate(entries, start=1):
        wait, before = entry.at - before, entry.at
        if wait < 0:
            raise IllegalTimeline(f"{channel} timeline, entry {position}: it comes before the entry above it", position)
        said, usual = getattr(entry, "reason", None), entry.status.capitalize()
        reason = said or (usual if usual in RULES[channel].reasons else None)
        moments.append(Moment(entry.status, wait, wait, reason))
    return (WeightedOutcome(Outcome(channel, "timeline", tuple(moments))),)


def _weights(channel: Channel) -> Any:
    name: Any = _name(channel)
    weight = Annotated[int, Field(ge=0, le=MOST_WEIGHT)]
    return Annotated[dict[name, weight], AfterValidator(partial(_weighed, channel))]


def _weighed(channel: Channel, weights: Mapping[str, int]) -> Turn:
    chosen = tuple(WeightedOutcome(NAMED[channel][name], weight) for name, weight in weights.items() if weight)
    if not chosen:
        raise ValueError("must name at least one outcome with a weight above 0")
    return chosen


def _kind(value: Any) -> str:
    if isinstance(value, list):
        return "<timeline>"
    if not isinstance(value, dict):
        return "<name>"
    return next((f"<{key}>" for key in FORMS if key in value), "<weights>").replace("<timeline>", "<told>")


def _row(entry: Any, least: int) -> Any:
    row: Any = list
    return Annotated[row[entry], Field(min_length=least, max_length=MOST_ENTRIES)]


def _model(name: str, text: str, **fields: Any) -> Any:
    return create_model(name, __base__=Wording, __doc__=text, **fields)


def _forms(channel: Channel) -> Iterator[tuple[str, Any]]:
    """Every way to write what happens to one message, by its tag."""
    told = _model(f"{channel}Timeline", "A timeline of its own.", timeline=(_timeline(channel), ...))
    yield "<name>", Annotated[_name(channel), AfterValidator(lambda name: (WeightedOutcome(NAMED[channel][name]),))]
    yield "<outcome>", _detailed(channel)
    yield "<timeline>", _timeline(channel)
    yield "<told>", Annotated[told, AfterValidator(lambda model: model.timeline)]
    yield "<weights>", _weights(channel)


def _union(forms: Mapping[str, Any]) -> Any:
    tagged = (Annotated[form, Tag(tag)] for tag, form in forms.items())
    return Annotated[Union[*tagged], Discriminator(_kind)]


def said_of(channel: Channel) -> Any:
    """The type of what a scenario says about a channel; it is read into a tuple of turns."""
    forms = dict(_forms(channel))
    turns = _model(
        f"{channel}Sequence",
        "What the first message to a recipient hears, the second, and so on; the last stays.",
        sequence=(_row(_union(forms), 1), ...),
    )
    one = {tag: Annotated[form, AfterValidator(lambda turn: (turn,))] for tag, form in forms.items()}
    return _union(one | {"<sequence>": Annotated[turns, AfterValidator(lambda model: tuple(model.sequence))]})
