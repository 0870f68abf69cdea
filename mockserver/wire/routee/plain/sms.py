"""A plain step over Sms."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType
from msgspec.json import encode

from mockserver.core.channels import Channel
from mockserver.core.step import Step
from mockserver.numbering.numbers import read_number
from mockserver.numbering.parts import split
from mockserver.numbering.prices import price
from mockserver.wire.routee.channels.sms import PRICES
from mockserver.wire.routee.limits import MOST_BODY, MOST_PARTS, MOST_TTL
from mockserver.wire.routee.plain.types import (
    MINUTE,
    TRIGGERS,
    Built,
    Label,
    NotPlain,
    Order,
    Plain,
    sender,
    triggers,
    visible,
)

CHANNEL = Channel.SMS

Status = Literal["Undelivered", "Failed"]


class SmsMessage(Plain, kw_only=True):
    """The content of an Sms."""

    body: Annotated[str, Meta(max_length=MOST_BODY)]
    flash: bool = False
    label: Label = UNSET
    transcode: bool | UnsetType = UNSET


class SmsStep(Plain, kw_only=True, tag_field="type", tag="Sms"):
    """The fields of a step over Sms, in the order in which a reply echoes them."""

    to: str
    from_: str = msgspec.field(name="from")
    order: Order = UNSET
    failover_on_statuses: Annotated[tuple[Status, ...], TRIGGERS] = ("Undelivered", "Failed")
    ttl: Annotated[int, Meta(ge=1, le=MOST_TTL)] = 1_200
    message: SmsMessage


def build(step: SmsStep, position: int, transcode: bool) -> Built:
    """The step as the core has it. Raises NotPlain and NotANumber."""
    number, message = read_number(step.to), step.message
    parts = split(message.body, transcode=transcode if message.transcode is UNSET else message.transcode).count
    if parts > MOST_PARTS:
        raise NotPlain
    step.to = number.e164
    if step.order is UNSET:
        step.order = position
    return step.order, Step(
        CHANNEL,
        number.e164,
        triggers(CHANNEL, step.failover_on_statuses),
        step.ttl * MINUTE,
        False,
        parts,
        price(PRICES, number.country),
        number.country,
        number.operator,
        encode(step),
        sender(step.from_),
        visible(message.label),
        visible(message.body),
    )
