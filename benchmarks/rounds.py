"""Rounds: every contender once, then again, so that a busy machine disturbs all of them alike."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks import worker
from benchmarks.case import Case, Figures, Measure
from benchmarks.contenders import Contender
from benchmarks.messages import Unexpected
from benchmarks.server import NotStarted


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one contender in one round."""

    case: str
    contender: str
    round: int
    figures: Figures

    def raw(self) -> dict[str, Any]:
        """The row as JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A contender that could not be measured in a case."""

    case: str
    contender: str
    why: str

    def __str__(self) -> str:
        return f"{self.case}: {self.contender} was left out: {self.why}"


def measured(case: Case, contenders: Sequence[Contender], rounds: int) -> Iterator[Row | Skipped]:
    """Measure one case, round by round. A contender that fails is left out from then on."""
    with ExitStack() as stack:
        ready: dict[str, Measure] = {}
        for contender in contenders:
            if contender.kind in case.kinds:
                try:
                    ready[contender.name] = stack.enter_context(_opened(case, contender))
                except (NotStarted, Unexpected, OSError) as error:
                    yield Skipped(case.name, contender.name, str(error))
        for number in range(min(rounds, case.rounds)):
            for name, measure in tuple(ready.items()):
                try:
                    yield Row(case.name, name, number, measure())
                except (NotStarted, Unexpected, OSError) as error:
                    del ready[name]
                    yield Skipped(case.name, name, str(error))


def _opened(case: Case, contender: Contender) -> AbstractContextManager[Measure]:
    return worker.opened(case, contender) if case.apart else case.open(contender)
