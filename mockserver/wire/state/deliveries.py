"""The callbacks: each with what its flow was when it fell due. Steps never change, so these are the flow's own."""

from collections.abc import Iterator
from typing import cast

from msgspec import Struct

from mockserver.core.channels import Channel
from mockserver.core.commands import PushInbound
from mockserver.core.deliveries import Delivery
from mockserver.core.engine import Engine
from mockserver.core.facts import CallbackAttempted
from mockserver.core.faults import CallbackFault
from mockserver.core.flow import FlowStatus, Message
from mockserver.core.journal import Entry
from mockserver.core.values import replace
from mockserver.wire.state.line import Line, found, put

CHANGES = ("messages", "status", "updated", "code", "termination")
"""What changes of a flow once it was accepted."""


class Attempt(Struct, frozen=True, gc=False):
    """The entry of an attempt which the journal has forgotten."""

    number: int
    at: int
    fact: CallbackAttempted


class Callback(Line, frozen=True, tag="callback"):
    """A callback.

    messages: of its flow then; the index of one that is still the same. attempts: the numbers of the entries about
    them; or those entries, where the journal forgot them.
    """

    number: int
    flow: str
    url: str
    messages: tuple[int | Message, ...]
    status: FlowStatus
    updated: int
    code: str | None = None
    termination: Channel | None = None
    attempts: tuple[int | Attempt, ...] = ()
    next: int | None = None
    faults: frozenset[CallbackFault] = frozenset()
    copy_of: int | None = None
    inbound: tuple[PushInbound, int] | None = None

    @classmethod
    def take(cls, engine: Engine) -> Iterator[Line]:
        """A line for each, in the order they fell due."""
        forgotten = engine.journal.forgotten
        for each in engine.deliveries:
            flow = each.flow
            attempts = tuple(
                cast("Attempt", made) if made.number <= forgotten else made.number for made in each.attempts
            )
            now = engine.flows[flow.id].messages
            messages = tuple(index if then == now[index] else then for index, then in enumerate(flow.messages))
            then = (messages, flow.status, flow.updated, flow.code, flow.termination)
            rest = (attempts, each.next, each.faults, each.copy_of, each.inbound)
            yield cls(each.number, flow.id, each.url, *then, *rest)

    def put(self, engine: Engine) -> None:
        """Announce it again, as it is."""
        now, journal = engine.flows[self.flow], engine.journal
        flow = replace(
            now,
            messages=tuple([now.messages[each] if isinstance(each, int) else each for each in self.messages]),
            status=self.status,
            updated=self.updated,
            code=self.code,
            termination=self.termination,
        )
        attempts = tuple(
            journal.entry(made) if isinstance(made, int) else Entry(made.number, made.at, made.fact)
            for made in self.attempts
        )
        what = (attempts, self.next, self.faults, self.copy_of, self.inbound)
        found(engine, "deliveries._all")[self.number] = Delivery(self.number, flow, self.url, *what)
        found(engine, "deliveries._numbers").setdefault(self.flow, []).append(self.number)


class Announced(Line, frozen=True, tag="callbacks"):
    """What is counted of the callbacks: all, those of each flow, those that fail; and which are held back."""

    announced: int
    of_flow: dict[str, int]
    failing: dict[str, int]
    held: dict[str, tuple[int, ...]]

    @classmethod
    def take(cls, engine: Engine) -> Iterator[Line]:
        """The one line."""
        held = {flow: tuple(each.number for each in some) for flow, some in found(engine, "deliveries._held").items()}
        of_flow, failing = found(engine, "deliveries._of_flow"), engine.deliveries.failing
        yield cls(len(engine.deliveries), dict(of_flow), dict(failing), held)

    def put(self, engine: Engine) -> None:
        """Count them again."""
        held = {flow: tuple(engine.deliveries[number] for number in some) for flow, some in self.held.items()}
        put(engine, "deliveries._announced", self.announced)
        put(engine, "deliveries._of_flow", self.of_flow)
        put(engine, "deliveries.failing", self.failing)
        put(engine, "deliveries._held", held)
