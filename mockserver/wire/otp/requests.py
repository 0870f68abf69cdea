"""POST /failover-otp/otp/send-failover: bytes in, and one command out, or an error that names every wrong field."""

from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any

import orjson
from pydantic import ValidationError

from mockserver.core.channels import Channel
from mockserver.core.commands import SendFlow
from mockserver.core.step import Callback, FlowKind, Step, Strategy
from mockserver.core.values import replace
from mockserver.numbering.numbers import read_number
from mockserver.numbering.parts import split
from mockserver.numbering.prices import price
from mockserver.wire import Json
from mockserver.wire.otp.errors import Finding, unprocessable
from mockserver.wire.otp.models import (
    MOST_FIELDS,
    MOST_PARAM,
    TEMPLATE_TYPES,
    OtpCallback,
    OtpSmsStep,
    Terms,
    ViberOtpStep,
    param,
)
from mockserver.wire.otp.templates import BY_ID, OF_A_BUSINESS
from mockserver.wire.problems import findings, nearest, not_json, read_json
from mockserver.wire.routee.blanks import blank
from mockserver.wire.routee.channels.sms import PRICES as SMS_PRICES
from mockserver.wire.routee.channels.viber import TEXT_PRICES
from mockserver.wire.routee.fields import echoable
from mockserver.wire.routee.limits import MOST_PARTS, MOST_STEPS
from mockserver.wire.types import Model, whole

VIBER, SMS = "ViberOtp", "Sms"

MODELS: Mapping[str, type[Terms]] = {VIBER: ViberOtpStep, SMS: OtpSmsStep}

CHANNELS: Mapping[str, Channel] = {VIBER: Channel.VIBER, SMS: Channel.SMS}

TRIGGERS: Mapping[Channel, frozenset[str]] = {
    Channel.VIBER: frozenset({"EXPIRED", "FAILED", "UNDELIVERED", "UNSENT"}),
    Channel.SMS: frozenset({"Undelivered", "Failed", "Unsent"}),
}
"""The statuses that turn to the next step (doc; unsent, and those of Sms: choice)."""

LAST = frozenset({"UNSENT", "Unsent"})
"""Those that are no triggers of the last step: what is unsent there ends the flow with statusCode 1 (choice)."""

WAITS, ALSO_WAITS = "failoverAfterDelivered", "failover_after_delivered"
"""The two names of one field (choice)."""

_TYPES = {name.casefold(): name for name in MODELS}


def read_send(body: bytes, application: str, *, transcode: bool = True) -> SendFlow:
    """The send in a request's body. transcode: whether an Sms is.

    Raises Refusal (422) for a body that is not a JSON object, or one Refusal for all wrong fields.
    """
    data, found = _read_json(body), list[Finding]()
    steps = _read_flow(data.get("flow"), found, transcode)
    callback = _read_callback(data.get("callback"), found)
    if found:
        raise unprocessable(Finding(("body", *each.loc), each.msg, each.type) for each in found)
    in_order = [step for _, step in sorted(steps, key=lambda numbered: numbered[0])]
    last = in_order[-1]
    in_order[-1] = replace(last, triggers=last.triggers - LAST, failover_after_delivered=False)
    return SendFlow(application, tuple(in_order), callback, kind=FlowKind.OTP)


def _read_json(body: bytes) -> Json:
    try:
        data = read_json(body)
    except ValueError as error:
        why = f"The body is not JSON: {not_json(error, body)}" if body.strip() else "The body is empty"
        raise unprocessable([Finding(("body",), why, "json_invalid")]) from None
    if not isinstance(data, dict):
        raise unprocessable([Finding(("body",), 'must be a JSON object such as {"flow": [...]}', "dict_type")])
    return data


def _read_flow(flow: Any, found: list[Finding], transcode: bool) -> list[tuple[int, Step]]:
    if not isinstance(flow, list):
        lacks = ("is required: an array of steps", "missing") if blank(flow) else ("must be an array", "list_type")
        found.append(Finding(("flow",), *lacks))
        return []
    if not 1 <= len(flow) <= MOST_STEPS:
        kind = "too_long" if flow else "too_short"
        found.append(Finding(("flow",), f"must hold 1 to {MOST_STEPS} steps; it holds {len(flow)}", kind))
        return []
    steps = []
    for index, fields in enumerate(flow):
        wrong: list[Finding] = []
        step = _read_step(fields, wrong, transcode)
        found += [Finding(("flow", index, *each.loc), each.msg, each.type) for each in wrong]
        if step is not None:
            steps.append(step)
    found += _twice(flow)
    return steps


def _twice(flow: list[Any]) -> Iterator[Finding]:
    """Every step whose order another one before it has."""
    orders = [whole(each.get("order")) if isinstance(each, dict) else None for each in flow]
    seen = Counter[int]()
    for index, order in enumerate(orders):
        if isinstance(order, int) and not isinstance(order, bool) and order >= 1:
            if seen[order]:
                yield Finding(("flow", index, "order"), f"is {order} in another step too; each has its own")
            seen[order] += 1


