"""Flow documents, as tracking and callbacks have them, held against the rules."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from mockserver.core.channels import RULES, UNSENT, Channel
from mockserver.core.dialect import Dialect
from mockserver.core.flow import FlowStatus
from mockserver.learning.observations import Observation, held, switched
from mockserver.learning.shapes import FLOW, INBOUND, MESSAGES, OF_TEMPLATES, REASON, STATUSES, observe
from mockserver.numbering.numbers import NotANumber, read_number
from mockserver.numbering.parts import split
from mockserver.wire import Json
from mockserver.wire.instants import read_instant

SUCCESSES = {"Delivered"}
"""The reasons whose description is documented."""

MOST_PARTS = 100
"""Parts of an Sms that are named one by one."""

CHANNELS = {str(channel): channel for channel in Channel}

FLOW_STATUSES = [*map(str, FlowStatus)]

FLOW_STATUSES_TOLD = ", ".join(FLOW_STATUSES)

TOLD = {channel: (", ".join(rules.statuses), ", ".join(rules.reasons)) for channel, rules in RULES.items()}
"""The statuses and the reasons of each channel, in words."""


def observe_document(document: Json, dialect: Dialect) -> Iterator[Observation]:
    """What is seen in one flow document by itself."""
    yield from observe(document, FLOW, "document.keys")
    messages = document.get("messages")
    status = document.get("status")
    yield Observation("statuses.names", "status", status in FLOW_STATUSES, FLOW_STATUSES_TOLD, status)
    if not isinstance(messages, list):
        return
    if status in (FlowStatus.QUEUED, FlowStatus.IN_PROGRESS):
        yield _early(bool(messages), status, dialect)
    for at, message in enumerate(messages):
        if isinstance(message, dict):
            yield from _message(message, f"messages[{at}]")
    yield from _parts(messages)


def observe_answer(document: Json) -> Iterator[Observation]:
    """What is seen in the answer to a Viber message."""
    yield from observe(document, INBOUND, "inbound.body")


def channel_of(message: Json) -> Channel | None:
    """The channel of a message; None if it names no known one."""
    kind = message.get("type")
    return CHANNELS.get(kind) if isinstance(kind, str) else None


def instant_of(value: Any) -> int | None:
    """An instant in a document, in milliseconds since 1970; None if it is none."""
    return _instant(value) if isinstance(value, str) else None


@lru_cache(maxsize=4_096)
def _instant(text: str) -> int | None:
    try:
        return read_instant(text)
    except ValueError:
        return None


def _early(begun: bool, status: str, dialect: Dialect) -> Observation:
    """A flow that has not ended: what its status is before its first message has one, and after that."""
    if begun:
        return held("statuses.first", "status", "InProgress", str(status))
    return switched("statuses.first", "status, without messages", dialect.first_flow_status, str(status))


def _message(message: Json, path: str) -> Iterator[Observation]:
    channel = channel_of(message)
    if channel is None:
        yield Observation("statuses.names", f"{path}.type", False, ", ".join(Channel), message.get("type"))
        return
    keys = "document.voice" if channel is Channel.VOICE else "document.keys"
    shapes = OF_TEMPLATES if "templateId" in message else MESSAGES
    yield from observe(message, shapes[channel], keys, path)
    status = message.get("status")
    if isinstance(status, dict):
        yield from observe(status, STATUSES[channel], keys, f"{path}.status")
        yield from _status(channel, status, path)
    yield from _recipient(message, path)
    yield from _price(message, path)
    yield from _latency(message, path)


def _status(channel: Channel, status: Json, path: str) -> Iterator[Observation]:
    rules, name, reason = RULES[channel], status.get("name"), status.get("reason")
    statuses, reasons = TOLD[channel]
    yield Observation("statuses.names", f"{path}.status.name", name in rules.statuses, statuses, name)
    if not isinstance(reason, dict):
        return
    yield from observe(reason, REASON, "document.keys", f"{path}.status.reason")
    detailed = reason.get("detailedStatus")
    known = isinstance(detailed, str) and detailed in rules.reasons
    yield Observation("statuses.reasons", f"{path}.status.reason.detailedStatus", known, reasons, detailed)
    if known:
        rule = "statuses.reasons" if detailed in SUCCESSES else "statuses.descriptions"
        yield held(rule, f"{path}.status.reason.description", rules.reasons[str(detailed)], reason.get("description"))


def _recipient(message: Json, path: str) -> Iterator[Observation]:
    try:
        number = read_number(str(message.get("to")))
    except NotANumber:
        return
    if isinstance(message.get("country"), str):
        yield held("document.country", f"{path}.country", number.country, message["country"])
    if isinstance(message.get("operator"), str):
        yield held("document.numbering", f"{path}.operator", number.operator, message["operator"])


def _price(message: Json, path: str) -> Iterator[Observation]:
    status = message.get("status")
    if isinstance(status, dict) and str(status.get("name")) in UNSENT:
        yield held("document.paid", f"{path}.price", 0, message.get("price"))


def _latency(message: Json, path: str) -> Iterator[Observation]:
    """The latency of an Sms. Its `updatedDate` has no milliseconds, so a second more or less says nothing."""
    latency, status = message.get("latency"), message.get("status")
    if not isinstance(latency, int) or not isinstance(status, dict):
        return
    created, updated = instant_of(message.get("createdAt")), instant_of(status.get("updatedDate"))
    if created is None or updated is None:
        return
    expected = (updated - created) // 1_000 if status.get("name") == "Delivered" else 0
    near = abs(latency - expected) <= (1 if status.get("name") == "Delivered" else 0)
    yield Observation("document.latency", f"{path}.latency", near, max(0, expected), latency)


def _parts(messages: list[Any]) -> Iterator[Observation]:
    """The parts of each Sms: one entry each, all alike, as many as its text needs."""
    found: dict[Any, list[Json]] = {}
    for each in messages:
        if isinstance(each, dict) and each.get("type") == "Sms":
            found.setdefault(str(each.get("messageId")), []).append(each)
    for parts in found.values():
        numbers, count = [each.get("part") for each in parts], parts[0].get("parts")
        if isinstance(count, int) and count > 1:
            whole = numbers == [*range(1, len(parts) + 1)] and len(parts) == count
            told = [*range(1, count + 1)] if count <= MOST_PARTS else f"1 to {count}"
            yield Observation("document.parts", "the parts of an Sms", whole, told, numbers)
            alike = all(
                (each.get("status"), each.get("body")) == (parts[0].get("status"), parts[0].get("body"))
                for each in parts
            )
            yield Observation("document.parts-together", "the parts of an Sms", alike, "all alike", "they differ")
        body = parts[0].get("body")
        if isinstance(body, str) and isinstance(count, int):
            able = {split(body, transcode=transcode).count for transcode in (False, True)}
            yield Observation("document.sms-parts", "parts", count in able, max(able), count)
