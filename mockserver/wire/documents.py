"""What Routee tells of a flow, whichever of its services the flow belongs to: its document, and its callbacks."""

from collections.abc import Callable, Mapping

import orjson

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


def document(flow: Flow) -> Json:
    """The flow document, as tracking shows it."""
    return DOCUMENTS[flow.kind](flow)


def callback_body(delivery: Delivery) -> Json:
    """The body of a callback, before it becomes JSON."""
    return document(delivery.flow) if delivery.inbound is None else routee_document.callback_body(delivery)


def payload(delivery: Delivery) -> bytes:
    """The body of a callback, as JSON."""
    return orjson.dumps(callback_body(delivery))
