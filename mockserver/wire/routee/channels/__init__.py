"""The channels on the wire: each has a row in this table, and a file.

Nothing here needs pydantic, so writing documents does not load it; a model is imported when it is first needed.
"""

from collections.abc import Mapping

from mockserver.core.channels import Channel
from mockserver.core.step import FlowKind
from mockserver.wire.routee.channels.form import Form
from mockserver.wire.routee.channels.sms import SMS
from mockserver.wire.routee.channels.viber import MESSAGE, TEMPLATE, TEMPLATE_FIELDS, TEMPLATES_ONLY
from mockserver.wire.routee.channels.voice import VOICE

_EVERYWHERE = {Channel.SMS: SMS, Channel.VIBER: MESSAGE, Channel.VOICE: VOICE}

FORMS: Mapping[FlowKind, Mapping[Channel, Form]] = {
    FlowKind.FAILOVER: _EVERYWHERE,
    FlowKind.TRANSACTIONAL: _EVERYWHERE | {Channel.VIBER: TEMPLATE},
}
"""The form of a step, by the kind of its flow and its channel."""

OWNERS: Mapping[str, tuple[Channel, ...]] = {
    path: tuple(channel for channel, form in _EVERYWHERE.items() if path in form.owns)
    for owner in _EVERYWHERE.values()
    for path in owner.owns
}
"""The fields that only some channels have, each with those channels."""


def foreign(kind: FlowKind, channel: Channel, path: str) -> str | None:
    """Why a field does not belong in a step of this channel; None when it does, or when no channel knows the field."""
    form, owners = FORMS[kind][channel], OWNERS.get(path)
    if path in form.elsewhere:
        return form.elsewhere[path]
    if path.removeprefix("message.") in TEMPLATE_FIELDS:
        return None if path in form.owns else TEMPLATES_ONLY[kind]
    if owners is None or channel in owners:
        return None
    return f"belongs to {' and '.join(owners)} steps; this one is {channel}"


def of_other_endpoint(kind: FlowKind, channel: Channel, path: str) -> bool:
    """Whether a field that does not belong in such a step belongs to the other endpoint, and not to another channel."""
    mine = kind is FlowKind.TRANSACTIONAL and channel is Channel.VIBER
    return path.removeprefix("message.") in TEMPLATE_FIELDS or (mine and path in ("message", "label"))
