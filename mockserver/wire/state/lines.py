"""Writes the state of an engine, and reads it into another that has just begun."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec
import orjson
from msgspec import json, to_builtins

from mockserver.core.engine import Engine
from mockserver.wire.state import account, deliveries, flows, journal, scenarios, schedule
from mockserver.wire.state.line import Line

FORMAT = 1
"""How a state is written. A change after which the states of an earlier release cannot be read raises it."""

PARTS: Sequence[type[Line]] = (
    account.Time,
    account.Balance,
    account.Issued,
    account.Noted,
    scenarios.Playing,
    scenarios.Uses,
    journal.Written,
    journal.Entry,
    flows.Accepted,
    flows.Counted,
    flows.Applications,
    deliveries.Callback,
    deliveries.Announced,
    schedule.Arrivals,
)
"""Every part, in the order in which they are written and read."""

READ = (
    account.Time
    | account.Balance
    | account.Issued
    | account.Noted
    | scenarios.Playing
    | scenarios.Uses
    | journal.Written
    | journal.Entry
    | flows.Accepted
    | flows.Counted
    | flows.Applications
    | deliveries.Callback
    | deliveries.Announced
    | schedule.Status
    | schedule.Ttl
    | schedule.Post
    | schedule.Arrivals
)
"""Every line that can be read."""

LAST = schedule.Arrivals
"""The line without which a state is not whole."""

DECODER = json.Decoder(READ)


class BadState(ValueError):
    """A state that cannot be read; the text says why."""


def write(engine: Engine) -> Iterator[bytes]:
    """The state of an engine, a line for each thing."""
    for part in PARTS:
        for line in part.take(engine):
            fields = to_builtins(line, builtin_types=(bytes,), order="deterministic")
            yield orjson.dumps(fields, default=bytes.decode) + b"\n"


def read(lines: Iterable[bytes], engine: Engine) -> None:
    """Put a state into an engine that has just begun, and begins as the one did that it is of. Raises BadState."""
    last: Line | None = None
    try:
        for line in lines:
            last = DECODER.decode(line)
            last.put(engine)
    except (msgspec.MsgspecError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise BadState(f"its state cannot be read: {type(error).__name__}: {error}") from None
    if not isinstance(last, LAST):
        raise BadState("its state has no end")
