"""Why a flow went the way it did: each turn in words, with its rule and where the rule comes from."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mockserver.core import channels
from mockserver.core.facts import Fact, NotSeen, ReportIgnored, StatusChanged, StepBegun, StepHeld
from mockserver.core.flow import Flow, Verdict, judge
from mockserver.core.journal import Entry
from mockserver.core.outcome import Cause
from mockserver.core.step import FlowKind, Step
from mockserver.fidelity.table import RULES
from mockserver.wire import Json
from mockserver.wire.control.learnt import NOTHING, Learnt, of_rule
from mockserver.wire.instants import stamp

VERDICTS: Mapping[Verdict, tuple[str, str]] = {
    Verdict.SERVER_ERROR: (
        '{status} is a server error: the flow has Failed, statusCode "0".',
        "statuses.server-error",
    ),
    Verdict.GOES_ON: ("{status} does not end the step.", "statuses.intermediate"),
    Verdict.NEXT: (
        "{status} is in the step's failoverOnStatuses and a step is left: on to step {next}, {channel}.",
        "statuses.trigger",
    ),
    Verdict.SUCCEEDED: ("{status} is a success: the flow has Succeeded.", "statuses.success"),
    Verdict.NO_BALANCE: (
        '{status} is not in the step\'s failoverOnStatuses: the flow has Failed, statusCode "1".',
        "statuses.no-balance",
    ),
    Verdict.NO_STEP_LEFT: (
        '{status} is in the step\'s failoverOnStatuses, but no step is left: the flow has Failed, statusCode "2".',
        "statuses.no-step-left",
    ),
    Verdict.NOT_A_TRIGGER: (
        '{status} is not in the step\'s failoverOnStatuses: the flow has Failed, statusCode "3".',
        "statuses.not-a-trigger",
    ),
}
"""For each verdict: what happened, and the id of its rule."""

OF_OTP: Mapping[Verdict, tuple[str, str]] = {
    Verdict.SERVER_ERROR: (
        "{status} is a server error: the flow has Failed, statusCode 0.",
        "statuses.server-error",
    ),
    Verdict.NEXT: ("{status} leads to the next step: on to step {next}, {channel}.", "otp.other-triggers"),
    Verdict.NO_BALANCE: (
        "{status} means no balance, and no step is left: the flow has Failed, statusCode 1.",
        "otp.status-codes",
    ),
    Verdict.NO_STEP_LEFT: (
        "{status} leads to the next step, but no step is left: the flow has Failed, statusCode 2.",
        "otp.status-codes",
    ),
}
"""The same for one-time passwords: their steps have no failoverOnStatuses, and their statusCode is a number."""

DOCUMENTED = frozenset({"EXPIRED", "FAILED", "UNDELIVERED"})
"""The statuses of which it is documented that a one-time password goes on to the next step."""

BEGINS = "statuses.one-step"
LATE = ("{status} came after the step had ended: it updates the message and nothing else.", "statuses.late")
UNSEEN = (
    "{status} is not enough: expireOnDelivery asks for SEEN within the ttl.",
    "statuses.expire-on-delivery",
)
UNSEEN_YET = (
    "{status} is not enough: failoverAfterDelivered asks for SEEN within the ttl from now on.",
    "otp.not-seen",
)
NOT_SEEN = (
    "It was delivered, and not seen within its ttl of {ttl} from then on: on to step {next}.",
    "otp.not-seen",
)
IGNORED = ("{status} was ignored: a message that is {standing} cannot become it.", "statuses.ignored")
HELD = ("It was taken over by hand: {dropped} dropped.", "scenarios.hold")
PUSHED = ("{status} was pushed by hand.", "scenarios.push")
TTL = ("Its ttl of {ttl} ran out.", "statuses.ttl-start")


def explain(flow: Flow, entries: Iterable[Entry], learnt: Learnt = NOTHING) -> Iterator[Json]:
    """Every turn of a flow, oldest first. entries: those of the journal about this flow. learnt: of the rules."""
    reasons = (reason for entry in entries for reason in _reasons(flow, entry.at, entry.fact))
    return (each | of_rule(learnt, each["name"]) for each in reasons) if learnt else reasons


def _reasons(flow: Flow, at: int, fact: Fact) -> Iterator[Json]:
    if isinstance(fact, StepBegun):
        text = f"Step {fact.step + 1} begins: {fact.channel} to {fact.to}, outcome {fact.outcome!r} ({fact.why})."
        yield _reason(at, fact.step, (text, BEGINS))
    if isinstance(fact, ReportIgnored):
        yield _reason(at, fact.step, IGNORED, status=fact.status, standing=fact.standing)
    if isinstance(fact, NotSeen):
        yield _reason(at, fact.step, NOT_SEEN, ttl=_ttl(flow, fact.step), next=fact.step + 2)
    if isinstance(fact, StepHeld):
        number = f"{fact.dropped or 'no'} planned {'status was' if fact.dropped == 1 else 'statuses were'}"
        yield _reason(at, fact.step, HELD, dropped=number)
    if isinstance(fact, StatusChanged):
        if fact.cause is Cause.PUSHED:
            yield _reason(at, fact.step, PUSHED, status=fact.status)
        if fact.cause is Cause.TTL:
            yield _reason(at, fact.step, TTL, ttl=_ttl(flow, fact.step))
        yield _reason(at, fact.step, _rule(flow, fact), **_words(flow, fact))


def _rule(flow: Flow, fact: StatusChanged) -> tuple[str, str]:
    if fact.late:
        return LATE
    step = flow.steps[fact.step]
    verdict = judge(step, fact.status, steps_left=fact.step + 1 < len(flow.steps))
    verdict = Verdict.SERVER_ERROR if fact.cause is Cause.SERVER_ERROR else verdict
    if verdict is Verdict.GOES_ON and fact.status in channels.RULES[step.channel].successes:
        return UNSEEN_YET if step.failover_after_delivered else UNSEEN
    if flow.kind is not FlowKind.OTP:
        return VERDICTS[verdict]
    words, rule = OF_OTP.get(verdict) or VERDICTS[verdict]
    return words, "otp.viber-triggers" if verdict is Verdict.NEXT and fact.status in DOCUMENTED else rule


def _ttl(flow: Flow, step: int) -> str:
    """The ttl of a step; that of a one-time password is in seconds, and told so unless it is whole minutes."""
    ttl = flow.steps[step].ttl or 0
    in_seconds = flow.kind is FlowKind.OTP and (ttl % 60_000 or not ttl)
    return f"{ttl // 1_000} s" if in_seconds else f"{ttl / 60_000:g} min"


def _words(flow: Flow, fact: StatusChanged) -> Json:
    after: Step | None = flow.steps[fact.step + 1] if fact.step + 1 < len(flow.steps) else None
    return {"status": fact.status, "next": fact.step + 2, "channel": after.channel if after else ""}


def _reason(at: int, step: int, words: tuple[str, str], **values: Any) -> Json:
    says, rule = words[0], RULES[words[1]]
    text = says.format(**values) if values else says
    sentence = f"{rule.says.replace('`', '')}."
    return {"at": stamp(at), "step": step + 1, "says": text, "rule": sentence, "mark": str(rule.mark), "name": rule.id}
