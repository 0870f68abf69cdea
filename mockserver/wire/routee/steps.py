"""A step that was found right: as the core carries it, and as the reply echoes it."""

import orjson

from mockserver.core.channels import Channel
from mockserver.core.step import Step
from mockserver.numbering import prices
from mockserver.numbering.numbers import Number, read_number
from mockserver.numbering.parts import split
from mockserver.wire import Json
from mockserver.wire.routee.fields import canonical_trigger
from mockserver.wire.routee.models import AnyStep, Say, SmsStep, TemplateStep, ViberStep, ViberTerms, VoiceStep
from mockserver.wire.types import Model

_MINUTE = 60_000


def build(model: AnyStep, fields: Json, *, transcode: bool) -> Step:
    """The step as the core knows it, carrying the echo of itself.

    fields: the step as the caller wrote it. transcode: what an Sms that is silent on it follows.
    """
    channel = Channel(model.type)
    to, number = _recipient(model)
    country = number.country if number else None
    parts, price = 1, 0
    match model:
        case SmsStep():
            wish = model.message.transcode
            parts = split(model.message.body, transcode=transcode if wish is None else wish).count
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
        **_words(model),
    )


def _words(model: AnyStep) -> dict[str, str]:
    """What a scenario may look for in a step: who sends it, under what label, and what it says."""
    match model:
        case SmsStep():
            return {"sender": model.from_, "label": model.message.label or "", "text": model.message.body}
        case ViberStep():
            text = model.message.text or ""
            return {"sender": model.sender_info_tracking_id, "label": model.label or "", "text": text}
        case TemplateStep():
            return {"sender": model.sender_info_tracking_id}
        case VoiceStep():
            said = (verb.message.text for verb in model.dial_plan.verbs if isinstance(verb, Say))
            return {"sender": model.from_, "text": "\n".join(said)}


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
