"""Sends, held against what the mock would have answered; and which switches of a dialect explain what came back.

What is expected is what the mock answers under a dialect. Where something else came, switches are turned as long as
that brings the two closer together. What no switch explains is a rule's, by the name of the field.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from mockserver.core.commands import SendFlow
from mockserver.core.dialect import DEFAULT, Dialect
from mockserver.core.step import FlowKind
from mockserver.core.values import replace
from mockserver.fidelity.table import SWITCHES
from mockserver.learning.observations import UNNAMED, Observation, differences, held, switched
from mockserver.learning.shapes import INVALID, MALFORMED, REPLY, observe
from mockserver.recordings.values import Exchange, read_json
from mockserver.wire import Json
from mockserver.wire.errors import Refusal
from mockserver.wire.services import read_send

TURNED = (
    "type_echo",
    "viber_ttl_echo",
    "dial_plan_echo",
    "empty_triggers",
    "duplicate_orders",
    "blank_fields",
    "foreign_fields",
    "default_strategy",
    "strategy_without_url",
)
"""The switches that can change the answer to a send, apart from its status."""

ANSWER = "the answer"

ACCEPTED, REFUSED = "accepted", "refused"

FIELDS: Mapping[str, str] = {
    "to": "send.plus",
    "type": "send.type-echo",
    "order": "send.order",
    "ttl": "send.ttl",
    "failoverOnStatuses": "send.triggers",
    "from": "send.sms-from",
    "message": "send.sms-message",
    "body": "send.sms-message",
    "flash": "send.sms-message",
    "transcode": "send.sms-message",
    "label": "send.sms-message",
    "urlValidity": "send.url-shortener",
    "text": "send.viber-content",
    "imageUrl": "send.viber-content",
    "caption": "send.viber-content",
    "targetUrl": "send.viber-content",
    "viberFile": "send.viber-file",
    "viberVideo": "send.viber-file",
    "fileSize": "send.file-size",
    "dialPlan": "send.dial-plan",
    "dialPlans": "send.dial-plan-echo",
    "dialplan": "send.dial-plan",
    "verbs": "send.verbs",
    "machineDetection": "send.machine-detection",
    "eventUrl": "send.machine-detection",
    "expireOnDelivery": "statuses.expire-on-delivery",
    "strategy": "send.strategy-case",
    "url": "send.urls",
    "inboundUrl": "send.urls",
    "restrictions": "send.restrictions",
    "flowKind": "templates.reply",
    "templateId": "templates.step",
    "templateLang": "templates.step",
    "templateParams": "templates.step",
    "deliveryScope": "templates.step",
    "seq": "templates.seq",
}
"""For a field of a send, the rule that says how it is read and echoed."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer to a send.

    wrong: the fields that are refused; None if it was accepted. named: whether a refusal says which fields are wrong.
    echo: what a reply repeats.
    """

    wrong: frozenset[str] | None = None
    named: bool = True
    echo: Json | None = None


def observe_send(exchange: Exchange, kind: FlowKind, dialect: Dialect) -> Iterator[Observation]:
    """What is seen in a send that was accepted, or refused with 400."""
    found = _found(exchange)
    if found is None or exchange.sent is None:
        return
    if found.wrong is None:
        seen = switched if exchange.status in (200, 201) else held
        yield seen("send.success-status", "the status", dialect.success_status, exchange.status)
        yield from observe(read_json(exchange.body), REPLY, UNNAMED)
    else:
        told = expect(exchange.sent, kind, dialect).wrong or found.wrong
        yield from observe(read_json(exchange.body), INVALID if told else MALFORMED, "send.errors")
    fitting, rest = _fitting(exchange.sent, kind, dialect, found)
    for switch, value in _alternatives(exchange.sent, kind, fitting):
        turned = replace(fitting, **{switch: value})
        if not rest or _closer(rest, _unlike(expect(exchange.sent, kind, turned), found)):
            yield _seen(switch, dialect, fitting, found)
    yield from _rest(rest)
    yield from () if rest else _plain(exchange.sent, found)


def read(sent: bytes, kind: FlowKind, dialect: Dialect) -> SendFlow | None:
    """What the mock reads in the body of a send; None if it refuses it."""
    found = _read(sent, kind, dialect)
    return None if isinstance(found, Refusal) else found


@lru_cache(maxsize=64)  # whoever looks at a send reads it anew
def _read(sent: bytes, kind: FlowKind, dialect: Dialect) -> SendFlow | Refusal:
    try:
        return read_send(sent, "recorded", kind=kind, dialect=dialect)
    except Refusal as refusal:
        return refusal


def expect(sent: bytes, kind: FlowKind, dialect: Dialect) -> Answered:
    """What the mock answers to a send under a dialect."""
    command = _read(sent, kind, dialect)
    if isinstance(command, Refusal):
        return Answered(wrong=frozenset(command.body.get("properties", {})))
    echo: Json = {"flow": [orjson.loads(step.asked) for step in command.steps]}
    if command.callback is not None:
        echo["callback"] = {"strategy": str(command.callback.strategy), "url": command.callback.url}
    if command.restrictions is not None:
        echo["restrictions"] = orjson.loads(command.restrictions)
    if kind is not FlowKind.FAILOVER:
        echo["flowKind"] = str(kind)
    return Answered(echo=echo)


def _found(exchange: Exchange) -> Answered | None:
    """What was answered; None where that says nothing of the send."""
    body = read_json(exchange.body)
    if not isinstance(body, dict) or exchange.status not in (200, 201, 202, 400):
        return None
    if exchange.status == 400:
        properties = body.get("properties")
        names = properties if isinstance(properties, dict) else {}
        return Answered(wrong=frozenset(names), named=names is properties)
    return Answered(
        echo={name: body[name] for name in ("flow", "callback", "restrictions", "flowKind") if name in body}
    )


Unlike = Mapping[str, tuple[Any, Any]]
"""Where two answers differ: by the path, what was expected and what was found."""


def _unlike(expected: Answered, found: Answered) -> Unlike:
    if expected.wrong is None and found.wrong is None:
        if orjson.dumps(expected.echo) == orjson.dumps(found.echo):
            return {}
        return {path: (one, other) for path, one, other in differences(expected.echo, found.echo)}
    said: dict[str, tuple[Any, Any]] = {}
    if (expected.wrong is None) != (found.wrong is None):
        said[ANSWER] = (ACCEPTED, REFUSED) if expected.wrong is None else (REFUSED, ACCEPTED)
    if not found.named and expected.wrong is not None:
        return said  # refused as well, for what it does not say
    ours, theirs = expected.wrong or frozenset(), found.wrong or frozenset()
    said |= dict.fromkeys(ours - theirs, (REFUSED, ACCEPTED))
    return said | dict.fromkeys(theirs - ours, (ACCEPTED, REFUSED))


def _closer(one: Unlike, other: Unlike) -> bool:
    """Whether the first of two differs less from what was found."""
    if (ANSWER in one) != (ANSWER in other):
        return ANSWER not in one
    return one.keys() < other.keys()


def _fitting(sent: bytes, kind: FlowKind, dialect: Dialect, found: Answered) -> tuple[Dialect, Unlike]:
    """The dialect with those switches turned that bring the mock closer to what was found; and what differs still."""
    least = _unlike(expect(sent, kind, dialect), found)
    while least:
        turned = [replace(dialect, **{switch: value}) for switch, value in _alternatives(sent, kind, dialect)]
        tried = [(_unlike(expect(sent, kind, each), found), each) for each in turned]
        better = [(unlike, each) for unlike, each in tried if _closer(unlike, least)]
        if not better:
            break
        least, dialect = min(better, key=lambda pair: len(pair[0]))
    return dialect, least


def _seen(switch: str, dialect: Dialect, fitting: Dialect, found: Answered) -> Observation:
    ours, theirs = getattr(dialect, switch), getattr(fitting, switch)
    told = ACCEPTED if found.wrong is None else REFUSED
    return switched(SWITCHES[switch].id, told, ours, theirs)


def _rest(rest: Unlike) -> Iterator[Observation]:
    """What no switch explains."""
    for path, (expected, found) in rest.items():
        if path == ANSWER and len(rest) > 1:
            continue  # the fields say it
        yield Observation(rule_of(path), path, False, expected, found)


def _plain(sent: bytes, found: Answered) -> Iterator[Observation]:
    """The rules that a send confirms that was answered as the mock answers it."""
    if found.wrong is not None:
        for each in found.wrong:
            yield Observation(rule_of(each), each, True)
        return
    steps = (read_json(sent) or {}).get("flow", ())
    for step in steps if isinstance(steps, list) else ():
        for name in step if isinstance(step, dict) else ():
            rule = FIELDS.get(name)
            if rule is not None and rule not in _OF_SWITCHES:
                yield Observation(rule, name, True)
        if "failoverOnStatuses" not in step:
            yield Observation("send.default-triggers", "failoverOnStatuses", True)


_OF_SWITCHES = {SWITCHES[switch].id for switch in TURNED}


def rule_of(path: str) -> str:
    """The rule about a field, by its path; that of the field around it if there is none."""
    for name in reversed(path.replace("]", "").replace("[", ".").split(".")):
        if name in FIELDS:
            return FIELDS[name]
    return UNNAMED


Turns = tuple[tuple[str, Any], ...]
"""Switches, each with a value."""

_KNOWN: OrderedDict[tuple[str, FlowKind, Dialect], Turns] = OrderedDict()

MOST_KNOWN = 4_096
"""Forms of a send of which it is remembered which switches they show."""


def _alternatives(sent: bytes, kind: FlowKind, dialect: Dialect) -> Turns:
    """The switches that change what the mock answers to this send, each with a value that does.

    To try them all takes long, and most sends of an application look alike.
    """
    key = (repr(_form(read_json(sent))), kind, dialect)
    if key not in _KNOWN:
        _KNOWN[key] = tuple(_relevant(sent, kind, dialect))
        if len(_KNOWN) > MOST_KNOWN:
            _KNOWN.popitem(last=False)
    return _KNOWN[key]


def _relevant(sent: bytes, kind: FlowKind, dialect: Dialect) -> Iterator[tuple[str, Any]]:
    plain = expect(sent, kind, dialect)
    for switch in TURNED:
        for value in values_of(switch):
            turned = replace(dialect, **{switch: value})
            if turned != dialect and _unlike(plain, expect(sent, kind, turned)):
                yield switch, value


def _form(value: Any) -> Any:
    """What two sends share that differ in nothing a switch looks at: words and small numbers, but no texts."""
    if isinstance(value, dict):
        return {name: _form(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_form(each) for each in value]
    if isinstance(value, str) and value.strip():
        return value if len(value) < LONGEST_WORD and value.isalpha() else len(value) > LONGEST_WORD
    return value


LONGEST_WORD = 16
"""Letters of a word that can be one of the service's own."""


def values_of(switch: str) -> tuple[Any, ...]:
    """Every value that a switch is known to have."""
    return (getattr(DEFAULT, switch), *SWITCHES[switch].alternatives)
