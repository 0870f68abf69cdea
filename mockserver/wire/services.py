"""Routee's services, by the kind of a flow: how a send is read, and what Routee tells of its flow."""

from collections.abc import Callable, Mapping

import orjson

from mockserver.core.commands import SendFlow
from mockserver.core.deliveries import Delivery
from mockserver.core.dialect import DEFAULT, Dialect
from mockserver.core.flow import Flow
from mockserver.core.step import FlowKind
from mockserver.wire import Json
from mockserver.wire.otp import document as otp_document
from mockserver.wire.routee import document as routee_document
from mockserver.wire.routee.requests import read_send as read_failover

DOCUMENTS: Mapping[FlowKind, Callable[[Flow], Json]] = {
    FlowKind.FAILOVER: routee_document.document,
    FlowKind.TRANSACTIONAL: routee_document.document,
    FlowKind.OTP: otp_document.document,
}

PAYLOADS: Mapping[FlowKind, Callable[[Delivery], bytes]] = {
    FlowKind.FAILOVER: routee_document.payload,
    FlowKind.TRANSACTIONAL: routee_document.payload,
    FlowKind.OTP: lambda delivery: orjson.dumps(callback_body(delivery)),
}

REPLIES: Mapping[FlowKind, Callable[[Flow, SendFlow], bytes]] = {
    FlowKind.FAILOVER: routee_document.reply,
    FlowKind.TRANSACTIONAL: routee_document.reply,
    FlowKind.OTP: otp_document.reply,
}


def read_send(
    body: bytes,
    application: str,
    *,
    kind: FlowKind = FlowKind.FAILOVER,
    strict: bool = False,
    transcode: bool = True,
    dialect: Dialect = DEFAULT,
) -> SendFlow:
    """The send in a request's body, as the endpoint of its kind reads it. Raises Refusal, in the service's shape."""
    if kind is not FlowKind.OTP:
        return read_failover(body, application, kind=kind, strict=strict, transcode=transcode, dialect=dialect)
    from mockserver.wire.otp.requests import read_send as read_otp  # it loads pydantic

    return read_otp(body, application, transcode=transcode)


def reply(flow: Flow, sent: SendFlow) -> bytes:
    """The reply to the send that became this flow."""
    return REPLIES[flow.kind](flow, sent)


def document(flow: Flow) -> Json:
    """The flow document, as tracking shows it."""
    return DOCUMENTS[flow.kind](flow)


def callback_body(delivery: Delivery) -> Json:
    """The body of a callback, before it becomes JSON."""
    return document(delivery.flow) if delivery.tells_flow else routee_document.callback_body(delivery)


def payload(delivery: Delivery) -> bytes:
    """The body of a callback, as JSON."""
    return PAYLOADS[delivery.flow.kind](delivery)
