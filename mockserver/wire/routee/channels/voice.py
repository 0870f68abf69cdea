"""Voice on the wire; models/voice has the shape of its fields."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from mockserver.core.channels import RULES, Channel
from mockserver.core.cost import talked
from mockserver.core.flow import Flow, Message
from mockserver.core.outcome import Answerer
from mockserver.core.step import Step
from mockserver.numbering.numbers import Number, read_number
from mockserver.numbering.prices import ANYWHERE
from mockserver.wire import Json
from mockserver.wire.instants import stamp
from mockserver.wire.routee.channels.form import Form, Problem, Words
from mockserver.wire.routee.channels.messages import money, read_echo, without_none

if TYPE_CHECKING:
    from mockserver.wire.types import Model

DIAL_PLANS = ("dialPlan", "dialplan", "dialPlans")
"""Every documented spelling of the dial plan; replies use the last one (choice)."""

LANGUAGES = Literal[
    "en-US",
    "de-DE",
    "fr-FR",
    "it-IT",
    "pt-BR",
    "es-ES",
    "es-LA",
    "en-GB",
    "el-GR",
    "bg-BG",
    "pl-PL",
    "hu-HU",
    "sv-SE",
    "ru-RU",
]

SIP = re.compile(r"(?:sips?:)?[^\s@]+@[^\s@]+")

PRICES: Mapping[str, int] = {"GR": 300, "CY": 280, "DE": 250, "GB": 220, "US": 140, ANYWHERE: 400}
"""The prices of one started minute of a call."""


def sip_address(value: str) -> str:
    """A SIP address, `user@host` with or without its scheme (choice)."""
    if not SIP.fullmatch(value):
        raise ValueError("must be a SIP address such as sip:user@example.com")
    return value


def _model() -> "type[Model]":
    from mockserver.wire.routee.models.voice import VoiceStep

    return VoiceStep


def _to(step: Json, _transcode: bool) -> Iterator[Problem]:
    to = step.get("to")
    if isinstance(to, dict) and not to.keys() & {"phone", "viber", "sip"}:
        yield "to", "must hold at least one of phone, viber, sip"


def _machine(step: Json, _transcode: bool) -> Iterator[Problem]:
    machine = step.get("machineDetection")
    if isinstance(machine, dict) and "eventUrl" in machine and machine.get("strategy") == "Hangup":
        yield "machineDetection.eventUrl", "is only for the strategy Continue"


def _echo(model: Json, own: Json) -> Json:
    """The model as JSON, but a number instead of `to` stays one, and the dial plan gets the name that replies use."""
    to = model["to"]["phone"] if isinstance(own["to"], str) else model["to"]
    rest = {name: value for name, value in model.items() if name != DIAL_PLANS[0]}
    return rest | {"to": to, DIAL_PLANS[-1]: model[DIAL_PLANS[0]]}


def _recipient(echo: Json) -> tuple[str, Number | None]:
    to = echo["to"]
    number = to if isinstance(to, str) else to.get("phone") or to.get("viber")
    return (number, read_number(number)) if number else (to["sip"], None)


def _words(echo: Json) -> Words:
    verbs = echo[DIAL_PLANS[-1]]["verbs"]
    return Words(echo["from"], text="\n".join(verb["message"]["text"] for verb in verbs if verb["type"] == "SAY"))


def _prices(_echo: Json) -> Mapping[str, int]:
    return PRICES


def _entries(step: Step, message: Message, price: int) -> list[Json]:
    over = message.status in RULES[Channel.VOICE].ends
    entry = _frame(step, message.id, message.created) | {
        "status": {"name": message.status, "updatedDate": stamp(message.updated or 0)},
        "duration": talked(message) // 1_000 if over else 0,
        "price": money(price),
    }
    return [entry]


# What stays as it is while a message gets one status after the other, with room for the rest.
@lru_cache(maxsize=1_024)
def _frame(step: Step, id_: str, created: int) -> Json:
    asked = read_echo(step.asked)
    return without_none(
        {
            "type": "Voice",
            "messageId": id_,
            "to": step.to,
            "from": asked.get("from"),
            "country": step.country,
            "status": "",
            "duration": 0,
            "price": 0,
            "order": asked.get("order"),
            "failoverOnStatuses": asked.get("failoverOnStatuses"),
            "createdAt": stamp(created),
        }
    )


def answered_body(flow: Flow, index: int, by: Answerer, at: int) -> Json:
    """What is posted to the eventUrl of a step when its call is answered (by analogy with the voice API, choice)."""
    step, message = flow.steps[index], flow.messages[index]
    return {
        "messageId": message.id,
        "conversationTrackingId": flow.id,
        "from": step.sender,
        "to": step.to,
        "direction": "Outbound",
        "status": {"name": message.status, "updatedDate": stamp(at)},
        "answeredBy": str(by),
    }


VOICE = Form(
    model=_model,
    owns=("from", *DIAL_PLANS, "machineDetection"),
    elsewhere={},
    spellings=DIAL_PLANS,
    rules=(_to, _machine),
    echo=_echo,
    recipient=_recipient,
    words=_words,
    prices=_prices,
    entries=_entries,
)
