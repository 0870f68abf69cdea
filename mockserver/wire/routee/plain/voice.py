"""A plain step over Voice."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType
from msgspec.json import encode

from mockserver.core.channels import Channel
from mockserver.core.step import Step
from mockserver.numbering.numbers import read_number
from mockserver.numbering.prices import price
from mockserver.wire.routee.channels.voice import LANGUAGES, PRICES
from mockserver.wire.routee.limits import MOST_VERBS
from mockserver.wire.routee.plain.types import (
    TRIGGERS,
    Built,
    Order,
    Plain,
    Repeat,
    sender,
    triggers,
    visible,
    web,
)

CHANNEL = Channel.VOICE

Status = Literal["Completed", "Busy", "NoAnswer", "Failed", "Unsent", "Terminated"]


class SayMessage(Plain, kw_only=True):
    """What is read out."""

    text: str
    language: LANGUAGES | UnsetType = UNSET
    gender: Literal["male", "female"] | UnsetType = UNSET


class Say(Plain, kw_only=True, tag_field="type", tag="SAY"):
    """Read a text out."""

    message: SayMessage
    repeat: Repeat = UNSET
    barge_in: bool = False


class Play(Plain, kw_only=True, tag_field="type", tag="PLAY"):
    """Play a recording."""

    file_url: str = msgspec.field(name="fileURL")
    repeat: Repeat = UNSET
    barge_in: bool = False


class DialPlan(Plain, kw_only=True):
    """What happens in the call."""

    verbs: Annotated[list[Say | Play], Meta(min_length=1, max_length=MOST_VERBS)]


class VoiceTo(Plain, kw_only=True):
    """Where to call."""

    phone: str


class VoiceStep(Plain, kw_only=True, tag_field="type", tag="Voice"):
    """The fields of a step over Voice."""

    to: VoiceTo | str
    from_: str = msgspec.field(name="from")
    order: Order = UNSET
    failover_on_statuses: Annotated[tuple[Status, ...], TRIGGERS] = ("Busy", "NoAnswer")
    dial_plan: DialPlan


class VoiceEcho(Plain, kw_only=True, tag_field="type", tag="Voice"):
    """The same fields as a reply echoes them: the dial plan has another name there."""

    to: VoiceTo | str
    from_: str = msgspec.field(name="from")
    order: int
    failover_on_statuses: tuple[Status, ...]
    dial_plans: DialPlan


def build(step: VoiceStep, position: int, _transcode: bool) -> Built:
    """The step as the core has it. Raises NotPlain and NotANumber."""
    to, plan, asked = step.to, step.dial_plan, step.failover_on_statuses
    for verb in plan.verbs:
        if not isinstance(verb, Say):
            web(verb.file_url)
    number = read_number(to if isinstance(to, str) else to.phone)
    order = position if step.order is UNSET else step.order
    called = number.e164 if isinstance(to, str) else VoiceTo(phone=number.e164)
    echo = VoiceEcho(to=called, from_=step.from_, order=order, failover_on_statuses=asked, dial_plans=plan)
    return order, Step(
        CHANNEL,
        number.e164,
        triggers(CHANNEL, asked),
        None,
        False,
        1,
        price(PRICES, number.country),
        number.country,
        number.operator,
        encode(echo),
        sender(step.from_),
        "",
        "\n".join([visible(verb.message.text) for verb in plan.verbs if isinstance(verb, Say)]),
    )
