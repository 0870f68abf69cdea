"""Why a flow went the way it did: each turn in words, with its rule and where the rule comes from."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mockserver.core.channels import RULES
from mockserver.core.facts import Fact, ReportIgnored, StatusChanged, StepBegun, StepHeld
from mockserver.core.flow import Flow, Verdict, judge
from mockserver.core.journal import Entry
from mockserver.core.outcome import Cause
from mockserver.core.step import Step
from mockserver.wire import Json
from mockserver.wire.instants import stamp

VERDICTS: Mapping[Verdict, tuple[str, str, str]] = {
    Verdict.SERVER_ERROR: (
        '{status} came of a server error: the flow has Failed, statusCode "0".',
        'A server error ends the flow whatever the step asks for: statusCode "0".',
        "doc",
    ),
    Verdict.GOES_ON: ("{status} does not end the step.", "Intermediate statuses leave a step running.", "doc"),
    Verdict.NEXT: (
        "{status} is in the step's failoverOnStatuses and a step is left: on to step {next}, {channel}.",
        "A step starts the instant the one before it reports a status in its failoverOnStatuses.",
        "doc",
    ),
    Verdict.SUCCEEDED: (
        "{status} is a success: the flow has Succeeded.",
        "A success ends the flow well, unless it is in the step's failoverOnStatuses and a step is left.",
        "doc",
    ),
    Verdict.NO_BALANCE: (
        '{status} is not in the step\'s failoverOnStatuses: the flow has Failed, statusCode "1".',
        'Unsent, or a call Terminated, means no balance: statusCode "1".',
        "doc",
    ),
    Verdict.NO_STEP_LEFT: (
        '{status} is in the step\'s failoverOnStatuses, but no step is left: the flow has Failed, statusCode "2".',
        'A trigger status with no step left: statusCode "2".',
        "doc",
    ),
    Verdict.NOT_A_TRIGGER: (
        '{status} is not in the step\'s failoverOnStatuses: the flow has Failed, statusCode "3".',
        'A final status that is not in the list ends the flow, steps left or not: statusCode "3".',
        "doc",
    ),
}
"""For each verdict: what happened, the rule, and the mark of the rule."""

LATE = (
    "{status} came when the step had been left behind: it updates the message and nothing else.",
    "A late report never changes where a flow goes.",
    "doc",
)
UNSEEN = (
    "{status} is not enough, for expireOnDelivery asks for SEEN within the ttl.",
    "With expireOnDelivery, being delivered does not end the step.",
    "doc",
)
IGNORED = (
    "{status} was ignored, for a message that is {standing} cannot become it.",
    "A report its message can no longer take changes nothing.",
    "choice",
)
HELD = ("It was taken over by hand: {dropped} dropped.", "POST /_mock/hold drops what is planned.", "choice")
PUSHED = ("{status} was pushed by hand.", "POST /_mock/events makes a message hear a status.", "choice")
TTL = ("Its ttl of {ttl} min ran out.", "The ttl counts from the moment the step begins.", "choice")


def explain(flow: Flow, entries: Iterable[Entry]) -> Iterator[Json]:
    """Every turn of a flow, oldest first. entries: those of the journal about this flow."""
    return (reason for entry in entries for reason in _reasons(flow, entry.at, entry.fact))


def _reasons(flow: Flow, at: int, fact: Fact) -> Iterator[Json]:
    if isinstance(fact, StepBegun):
        text = f"Step {fact.step + 1} begins: {fact.channel} to {fact.to}, outcome {fact.outcome!r}. {fact.why}."
        yield _reason(at, fact.step, (text, "Steps run one at a time, by order.", "doc"))
    if isinstance(fact, ReportIgnored):
        yield _reason(at, fact.step, IGNORED, status=fact.status, standing=fact.standing)
    if isinstance(fact, StepHeld):
        number = f"{fact.dropped or 'no'} planned {'status was' if fact.dropped == 1 else 'statuses were'}"
        yield _reason(at, fact.step, HELD, dropped=number)
    if isinstance(fact, StatusChanged):
        if fact.cause is Cause.PUSHED:
            yield _reason(at, fact.step, PUSHED, status=fact.status)
        if fact.cause is Cause.TTL:
            yield _reason(at, fact.step, TTL, ttl=f"{(flow.steps[fact.step].ttl or 0) / 60_000:g}")
        yield _reason(at, fact.step, _rule(flow, fact), **_words(flow, fact))


def _rule(flow: Flow, fact: StatusChanged) -> tuple[str, str, str]:
    if fact.late:
        return LATE
    step = flow.steps[fact.step]
    verdict = judge(step, fact.status, steps_left=fact.step + 1 < len(flow.steps))
    verdict = Verdict.SERVER_ERROR if fact.cause is Cause.SERVER_ERROR else verdict
    if verdict is Verdict.GOES_ON and fact.status in RULES[step.channel].successes:
        return UNSEEN
    return VERDICTS[verdict]


def _words(flow: Flow, fact: StatusChanged) -> Json:
    after: Step | None = flow.steps[fact.step + 1] if fact.step + 1 < len(flow.steps) else None
    return {"status": fact.status, "next": fact.step + 2, "channel": after.channel if after else ""}


def _reason(at: int, step: int, words: tuple[str, str, str], **values: Any) -> Json:
    says, rule, mark = words
    text = says.format(**values) if values else says
    return {"at": stamp(at), "step": step + 1, "says": text, "rule": rule, "mark": mark}
