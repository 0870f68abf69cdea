"""Viber on the wire, as messages and as templates; models/viber has the shape of its fields."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal
from uuid import NAMESPACE_URL, uuid5

from mockserver.core.commands import PushInbound
from mockserver.core.flow import Message
from mockserver.core.step import FlowKind, Step
from mockserver.numbering.prices import ANYWHERE
from mockserver.wire import Json
from mockserver.wire.instants import stamp
from mockserver.wire.routee.channels.form import Form, Problem, Words
from mockserver.wire.routee.channels.messages import money, read_echo, status, without_none

if TYPE_CHECKING:
    from mockserver.wire.types import Model

TEXT, IMAGE, ACTION, FILE, VIDEO = "text", "imageUrl", "action", "viberFile", "viberVideo"
CONTENT = (TEXT, IMAGE, ACTION, FILE, VIDEO)

TAKEN = (
    {TEXT},
    {IMAGE},
    {TEXT, ACTION},
    {TEXT, IMAGE, ACTION},
    {VIDEO},
    {VIDEO, TEXT},
    {VIDEO, TEXT, ACTION},
    {FILE},
)
"""The contents that the live Viber service accepts (seen)."""

TEMPLATE_FIELDS = ("templateId", "templateLang", "templateParams", "deliveryScope", "seq")
"""Fields of POST /failover/transactional (doc)."""

TEMPLATES_ONLY = {
    FlowKind.FAILOVER: "belongs to the templates of POST /failover/transactional",
    FlowKind.TRANSACTIONAL: "belongs to Viber steps, which are templates here",
}
"""The error for a field of templates in any other step, by the kind of the flow."""

SENDER = {"from": "belongs to Sms and Voice steps; this one is Viber, and senderInfoTrackingId names its sender"}
"""The error for a sender that stands where those of the other channels stand."""

FILE_TYPES = Literal[
    "doc",
    "docx",
    "rtf",
    "dot",
    "dotx",
    "odt",
    "odf",
    "fodt",
    "txt",
    "info",
    "pdf",
    "xps",
    "pdax",
    "eps",
    "xls",
    "xlsx",
    "ods",
    "fods",
    "csv",
    "xlsm",
    "xltx",
]

MOST_VIDEO = 200 * 1_048_576
"""The most bytes of a video (doc; the unit is a choice)."""

TEXT_PRICES: Mapping[str, int] = {"GR": 160, "CY": 160, "BG": 110, "RS": 120, "UA": 90, ANYWHERE: 180}
"""The prices of a message with text only, which is cheaper (doc), and of a template."""

PROMOTIONAL_PRICES: Mapping[str, int] = {"GR": 290, "CY": 290, "BG": 220, "RS": 240, "UA": 200, ANYWHERE: 340}
"""The prices of a message with an image, a button, a file or a video."""


def one_decimal(value: float) -> float:
    """A number with at most one decimal place (doc)."""
    if abs(value * 10 - round(value * 10)) > 1e-6:
        raise ValueError("must have at most one decimal place, such as 0.5")
    return value


def bare(value: Any) -> Any:
    """A file type in lower case, without its leading dot (doc)."""
    return value.removeprefix(".").lower() if isinstance(value, str) else value


@lru_cache(maxsize=1_024)
def sender_name(sender: str) -> str:
    """The name for a senderInfoTrackingId: made up, always the same for one id, and never the id itself (choice)."""
    return f"Sender {uuid5(NAMESPACE_URL, sender).hex[:6]}"


def answer_body(step: Step, message: Message, inbound: PushInbound, at: int) -> Json:
    """The body that is posted to the inboundUrl of a step when the recipient answers its message. at: an instant."""
    return without_none(
        {
            "from": step.to,
            "to": sender_name(step.sender),
            "message": inbound.message,
            "sentDate": stamp(at),
            "referenceTrackingId": message.id,
            "direction": "Inbound",
            "media": inbound.media,
            "filename": inbound.filename,
            "label": step.label or None,
        }
    )


def _message_model() -> "type[Model]":
    from mockserver.wire.routee.models.viber import ViberStep

    return ViberStep


def _template_model() -> "type[Model]":
    from mockserver.wire.routee.models.viber import TemplateStep

    return TemplateStep


def _content(step: Json, _transcode: bool) -> Iterator[Problem]:
    message = step.get("message")
    if not isinstance(message, dict):
        return
    present = {name for name in CONTENT if name in message}
    if not present:
        yield "message", f"must hold at least one of {', '.join(CONTENT)}"
    elif present not in TAKEN:
        names = " + ".join(name for name in CONTENT if name in present)
        taken = "; ".join(" + ".join(name for name in CONTENT if name in each) for each in TAKEN)
        yield "message", f"cannot hold {names}; Viber takes {taken}"


def _message_echo(model: Json, _own: Json) -> Json:
    """The model as JSON; a ttl without a fraction is echoed as a whole number."""
    ttl = model["ttl"]
    return model | {"ttl": int(ttl) if ttl.is_integer() else ttl}


def _template_echo(model: Json, own: Json) -> Json:
    """The model as JSON; the parameters are the caller's own, so their nulls are echoed too."""
    return _message_echo(model, own) | {"templateParams": own.get("templateParams", {}), "seq": model.get("seq")}


