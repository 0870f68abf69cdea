"""What becomes of sends and steps: who decides it, and why."""

from dataclasses import replace

from mockserver.core import facts
from mockserver.core.behaviour import Behaviour
from mockserver.core.catalogue import OUTCOMES, success
from mockserver.core.commands import DropScenario, PutScenario, SendFlow
from mockserver.core.cost import Purse
from mockserver.core.outcome import Choice
from mockserver.core.parts import Parts
from mockserver.core.scenario import Scenario
from mockserver.core.scenarios import Scenarios
from mockserver.core.step import Callback, Step


class Selection:
    """Keeps the scenarios, and asks them; a part of the engine, and of nobody else."""

    def __init__(self, behaviour: Behaviour, purse: Purse, parts: Parts) -> None:
        self.scenarios = Scenarios()
        self._behaviour = behaviour
        self._purse = purse
        self._parts = parts

    def put(self, command: PutScenario) -> None:
        """A scenario is asked from now on."""
        self.scenarios.put(command.scenario)
        fact = facts.ScenariosChanged(command.scenario.name, command.scenario.source)
        self._parts.write(fact)

    def drop(self, command: DropScenario) -> None:
        """A scenario, or every one, is asked no longer."""
        self.scenarios.drop(command.name)
        self._parts.write(facts.ScenariosChanged(command.name))

    def outcome(self, step: Step, index: int, number: int) -> Choice:
        """The outcome of step `index`, from 0, of flow `number`.

        What cannot be paid is unsent. A scenario that matches goes before what the recipient asks for, that before a
        default scenario, and that before the built-in success. Where none matched, the reason names the nearest.
        """
        if not self._purse.affords(step):
            return Choice(OUTCOMES[step.channel]["unsent"], "the balance is too low: 'unsent'")

        def draw(total: int) -> int:
            return self._parts.chance.between(1, total, "outcome", number, index)

        if found := self.scenarios.matching(step, index, number, draw):
            return found
        asked = (choice for source in self._behaviour.sources if (choice := source(step)) is not None)
        found = next(asked, None) or self.scenarios.default(step, index, number, draw) or success(step)
        return replace(found, why=found.why + self.scenarios.nearest(step, index, number))

    def trouble(self, command: SendFlow, number: int) -> Scenario | None:
        """The scenario that makes something go wrong with the answer to a send."""
        return self.scenarios.disturbing(command.steps, number, lambda each: each.api)

    def callback(self, command: SendFlow, number: int) -> Callback | None:
        """The callback that is asked for, with what a scenario makes go wrong with it."""
        found = command.callback and self.scenarios.disturbing(command.steps, number, lambda each: each.callbacks)
        if not found or command.callback is None or found.callbacks is None:
            return command.callback
        self.scenarios.used(found.name, number)
        return replace(command.callback, faults=replace(found.callbacks, scenario=found.name))
