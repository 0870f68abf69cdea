"""What will happen to a step: outcomes with room for chance, and the timelines drawn from them.

An outcome is a row of moments. Each is a status and the delay before it, from a lowest to a highest. Drawing turns an
outcome into a timeline: its moments, at fixed offsets from the step's beginning. Both are always legal: an outcome that
is not possible on its channel is refused when it is built, and the error names the legal words.
"""

from collections.abc import Callable
from enum import StrEnum

from mockserver.core.channels import RULES, Channel
from mockserver.core.values import Value


class Cause(StrEnum):
    """Why a message got a status: its channel reported it, a server error, pushed by hand, or its ttl ran out."""

    REPORT = "report"
    SERVER_ERROR = "server error"
    PUSHED = "pushed"
    TTL = "ttl"


CAUSES = {False: Cause.REPORT, True: Cause.SERVER_ERROR}
"""The cause of a moment, by whether it is broken."""


class Answerer(StrEnum):
    """Who answers a call."""

    HUMAN = "human"
    MACHINE = "machine"


class IllegalTimeline(ValueError):
    """A timeline that is not possible on its channel; the text says where, and what would be legal.

    position: of the wrong entry, from 1.
    """

    def __init__(self, text: str, position: int = 1) -> None:
        super().__init__(text)
        self.position = position


class Moment(Value):
    """One status and when it comes: `low` to `high` milliseconds after the moment before.

    late: the delay counts from the end of the step's ttl instead, so the status always comes too late.
    broken: a server error causes it, and it ends the flow with statusCode "0" whatever the step asks for.
    """

    status: str
    low: int = 0
    high: int = 0
    reason: str | None = None
    late: bool = False
    broken: bool = False


class Outcome(Value):
    """A named outcome of a step on one channel: its moments. machine: a machine answers the call."""

    channel: Channel
    name: str
    moments: tuple[Moment, ...]
    machine: bool = False

    def __post_init__(self) -> None:
        """Raise IllegalTimeline for moments that are not possible on the channel."""
        check(self.channel, self.moments)


class Choice(Value):
    """The outcome chosen for a step, and in words why it was chosen.

    scenario: the name of the scenario that chose it. operator: the network that carries an Sms. paid: False when the
    balance is too low to send the message.
    """

    outcome: Outcome
    why: str
    scenario: str | None = None
    operator: str | None = None
    paid: bool = True


def check(channel: Channel, moments: tuple[Moment, ...]) -> None:
    """Raise IllegalTimeline unless these moments are possible on the channel, in this order."""
    rules = RULES[channel]
    allowed = {rules.first}
    for position, moment in enumerate(moments, start=1):
        where = f"{channel} timeline, entry {position}"
        if moment.status not in allowed:
            legal = ", ".join(status for status in rules.statuses if status in allowed) or "nothing"
            raise IllegalTimeline(f"{where}: {moment.status!r} cannot come here; legal: {legal}", position)
        if moment.reason is not None and moment.reason not in rules.reasons:
            known = ", ".join(rules.reasons) or "none on this channel"
            raise IllegalTimeline(f"{where}: unknown reason {moment.reason!r}; known: {known}", position)
        if not 0 <= moment.low <= moment.high:
            raise IllegalTimeline(
                f"{where}: a delay runs from 0 upwards, not from {moment.low} to {moment.high}", position
            )
        if position == 1 and (moment.high or moment.late):
            raise IllegalTimeline(
                f"{where}: {moment.status} is said the instant the step begins; its delay is 0", position
            )
        if moment.broken and (rules.moves[moment.status] or moment.status.casefold() != "failed"):
            raise IllegalTimeline(f"{where}: a server error is heard as Failed, not as {moment.status}", position)
        allowed = set(rules.moves[moment.status])
    if not moments:
        raise IllegalTimeline(f"{channel} timeline: empty; it begins with {rules.first}")


def draw(outcome: Outcome, ttl: int | None, between: Callable[[int, int, int], int]) -> list[int]:
    """When each moment of one step comes, in milliseconds from the step's beginning.

    ttl: milliseconds; None where a ttl means nothing, and then a late moment comes after the moment before it. Other
    late moments come after the ttl. between: draws a delay by its lowest, its highest and its place among the moments.
    """
    offsets: list[int] = []
    after = 0
    for position, moment in enumerate(outcome.moments):
        if moment.late and ttl is not None:
            after = max(after, ttl)
        after += moment.low if moment.low == moment.high else between(moment.low, moment.high, position)
        offsets.append(after)
    return offsets
