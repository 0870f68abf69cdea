"""What fields the service's answers have, and what is in them, as tables."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.learning.observations import MISSING, UNNAMED, Observation, inside
from mockserver.wire import Json

Check = Callable[[Any], bool]


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_text, value))


MOST_FORMS = 1_000
"""Forms of an object that are remembered."""

KINDS: Mapping[str, tuple[str, Check]] = {
    "text": ("a text", _text),
    "whole": ("a whole number", _whole),
    "number": ("a number", _number),
    "truth": ("true or false", lambda value: isinstance(value, bool)),
    "object": ("an object", lambda value: isinstance(value, dict)),
    "array": ("an array", lambda value: isinstance(value, list)),
    "texts": ("an array of texts", _texts),
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
    """What is in a field. said: in words. required: it is always there. empty: it can be null."""

    said: str
    fits: Check
    required: bool
    empty: bool


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of an object. instants: those that are instants, each with how one is written; texts: those with an
    array of texts. fitting: the names and types of objects that were seen to fit, apart from what is in arrays."""

    each: Mapping[str, Field]
    instants: Mapping[str, re.Pattern[str]]
    texts: tuple[str, ...]
    fitting: set[tuple[Any, ...]] = field(default_factory=set)

    def __iter__(self) -> Iterator[str]:
        """Their names."""
        return iter(self.each)


def _fields(line: str) -> Fields:
    """Fields in short: `name:kind`, with ? after a name that may be missing, and ! after a kind that may be null."""
    found = [each.split(":") for each in line.split()]
    kinds = {name.rstrip("?"): kind.rstrip("!") for name, kind in found}
    return Fields(
        {name.rstrip("?"): Field(*KINDS[kind.rstrip("!")], name[-1] != "?", kind[-1] == "!") for name, kind in found},
        {name: INSTANTS[kind] for name, kind in kinds.items() if kind in INSTANTS},
        tuple(name for name, kind in kinds.items() if kind == "texts"),
    )


FLOW = _fields(
    "trackingId:text messages:array terminationChannel:text! status:text statusCode:text! totalPrice:number"
    " originatingService:text applicationId:text createdAt:instant updatedAt:instant"
)

_MESSAGES = {
    "Sms": "type:text messageId:text smsId:text to:text from:text country?:text operator?:text ttl:whole status:object"
    " body:text price:number label?:text order:whole part:whole parts:whole latency:whole failoverOnStatuses:texts"
    " createdAt:instant",
    "Viber": "type:text trackingId:text to:text from:text country?:text ttl:number expireOnDelivery:truth"
    " expiredOnDeliveryAt:instant! status:object body:object label?:text failoverOnStatuses:texts order:whole"
    " inboundUrl?:text price:number createdAt:instant",
    "Voice": "type:text messageId:text to:text from:text country?:text status:object duration:whole price:number"
    " order:whole failoverOnStatuses:texts createdAt:instant",
}

MESSAGES = {channel: _fields(line) for channel, line in _MESSAGES.items()}

OF_TEMPLATES = {channel: _fields(re.sub(r" body:\w+", "", line)) for channel, line in _MESSAGES.items()}
"""The fields of a message of a template: it has no `body`."""

STATUSES = {
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
    fields: Fields,
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
    for name, written in fields.instants.items():
        if isinstance(data.get(name), str):
            fits = written.fullmatch(data[name]) is not None
            yield Observation(instants, inside(path, name), fits, fields.each[name].said, data[name])


def _wrong(data: Json, fields: Fields, rule: str, path: str, extra: str) -> Iterator[Observation]:
    form = (*data, *map(type, data.values()))
    if form in fields.fitting and all(_texts(data.get(name, [])) for name in fields.texts):
        return
    wrong = [*_misfits(data, fields.each, rule, path, extra)]
    if not wrong and len(fields.fitting) < MOST_FORMS:
        fields.fitting.add(form)
    yield from wrong


def _misfits(data: Json, fields: Mapping[str, Field], rule: str, path: str, extra: str) -> Iterator[Observation]:
    for name, wanted in fields.items():
        value = data.get(name, MISSING)
        if value is MISSING:
            if wanted.required:
                yield Observation(rule, inside(path, name), False, wanted.said, "nothing")
        elif not (wanted.fits(value) or (value is None and wanted.empty)):
            yield Observation(rule, inside(path, name), False, wanted.said, value)
    for name in (each for each in data if each not in fields):
        yield Observation(extra, inside(path, name), False, "nothing", data[name])
