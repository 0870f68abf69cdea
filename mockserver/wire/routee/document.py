"""A flow as Routee shows it: the reply to a send, and the flow document.

Tracking and callbacks have the same flow document. It is a pure function of the flow, which is a value.
"""

from functools import lru_cache

import orjson

from mockserver.core.commands import SendFlow
from mockserver.core.cost import MONEY, cost_of
from mockserver.core.deliveries import Delivery
from mockserver.core.flow import Flow, Message
from mockserver.core.step import FAILOVER, FlowKind, Step, Strategy
from mockserver.wire import Json
from mockserver.wire.instants import stamp
from mockserver.wire.routee.channels import FORMS
from mockserver.wire.routee.channels.messages import money
from mockserver.wire.routee.channels.viber import answer_body
from mockserver.wire.routee.channels.voice import answered_body

LARGEST = 4_096
"""Bytes of a message whose entries are kept as JSON, counted as often as they repeat them."""

MOST = 1_000_000 * MONEY
"""The amount shown for an unlimited balance (choice)."""


def reply(flow: Flow, _sent: SendFlow | None = None) -> bytes:
    """The reply to the send that became this flow: every step echoed in running order, defaults filled in.

    It is put together from pieces that are JSON already.
    """
    told = [b'{"trackingId":"', flow.id.encode(), b'","flow":[', b",".join([step.asked for step in flow.steps]), b"]"]
    if flow.callback is not None:
        told.append(b',"callback":%b' % _callback(flow.callback.strategy, flow.callback.url))
    if flow.restrictions is not None:
        told.append(b',"restrictions":%b' % flow.restrictions)
    if flow.kind is not FAILOVER:
        told.append(b',"flowKind":"%b"' % flow.kind.encode())
    told += b',"createdAt":"', stamp(flow.created).encode(), b'"}'
    return b"".join(told)


# Few callbacks are sent again and again.
@lru_cache(maxsize=1_024)
def _callback(strategy: Strategy, url: str) -> bytes:
    return orjson.dumps({"strategy": str(strategy), "url": url})


WRITTEN = (
    b'{"trackingId":"%b","messages":[%b],"terminationChannel":%b,"status":%b,"statusCode":%b,"totalPrice":%b,'
    b'"originatingService":"Failover","applicationId":%b,"createdAt":"%b","updatedAt":"%b"}'
)
"""The flow document as JSON, with room for what `document` puts there."""


def render(flow: Flow) -> bytes:
    """The flow document as JSON. What a message has become is written once: the documents that follow repeat it."""
    told = _told(flow)
    return WRITTEN % (
        flow.id.encode(),
        b",".join([_written(*each) for each in told]),
        _json(flow.termination),
        _json(flow.status),
        _json(flow.code),
        _json(money(sum([each[-1] for each in told]))),
        _json(flow.application),
        stamp(flow.created).encode(),
        stamp(flow.updated).encode(),
    )


# Most documents have the same few values in these fields. 1 and 1.0 would be one key; `money` makes no such number.
_json = lru_cache(maxsize=1_024)(orjson.dumps)


def payload(delivery: Delivery) -> bytes:
    """The body of a callback as JSON."""
    return render(delivery.flow) if delivery.tells_flow else orjson.dumps(callback_body(delivery))


def callback_body(delivery: Delivery) -> Json:
    """The body of a callback, before it becomes JSON: the flow document, an answer over Viber, who answered a call."""
    if delivery.answered is not None:
        return answered_body(delivery.flow, *delivery.answered)
    if delivery.inbound is None:
        return document(delivery.flow)
    inbound, at = delivery.inbound
    step, message = delivery.flow.steps[inbound.step], delivery.flow.messages[inbound.step]
    return answer_body(step, message, inbound, at)


def document(flow: Flow) -> Json:
    """The flow document: what has happened to the flow so far. A step without a status has no message in it."""
    told = _told(flow)
    return {
        "trackingId": flow.id,
        "messages": [entry for each in told for entry in _entries(*each)],
        "terminationChannel": None if flow.termination is None else str(flow.termination),
        "status": str(flow.status),
        "statusCode": flow.code,
        "totalPrice": money(sum(price for *_, price in told)),
        "originatingService": "Failover",
        "applicationId": flow.application,
        "createdAt": stamp(flow.created),
        "updatedAt": stamp(flow.updated),
    }


Told = tuple[FlowKind, Step, Message, int]
"""All that the entries of a message are made of; the last is what it cost."""


def _told(flow: Flow) -> list[Told]:
    """The messages that have a status."""
    return [
        (flow.kind, step, message, cost_of(step, message))
        for step, message in zip(flow.steps, flow.messages, strict=False)
        if message.status is not None
    ]


def _entries(kind: FlowKind, step: Step, message: Message, price: int) -> list[Json]:
    return FORMS[kind][step.channel].entries(step, message, price)


def _written(kind: FlowKind, step: Step, message: Message, price: int) -> bytes:
    write = _write_once if step.parts * len(step.asked) <= LARGEST else _write
    return write(kind, step, message, price)


def _write(kind: FlowKind, step: Step, message: Message, price: int) -> bytes:
    return b",".join([orjson.dumps(entry) for entry in _entries(kind, step, message, price)])


_write_once = lru_cache(maxsize=1_024)(_write)


def balance_document(balance: int | None) -> bytes:
    """GET /accounts/me/balance (doc). An unlimited balance is shown as a large amount (choice)."""
    return orjson.dumps(
        {
            "balance": money(MOST if balance is None else balance),
            "currency": {"code": "EUR", "name": "Euro", "sign": "\u20ac"},
        }
    )
