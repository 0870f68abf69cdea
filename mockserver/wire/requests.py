"""POST /failover: bytes in, one command out, or every wrong field named.

Each step goes the same way: its channel is read, fields of other channels are told apart, blanks are taken out,
the fields are validated by the channel's model and against each other, and the step is written out again as the
reply will echo it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import orjson
from pydantic import ValidationError

from mockserver.core.channels import Channel
from mockserver.core.commands import SendFlow
from mockserver.core.flow import Callback, Step, Strategy
from mockserver.numbering import prices
from mockserver.numbering.numbers import Number, read_number
from mockserver.numbering.parts import split
from mockserver.wire.blanks import blank, given
from mockserver.wire.combinations import foreign, problems
from mockserver.wire.complaints import complaints, nearest
from mockserver.wire.errors import invalid, malformed
from mockserver.wire.models import (
    STEPS,
    AnyStep,
    CallbackModel,
    Common,
    Model,
    SmsStep,
    TemplateStep,
    ViberStep,
    ViberTerms,
    VoiceStep,
    canonical_trigger,
)

Json = dict[str, Any]
Problems = dict[str, str]

MOST_STEPS = 100
"""Steps of one flow at the most (choice)."""

DIAL_PLANS = ("dialPlan", "dialplan", "dialPlans")
"""Every documented spelling of the dial plan; the last is the one replies use (choice)."""

M = TypeVar("M", bound=Model)

_CHANNELS = {channel.casefold(): channel for channel in Channel}
_MINUTE = 60_000


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read.

    kind: of the flow, "failover" or "transactional", after the endpoint.
    strict: refuse unknown fields and those of other channels. transcode: what an Sms that is silent on it follows.
    """

    kind: str
    strict: bool
    transcode: bool


def read_send(
    body: bytes, application: str, *, kind: str = "failover", strict: bool = False, transcode: bool = True
) -> SendFlow:
    """The send in a request's body.

    Raises Refusal for what is no JSON object, and otherwise for every wrong field at once.
    """
    data = _read_json(body)
    reading, wrong = Reading(kind, strict, transcode), Problems()
    if strict:
        wrong |= _unknown(data, ("flow", "callback", "restrictions"), "")
    steps = _read_flow(data.get("flow"), reading, wrong)
    callback = _read_callback(data.get("callback"), reading, wrong)
    restrictions = _read_restrictions(data.get("restrictions"), wrong)
    if wrong:
        raise invalid(wrong)
    in_order = tuple(step for _, step in sorted(steps, key=lambda numbered: numbered[0]))
    return SendFlow(application, in_order, callback, restrictions, kind)


def _read_json(body: bytes) -> Json:
    if not body.strip():
        raise malformed('The body is empty; send a JSON object such as {"flow": [...]}.')
    try:
        data = orjson.loads(body)
    except ValueError as error:
        raise malformed(f"The body is not JSON: {error}.") from None
    if not isinstance(data, dict):
        raise malformed('The body must be a JSON object such as {"flow": [...]}.')
    return data


def _read_flow(flow: Any, reading: Reading, wrong: Problems) -> list[tuple[int, Step]]:
    if not isinstance(flow, list):
        wrong["flow"] = "is required: an array of steps" if blank(flow) else "must be an array of steps"
        return []
    if not flow:
        wrong["flow"] = "must hold at least one step"
    if len(flow) > MOST_STEPS:
        wrong["flow"] = f"must hold at most {MOST_STEPS} steps; it holds {len(flow)}"
        return []
    steps: list[tuple[int, Step]] = []
    for position, fields in enumerate(flow):
        found: Problems = {}
        step = _read_step(fields, position + 1, reading, found)
        wrong |= {f"flow[{position}]{'.' if name else ''}{name}": text for name, text in found.items()}
        if step is not None:
            steps.append(step)
    return steps


def _read_step(fields: Any, position: int, reading: Reading, wrong: Problems) -> tuple[int, Step] | None:
    if not isinstance(fields, dict):
        wrong[""] = "must be an object: a step"
        return None
    channel = _read_channel(fields.get("type"), wrong)
    if channel is None:
        _validate(Common, given(fields), replace(reading, strict=False), wrong, {})
        return None
    own = _given(_without_foreign(channel, fields, reading, wrong))
    spelling = _one_dial_plan(own, wrong)
    own |= {"type": str(channel)}
    own.setdefault("order", position)
    wrong |= dict(problems(reading.kind, channel, own))
    model = _validate(STEPS[reading.kind][channel], own, reading, wrong, _renamed(own, spelling))
    if model is None or wrong:
        return None
    return model.order or position, _step(model, channel, fields, reading)


def _read_channel(kind: Any, wrong: Problems) -> Channel | None:
    channel = _CHANNELS.get(kind.strip().casefold()) if isinstance(kind, str) else None
    if channel is None:
        names = ", ".join(Channel)
        wrong["type"] = f"is required: one of {names}" if blank(kind) else f"must be one of {names}"
        wrong["type"] += nearest(kind, Channel)
    return channel


def _without_foreign(channel: Channel, fields: Json, reading: Reading, wrong: Problems) -> Json:
    """The fields but for those of other channels; these are named as wrong unless they are blank."""
    own = _own(channel, fields, "", reading, wrong)
    message = own.get("message")
    if isinstance(message, dict):
        own["message"] = _own(channel, message, "message.", reading, wrong)
    return own


