"""The part of the oracle that plays scenarios: a list, looked through from the beginning every time."""

import re
from dataclasses import dataclass, field

from mockserver.core.chance import Chance
from mockserver.core.faults import ApiFault, Which
from mockserver.core.outcome import Choice
from mockserver.core.scenario import Part, Scenario
from mockserver.core.step import Step


def like(pattern: str, said: str) -> bool:
    """Whether a text is what a pattern asks for."""
    if len(pattern) >= 2 and pattern[0] == pattern[-1] == "/":
        return re.search(pattern[1:-1], said) is not None
    if "*" not in pattern:
        return said == pattern
    before, after = pattern.split("*", 1)
    if not said.startswith(before):
        return False
    rest = said[len(before) :]
    return any(like(after, rest[cut:]) for cut in range(len(rest) + 1))


def lacks(scenario: Scenario, step: Step, index: int) -> list[str]:
    """In words, how a step is not what a scenario asks for."""
    if scenario.when is None:
        return []
    when, found = scenario.when, []
    asked = {"to": when.to, "from": when.sender, "label": when.label, "text": when.text}
    said = {"to": step.to, "from": step.sender, "label": step.label, "text": step.text}
    for name, pattern in asked.items():
        if pattern is not None and not like(pattern.written, said[name]):
            found.append(f"{name} is {said[name]!r}, not {pattern.written!r}")
    if when.channel is not None and when.channel != step.channel:
        found.append(f"channel is {step.channel}, not {when.channel}")
    if when.step is not None and when.step != index + 1:
        found.append(f"step is {index + 1}, not {when.step}")
    return found


def picks_nobody(scenario: Scenario) -> bool:
    """Whether a scenario is for whatever comes, and so also for a request about no message."""
    when = scenario.when
    if when is None:
        return True
    asked = [when.sender, when.label, when.text, when.channel, when.step]
    return asked == [None] * 5 and (when.to is None or str(when.to) == "*")


def part_for(scenario: Scenario, step: Step, index: int) -> Part | None:
    for wanted in (index + 1, None):
        for part in scenario.parts:
            if part.channel == step.channel and part.step == wanted:
                return part
    return None


def is_hit(which: Which, number: int, final: bool, drawn: int) -> bool:
    return drawn <= which.percent or number in which.numbers or (which.last and final)


@dataclass
class Playbook:
    """Every scenario in the order it was added, what each decided about, and whom each had its turns with."""

    chance: Chance
    scenarios: list[Scenario] = field(default_factory=list)
    decided: list[tuple[str, int]] = field(default_factory=list)
    turns: list[tuple[str, str, int | None, str]] = field(default_factory=list)

    def put(self, scenario: Scenario) -> None:
        names = [each.name for each in self.scenarios]
        if scenario.name in names:
            self.scenarios[names.index(scenario.name)] = scenario
        else:
            self.scenarios.append(scenario)
        self.forget(scenario.name)

    def drop(self, name: str | None) -> None:
        for each in list(self.scenarios):
            if name is None or each.name == name:
                self.scenarios.remove(each)
                self.forget(each.name)

    def forget(self, name: str) -> None:
        self.decided = [each for each in self.decided if each[0] != name]
        self.turns = [each for each in self.turns if each[0] != name]

    def asked(self, *, default: bool) -> list[Scenario]:
        """Those with a matcher or those without, the highest priority first, of equal ones the latest."""
        found = [each for each in self.scenarios[::-1] if (each.when is None) == default]
        return sorted(found, key=lambda each: each.priority, reverse=True)

    def spent(self, scenario: Scenario, number: int) -> bool:
        flows = {flow for name, flow in self.decided if name == scenario.name}
        return scenario.uses is not None and number not in flows and len(flows) >= scenario.uses

    def choose(self, step: Step, index: int, number: int, *, default: bool) -> Choice | None:
        for scenario in self.asked(default=default):
            part = part_for(scenario, step, index)
            if part is not None and not lacks(scenario, step, index) and not self.spent(scenario, number):
                return self.say(scenario, part, step, index, number)
        return None

    def say(self, scenario: Scenario, part: Part, step: Step, index: int, number: int) -> Choice:
        before = self.turns.count((scenario.name, part.channel, part.step, step.to))
        turn = part.turns[before] if before < len(part.turns) else part.turns[-1]
        lots = [weighted for weighted in turn for _ in range(weighted.weight)]
        weighted = turn[0]
        if len(turn) > 1:
            weighted = lots[self.chance.between(1, len(lots), "outcome", number, index) - 1]
        why = f"default scenario {scenario.name!r}"
        if scenario.when is not None:
            why = f"scenario {scenario.name!r} ({scenario.when})"
        if len(part.turns) > 1:
            why += f", turn {min(before + 1, len(part.turns))} of {len(part.turns)}"
        if len(turn) > 1:
            why += f", drawn with {weighted.weight} of {len(lots)}"
        return Choice(weighted.outcome, f"{why}: {weighted.outcome.name!r}", scenario.name, weighted.operator)

    def nearest(self, step: Step, index: int, number: int) -> str:
        best: tuple[str, list[str]] | None = None
        for scenario in self.asked(default=False):
            missing = lacks(scenario, step, index)
            if self.spent(scenario, number):
                missing.append(f"its {scenario.uses} uses are spent")
            if part_for(scenario, step, index) is None:
                missing.append(f"it says nothing of {step.channel} as step {index + 1}")
            if best is None or len(missing) < len(best[1]):
                best = scenario.name, missing
        return "" if best is None else f"; no scenario matched, the nearest was {best[0]!r}: {', '.join(best[1])}"

    def disturbing(self, steps: tuple[Step, ...], number: int, kind: str, endpoint: str = "send") -> Scenario | None:
        for scenario in [*self.asked(default=False), *self.asked(default=True)]:
            matches = [not lacks(scenario, step, index) for index, step in enumerate(steps)] or [picks_nobody(scenario)]
            fault = getattr(scenario, kind)
            elsewhere = isinstance(fault, ApiFault) and endpoint not in fault.endpoints
            if fault is not None and not elsewhere and True in matches and not self.spent(scenario, number):
                return scenario
        return None

    def used(self, name: str | None, number: int) -> None:
        if name is not None and (name, number) not in self.decided:
            self.decided.append((name, number))

    def began(self, choice: Choice, step: Step, index: int, number: int) -> None:
        self.used(choice.scenario, number)
        for scenario in self.scenarios:
            if scenario.name == choice.scenario:
                part = part_for(scenario, step, index)
                if part is not None:
                    self.turns.append((scenario.name, part.channel, part.step, step.to))
