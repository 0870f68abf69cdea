"""A story tried out: played again in an engine of its own, to see whether it leads to the same."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from mockserver.core.behaviour import Behaviour
from mockserver.core.clock import LAST
from mockserver.core.commands import (
    Answer,
    Command,
    HoldStep,
    MoveClock,
    PushInbound,
    PushReport,
    PutScenario,
    RecordAnswer,
    SendFlow,
)
from mockserver.core.engine import Engine
from mockserver.core.facts import StatusChanged
from mockserver.core.flow import Flow, ttl_ends
from mockserver.core.step import Callback, Strategy
from mockserver.core.values import replace
from mockserver.wire import Json
from mockserver.wire.code.story import (
    Advance,
    Hold,
    Next,
    Plan,
    Push,
    Reply,
    Story,
    ToTtl,
    UntilFinal,
    UntilIdle,
)
from mockserver.wire.scenario.language import Written, nothing, read_scenario
from mockserver.wire.services import read_send

START = 1_893_499_200_000
"""The instant of a rehearsal; it does not matter which."""

SEEDS = (0, 1, 2)
"""A story must hold for each of these: a test has another seed in each sandbox."""

PATIENCE = 2_000
"""Events after which a rehearsal is given up."""

GOOD = Answer(200, None, 0.0)

NAME = "as-it-was"


class Astray(ValueError):
    """A rehearsal does not go as the story says."""


def scenario(plan: Plan, to: str | None) -> Json:
    """What was planned, as a scenario: by channel if each has one step, otherwise step by step."""
    channels = [channel for channel, _ in plan]
    said: Json = {channel.lower(): said for channel, said in plan}
    if len(said) < len(channels):
        said = {"steps": [{channel.lower(): said} for channel, said in plan]}
    return {"name": NAME, "when": {"to": to or "*"}} | said


def holds(story: Story) -> bool:
    """Whether a story leads to what was heard, whatever the seed."""
    try:
        return all(_Stage(story, seed).leads_to_the_same() for seed in SEEDS)
    except ValueError:  # gone astray, or a plan that no scenario can say
        return False


def command(story: Story) -> SendFlow:
    """What an engine is told to send. Raises Refusal if the steps cannot be read."""
    callback = None if story.strategy is None else Callback(Strategy(story.strategy), "http://127.0.0.1/hook")
    sent = read_send(orjson.dumps(story.body), "test", kind=story.kind, dialect=story.dialect)
    return replace(sent, callback=callback)


class _Stage:
    """An engine with the flow of a story in it. Every callback is answered well."""

    def __init__(self, story: Story, seed: int) -> None:
        self._story = story
        self._events = 0
        self._engine = Engine(Behaviour(seed=seed, dialect=story.dialect), START)
        self._engine.submit(PutScenario(read_scenario(Written(NAME, scenario(story.plan, story.to)), nothing)))
        flow = self._engine.submit(command(story)).flow
        assert flow is not None  # noqa: S101 -- money and room have no end here
        self.id = flow.id

    @property
    def flow(self) -> Flow:
        """The flow as it is now."""
        return self._engine.flows[self.id]

    def leads_to_the_same(self) -> bool:
        """Play the story, and compare."""
        for deed in self._story.deeds:
            DOERS[type(deed)](self, deed)
        facts = [entry.fact for entry in self._engine.journal.of_flow(self.id)]
        heard = tuple(f"{each.channel} {each.status}" for each in facts if isinstance(each, StatusChanged))
        return (heard, str(self.flow.status)) == (self._story.heard, self._story.status)

    def poll(self, until: int = LAST) -> bool:
        """Let the next thing happen; False if there is none."""
        effect = self._engine.poll(until)
        self._events += 1
        if self._events > PATIENCE:
            raise Astray
        for delivery in () if effect is None else effect.deliveries:
            self._engine.submit(RecordAnswer(delivery.number, delivery.attempt, GOOD))
        return effect is not None

    def move(self, by: int) -> None:
        """Move the clock, and let happen what is due."""
        to = self._engine.clock.now + by
        if not 0 <= by <= LAST - self._engine.clock.now:
            raise Astray
        while self.poll(to):
            pass
        self._engine.submit(MoveClock(to))

    def to_ttl(self, edge: str) -> None:
        """Move the clock to the edge of the running ttl."""
        ends = ttl_ends(self.flow)
        if ends is None:
            raise Astray
        self.move(ends + (-1 if edge == "before" else 1) - self._engine.clock.now)

    def next(self) -> None:
        """Let one thing happen."""
        if not self.poll():
            raise Astray

    def until_final(self) -> None:
        """Let things happen until the flow has ended."""
        while not self.flow.final:
            self.next()

    def until_idle(self) -> None:
        """Let everything happen."""
        while self.poll():
            pass

    def do(self, wanted: Command) -> None:
        """What is due now, what is wanted, and what it leads to now."""
        self.move(0)
        self._engine.submit(wanted)
        self.move(0)


DOERS: Mapping[type, Callable[[_Stage, Any], None]] = {
    Advance: lambda stage, deed: stage.move(deed.by),
    ToTtl: lambda stage, deed: stage.to_ttl(deed.edge),
    Next: lambda stage, _: stage.next(),
    UntilFinal: lambda stage, _: stage.until_final(),
    UntilIdle: lambda stage, _: stage.until_idle(),
    Push: lambda stage, deed: stage.do(PushReport(stage.id, deed.step - 1, deed.status, deed.reason)),
    Hold: lambda stage, deed: stage.do(HoldStep(stage.id, deed.step - 1)),
    Reply: lambda stage, deed: stage.do(PushInbound(stage.id, deed.step - 1, "http://127.0.0.1/in", deed.message)),
}
"""For each deed, what is done on a stage."""
