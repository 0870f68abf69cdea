"""Reading a plain send: one pass over its bytes, for what nearly every client sends.

A send is plain when it is right as it stands: in the spelling of the documentation, without blanks, unknown fields or
what few clients use. The law: what is read here is exactly what the careful reading makes of the same bytes, strict or
not. Nothing is said here of anything else; the careful reading finds out whether it is wrong, and where.
"""

from collections.abc import Callable
from functools import lru_cache
from sys import intern
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from mockserver.core.channels import Channel, canonical
from mockserver.core.commands import SendFlow
from mockserver.core.step import Callback, Step, Strategy
from mockserver.numbering import prices
from mockserver.numbering.numbers import NotANumber, read_number
from mockserver.numbering.parts import split

MINUTE = 60_000

_HOST = r"(?!xn--)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){0,8}[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ADDRESS = r"127\.0\.0\.1"
_REST = r"(?::[1-9][0-9]{0,3})?(?:/[A-Za-z0-9._~/?=&%+,;:@-]*)?\Z"
HTTP = rf"\Ahttps?://(?:{_HOST}|{_ADDRESS}){_REST}"
HTTPS = rf"\Ahttps://(?:{_HOST}|{_ADDRESS}){_REST}"
"""Addresses that nobody could think wrong; there are many others."""

Filled = Annotated[str, Meta(pattern=r"\S")]
Label = Annotated[str, Meta(max_length=350, pattern=r"\S")] | UnsetType
Order = Annotated[int, Meta(ge=1, le=1_000_000)] | UnsetType
Number = Annotated[str, Meta(pattern=r"\A\+?[1-9][0-9]{6,14}\Z")]
Sender = Annotated[str, Meta(pattern=r"\A(?:\+?[0-9]{1,16}|(?=.*[A-Za-z])[A-Za-z0-9._&-][A-Za-z0-9 ._&-]{0,10})\Z")]
Repeat = Annotated[int, Meta(ge=1, le=2_147_483_647)] | UnsetType

Built = tuple[int, Step]


class Plain(Struct, forbid_unknown_fields=True, rename="camel", kw_only=True):
    """An object whose every field is known."""


class Action(Plain, kw_only=True):
    """A button."""

    caption: Annotated[str, Meta(max_length=30, pattern=r"\S")]
    target_url: Annotated[str, Meta(max_length=1_000, pattern=HTTP)]


class ViberMessage(Plain, kw_only=True):
    """A text, a picture, a button."""

    text: Annotated[str, Meta(max_length=1_000, pattern=r"\S")] | UnsetType = UNSET
    image_url: Annotated[str, Meta(max_length=1_000, pattern=HTTPS)] | UnsetType = UNSET
    action: Action | UnsetType = UNSET


class ViberStep(Plain, kw_only=True, tag_field="type", tag="Viber"):
    """A step over Viber."""

    to: Number
    order: Order = UNSET
    failover_on_statuses: Annotated[tuple[Literal["Expired", "Failed", "Undelivered"], ...], Meta(min_length=1)] = (
        "Expired",
        "Failed",
        "Undelivered",
    )
    ttl: Annotated[float, Meta(ge=0.5, le=1_440)] = 10.0
    expire_on_delivery: bool = False
    sender_info_tracking_id: Annotated[str, Meta(max_length=255, pattern=r"\S")]
    inbound_url: Annotated[str, Meta(pattern=HTTP)] | UnsetType = UNSET
    label: Label = UNSET
    message: ViberMessage


class SmsMessage(Plain, kw_only=True):
    """The content of an Sms."""

    body: Filled
    flash: bool = False
    label: Label = UNSET
    transcode: bool | UnsetType = UNSET


class SmsStep(Plain, kw_only=True, tag_field="type", tag="Sms"):
    """A step over Sms."""

    to: Number
    from_: Sender = msgspec.field(name="from")
    order: Order = UNSET
    failover_on_statuses: Annotated[tuple[Literal["Undelivered", "Failed"], ...], Meta(min_length=1)] = (
        "Undelivered",
        "Failed",
    )
    ttl: Annotated[int, Meta(ge=1, le=1_440)] = 1_200
    message: SmsMessage


class SayMessage(Plain, kw_only=True):
    """What is read out."""

    text: Filled
    language: Literal["en-US", "de-DE", "fr-FR", "it-IT", "es-ES", "en-GB", "el-GR"] | UnsetType = UNSET
    gender: Literal["male", "female"] | UnsetType = UNSET


class Say(Plain, kw_only=True, tag_field="type", tag="SAY"):
    """Read a text out."""

    message: SayMessage
    repeat: Repeat = UNSET
    barge_in: bool = False


class Play(Plain, kw_only=True, tag_field="type", tag="PLAY"):
    """Play a recording."""

    file_url: Annotated[str, Meta(pattern=HTTP)] = msgspec.field(name="fileURL")
    repeat: Repeat = UNSET
    barge_in: bool = False


class DialPlan(Plain, kw_only=True):
    """What happens in the call."""

    verbs: Annotated[list[Say | Play], Meta(min_length=1)]


class VoiceTo(Plain, kw_only=True):
    """Where to call."""

    phone: Number


