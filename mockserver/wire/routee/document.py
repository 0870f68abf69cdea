"""A flow as Routee shows it: the reply to a send, and the flow document.

Tracking and callbacks have the same flow document. It is a pure function of the flow, which is a value.
"""

from functools import lru_cache

import orjson

from mockserver.core.commands import SendFlow
from mockserver.core.cost import MONEY, cost
from mockserver.core.deliveries import Delivery
from mockserver.core.flow import Flow
from mockserver.core.step import FlowKind, Strategy
from mockserver.wire import Json
from mockserver.wire.instants import stamp
from mockserver.wire.routee.channels import FORMS
from mockserver.wire.routee.channels.messages import money
from mockserver.wire.routee.channels.viber import answer_body
from mockserver.wire.routee.channels.voice import answered_body

MOST = 1_000_000 * MONEY
"""The amount shown for an unlimited balance (choice)."""


def reply(flow: Flow, _sent: SendFlow | None = None) -> bytes:
    """The reply to the send that became this flow: every step echoed in running order, defaults filled in.

    It is put together from pieces that are JSON already.
    """
    steps, created = b",".join([step.asked for step in flow.steps]), stamp(flow.created)
    told = [b'{"trackingId":"%b","flow":[%b]' % (flow.id.encode(), steps)]
    if flow.callback is not None:
        told.append(b',"callback":%b' % _callback(flow.callback.strategy, flow.callback.url))
    if flow.restrictions is not None:
        told.append(b',"restrictions":%b' % flow.restrictions)
    if flow.kind is not FlowKind.FAILOVER:
        told.append(b',"flowKind":"%b"' % flow.kind.encode())
    told.append(b',"createdAt":"%b"}' % created.encode())
    return b"".join(told)


# Few callbacks are sent again and again.
@lru_cache(maxsize=1_024)
def _callback(strategy: Strategy, url: str) -> bytes:
    return orjson.dumps({"strategy": str(strategy), "url": url})


def render(flow: Flow) -> bytes:
    """The flow document as JSON."""
    return orjson.dumps(document(flow))


def payload(delivery: Delivery) -> bytes:
    """The body of a callback as JSON."""
    return orjson.dumps(callback_body(delivery))


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
    heard = [index for index, message in enumerate(flow.messages) if message.status is not None]
    return {
        "trackingId": flow.id,
        "messages": [entry for index in heard for entry in _entries(flow, index)],
        "terminationChannel": None if flow.termination is None else str(flow.termination),
        "status": str(flow.status),
        "statusCode": flow.code,
        "totalPrice": money(sum(cost(flow, index) for index in heard)),
        "originatingService": "Failover",
        "applicationId": flow.application,
        "createdAt": stamp(flow.created),
        "updatedAt": stamp(flow.updated),
    }


def _entries(flow: Flow, index: int) -> list[Json]:
    step = flow.steps[index]
    form = FORMS[flow.kind][step.channel]
    return form.entries(step, flow.messages[index], _read(step.asked), cost(flow, index))


@lru_cache(maxsize=1_024)
def _read(asked: bytes) -> Json:
    """The echo of a step. Every document of its flow contains it, so it must not be changed."""
    echo: Json = orjson.loads(asked)
    return echo


def balance_document(balance: int | None) -> bytes:
    """GET /accounts/me/balance (doc). An unlimited balance is shown as a large amount (choice)."""
    return orjson.dumps(
        {
            "balance": money(MOST if balance is None else balance),
            "currency": {"code": "EUR", "name": "Euro", "sign": "\u20ac"},
        }
    )
