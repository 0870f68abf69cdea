"""What will happen to a step: outcomes with room for chance, and the timelines drawn from them.

An outcome is a row of moments, each a status and the delay before it. Drawing turns an outcome into a timeline of
reports at fixed offsets from the step's beginning. Both are legal by construction: one that says what its channel
cannot say is refused when it is built, with the legal words named.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from mockserver.core.channels import RULES, Channel


class Cause(StrEnum):
    """Why a message heard a status: its channel said so, a server error, somebody pushed it, its ttl ran out."""

    REPORT = "report"
    SERVER_ERROR = "server error"
    PUSHED = "pushed"
    TTL = "ttl"


class IllegalTimeline(ValueError):
    """A timeline that its channel could never tell; the text says where and what would be legal.

    position: of the entry at fault, from 1.
    """

    def __init__(self, text: str, position: int = 1) -> None:
        super().__init__(text)
        self.position = position


@dataclass(frozen=True, slots=True)
class Moment:
    """One status and when it comes: `low` to `high` milliseconds after the moment before.

    late: counted from the moment the step's ttl runs out instead, so that it always comes too late.
    broken: it comes of a server error, and ends the flow with statusCode "0" whatever the step asks for.
    """

    status: str
    low: int = 0
    high: int = 0
    reason: str | None = None
    late: bool = False
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """A named end of a step on one channel, as its moments."""

    channel: Channel
    name: str
    moments: tuple[Moment, ...]

    def __post_init__(self) -> None:
        """Refuse a row of moments the channel could not tell (IllegalTimeline)."""
        check(self.channel, self.moments)


@dataclass(frozen=True, slots=True)
class Choice:
    """The outcome chosen for a step, and in words why it is that one.

    scenario: the name of the scenario that chose it; operator: the network that shall have carried an Sms.
    """

    outcome: Outcome
    why: str
    scenario: str | None = None
    operator: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A status a step will hear, `after` milliseconds from its beginning."""

    after: int
    status: str
    reason: str | None = None
    cause: Cause = Cause.REPORT


def check(channel: Channel, moments: tuple[Moment, ...]) -> None:
    """Raise IllegalTimeline unless the channel could tell these moments in this order."""
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


def draw(outcome: Outcome, ttl: int | None, between: Callable[[int, int, int], int]) -> tuple[Report, ...]:
    """The timeline of one step: delays drawn by `between(low, high, position)`, late moments set after `ttl`.

    Where a ttl means nothing (None), a late moment simply comes after the moment before it.
    """
    reports: list[Report] = []
    after = 0
    for position, moment in enumerate(outcome.moments):
        if moment.late and ttl is not None:
            after = max(after, ttl)
        after += between(moment.low, moment.high, position)
        cause = Cause.SERVER_ERROR if moment.broken else Cause.REPORT
        reports.append(Report(after, moment.status, moment.reason, cause))
    return tuple(reports)
