"""What happens to sends and steps: what decides it, and why."""

from collections.abc import Sequence
from itertools import dropwhile

from mockserver.core import facts
from mockserver.core.behaviour import Behaviour
from mockserver.core.catalogue import OUTCOMES, success
from mockserver.core.commands import DropScenario, PutScenario, SendFlow
from mockserver.core.cost import Purse
from mockserver.core.faults import Endpoint
from mockserver.core.hand import Hand
from mockserver.core.outcome import Choice
from mockserver.core.parts import Parts
from mockserver.core.scenario import Scenario
from mockserver.core.scenarios import Scenarios
from mockserver.core.step import Callback, Step
from mockserver.core.values import replace

TOO_POOR = "the balance is too low: 'unsent'"
"""Why a message is not sent that the balance cannot pay."""


class Selection:
    """Keeps the scenarios, and decides by them. A part of the engine; nothing else uses it."""

    def __init__(self, behaviour: Behaviour, purse: Purse, parts: Parts, hand: Hand) -> None:
        self.scenarios = Scenarios()
        self._behaviour = behaviour
        self._purse = purse
        self._parts = parts
        self._hand = hand

    def put(self, command: PutScenario) -> None:
        """Add a scenario, and journal it."""
        self.scenarios.put(command.scenario)
        fact = facts.ScenariosChanged(command.scenario.name, command.scenario.source)
        self._parts.write(fact)

    def drop(self, command: DropScenario) -> None:
        """Remove one scenario or all of them, and journal it."""
        self.scenarios.drop(command.name)
        self._parts.write(facts.ScenariosChanged(command.name))

    def outcome(self, step: Step, index: int, number: int) -> Choice:
        """The outcome of step `index`, from 0, of flow `number`.

        A step that the balance cannot pay is unsent. Otherwise the first of these decides: the hand that holds it, a
        scenario that matches, the sources (a magic recipient), a default scenario, the built-in success. If no scenario
        matches, the reason names the nearest one.
        """
        if not self._purse.affords(step):
            return Choice(OUTCOMES[step.channel]["unsent"], TOO_POOR, paid=False)

        if self._hand.held and (held := self._hand.choice(step, index, number)):
            return held
        if not self.scenarios:
            return self._asked(step) or success(step)

        def draw(total: int) -> int:
            return self._parts.chance.between(1, total, "outcome", number, index)

        if found := self.scenarios.matching(step, index, number, draw):
            return found
        found = self._asked(step) or self.scenarios.default(step, index, number, draw) or success(step)
        near = self.scenarios.nearest(step, index, number)
        return replace(found, why=found.why + near) if near else found

    def payable(self, command: SendFlow) -> SendFlow | None:
        """A send without the first steps that the balance cannot pay; None if it can pay none."""
        steps = tuple(dropwhile(lambda step: not self._purse.affords(step), command.steps))
        return replace(command, steps=steps) if steps else None

    def joined_by(self, scenario: Scenario) -> "Selection":
        """What would decide if this scenario were played, too. Nothing is put, and nothing is journalled."""
        other = Selection(self._behaviour, self._purse, self._parts, self._hand)
        other.scenarios = self.scenarios.joined_by(scenario)
        return other

    def _asked(self, step: Step) -> Choice | None:
        for source in self._behaviour.sources:
            if choice := source(step):
                return choice
        return None

    def trouble(self, endpoint: Endpoint, steps: Sequence[Step], number: int) -> Scenario | None:
        """The scenario that makes something go wrong with a request, or None. steps: of the flow that it is about."""
        return self.scenarios.disturbing(steps, number, lambda each: each.trouble(endpoint))

    def callback(self, command: SendFlow, number: int) -> Callback | None:
        """The callback that a send asks for, with the faults that a scenario adds; None if it asks for none."""
        found = command.callback and self.scenarios.disturbing(command.steps, number, lambda each: each.callbacks)
        if not found or command.callback is None or found.callbacks is None:
            return command.callback
        self.scenarios.used(found.name, number)
        return replace(command.callback, faults=replace(found.callbacks, scenario=found.name))
