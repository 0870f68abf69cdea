"""Scenarios: what will become of steps, said beforehand.

One with a matcher speaks for the steps that match; one without is a default: it speaks for whoever nothing else
speaks for.
"""

from mockserver.core.channels import Channel
from mockserver.core.faults import ApiFault, CallbackFaults
from mockserver.core.matcher import When
from mockserver.core.outcome import Outcome
from mockserver.core.values import value


@value
class WeightedOutcome:
    """One outcome a step may have, as likely as its weight; operator: the network an Sms goes by."""

    outcome: Outcome
    weight: int = 1
    operator: str | None = None


@value
class Part:
    """What is said of one channel, at every step or at one (from 1).

    turns: the outcomes of the first, second, third... message to the same recipient; the last stays. Of one turn's
    outcomes one is drawn.
    """

    channel: Channel
    turns: tuple[tuple[WeightedOutcome, ...], ...]
    step: int | None = None


@value
class Scenario:
    """One scenario.

    when: None for a default. uses: how many flows (or refused sends) it may decide about; None: any number. Of those
    that match, the highest priority speaks; of equal ones, the one that was added last. source: as its author wrote it,
    as JSON; the core carries it unopened.
    """

    name: str
    parts: tuple[Part, ...] = ()
    when: When | None = None
    why: str = ""
    priority: int = 0
    uses: int | None = None
    callbacks: CallbackFaults | None = None
    api: ApiFault | None = None
    source: bytes = b"{}"

    def part(self, channel: Channel, index: int) -> Part | None:
        """What it says of a step of this channel at this index, from 0: what is meant for that step first."""
        mine = [part for part in self.parts if part.channel is channel and part.step in (None, index + 1)]
        return max(mine, key=lambda part: part.step is not None, default=None)
