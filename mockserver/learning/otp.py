"""One-time passwords: sends, flow documents and webhooks of their service, held against its rules."""

from collections import OrderedDict
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from mockserver.core.channels import RULES, Channel
from mockserver.core.dialect import Dialect
from mockserver.core.step import FlowKind
from mockserver.learning.observations import Observation, held
from mockserver.learning.retries import TOGETHER
from mockserver.learning.sends import ACCEPTED, REFUSED, read
from mockserver.learning.shapes import OTP_FLOW, OTP_REPLY, OTP_STEP, observe
from mockserver.recordings.values import Callback, Exchange, read_json
from mockserver.wire import Json
from mockserver.wire.otp.document import QUEUED, STATUSES

CHANNELS = {channel.lower(): channel for channel in (Channel.VIBER, Channel.SMS)}
"""The channels of this service, as its documents name them."""

REMEMBERED = 5_000
"""Webhooks that are remembered, to see whether they come again."""


def observe_otp_send(exchange: Exchange, dialect: Dialect) -> Iterator[Observation]:
    """What is seen in a send that was accepted, or refused with 422."""
    expected = REFUSED if read(exchange.sent or b"", FlowKind.OTP, dialect) is None else ACCEPTED
    found = REFUSED if exchange.status == 422 else ACCEPTED
    yield held("otp.errors", "the answer", expected, found)
    body = read_json(exchange.body)
    if found == REFUSED or not isinstance(body, dict):
        return
    yield held("otp.success-status", "the status", 200, exchange.status)
    yield from observe(body, OTP_REPLY, "otp.reply-status", instants="otp.document")
    flow = body.get("flow")
    if body.get("status") != "Failed" and isinstance(flow, list):
        yield held("otp.reply-status", "status", "Succeeded" if len(flow) == 1 else "InProgress", body.get("status"))


def observe_otp_document(document: Json) -> Iterator[Observation]:
    """What is seen in one flow document."""
    yield from observe(document, OTP_FLOW, "otp.document")
    known = sorted({*STATUSES.values()})
    yield Observation(
        "otp.document", "status", document.get("status") in known, ", ".join(known), document.get("status")
    )
    if document.get("statusCode") is not None:
        code = document["statusCode"]
        yield Observation("otp.status-code", "statusCode", isinstance(code, int), "a whole number", code)
    steps = document.get("steps")
    for at, step in enumerate(steps if isinstance(steps, list) else ()):
        yield from observe(step, OTP_STEP, "otp.document", f"steps[{at}]", instants="otp.document")
        if isinstance(step, dict):
            yield from _step(step, f"steps[{at}]")


def _step(step: Json, path: str) -> Iterator[Observation]:
    channel = CHANNELS.get(str(step.get("channel")))
    if channel is None:
        yield Observation("otp.document", f"{path}.channel", False, ", ".join(CHANNELS), step.get("channel"))
        return
    statuses = [QUEUED, *(each for each in RULES[channel].statuses if each != RULES[channel].first)]
    status = step.get("status")
    rule = "otp.queued" if status in (QUEUED, RULES[channel].first) else "statuses.names"
    yield Observation(rule, f"{path}.status", status in statuses, ", ".join(statuses), status)


class Webhooks:
    """Remembers which webhooks of the service came, to see whether one is posted again."""

    def __init__(self) -> None:
        self._came: OrderedDict[bytes, int] = OrderedDict()

    def observe(self, callback: Callback, document: Any) -> Iterator[Observation]:
        """What is seen in one webhook, and whether it came before."""
        yield from observe_otp_document(document)
        if callback.at is None:
            return
        key = blake2b(callback.body, digest_size=16).digest()
        before = self._came.setdefault(key, callback.at)
        if callback.at - before > TOGETHER:
            yield Observation("otp.no-retry", "a webhook", False, "posted once", "posted again", timed=True)
        if len(self._came) > REMEMBERED:
            self._came.popitem(last=False)
