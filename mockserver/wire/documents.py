"""What Routee tells of a flow, whichever service it belongs to: the reply, the document, the callbacks."""

from collections.abc import Callable, Mapping

import orjson

from mockserver.core.commands import SendFlow
from mockserver.core.deliveries import Delivery
from mockserver.core.flow import Flow
from mockserver.core.step import FlowKind
from mockserver.wire import Json
from mockserver.wire.otp import document as otp_document
from mockserver.wire.routee import document as routee_document

DOCUMENTS: Mapping[FlowKind, Callable[[Flow], Json]] = {
    FlowKind.FAILOVER: routee_document.document,
    FlowKind.TRANSACTIONAL: routee_document.document,
    FlowKind.OTP: otp_document.document,
}

REPLIES: Mapping[FlowKind, Callable[[Flow, SendFlow], bytes]] = {
    FlowKind.FAILOVER: routee_document.reply,
    FlowKind.TRANSACTIONAL: routee_document.reply,
    FlowKind.OTP: otp_document.reply,
}


def reply(flow: Flow, sent: SendFlow) -> bytes:
    """The reply to the send that became this flow."""
    return REPLIES[flow.kind](flow, sent)


def document(flow: Flow) -> Json:
    """The flow document, as tracking shows it."""
    return DOCUMENTS[flow.kind](flow)


def callback_body(delivery: Delivery) -> Json:
    """The body of a callback, before it becomes JSON."""
    return document(delivery.flow) if delivery.inbound is None else routee_document.callback_body(delivery)


def payload(delivery: Delivery) -> bytes:
    """The body of a callback, as JSON."""
    return orjson.dumps(callback_body(delivery))