def _read_step(fields: Any, found: list[Finding], transcode: bool) -> tuple[int, Step] | None:
    if not isinstance(fields, dict):
        found.append(Finding((), "must be an object: a step", "dict_type"))
        return None
    if len(fields) > MOST_FIELDS:
        found.append(Finding((), f"must have at most {MOST_FIELDS} fields; it has {len(fields)}", "too_long"))
        return None
    own = _without_blanks(fields)
    kind = _read_type(own.get("type"), found)
    if kind is None:
        _validate(Terms, own, found)
        return None
    own["type"] = kind
    echo = {name: value for name, value in own.items() if name != "trackingId"}
    waits = own.pop(ALSO_WAITS, None)
    if waits is not None:
        own.setdefault(WAITS, waits)
    model = _validate(MODELS[kind], own, found)
    found += [each for rule in RULES[kind] for each in rule(own)]
    found += list(_unechoable(echo, {each.loc[0] for each in found}))
    if model is None or found:
        return None
    step = _build(model, CHANNELS[kind], echo, transcode)
    if step.parts > MOST_PARTS:
        found.append(Finding(("message", "body"), f"takes {step.parts} parts; an Sms takes at most {MOST_PARTS}"))
    return model.order, step


def _unechoable(echo: Json, named: Container[str | int]) -> Iterator[Finding]:
    """Each field that cannot be echoed, unless it is named already."""
    for name, value in echo.items():
        try:
            echoable({name: value})
        except ValueError as error:
            if name not in named:
                yield Finding((name,), str(error))


def _without_blanks(fields: Json) -> Json:
    """The fields that are not blank, and a ttl of 0. A blank object stays, so the error names what it lacks."""
    kept = {name: value for name, value in fields.items() if not blank(value) or _is_zero(name, value)}
    message = fields.get("message")
    if isinstance(message, dict):
        kept["message"] = {name: value for name, value in message.items() if not blank(value)}
    return kept


def _is_zero(name: str, value: Any) -> bool:
    return name == "ttl" and isinstance(value, int | float) and not isinstance(value, bool)


def _read_type(kind: Any, found: list[Finding]) -> str | None:
    name = _TYPES.get(kind.strip().casefold()) if isinstance(kind, str) else None
    if name is None:
        known = " or ".join(MODELS)
        said = f"is required: {known}" if kind is None else f"must be {known}{nearest(kind, MODELS)}"
        found.append(Finding(("type",), said, "missing" if kind is None else "literal_error"))
    return name


def _validate(kind: type[Model], own: Json, found: list[Finding]) -> Any:
    try:
        return kind.model_validate(own)
    except ValidationError as error:
        types = [each["type"] for each in error.errors(include_url=False, include_context=False, include_input=False)]
        told, _ = findings(error, kind.names())
        found += [Finding(place, said, name) for (place, said), name in zip(told, types, strict=False)]
        return None


# Rules between fields


def _template(own: Json) -> Iterator[Finding]:
    """The type of a published template, and what a type needs."""
    known, kind = BY_ID.get(str(own.get("templateId")).lower()), own.get("templateType")
    if known is not None and kind in TEMPLATE_TYPES and kind != known.type:
        yield Finding(("templateType",), f"must be {known.type}: that is the type of this template")
    needs = kind if isinstance(kind, str) else known and known.type
    if needs in OF_A_BUSINESS and "businessName" not in own:
        yield Finding(("businessName",), f"is required for {needs}", "missing")


def _params(own: Json) -> Iterator[Finding]:
    """The parameters of a template, whatever they are called."""
    known = ViberOtpStep.names()
    for name, value in own.items():
        if name not in known:
            yield from (Finding((name,), *each) for each in _param(value))


def _param(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if len(value) > MOST_PARAM:  # and is not looked at for links
            yield f"must have at most {MOST_PARAM} characters; it has {len(value)}", "string_too_long"
            return
        try:
            param(value)
        except ValueError as error:
            yield str(error), "value_error"
    elif isinstance(value, float) and not value.is_integer():
        yield "must be a whole number", "int_type"


def _waiting(own: Json) -> Iterator[Finding]:
    if WAITS in own:
        yield Finding((WAITS,), f"is for {VIBER} steps: nobody knows whether an Sms was seen", "extra_forbidden")


RULES: Mapping[str, tuple[Callable[[Json], Iterator[Finding]], ...]] = {VIBER: (_template, _params), SMS: (_waiting,)}
"""For each type of step, the rules that one field alone cannot break. They are silent about a wrong type."""


def _build(model: Any, channel: Channel, echo: Json, transcode: bool) -> Step:
    number, is_sms = read_number(model.to), channel is Channel.SMS
    text = model.message.body if is_sms else model.pin
    return Step(
        channel=channel,
        to=number.e164,
        triggers=TRIGGERS[channel],
        ttl=model.ttl * 1_000,
        parts=split(text, transcode=transcode).count if is_sms else 1,
        price=price(SMS_PRICES if is_sms else TEXT_PRICES, number.country),
        country=number.country,
        operator=number.operator,
        asked=orjson.dumps(echo),
        sender=model.from_ if is_sms else model.sender_info_tracking_id,
        label=model.label or "",
        text=text,
        failover_after_delivered=not is_sms and model.failover_after_delivered,
    )


def _read_callback(fields: Any, found: list[Finding]) -> Callback | None:
    if blank(fields):
        return None
    if not isinstance(fields, dict):
        found.append(Finding(("callback",), 'must be an object {"url": "..."}', "dict_type"))
        return None
    wrong: list[Finding] = []
    model = _validate(OtpCallback, {name: value for name, value in fields.items() if not blank(value)}, wrong)
    found += [Finding(("callback", *each.loc), each.msg, each.type) for each in wrong]
    return None if model is None else Callback(Strategy.ON_STEP, model.url)
