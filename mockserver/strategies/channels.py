"""The channels as strategies: each has a row in this table, and a file."""

from collections.abc import Mapping

from mockserver.core.channels import Channel
from mockserver.core.step import FlowKind
from mockserver.strategies.rule import Drawn
from mockserver.strategies.sms import SMS
from mockserver.strategies.viber import MESSAGE, TEMPLATE
from mockserver.strategies.voice import VOICE

_EVERYWHERE = {Channel.SMS: SMS, Channel.VIBER: MESSAGE, Channel.VOICE: VOICE}

DRAWN: Mapping[FlowKind, Mapping[Channel, Drawn]] = {
    FlowKind.FAILOVER: _EVERYWHERE,
    FlowKind.TRANSACTIONAL: _EVERYWHERE | {Channel.VIBER: TEMPLATE},
}
"""For each kind of flow, the steps of each channel; the simplest channel is first."""

NAMES = tuple(map(str, _EVERYWHERE))
"""The names of the channels, the simplest first."""
