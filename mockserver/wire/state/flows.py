"""The flows, in the order they were accepted, and what is counted of them."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from msgspec import convert

from mockserver.core.engine import Engine
from mockserver.core.flow import Flow, FlowStatus
from mockserver.wire.state.line import Fields, Line, found, put, sparse

JSON_TEXTS = ("asked", "restrictions")
"""Fields that the core keeps as bytes of JSON. A state has them as text."""


class Accepted(Line, frozen=True, tag="flow"):
    """A flow."""

    flow: Any

    @classmethod
    def take(cls, engine: Engine) -> Iterator[Line]:
        """A line for each."""
        for flow in engine.flows.values():
            parts = {"steps": [*map(sparse, flow.steps)], "messages": [*map(sparse, flow.messages)]}
            yield cls(sparse(flow) | parts)

    def put(self, engine: Engine) -> None:
        """Accept it again, as it is."""
        for place in (self.flow, *self.flow["steps"]):
            for name in JSON_TEXTS:
                if place.get(name) is not None:
                    place[name] = place[name].encode()
        flow = convert(self.flow, Flow, builtin_types=(bytes,))
        engine.flows[flow.id] = flow
        found(engine, "_hand._tickets")[flow.id] = []


class Counted(Fields, frozen=True, tag="flows"):
    """What is counted of the flows. ended: those that have ended, in that order. held: steps that are held by hand."""

    PLACES: ClassVar[Mapping[str, str]] = {
        "accepted": "store.accepted",
        "forgotten": "store.forgotten",
        "payload": "store.payload",
        "by_status": "store.ended",
        "ended": "store._ended",
        "answers": "store._answers",
        "held": "_hand.held",
    }

    accepted: int
    forgotten: int
    payload: int
    by_status: dict[FlowStatus, int]
    ended: list[str]
    answers: dict[str, int]
    held: list[tuple[int, int]]


class Applications(Line, frozen=True, tag="applications"):
    """How many flows are kept of each application and service."""

    flows: list[tuple[str, str, int]]

    @classmethod
    def take(cls, engine: Engine) -> Iterator[Line]:
        """The one line."""
        yield cls([(*whose, count) for whose, count in engine.store.of_application.items()])

    def put(self, engine: Engine) -> None:
        """Count them again."""
        put(engine, "store.of_application", {(name, service): count for name, service, count in self.flows})
