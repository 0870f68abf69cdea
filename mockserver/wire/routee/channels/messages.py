"""What messages of all channels have in common in the flow document."""

from collections.abc import Callable
from functools import lru_cache

import orjson

from mockserver.core.channels import RULES
from mockserver.core.cost import MONEY
from mockserver.core.flow import Message
from mockserver.core.step import Step
from mockserver.wire import Json
from mockserver.wire.instants import stamp


@lru_cache(maxsize=1_024)
def read_echo(asked: bytes) -> Json:
    """The echo of a step. Every document of its flow contains it, so it must not be changed."""
    echo: Json = orjson.loads(asked)
    return echo


def status(step: Step, message: Message, dated: Callable[[int], str] = stamp) -> Json:
    """The status of a message, with its reason. dated: writes the instant as text."""
    reasons = RULES[step.channel].reasons
    reason = message.reason and {"detailedStatus": message.reason, "description": reasons[message.reason]}
    return {"name": message.status, "reason": reason, "updatedDate": dated(message.updated or 0)}


def money(amount: int) -> float | int:
    """An amount in the currency unit, from ten-thousandths of it."""
    return amount // MONEY if amount % MONEY == 0 else amount / MONEY


def without_none(fields: Json) -> Json:
    """The fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}
