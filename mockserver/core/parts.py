"""What everything in one engine works with: made once, and passed on as one value."""

from dataclasses import dataclass

from mockserver.core.chance import Chance
from mockserver.core.clock import Clock
from mockserver.core.facts import Fact
from mockserver.core.journal import Entry, Journal
from mockserver.core.schedule import Due, Schedule
from mockserver.core.store import Store


@dataclass(frozen=True, slots=True)
class Parts:
    """The clock of a sandbox, its source of chance, its journal, what is due, and its flows."""

    clock: Clock
    chance: Chance
    journal: Journal
    schedule: Schedule[Due]
    store: Store

    def write(self, fact: Fact) -> Entry:
        """Append a fact to the journal, at the instant the clock stands at."""
        return self.journal.write(self.clock.now, fact)
