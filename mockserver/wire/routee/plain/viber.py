"""A plain step over Viber."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType
from msgspec.json import encode

from mockserver.core.channels import Channel
from mockserver.core.step import Step
from mockserver.numbering.numbers import read_number
from mockserver.numbering.prices import price
from mockserver.wire.routee.channels.viber import (
    ACTION,
    IMAGE,
    PROMOTIONAL_PRICES,
    TAKEN,
    TEXT,
    TEXT_PRICES,
    one_decimal,
)
from mockserver.wire.routee.limits import MOST_CALLBACK_URL, MOST_CAPTION, MOST_SENDER_ID, MOST_TEXT, MOST_TTL, MOST_URL
from mockserver.wire.routee.plain.types import (
    MINUTE,
    TRIGGERS,
    Built,
    Label,
    NotPlain,
    Order,
    Plain,
    secure,
    sender_id,
    triggers,
    visible,
    web,
)

CHANNEL = Channel.VIBER

Status = Literal["Expired", "Failed", "Undelivered"]


class Action(Plain, kw_only=True):
    """A button."""

    caption: Annotated[str, Meta(max_length=MOST_CAPTION)]
    target_url: Annotated[str, Meta(max_length=MOST_URL)]


class ViberMessage(Plain, kw_only=True):
    """A text, a picture, a button."""

    text: Annotated[str, Meta(max_length=MOST_TEXT)] | UnsetType = UNSET
    image_url: Annotated[str, Meta(max_length=MOST_URL)] | UnsetType = UNSET
    action: Action | UnsetType = UNSET


class ViberStep(Plain, kw_only=True, tag_field="type", tag="Viber"):
    """The fields of a step over Viber, in the order in which a reply echoes them."""

    to: str
    order: Order = UNSET
    failover_on_statuses: Annotated[tuple[Status, ...], TRIGGERS] = ("Expired", "Failed", "Undelivered")
    ttl: Annotated[float, Meta(ge=0.5, le=MOST_TTL)] = 10.0
    expire_on_delivery: bool = False
    sender_info_tracking_id: Annotated[str, Meta(max_length=MOST_SENDER_ID)]
    inbound_url: Annotated[str, Meta(max_length=MOST_CALLBACK_URL)] | UnsetType = UNSET
    label: Label = UNSET
    message: ViberMessage


TEXT_ALONE = (True, False, False)

CONTENTS = {(TEXT in each, IMAGE in each, ACTION in each) for each in TAKEN if each <= {TEXT, IMAGE, ACTION}}
"""The combinations that Viber accepts, each as: is there a text, a picture, a button (seen)."""


def build(step: ViberStep, position: int, _transcode: bool) -> Built:
    """The step as the core has it. Raises NotPlain and NotANumber."""
    number, message, ttl = read_number(step.to), step.message, step.ttl
    step.to = number.e164
    if step.order is UNSET:
        step.order = position
    if ttl.is_integer():
        step.ttl = int(ttl)
    else:
        one_decimal(ttl)
    has = (message.text is not UNSET, message.image_url is not UNSET, message.action is not UNSET)
    if has not in CONTENTS:
        raise NotPlain
    if message.image_url is not UNSET:
        secure(message.image_url)
    if message.action is not UNSET:
        visible(message.action.caption)
        web(message.action.target_url)
    if step.inbound_url is not UNSET:
        web(step.inbound_url)
    return step.order, Step(
        CHANNEL,
        number.e164,
        triggers(CHANNEL, step.failover_on_statuses),
        round(ttl * MINUTE),
        step.expire_on_delivery,
        1,
        price(TEXT_PRICES if has == TEXT_ALONE else PROMOTIONAL_PRICES, number.country),
        number.country,
        number.operator,
        encode(step),
        sender_id(step.sender_info_tracking_id),
        visible(step.label),
        visible(message.text),
    )
