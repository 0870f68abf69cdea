"""What everything in one engine works with: made once, and passed on as one value."""

from mockserver.core.chance import Chance
from mockserver.core.clock import Clock
from mockserver.core.facts import Fact
from mockserver.core.journal import Journal
from mockserver.core.schedule import Due, Schedule
from mockserver.core.store import Store
from mockserver.core.values import value


@value
class Parts:
    """The clock of a sandbox, its source of chance, its journal, what is due, and its flows."""

    clock: Clock
    chance: Chance
    journal: Journal
    schedule: Schedule[Due]
    store: Store

    def write(self, fact: Fact) -> int:
        """Append a fact to the journal, at the instant the clock stands at; the number of its entry."""
        return self.journal.write(self.clock.now, fact)
