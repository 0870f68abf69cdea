"""A flow of one-time passwords as the OTP service shows it: the reply to its send, and its document.

Tracking and webhooks have the same document (doc). It is a pure function of the flow, which is a value.
"""

from collections.abc import Mapping, Sequence

import orjson

from mockserver.core.channels import RULES, UNSENT
from mockserver.core.commands import SendFlow
from mockserver.core.cost import cost
from mockserver.core.flow import Flow, FlowStatus, Message, Verdict
from mockserver.core.step import Step
from mockserver.wire import Json
from mockserver.wire.instants import stamp_seconds
from mockserver.wire.routee.channels.messages import money, without_none

STATUSES: Mapping[FlowStatus, str] = {
    FlowStatus.QUEUED: "InProgress",
    FlowStatus.IN_PROGRESS: "InProgress",
    FlowStatus.SUCCEEDED: "Succeeded",
    FlowStatus.FAILED: "Failed",
}
"""The status of a flow, by the core's: here it is under way from the beginning (choice)."""

QUEUED = "queued"
"""The status of a step of which its channel has said no more than that (doc)."""

DETAILS: Mapping[str, str] = {"TTL Expired": "Expired"}
"""Reasons that this service words otherwise (doc)."""

ERRORS: Mapping[Verdict, str] = {
    Verdict.SERVER_ERROR: "Internal server error",
    Verdict.NO_BALANCE: "Insufficient balance",
}
"""Why a send failed, by its statusCode (texts: choice)."""


def reply(flow: Flow, sent: SendFlow) -> bytes:
    """The reply to the send that became this flow. sent: it has the steps that were passed over too."""
    first, steps = len(sent.steps) - len(flow.steps), [step.asked for step in sent.steps]
    steps[first] = steps[first][:-1] + b',"trackingId":"%b"}' % flow.messages[0].id.encode()
    status = "Succeeded" if len(steps) == 1 else "InProgress"
    fields = {"flowId": flow.id, "status": status, "type": str(flow.steps[0].channel), "flow": _array(steps)}
    return orjson.dumps(fields | {"createdAt": stamp_seconds(flow.created), "statusCode": None})


def failure(sent: Sequence[Step], why: Verdict, now: int) -> bytes:
    """The reply to a send of which no channel took a message (doc). now: an instant."""
    fields = {"flowId": None, "status": "Failed", "type": None, "flow": _array([step.asked for step in sent])}
    return orjson.dumps(fields | {"createdAt": stamp_seconds(now), "error": ERRORS[why], "statusCode": int(why.value)})


def _array(steps: Sequence[bytes]) -> orjson.Fragment:
    return orjson.Fragment(b"[%b]" % b",".join(steps))


def document(flow: Flow) -> Json:
    """What has happened to the flow so far: the first step, and each later one that its channel has queued."""
    shown = [index for index, message in enumerate(flow.messages) if index == 0 or message.status is not None]
    return {
        "flowId": flow.id,
        "status": STATUSES[flow.status],
        "statusCode": None if flow.code is None else int(flow.code),
        "total_cost": money(sum(cost(flow, index) for index in shown)),
        "steps": [_step(flow, index) for index in shown],
    }


def _step(flow: Flow, index: int) -> Json:
    step, message = flow.steps[index], flow.messages[index]
    queued = message.status in (None, RULES[step.channel].first)
    return without_none(
        {
            "trackingId": message.id,
            "role": "failover" if index else "primary",
            "flowId": flow.id,
            "status": QUEUED if queued else message.status,
            "channel": step.channel.lower(),
            "phone_number": step.to.removeprefix("+"),
            "label": step.label or None,
            "created_at": stamp_seconds(message.created),
            "sent_at": _stamp(None if queued else _sent(step, message)),
            "delivered_at": _stamp(message.delivered),
            "detailed_status": DETAILS.get(message.reason or "", message.reason),
            "error_message": _error(step, message),
            "failover_from_message_token": flow.messages[index - 1].id if index else None,
            "price": money(cost(flow, index)),
            "latency_ms": None if message.delivered is None else message.delivered - message.created,
            "country": step.country,
            "operator": message.operator or step.operator,
        }
    )


def _sent(step: Step, message: Message) -> int | None:
    """When a message was handed over: an Sms to its operator, a Viber message as its step begins (choice)."""
    if message.status in UNSENT:
        return None
    return (message.sent or message.delivered) if RULES[step.channel].by_operator else message.created


def _error(step: Step, message: Message) -> str | None:
    """Why a message failed, in words; None for one that did not (texts: choice)."""
    rules = RULES[step.channel]
    if message.status in rules.successes or message.status not in rules.ends:
        return None
    if message.status in UNSENT:
        return "The message was not sent."
    return rules.reasons.get(message.reason or "")


def _stamp(instant: int | None) -> str | None:
    return None if instant is None else stamp_seconds(instant)