def _message_words(echo: Json) -> Words:
    return Words(echo["senderInfoTrackingId"], echo.get("label", ""), echo["message"].get(TEXT, ""))


def _template_words(echo: Json) -> Words:
    return Words(echo["senderInfoTrackingId"])


def _message_prices(echo: Json) -> Mapping[str, int]:
    return TEXT_PRICES if echo["message"].keys() == {TEXT} else PROMOTIONAL_PRICES


def _template_prices(_echo: Json) -> Mapping[str, int]:
    return TEXT_PRICES


def _message_entries(step: Step, message: Message, price: int) -> list[Json]:
    return [_entry(_message_frame(step, message.id, message.created), step, message, price)]


def _template_entries(step: Step, message: Message, price: int) -> list[Json]:
    return [_entry(_template_frame(step, message.id, message.created), step, message, price)]


def _entry(frame: Json, step: Step, message: Message, price: int) -> Json:
    expired = message.expired_on_delivery
    return frame | {
        "expiredOnDeliveryAt": None if expired is None else stamp(expired),
        "status": status(step, message),
        "price": money(price),
    }


@lru_cache(maxsize=1_024)
def _message_frame(step: Step, id_: str, created: int) -> Json:
    asked = read_echo(step.asked)
    return _frame(step, id_, created, asked, asked.get("message", {}))


@lru_cache(maxsize=1_024)
def _template_frame(step: Step, id_: str, created: int) -> Json:
    """The entry of a template has its template instead of a body (choice)."""
    asked = read_echo(step.asked)
    body: Json = {name: asked[name] for name in ("templateId", "templateLang", "templateParams") if name in asked}
    return _frame(step, id_, created, asked, body)


def _frame(step: Step, id_: str, created: int, asked: Json, body: Json) -> Json:
    """What stays as it is while a message gets one status after the other, with room for the rest."""
    return without_none(
        {
            "type": "Viber",
            "trackingId": id_,
            "to": step.to,
            "from": sender_name(asked.get("senderInfoTrackingId", "")),
            "country": step.country,
            "ttl": asked.get("ttl"),
            "expireOnDelivery": step.expire_on_delivery,
            "expiredOnDeliveryAt": "",
            "status": "",
            "body": body,
            "label": asked.get("label"),
            "failoverOnStatuses": asked.get("failoverOnStatuses"),
            "order": asked.get("order"),
            "inboundUrl": asked.get("inboundUrl"),
            "price": 0,
            "createdAt": stamp(created),
        }
    )


MESSAGE = Form(
    model=_message_model,
    owns=(
        "message",
        "senderInfoTrackingId",
        "inboundUrl",
        "expireOnDelivery",
        "label",
        *(f"message.{name}" for name in CONTENT),
    ),
    elsewhere=SENDER | {"message.label": "belongs to Sms steps; the label of a Viber message stands on the step"},
    rules=(_content,),
    echo=_message_echo,
    words=_message_words,
    prices=_message_prices,
    entries=_message_entries,
)

TEMPLATE = Form(
    model=_template_model,
    owns=("senderInfoTrackingId", "inboundUrl", "expireOnDelivery", *TEMPLATE_FIELDS),
    elsewhere=SENDER
    | dict.fromkeys(("message", "label"), "belongs to POST /failover; here a Viber step is a template"),
    echo=_template_echo,
    words=_template_words,
    prices=_template_prices,
    entries=_template_entries,
)
