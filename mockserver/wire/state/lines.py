"""Writes the state of an engine, and reads it into another that has just begun."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

import msgspec
import orjson
from msgspec import json, to_builtins

from mockserver.core.engine import Engine
from mockserver.core.tokens import Token
from mockserver.wire.state import account, deliveries, flows, journal, scenarios, schedule
from mockserver.wire.state.line import Line


class BadState(ValueError):
    """A state that cannot be read; the text says why."""


FORMAT = 1
"""How a state is written. A change after which the states of an earlier release cannot be read raises it."""


class Beginning(Line, frozen=True, tag="state"):
    """The first line: how the state is written, and what belongs to the sandbox beside its engine.

    tokens: the latest that were issued, also those revoked since. under_way: the callbacks that were posted and have no
    answer, by their numbers.
    """

    format: int
    tokens: tuple[Token, ...] = ()
    under_way: tuple[int, ...] = ()

    def put(self, engine: Engine) -> None:  # noqa: ARG002 -- as every line has it
        """Nothing of it goes into the engine. Raises BadState for a state that another release has written."""
        if self.format != FORMAT:
            raise BadState(f"its state is of format {self.format}, and this release reads format {FORMAT}")


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
    Beginning
    | account.Time
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


def write(engine: Engine, beginning: Beginning | None = None) -> Iterator[bytes]:
    """The state of an engine, a line for each thing."""
    for line in chain((beginning or Beginning(FORMAT),), *(part.take(engine) for part in PARTS)):
        fields = to_builtins(line, builtin_types=(bytes,), order="deterministic")
        yield orjson.dumps(fields, default=bytes.decode) + b"\n"


def read(lines: Iterable[bytes], engine: Engine) -> Beginning:
    """Put a state into an engine that has just begun, and begins as the one did that it is of. Raises BadState."""
    first: Line | None = None
    last: Line | None = None
    try:
        for line in lines:
            last = DECODER.decode(line)
            first = first or last
            last.put(engine)
    except BadState:
        raise
    except (msgspec.MsgspecError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise BadState(f"its state cannot be read: {type(error).__name__}: {error}") from None
    if not isinstance(first, Beginning) or not isinstance(last, LAST):
        raise BadState("its state is not whole")
    return first