def _own(channel: Channel, fields: Json, prefix: str, reading: Reading, wrong: Problems) -> Json:
    reasons = {name: foreign(reading.kind, channel, prefix + name) for name in fields}
    for name, reason in reasons.items():
        if reason is not None and (reading.strict or not blank(fields[name])):
            wrong[prefix + name] = reason
    return {name: value for name, value in fields.items() if reasons[name] is None}


def _given(own: Json) -> Json:
    """The fields that are not blank, and the objects a step must have even so: what is missing is inside them."""
    emptied: Json = {name: {} for name in ("to", "message", *DIAL_PLANS) if isinstance(own.get(name), dict)}
    return emptied | given(own)


def _one_dial_plan(own: Json, wrong: Problems) -> str:
    """Bring the dial plan, however it is spelled, under its first name; the spelling the caller used."""
    spellings = [name for name in DIAL_PLANS if own.get(name)] or [name for name in DIAL_PLANS if name in own]
    for name in set(DIAL_PLANS) - set(spellings):
        own.pop(name, None)
    plans = [own.pop(name) for name in spellings]
    for name, plan in zip(spellings, plans, strict=True):
        if plan != plans[0]:
            wrong[name] = f"says something else than {spellings[0]}; send one of them"
    if plans:
        own["dialPlan"] = plans[0]
    return spellings[0] if spellings else DIAL_PLANS[0]


def _renamed(own: Json, dial_plan: str) -> Mapping[str, str]:
    """Where the model's paths differ from the caller's."""
    return {"dialPlan": dial_plan} | ({"to.phone": "to"} if isinstance(own.get("to"), str) else {})


def _validate(kind: type[M], own: Json, reading: Reading, wrong: Problems, names: Mapping[str, str]) -> M | None:
    try:
        return kind.model_validate(own, extra="forbid" if reading.strict else "ignore")
    except ValidationError as error:
        for path, text in complaints(error):
            head = next((name for name in names if path == name or path.startswith((f"{name}.", f"{name}["))), "")
            wrong.setdefault(names.get(head, "") + path[len(head) :], text)
        return None


def _unknown(fields: Json, known: Iterable[str], prefix: str) -> Problems:
    return {f"{prefix}{name}": f"is not known here{nearest(name, known)}" for name in fields.keys() - set(known)}


def _read_callback(fields: Any, reading: Reading, wrong: Problems) -> Callback | None:
    if blank(fields):
        return None
    if not isinstance(fields, dict):
        wrong["callback"] = "must be an object {strategy, url}"
        return None
    try:
        model = CallbackModel.model_validate(given(fields), extra="forbid" if reading.strict else "ignore")
    except ValidationError as error:
        wrong |= {f"callback.{path}": text for path, text in complaints(error)}
        return None
    return Callback(Strategy(model.strategy), model.url)


def _read_restrictions(fields: Any, wrong: Problems) -> bytes | None:
    if blank(fields):
        return None
    if not isinstance(fields, dict):
        wrong["restrictions"] = "must be an object"
        return None
    try:
        return orjson.dumps(fields)
    except TypeError:
        wrong["restrictions"] = "nests too deeply to be echoed"
        return None


def _step(model: AnyStep, channel: Channel, fields: Json, reading: Reading) -> Step:
    """The step as the core knows it, carrying the echo of itself."""
    to, number = _recipient(model)
    country = number.country if number else None
    parts, price = 1, 0
    match model:
        case SmsStep():
            wish = model.message.transcode
            parts = split(model.message.body, transcode=reading.transcode if wish is None else wish).count
            price = prices.price(prices.SMS, country)
        case ViberStep():
            plain = set(model.message.model_dump(exclude_none=True)) == {"text"}
            price = prices.price(prices.VIBER_TEXT if plain else prices.VIBER_PROMOTIONAL, country)
        case TemplateStep():
            price = prices.price(prices.VIBER_TEXT, country)
        case VoiceStep():
            price = prices.price(prices.VOICE, country)
    triggers = (canonical_trigger(channel, status) for status in model.failover_on_statuses)
    return Step(
        channel=channel,
        to=to,
        triggers=frozenset(status for status in triggers if status is not None),
        ttl=None if isinstance(model, VoiceStep) else round(model.ttl * _MINUTE),
        expire_on_delivery=isinstance(model, ViberTerms) and model.expire_on_delivery,
        parts=parts,
        price=price,
        country=country,
        operator=number.operator if number else None,
        asked=_echo(model, fields),
    )


def _recipient(model: AnyStep) -> tuple[str, Number | None]:
    if not isinstance(model, VoiceStep):
        return model.to, read_number(model.to)
    called = model.to.phone or model.to.viber
    return (called, read_number(called)) if called else (model.to.sip or "", None)


def _echo(model: Model, fields: Json) -> bytes:
    """The step as the reply echoes it: what was given, in our spelling, and every default."""
    echo = model.model_dump(by_alias=True, exclude_none=True)
    if isinstance(model, VoiceStep):
        echo["dialPlans"] = echo.pop("dialPlan")
        echo["to"] = model.to.phone if isinstance(fields["to"], str) else echo["to"]
    if isinstance(model, ViberTerms) and model.ttl.is_integer():
        echo["ttl"] = int(model.ttl)
    if isinstance(model, TemplateStep):
        echo |= {"templateParams": model.template_params, "seq": model.seq}
    return orjson.dumps(echo)
