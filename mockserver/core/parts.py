"""The objects that all parts of one engine share: made once, and passed on as one value."""

from dataclasses import dataclass

from mockserver.core.chance import Chance
from mockserver.core.clock import Clock
from mockserver.core.facts import Fact
from mockserver.core.journal import Journal
from mockserver.core.schedule import Due, Schedule
from mockserver.core.store import Store


@dataclass(frozen=True, slots=True)
class Parts:
    """A sandbox's clock, its source of chance, its journal, its schedule, and its flows."""

    clock: Clock
    chance: Chance
    journal: Journal
    schedule: Schedule[Due]
    store: Store

    def write(self, fact: Fact) -> int:
        """Append a fact to the journal, at the current instant; returns the number of its entry."""
        return self.journal.write(self.clock.now, fact)
