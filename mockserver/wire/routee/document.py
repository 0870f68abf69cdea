"""What the double says of a flow: the reply to a send, and the flow document.

The flow document is one and the same in tracking and in callbacks. It is a pure function of the flow, a value.
"""

from uuid import NAMESPACE_URL, uuid5

import orjson

from mockserver.core.channels import RULES, Channel
from mockserver.core.cost import MONEY, cost, talked
from mockserver.core.deliveries import Delivery
from mockserver.core.flow import Flow, Message
from mockserver.core.step import FlowKind, Step
from mockserver.wire import Json
from mockserver.wire.instants import stamp, stamp_seconds

TEMPLATE = ("templateId", "templateLang", "templateParams")
"""What stands for the body of a message made from a template (choice)."""

MOST = 1_000_000 * MONEY
"""What a balance without end says it is (choice)."""


def reply(flow: Flow) -> bytes:
    """The reply to the send that became this flow: every step echoed in running order, defaults filled in."""
    echo: Json = {"trackingId": flow.id, "flow": [orjson.Fragment(step.asked) for step in flow.steps]}
    if flow.callback is not None:
        echo["callback"] = {"strategy": str(flow.callback.strategy), "url": flow.callback.url}
    if flow.restrictions is not None:
        echo["restrictions"] = orjson.Fragment(flow.restrictions)
    if flow.kind is not FlowKind.FAILOVER:
        echo["flowKind"] = str(flow.kind)
    return orjson.dumps(echo | {"createdAt": stamp(flow.created)})


def render(flow: Flow) -> bytes:
    """The flow document as JSON."""
    return orjson.dumps(document(flow))


def payload(delivery: Delivery) -> bytes:
    """The body of a callback: the flow document, or the answer to a Viber message, as JSON."""
    return orjson.dumps(callback_body(delivery))


def callback_body(delivery: Delivery) -> Json:
    """What a callback carries."""
    if delivery.inbound is None:
        return document(delivery.flow)
    inbound, at = delivery.inbound
    step, message = delivery.flow.steps[inbound.step], delivery.flow.messages[inbound.step]
    return _without_blanks(
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


def document(flow: Flow) -> Json:
    """The flow document: what has happened to the flow so far. A step that has not been heard of has no message."""
    heard = [index for index, message in enumerate(flow.messages) if message.status is not None]
    return {
        "trackingId": flow.id,
        "messages": [entry for index in heard for entry in _entries(flow, index)],
        "terminationChannel": None if flow.termination is None else str(flow.termination),
        "status": str(flow.status),
        "statusCode": flow.code,
        "totalPrice": _money(sum(cost(flow, index) for index in heard)),
        "originatingService": "Failover",
        "applicationId": flow.application,
        "createdAt": stamp(flow.created),
        "updatedAt": stamp(flow.updated),
    }


def sender_name(sender: str) -> str:
    """The name behind a senderInfoTrackingId: made up, the same for the same id, and never the id (choice)."""
    return f"Sender {uuid5(NAMESPACE_URL, sender).hex[:6]}"


def _entries(flow: Flow, index: int) -> list[Json]:
    step, message, price = flow.steps[index], flow.messages[index], cost(flow, index)
    asked: Json = orjson.loads(step.asked)
    if step.channel is Channel.VIBER:
        return [_viber(step, message, asked, price)]
    if step.channel is Channel.VOICE:
        return [_voice(step, message, asked, price)]
    return [_sms(step, message, asked, price, part) for part in range(step.parts)]


def _viber(step: Step, message: Message, asked: Json, price: int) -> Json:
    expired = message.expired_on_delivery
    return _without_blanks(
        {
            "type": "Viber",
            "trackingId": message.id,
            "to": step.to,
            "from": sender_name(asked.get("senderInfoTrackingId", "")),
            "country": step.country,
            "ttl": asked.get("ttl"),
            "expireOnDelivery": step.expire_on_delivery,
        }
    ) | {
        "expiredOnDeliveryAt": None if expired is None else stamp(expired),
        "status": _status(step, message),
        **_without_blanks(
            {
                "body": asked.get("message", {name: asked[name] for name in TEMPLATE if name in asked}),
                "label": asked.get("label"),
                "failoverOnStatuses": asked.get("failoverOnStatuses"),
                "order": asked.get("order"),
                "inboundUrl": asked.get("inboundUrl"),
                "price": _money(price),
                "createdAt": stamp(message.created),
            }
        ),
    }


def _sms(step: Step, message: Message, asked: Json, price: int, part: int) -> Json:
    content = asked.get("message", {})
    return _without_blanks(
        {
            "type": "Sms",
            "messageId": message.id,
            "smsId": message.part_ids[part],
            "to": step.to,
            "from": asked.get("from"),
            "country": step.country,
            "operator": message.operator or step.operator,
            "ttl": asked.get("ttl"),
            "status": _status(step, message),
            "body": content.get("body"),
            "price": _money(price // step.parts),
            "label": content.get("label"),
            "order": asked.get("order"),
            "part": part + 1,
            "parts": step.parts,
            "latency": _latency(message),
            "failoverOnStatuses": asked.get("failoverOnStatuses"),
            "createdAt": stamp(message.created),
        }
    )


def _voice(step: Step, message: Message, asked: Json, price: int) -> Json:
    return _without_blanks(
        {
            "type": "Voice",
            "messageId": message.id,
            "to": step.to,
            "from": asked.get("from"),
            "country": step.country,
            "status": {"name": message.status, "updatedDate": stamp(message.updated or 0)},
            "duration": talked(message) // 1_000 if message.status in RULES[Channel.VOICE].ends else 0,
            "price": _money(price),
            "order": asked.get("order"),
            "failoverOnStatuses": asked.get("failoverOnStatuses"),
            "createdAt": stamp(message.created),
        }
    )


def _status(step: Step, message: Message) -> Json:
    reasons, dated = RULES[step.channel].reasons, stamp_seconds if step.channel is Channel.SMS else stamp
    reason = message.reason and {"detailedStatus": message.reason, "description": reasons[message.reason]}
    return {"name": message.status, "reason": reason, "updatedDate": dated(message.updated or 0)}


def _latency(message: Message) -> int:
    """Whole seconds from the beginning to the delivery; 0 until then (choice)."""
    if message.status != "Delivered" or message.updated is None:
        return 0
    return (message.updated - message.created) // 1_000


def _without_blanks(fields: Json) -> Json:
    return {name: value for name, value in fields.items() if value is not None}


def _money(amount: int) -> float | int:
    return amount // MONEY if amount % MONEY == 0 else amount / MONEY


def balance_document(balance: int | None) -> bytes:
    """GET /accounts/me/balance (doc); a balance without end is a large one (choice)."""
    return orjson.dumps(
        {
            "balance": _money(MOST if balance is None else balance),
            "currency": {"code": "EUR", "name": "Euro", "sign": "\u20ac"},
        }
    )
