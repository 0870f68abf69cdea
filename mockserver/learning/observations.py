"""One thing that was seen, held against one rule; and the tally of all of them, rule by rule."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mockserver.fidelity.rule import Mark
from mockserver.fidelity.table import RULES
from mockserver.recordings.fields import KEY
from mockserver.recordings.values import Place

UNNAMED = ""
"""Stands for a rule where there is none: what no rule speaks of, and the mock would still do otherwise."""

KEPT = 3
"""Examples of a rule that are kept: the smallest, each about something else."""


class Observation(NamedTuple):
    """Something that was seen. rule: its id. about: the field, or what else it is about.

    expected: what the mock says there; found: what was seen. value: of the rule's switch, with which the mock does the
    same; None if that says nothing of a switch. place: where it was seen. timed: it rests on the recorder's clock.
    """

    rule: str
    about: str
    holds: bool
    expected: Any = None
    found: Any = None
    value: Any = None
    place: Place | None = None
    timed: bool = False

    @property
    def size(self) -> int:
        """How much there is to read."""
        return len(json.dumps([self.about, self.expected, self.found], default=str))


def held(rule: str, about: str, expected: Any, found: Any) -> Observation:
    """An observation that holds if both are the same."""
    return Observation(rule, about, expected == found, expected, found)


def switched(rule: str, about: str, expected: Any, found: Any) -> Observation:
    """An observation of what a switch says: the value that the dialect has, and the one that was found."""
    return Observation(rule, about, expected == found, expected, found, found)


def timed(seen: Iterable[Observation]) -> Iterator[Observation]:
    """The same observations, all of them resting on the recorder's clock."""
    return (each._replace(timed=True) for each in seen)


_INDEX = re.compile(r"\[\d+\]")


@dataclass(slots=True)
class Tally:
    """What was seen of one rule. values: of its switch, and how often each was found."""

    confirmed: int = 0
    contradicted: int = 0
    examples: dict[str, Observation] = field(default_factory=dict)
    values: Counter[Any] = field(default_factory=Counter)

    def add(self, seen: Observation, place: Place) -> None:
        """Count an observation, and keep it if it is a better example than those before. place: unless it has one."""
        if seen.value is not None:
            self.values[seen.value] += 1
        if seen.holds:
            self.confirmed += 1
            return
        self.contradicted += 1
        self._keep(seen if seen.place is not None else seen._replace(place=place))

    def merge(self, other: "Tally") -> None:
        """Count all that another tally has, too."""
        self.confirmed += other.confirmed
        self.contradicted += other.contradicted
        self.values += other.values
        for seen in other.examples.values():
            self._keep(seen)

    def _keep(self, seen: Observation) -> None:
        """Keep an example if it is a better one than those before."""
        about = _INDEX.sub("[]", seen.about)
        known = self.examples.get(about)
        if known is None or seen.size < known.size:
            self.examples[about] = seen
        if len(self.examples) > KEPT:
            del self.examples[max(self.examples, key=lambda each: self.examples[each].size)]


class Findings:
    """The tallies of all rules of which something was seen.

    What rests on the recorder's clock is counted aside, until it is settled whether that says anything.
    """

    def __init__(self) -> None:
        self.tallies: dict[str, Tally] = {}
        self._timed: dict[str, Tally] = {}

    def add(self, seen: Iterable[Observation], place: Place) -> None:
        """Count what was seen at a place."""
        for each in seen:
            tallies = self._timed if each.timed else self.tallies
            tally = tallies.get(each.rule)
            if tally is None:
                tally = tallies[each.rule] = Tally()
            tally.add(each, place)

    def settle(self, *, counts: bool) -> None:
        """Say whether what rests on the recorder's clock counts."""
        for rule, tally in self._timed.items() if counts else ():
            self.tallies.setdefault(rule, Tally()).merge(tally)
        self._timed = {}

    @property
    def contradicted(self) -> list[str]:
        """The rules that do not hold, in the order in which a reader wants them: what is documented first."""
        wrong = [rule for rule, tally in self.tallies.items() if tally.contradicted]
        return sorted(wrong, key=lambda rule: (_weight(rule), -self.tallies[rule].contradicted, rule))

    @property
    def confirmed(self) -> list[str]:
        """The rules that were seen, and always held."""
        return [rule for rule in RULES if rule in self.tallies and not self.tallies[rule].contradicted]

    @property
    def unseen(self) -> list[str]:
        """The rules of which the recording says nothing."""
        return [rule for rule in RULES if rule not in self.tallies]


_WEIGHTS = {Mark.DOC: 0, Mark.SEEN: 1, Mark.CHOICE: 2}


def _weight(rule: str) -> int:
    return _WEIGHTS[RULES[rule].mark] if rule in RULES else len(_WEIGHTS)


def inside(path: str, name: str) -> str:
    """The path of a field in an object. A name that can be no field of a service is somebody's, and is left out."""
    if not KEY.fullmatch(name):
        return f"{path}..."
    return f"{path}.{name}" if path else name


def differences(expected: Any, found: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where two values of JSON differ: the paths, and what is there. 10 and 10.0 differ."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for name in {**expected, **found}:
            yield from differences(expected.get(name, MISSING), found.get(name, MISSING), inside(path, name))
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for at, (one, other) in enumerate(zip(expected, found, strict=True)):
            yield from differences(one, other, f"{path}[{at}]")
    elif type(expected) is not type(found) or expected != found:
        yield path, expected, found


class _Missing:
    def __repr__(self) -> str:
        return "nothing"


MISSING: Any = _Missing()
"""Stands for a field that is not there."""
