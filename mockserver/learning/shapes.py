"""What fields the service's answers have, and what is in them, as tables."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.learning.observations import MISSING, UNNAMED, Observation
from mockserver.wire import Json

Check = Callable[[Any], bool]


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


KINDS: Mapping[str, tuple[str, Check]] = {
    "text": ("a text", _text),
    "whole": ("a whole number", _whole),
    "number": ("a number", _number),
    "truth": ("true or false", lambda value: isinstance(value, bool)),
    "object": ("an object", lambda value: isinstance(value, dict)),
    "array": ("an array", lambda value: isinstance(value, list)),
    "texts": ("an array of texts", lambda value: isinstance(value, list) and all(map(_text, value))),
    "instant": ("an instant", _text),
    "second": ("an instant without milliseconds", _text),
}
"""The kinds of what a field has: in words, and how it is recognised."""

INSTANTS = {
    "instant": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,2}[1-9])?Z"),
    "second": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
}
"""How instants are written."""


@dataclass(frozen=True, slots=True)
class Field:
    """What is in a field. required: it is always there. empty: it can be null."""

    kind: str
    required: bool = True
    empty: bool = False


def _fields(line: str) -> Mapping[str, Field]:
    """Fields in short: `name:kind`, with ? after a name that may be missing, and ! after a kind that may be null."""
    found = (each.split(":") for each in line.split())
    return {
        name.rstrip("?"): Field(kind.rstrip("!"), not name.endswith("?"), kind.endswith("!")) for name, kind in found
    }


FLOW = _fields(
    "trackingId:text messages:array terminationChannel:text! status:text statusCode:text! totalPrice:number"
    " originatingService:text applicationId:text createdAt:instant updatedAt:instant"
)

MESSAGES: Mapping[str, Mapping[str, Field]] = {
    "Sms": _fields(
        "type:text messageId:text smsId:text to:text from:text country?:text operator?:text ttl:whole status:object"
        " body:text price:number label?:text order:whole part:whole parts:whole latency:whole"
        " failoverOnStatuses:texts createdAt:instant"
    ),
    "Viber": _fields(
        "type:text trackingId:text to:text from:text country?:text ttl:number expireOnDelivery:truth"
        " expiredOnDeliveryAt:instant! status:object body:object label?:text failoverOnStatuses:texts order:whole"
        " inboundUrl?:text price:number createdAt:instant"
    ),
    "Voice": _fields(
        "type:text messageId:text to:text from:text country?:text status:object duration:whole price:number order:whole"
        " failoverOnStatuses:texts createdAt:instant"
    ),
}

STATUSES: Mapping[str, Mapping[str, Field]] = {
    "Sms": _fields("name:text reason:object! updatedDate:second"),
    "Viber": _fields("name:text reason:object! updatedDate:instant"),
    "Voice": _fields("name:text updatedDate:instant"),
}

REASON = _fields("detailedStatus:text description:text")

INBOUND = _fields(
    "from:text to:text message:text sentDate:instant referenceTrackingId:text direction:text media?:text filename?:text"
    " label?:text"
)

REPLY = _fields("trackingId:text flow:array callback?:object restrictions?:object flowKind?:text createdAt:instant")

OTP_REPLY = _fields("flowId:text! status:text type:text! flow:array createdAt:second statusCode:whole! error?:text")

OTP_FLOW = _fields("flowId:text status:text statusCode:whole! total_cost:number steps:array")

OTP_STEP = _fields(
    "trackingId:text role:text flowId:text status:text channel:text phone_number:text label?:text created_at:second"
    " sent_at?:second delivered_at?:second detailed_status?:text error_message?:text"
    " failover_from_message_token?:text price:number latency_ms?:whole country?:text operator?:text"
)

TOKEN = _fields("access_token:text token_type:text expires_in:whole scope:text permissions:texts")

PAGE = _fields(
    "content:array totalPages:whole totalElements:whole number:whole size:whole numberOfElements:whole first:truth"
    " last:truth"
)

BALANCE = _fields("balance:number currency:object")

CURRENCY = _fields("code:text name:text sign:text")

INVALID = _fields("code:text developerMessage:text entity:text properties:object")

MALFORMED = _fields("code:text developerMessage:text")

UNKNOWN_FLOW = _fields("code:text developerMessage:text entity:text property:text value:text")

BAD_CREDENTIALS = _fields("timestamp:whole status:whole error:text message:text path:text")


def observe(
    data: Any,
    fields: Mapping[str, Field],
    rule: str,
    path: str = "",
    extra: str = UNNAMED,
    instants: str = "document.instants",
) -> Iterator[Observation]:
    """What is seen of the fields of an object: that each is there, what is in it, and what else there is.

    rule: the one that says which fields there are. extra: the one that a field breaks that is not among them.
    instants: the one that says how instants are written.
    """
    if not isinstance(data, dict):
        yield Observation(rule, path or "the body", False, "an object", data)
        return
    wrong = [*_wrong(data, fields, rule, path, extra or rule)]
    yield from wrong
    if not any(each.rule == rule for each in wrong):
        yield Observation(rule, path or "its keys", True)
    for name, field in fields.items():
        if field.kind in INSTANTS and isinstance(data.get(name), str):
            fits = INSTANTS[field.kind].fullmatch(data[name]) is not None
            yield Observation(instants, _inside(path, name), fits, KINDS[field.kind][0], data[name])


def _wrong(data: Json, fields: Mapping[str, Field], rule: str, path: str, extra: str) -> Iterator[Observation]:
    for name in {**fields, **data}:
        field, value = fields.get(name), data.get(name, MISSING)
        if field is None:
            yield Observation(extra, _inside(path, name), False, "nothing", value)
        elif value is MISSING:
            if field.required:
                yield Observation(rule, _inside(path, name), False, KINDS[field.kind][0], "nothing")
        elif not (KINDS[field.kind][1](value) or (value is None and field.empty)):
            yield Observation(rule, _inside(path, name), False, KINDS[field.kind][0], value)


def _inside(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