class VoiceStep(Plain, kw_only=True, tag_field="type", tag="Voice"):
    """A step over Voice."""

    to: VoiceTo | Number
    from_: Sender = msgspec.field(name="from")
    order: Order = UNSET
    failover_on_statuses: Annotated[
        tuple[Literal["Completed", "Busy", "NoAnswer", "Failed", "Unsent", "Terminated"], ...], Meta(min_length=1)
    ] = ("Busy", "NoAnswer")
    dial_plan: DialPlan


class VoiceEcho(Plain, kw_only=True, tag_field="type", tag="Voice"):
    """A step over Voice as the reply echoes it."""

    to: VoiceTo | str
    from_: str = msgspec.field(name="from")
    order: int
    failover_on_statuses: tuple[str, ...]
    dial_plans: DialPlan


class CallbackPlain(Plain, kw_only=True):
    """The webhook."""

    strategy: Literal["OnStep", "OnCompletion"] = "OnCompletion"
    url: Annotated[str, Meta(max_length=2_000, pattern=HTTP)]


class Send(Plain, kw_only=True):
    """A whole send."""

    flow: Annotated[list[ViberStep | SmsStep | VoiceStep], Meta(min_length=1, max_length=100)]
    callback: CallbackPlain | UnsetType = UNSET


_decode = msgspec.json.Decoder(Send).decode
_encode = msgspec.json.Encoder().encode


def read_plain(body: bytes, application: str, *, transcode: bool) -> SendFlow | None:
    """The send in a request's body, if it is plain. transcode: what an Sms that is silent on it follows."""
    if b"\\u0000" in body:
        return None
    try:
        sent = _decode(body)
        steps = [BUILDERS[type(step)](step, position, transcode) for position, step in enumerate(sent.flow, start=1)]
    except (msgspec.MsgspecError, UnicodeError, RecursionError, NotANumber, NotPlain):
        return None
    steps.sort(key=_order)
    callback = sent.callback
    return SendFlow(
        application,
        tuple([step for _, step in steps]),
        None if callback is UNSET else _callback(callback.strategy, callback.url),
    )


class NotPlain(ValueError):
    """Something is not plain that the types above do not tell."""


def _order(built: Built) -> int:
    return built[0]


def _viber(step: ViberStep, position: int, _: bool) -> Built:
    number, message, ttl = read_number(step.to), step.message, step.ttl
    step.to = number.e164
    if step.order is UNSET:
        step.order = position
    if ttl.is_integer():
        step.ttl = int(ttl)
    elif abs(ttl * 10 - round(ttl * 10)) > 1e-6:
        raise NotPlain
    has = (message.text is not UNSET, message.image_url is not UNSET, message.action is not UNSET)
    if has not in _VIBER_CONTENTS:
        raise NotPlain
    table = prices.VIBER_TEXT if has == _TEXT_ALONE else prices.VIBER_PROMOTIONAL
    return step.order, Step(
        Channel.VIBER,
        number.e164,
        _triggers(Channel.VIBER, step.failover_on_statuses),
        round(ttl * MINUTE),
        step.expire_on_delivery,
        1,
        prices.price(table, number.country),
        number.country,
        number.operator,
        _encode(step),
        intern(step.sender_info_tracking_id),
        "" if step.label is UNSET else step.label,
        "" if message.text is UNSET else message.text,
    )


def _sms(step: SmsStep, position: int, transcode: bool) -> Built:
    number, message = read_number(step.to), step.message
    step.to = number.e164
    if step.order is UNSET:
        step.order = position
    mapped = transcode if message.transcode is UNSET else message.transcode
    return step.order, Step(
        Channel.SMS,
        number.e164,
        _triggers(Channel.SMS, step.failover_on_statuses),
        step.ttl * MINUTE,
        False,
        split(message.body, transcode=mapped).count,
        prices.price(prices.SMS, number.country),
        number.country,
        number.operator,
        _encode(step),
        intern(step.from_),
        "" if message.label is UNSET else message.label,
        message.body,
    )


def _voice(step: VoiceStep, position: int, _: bool) -> Built:
    to = step.to
    number = read_number(to if isinstance(to, str) else to.phone)
    if isinstance(to, str):
        to = number.e164
    else:
        to.phone = number.e164
    order = position if step.order is UNSET else step.order
    echo = VoiceEcho(
        to=to, from_=step.from_, order=order, failover_on_statuses=step.failover_on_statuses, dial_plans=step.dial_plan
    )
    said = [verb.message.text for verb in step.dial_plan.verbs if isinstance(verb, Say)]
    return order, Step(
        Channel.VOICE,
        number.e164,
        _triggers(Channel.VOICE, step.failover_on_statuses),
        None,
        False,
        1,
        prices.price(prices.VOICE, number.country),
        number.country,
        number.operator,
        _encode(echo),
        intern(step.from_),
        "",
        "\n".join(said),
    )


BUILDERS: dict[type[Plain], Callable[..., Built]] = {ViberStep: _viber, SmsStep: _sms, VoiceStep: _voice}
_STRATEGIES = {str(each): each for each in Strategy}
_TEXT_ALONE = (True, False, False)
_VIBER_CONTENTS = {_TEXT_ALONE, (False, True, False), (True, False, True), (True, True, True)}


@lru_cache(maxsize=1_024)
def _callback(strategy: str, url: str) -> Callback:
    return Callback(_STRATEGIES[strategy], url)


@lru_cache(maxsize=1_024)
def _triggers(channel: Channel, statuses: tuple[str, ...]) -> frozenset[str]:
    found = (canonical(channel, status) for status in statuses)
    return frozenset(status for status in found if status is not None)
