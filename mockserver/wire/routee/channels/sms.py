"""Sms on the wire; models/sms has the shape of its fields."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from mockserver.core.flow import Message
from mockserver.core.step import Step
from mockserver.numbering.parts import split
from mockserver.numbering.prices import ANYWHERE
from mockserver.wire import Json
from mockserver.wire.instants import stamp, stamp_seconds
from mockserver.wire.routee.channels.form import Form, Problem, Words
from mockserver.wire.routee.channels.messages import money, read_echo, status, without_none
from mockserver.wire.routee.limits import MOST_BODY, MOST_PARTS

if TYPE_CHECKING:
    from mockserver.wire.types import Model

PRICES: Mapping[str, int] = {
    "GR": 450, "CY": 380, "DE": 720, "FR": 610, "IT": 590, "ES": 560, "GB": 340, "US": 75, ANYWHERE: 550,
}  # fmt: skip
"""Per part."""


def _model() -> "type[Model]":
    from mockserver.wire.routee.models.sms import SmsStep

    return SmsStep


def _long(step: Json, transcode: bool) -> Iterator[Problem]:
    message = step.get("message")
    body = message.get("body") if isinstance(message, dict) else None
    if not isinstance(message, dict) or not isinstance(body, str) or len(body) > MOST_BODY:
        return
    own = message.get("transcode")
    parts = split(body, transcode=own if isinstance(own, bool) else transcode).count
    if parts > MOST_PARTS:
        yield "message.body", f"takes {parts} parts; an Sms takes at most {MOST_PARTS}"


def _echo(model: Json, _own: Json) -> Json:
    return model


def _words(echo: Json) -> Words:
    message = echo["message"]
    return Words(echo["from"], message.get("label", ""), message["body"])


def _parts(echo: Json, transcode: bool) -> int:
    message = echo["message"]
    return split(message["body"], transcode=message.get("transcode", transcode)).count


def _prices(_echo: Json) -> Mapping[str, int]:
    return PRICES


def _entries(step: Step, message: Message, price: int) -> list[Json]:
    """One entry for each part."""
    return [_entry(step, message, price // step.parts, part) for part in range(step.parts)]


def _entry(step: Step, message: Message, price: int, part: int) -> Json:
    frame = _frame(step, message.id, message.part_ids[part], part, message.operator, message.created)
    return frame | {
        "status": status(step, message, stamp_seconds),
        "price": money(price),
        "latency": _latency(message),
    }


# What stays as it is while a message gets one status after the other, with room for the rest.
@lru_cache(maxsize=1_024)
def _frame(step: Step, id_: str, part_id: str, part: int, operator: str | None, created: int) -> Json:
    asked = read_echo(step.asked)
    content = asked.get("message", {})
    return without_none(
        {
            "type": "Sms",
            "messageId": id_,
            "smsId": part_id,
            "to": step.to,
            "from": asked.get("from"),
            "country": step.country,
            "operator": operator or step.operator,
            "ttl": asked.get("ttl"),
            "status": "",
            "body": content.get("body"),
            "price": 0,
            "label": content.get("label"),
            "order": asked.get("order"),
            "part": part + 1,
            "parts": step.parts,
            "latency": 0,
            "failoverOnStatuses": asked.get("failoverOnStatuses"),
            "createdAt": stamp(created),
        }
    )


def _latency(message: Message) -> int:
    """Whole seconds from the beginning of the step to the delivery; 0 until then (choice)."""
    if message.status != "Delivered" or message.updated is None:
        return 0
    return (message.updated - message.created) // 1_000


SMS = Form(
    model=_model,
    owns=(
        "from",
        "message",
        "urlShortener",
        "message.body",
        "message.flash",
        "message.label",
        "message.transcode",
        "message.urlShortener",
    ),
    elsewhere={"label": "belongs to Viber steps; the label of an Sms stands inside its message"},
    rules=(_long,),
    echo=_echo,
    words=_words,
    parts=_parts,
    prices=_prices,
    entries=_entries,
)
