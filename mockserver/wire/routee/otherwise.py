"""What a dialect has read and echoed otherwise: a table for each switch, from its values to what is done."""

from collections.abc import Callable, Mapping
from typing import Any

from mockserver.core.channels import Channel
from mockserver.core.dialect import Dialect
from mockserver.wire import Json
from mockserver.wire.routee.blanks import absent, blank, without_blanks, without_nulls
from mockserver.wire.routee.channels.voice import DIAL_PLANS

BLANK: Mapping[str, Callable[[Any], bool]] = {"absent": blank, "as-sent": absent}
"""For each value of `blank_fields`, whether a value counts as absent."""

WITHOUT: Mapping[str, Callable[[Json], Json]] = {"absent": without_blanks, "as-sent": without_nulls}
"""For each value of `blank_fields`, what takes the absent fields away."""


def echoed(dialect: Dialect, channel: Channel, echo: Json, sent: Json) -> Json:
    """The echo of a step as a dialect has it. echo: as it is by default. sent: the step as it came."""
    for switch, alter in ECHOES.items():
        echo = alter.get(getattr(dialect, switch), _as_it_is)(channel, echo, sent)
    return echo


def _as_it_is(_channel: Channel, echo: Json, _sent: Json) -> Json:
    return echo


def _type_as_sent(_channel: Channel, echo: Json, sent: Json) -> Json:
    return echo | {"type": sent["type"].strip()}


def _no_triggers(_channel: Channel, echo: Json, sent: Json) -> Json:
    asked = sent.get("failoverOnStatuses")
    commas = isinstance(asked, str) and asked.strip() and not asked.replace(",", "").strip()
    return echo | {"failoverOnStatuses": []} if asked == [] or commas else echo


def _decimal_ttl(channel: Channel, echo: Json, _sent: Json) -> Json:
    return echo | {"ttl": float(echo["ttl"])} if channel is Channel.VIBER else echo


def _plan_as_sent(_channel: Channel, echo: Json, sent: Json) -> Json:
    """The name that counts is the first one with a plan."""
    used = next((name for name in DIAL_PLANS if sent.get(name)), DIAL_PLANS[-1])
    return {used if name == DIAL_PLANS[-1] else name: value for name, value in echo.items()}


ECHOES: Mapping[str, Mapping[str, Callable[[Channel, Json, Json], Json]]] = {
    "type_echo": {"as-sent": _type_as_sent},
    "empty_triggers": {"none": _no_triggers},
    "viber_ttl_echo": {"decimal": _decimal_ttl},
    "dial_plan_echo": {"as-sent": _plan_as_sent},
}
"""For each switch of the echo, what each alternative does to it."""
