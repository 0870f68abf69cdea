"""Scenarios: they decide beforehand what will happen to steps.

A scenario with a matcher decides the steps that match. One without a matcher is a default: it decides the steps that
nothing else decides.
"""

from mockserver.core.channels import Channel
from mockserver.core.faults import ApiFault, CallbackFaults, Endpoint
from mockserver.core.matcher import When
from mockserver.core.outcome import Outcome
from mockserver.core.values import Value


class WeightedOutcome(Value):
    """One possible outcome of a step, as likely as its weight. operator: the network that carries an Sms."""

    outcome: Outcome
    weight: int = 1
    operator: str | None = None


class Part(Value):
    """What a scenario decides for one channel, at every step (None) or at one step (from 1).

    turns: the outcomes of the first, second, third... message to the same recipient; the last turn repeats. One of the
    outcomes of a turn is drawn.
    """

    channel: Channel
    turns: tuple[tuple[WeightedOutcome, ...], ...]
    step: int | None = None


class Scenario(Value):
    """One scenario.

    when: None for a default. priority: of the scenarios that match, the one with the highest priority decides; of equal
    ones, the one that was added last. uses: how many flows (or refused sends) it can decide; None for any number.
    source: what its author wrote, as JSON that the core does not read.
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

    def trouble(self, endpoint: Endpoint) -> ApiFault | None:
        """What it makes go wrong with requests to an endpoint; None if nothing does."""
        return self.api if self.api is not None and endpoint in self.api.endpoints else None

    def part(self, channel: Channel, index: int) -> Part | None:
        """Its part for a step of this channel at this index, from 0; a part for just that step goes first."""
        mine = [part for part in self.parts if part.channel is channel and part.step in (None, index + 1)]
        return max(mine, key=lambda part: part.step is not None, default=None)
