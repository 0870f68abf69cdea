"""The scenarios, as their authors wrote them, and how often each was used."""

from collections.abc import Iterator
from typing import Any

import orjson

from mockserver.core.channels import Channel
from mockserver.core.engine import Engine
from mockserver.core.scenario import Scenario
from mockserver.wire.scenario.language import Written, nothing, read_scenario
from mockserver.wire.state.line import Line, found, put


def read(name: str, source: Any) -> Scenario:
    """A scenario as its author wrote it. Raises IllegalScenario."""
    return read_scenario(Written(name, source), nothing)


class Playing(Line, frozen=True, tag="scenario"):
    """A scenario; those added later come later."""

    name: str
    source: Any

    @classmethod
    def take(cls, engine: Engine) -> Iterator[Line]:
        """A line for each."""
        for scenario in found(engine, "scenarios._all").values():
            yield cls(scenario.name, orjson.loads(scenario.source))

    def put(self, engine: Engine) -> None:
        """Add it."""
        engine.scenarios.put(read(self.name, self.source))


class Uses(Line, frozen=True, tag="uses"):
    """How often each scenario was used.

    flows: the flows and refused sends that it has decided, by their numbers. before: how many of forgotten flows.
    turns: its name, channel and step, the recipient, and how many turns that one has had; the oldest first.
    """

    before: dict[str, int]
    flows: dict[str, list[int]]
    turns: list[tuple[str, Channel, int | None, str, int]]

    @classmethod
    def take(cls, engine: Engine) -> Iterator[Line]:
        """The one line."""
        flows = {name: sorted(numbers) for name, numbers in found(engine, "scenarios._flows").items()}
        turns = [(*key, turn) for key, turn in found(engine, "scenarios._turns").items()]
        yield cls(dict(found(engine, "scenarios._before")), flows, turns)

    def put(self, engine: Engine) -> None:
        """Count them again."""
        put(engine, "scenarios._before", self.before)
        put(engine, "scenarios._flows", {name: set(numbers) for name, numbers in self.flows.items()})
        put(engine, "scenarios._turns", {(name, *whose): turn for name, *whose, turn in self.turns})
