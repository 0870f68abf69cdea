"""The channels as strategies: of each a row in this table, and a file."""

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
"""The steps of a flow by its kind, the simplest channel first."""

NAMES = tuple(map(str, _EVERYWHERE))
"""The names of the channels, the simplest first."""
