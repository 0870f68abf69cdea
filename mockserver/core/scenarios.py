"""The scenarios of one sandbox, in the order they are tried, and how often each was used.

Choosing changes nothing. When the step begins, `used` and `took_turn` count the choice.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

from mockserver.core.channels import Channel
from mockserver.core.faults import ApiFault, CallbackFaults
from mockserver.core.outcome import Choice
from mockserver.core.scenario import Part, Scenario, WeightedOutcome
from mockserver.core.step import Step

Draw = Callable[[int], int]
"""Draws a number from 1 to the given one; a second call gives the same number."""

Faults = Callable[[Scenario], ApiFault | CallbackFaults | None]
"""Picks the faults of one kind from a scenario."""

MOST_TURNS = 100_000
"""The most recipients whose place in a sequence is kept."""


class Scenarios:
    """The scenarios of one sandbox, and how often each was used."""

    def __init__(self) -> None:
        self._all: dict[str, Scenario] = {}
        self._order: tuple[Scenario, ...] = ()
        self._matching: tuple[Scenario, ...] = ()
        self._defaults: tuple[Scenario, ...] = ()
        self._flows: dict[str, set[int]] = {}
        self._before: Counter[str] = Counter()
        self._turns: Counter[tuple[str, Channel, int | None, str]] = Counter()

    def __iter__(self) -> Iterator[Scenario]:
        """In the order they are tried."""
        return iter(self._order)

    def __len__(self) -> int:
        return len(self._all)

    def uses(self, name: str) -> int:
        """How many flows and refused sends a scenario has decided."""
        return len(self._flows.get(name, ())) + self._before[name]

    def joined_by(self, scenario: Scenario) -> "Scenarios":
        """A copy with one more scenario. To choose from it changes nothing here."""
        copy = Scenarios()
        copy._all, copy._flows = dict(self._all), dict(self._flows)
        copy._before, copy._turns = Counter(self._before), self._turns
        copy.put(scenario)
        return copy

    def put(self, scenario: Scenario) -> None:
        """Add a scenario. It replaces one with the same name, whose uses are forgotten."""
        self._forget(scenario.name)
        self._all[scenario.name] = scenario
        self._sort()

    def drop(self, name: str | None) -> None:
        """Forget a scenario, or all of them (None)."""
        for each in [each for each in self._all if name in (None, each)]:
            del self._all[each]
            self._forget(each)
        self._sort()

    def _forget(self, name: str) -> None:
        self._flows.pop(name, None)
        del self._before[name]
        self._turns = Counter({key: turn for key, turn in self._turns.items() if key[0] != name})

    def _sort(self) -> None:
        latest_first = reversed(self._all.values())
        self._order = tuple(sorted(latest_first, key=lambda each: (each.when is None, -each.priority)))
        self._matching = tuple(each for each in self._order if each.when is not None)
        self._defaults = tuple(each for each in self._order if each.when is None)

    # The outcome of a step

    def matching(self, step: Step, index: int, number: int, draw: Draw) -> Choice | None:
        """The outcome from the first scenario that matches a step, or None. number: of its flow or send."""
        return self._first(self._matching, step, index, number, draw)

    def default(self, step: Step, index: int, number: int, draw: Draw) -> Choice | None:
        """The outcome from the first default scenario that decides a step, or None."""
        return self._first(self._defaults, step, index, number, draw)

    def _first(self, scenarios: Sequence[Scenario], step: Step, index: int, number: int, draw: Draw) -> Choice | None:
        for scenario in scenarios:
            part = scenario.part(step.channel, index)
            if part is not None and not self._against(scenario, step, index, number):
                return self._choose(scenario, part, step, draw)
        return None

    def _choose(self, scenario: Scenario, part: Part, step: Step, draw: Draw) -> Choice:
        turn = min(self._turns[scenario.name, part.channel, part.step, step.to], len(part.turns) - 1)
        weighted_outcomes = part.turns[turn]
        total = sum(weighted.weight for weighted in weighted_outcomes)
        weighted = _drawn(weighted_outcomes, draw(total)) if len(weighted_outcomes) > 1 else weighted_outcomes[0]
        default = scenario.when is None
        why = [f"default scenario {scenario.name!r}" if default else f"scenario {scenario.name!r} ({scenario.when})"]
        why += [f"turn {turn + 1} of {len(part.turns)}"] * (len(part.turns) > 1)
        why += [f"drawn with {weighted.weight} of {total}"] * (len(weighted_outcomes) > 1)
        return Choice(
            weighted.outcome, f"{', '.join(why)}: {weighted.outcome.name!r}", scenario.name, weighted.operator
        )

    def nearest(self, step: Step, index: int, number: int) -> str:
        """In words, the scenario that came nearest to a match, and how it differs; "" when none has a matcher."""
        if not self._matching:
            return ""
        misses = [(each.name, self._misses(each, step, index, number)) for each in self._matching]
        name, lacked = min(misses, key=lambda miss: len(miss[1]))
        return f"; no scenario matched, the nearest was {name!r}: {', '.join(lacked)}"

    def _misses(self, scenario: Scenario, step: Step, index: int, number: int) -> tuple[str, ...]:
        silent = scenario.part(step.channel, index) is None
        said = (f"it says nothing of {step.channel} as step {index + 1}",) if silent else ()
        return (*self._against(scenario, step, index, number), *said)

    def _against(self, scenario: Scenario, step: Step, index: int, number: int) -> tuple[str, ...]:
        """Why a scenario does not apply to this step of flow `number`; empty if it does."""
        differences = scenario.when.differences(step, index) if scenario.when is not None else ()
        return (*differences, f"its {scenario.uses} uses are spent") if self._spent(scenario, number) else differences

    def _spent(self, scenario: Scenario, number: int) -> bool:
        flows = self._flows.get(scenario.name, set())
        return scenario.uses is not None and number not in flows and self.uses(scenario.name) >= scenario.uses

    # What goes wrong on the way

    def disturbing(self, steps: Sequence[Step], number: int, faults: Faults) -> Scenario | None:
        """The first scenario that has such faults and matches any step of a send, or of the flow that is asked for.

        If there are no steps, as for a token, it must match anything.
        """
        for scenario in self._order:
            if faults(scenario) is not None and self._meets(scenario, steps, number):
                return scenario
        return None

    def _meets(self, scenario: Scenario, steps: Sequence[Step], number: int) -> bool:
        if not steps:
            anything = scenario.when is None or scenario.when.anything
            return anything and not self._spent(scenario, number)
        against = (self._against(scenario, step, index, number) for index, step in enumerate(steps))
        return not all(against)

    # What was chosen

    def used(self, scenario: str, number: int) -> None:
        """Count a use of a scenario for flow or send `number`."""
        self._flows.setdefault(scenario, set()).add(number)

    def forget(self, number: int) -> None:
        """Forget flow `number`; it still counts as a use."""
        for name, flows in self._flows.items():
            self._before[name] += number in flows
            flows.discard(number)

    def took_turn(self, scenario: str, step: Step, index: int) -> None:
        """Count a turn: a step has begun with the outcome that a scenario chose."""
        if scenario not in self._all:
            return
        part = self._all[scenario].part(step.channel, index)
        if part is not None and len(part.turns) > 1:
            self._turns[scenario, part.channel, part.step, step.to] += 1
            if len(self._turns) > MOST_TURNS:
                del self._turns[next(iter(self._turns))]


def _drawn(weighted_outcomes: Sequence[WeightedOutcome], number: int) -> WeightedOutcome:
    """The outcome for a number from 1 to the sum of the weights; each outcome has its weight in numbers."""
    shares = accumulate(weighted.weight for weighted in weighted_outcomes)
    return next(weighted for weighted, end in zip(weighted_outcomes, shares, strict=True) if number <= end)
