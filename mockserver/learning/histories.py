"""What became of a flow, held against the tables of statuses, the ttls, and what ends a flow."""

from collections.abc import Iterator

from mockserver.core.channels import RULES, Channel, canonical
from mockserver.core.dialect import Dialect
from mockserver.core.flow import Verdict, ended, judge
from mockserver.core.step import FlowKind, Strategy
from mockserver.core.values import replace
from mockserver.learning.observations import Observation, switched
from mockserver.learning.sightings import Recorded, Seen, Sighting, reachable
from mockserver.wire.instants import stamp

NEAR = 2_000
"""Milliseconds by which two instants of a service may differ that the mock has as one."""

VERDICTS = {
    Verdict.SUCCEEDED: "statuses.success",
    Verdict.NO_BALANCE: "statuses.no-balance",
    Verdict.NO_STEP_LEFT: "statuses.no-step-left",
    Verdict.NOT_A_TRIGGER: "statuses.not-a-trigger",
    Verdict.GOES_ON: "statuses.intermediate",
    Verdict.NEXT: "statuses.trigger",
}
"""The rule of each judgement on a step."""


def observe_history(flow: Recorded, dialect: Dialect) -> Iterator[Observation]:
    """What is seen in the history of one flow."""
    ordered = flow.ordered
    for before, after in zip([None, *ordered], ordered, strict=False):
        for each in _step(flow, before, after, dialect):
            yield each._replace(place=after.place)


def _step(flow: Recorded, before: Sighting | None, after: Sighting, dialect: Dialect) -> Iterator[Observation]:
    """What is seen from one sighting to the next."""
    old = () if before is None else before.messages
    moved: list[int] = []
    for at, message in enumerate(after.messages):
        former = old[at] if at < len(old) else None
        if former is None or former.status != message.status:
            moved.append(at)
            yield from _moves(former, message)
            yield from _ttl(former, message, after, dialect)
        if former is None and at:
            yield from _turns(after.messages[at - 1], message)
    # A flow that was asked for can have heard a late report since: only a callback shows the change that ended it.
    if (
        after.posted
        and len(moved) == 1
        and moved[0] == len(after.messages) - 1
        and not (before is not None and before.final)
    ):
        yield from _ends(flow, old[moved[0]] if moved[0] < len(old) else None, after)


def _moves(former: Seen | None, message: Seen) -> Iterator[Observation]:
    if former is None or former.status not in RULES[former.channel].moves:
        return
    told, legal = f"{message.channel} after {former.status}", reachable(former.channel, former.status)
    yield Observation(
        "statuses.moves", told, message.status in legal, ", ".join(sorted(legal)) or "nothing", message.status
    )
    if former.status in RULES[former.channel].successes and message.status not in RULES[former.channel].successes:
        yield Observation("statuses.kept-delivery", told, message.waits, "nothing", message.status)


def _ttl(former: Seen | None, message: Seen, after: Sighting, dialect: Dialect) -> Iterator[Observation]:
    """What is seen of the end of a ttl: what a message becomes there, and what it can still become."""
    rules = RULES[message.channel]
    if message.ttl is None or message.created is None or rules.expiry is None or message.updated is None:
        return
    ends, (status, reason) = message.created + message.ttl, rules.expiry
    precise = message.channel is Channel.VIBER
    if message.status == status and message.reason == reason:
        unseen = former is not None and former.status in rules.successes
        near = abs(message.updated - ends) < NEAR
        rule = "statuses.not-seen" if unseen else "statuses.ttl-start"
        yield Observation(rule, "the end of the ttl", near, stamp(ends), stamp(message.updated))
        yield Observation("statuses.ttl-end", f"{message.channel} {status}", True)
    elif precise and message.updated == ends and rules.expiry[0] != message.status:
        first = former is None or former.status not in rules.ends or (message.waits and former.status != status)
        if first or (former is not None and former.status == status):
            yield switched("statuses.ttl-tie", "at one instant", dialect.ttl_tie, "status" if first else "ttl")
    elif _too_late(message, after, ends):
        yield Observation("statuses.ttl-end", f"after the ttl, {stamp(ends)}", False, status, message.status)


def _too_late(message: Seen, after: Sighting, ends: int) -> bool:
    """Whether a flow succeeded by a message whose ttl had run out."""
    wanted = "SEEN" if message.waits else "Delivered" if message.channel is Channel.SMS else "DELIVERED"
    succeeded = after.status == "Succeeded" and after.termination == str(message.channel)
    return (
        succeeded
        and message.status == wanted
        and (message.updated or 0) > ends + NEAR
        and after.messages[-1] is message
    )


def _turns(former: Seen, message: Seen) -> Iterator[Observation]:
    """What is seen where the next step begins: the status that made it, and when it began."""
    triggers = {found for each in former.triggers if (found := canonical(former.channel, each)) is not None}
    later = {each for trigger in triggers for each in reachable(former.channel, trigger)}
    fits = former.status in triggers | later
    yield Observation(
        "statuses.trigger", "the status that began a step", fits, ", ".join(sorted(triggers)) or "none", former.status
    )
    if former.status in triggers and former.updated is not None and message.created is not None:
        near = abs(message.created - former.updated) < NEAR
        yield Observation(
            "statuses.trigger", "createdAt of the next step", near, stamp(former.updated), stamp(message.created)
        )


def _ends(flow: Recorded, former: Seen | None, after: Sighting) -> Iterator[Observation]:
    """What is seen of the judgement on the running step."""
    at = len(after.messages) - 1
    if flow.steps is None or at >= len(flow.steps) or flow.kind is FlowKind.OTP:
        return
    seen = after.messages[at]
    if seen.status not in RULES[seen.channel].statuses or flow.steps[at].channel is not seen.channel:
        return
    if after.code == str(Verdict.SERVER_ERROR):
        yield Observation("statuses.server-error", "statusCode", True)
        return
    triggers = frozenset(found for each in seen.triggers if (found := canonical(seen.channel, each)) is not None)
    step = replace(flow.steps[at], triggers=triggers)
    if former is not None and ended(step, former.status):
        return  # a late report
    verdict = judge(step, seen.status, at + 1 < len(flow.steps))
    expected = _outcome(verdict)
    found = f"{after.status}, statusCode {after.code}" if after.final else "under way"
    rule = (
        "statuses.expire-on-delivery" if step.expire_on_delivery and not ended(step, seen.status) else VERDICTS[verdict]
    )
    yield Observation(rule, f"after {seen.channel} {seen.status}", expected == found, expected, found)


def _outcome(verdict: Verdict) -> str:
    if verdict in (Verdict.GOES_ON, Verdict.NEXT):
        return "under way"
    return "Succeeded, statusCode None" if verdict is Verdict.SUCCEEDED else f"Failed, statusCode {verdict}"


def observe_strategy(flow: Recorded, dialect: Dialect, since: int | None) -> Iterator[Observation]:
    """What is seen of which changes have a callback. since: the instant of the first record; None if not known."""
    posted = [each for each in flow.ordered if each.posted]
    if flow.strategy is None or not posted or flow.kind is FlowKind.OTP:
        return
    if flow.strategy == Strategy.ON_COMPLETION:
        ends = all(each.final for each in posted) and len(posted) == 1
        told = f"{len(posted)} callbacks: {', '.join(each.status for each in posted)}"
        yield Observation("callbacks.strategies", "OnCompletion", ends, "one callback, when the flow is final", told)
        return
    yield Observation("callbacks.strategies", "OnStep", True)
    first = posted[0]
    begins = len(first.messages) == 1 and first.messages[0].status == RULES[first.messages[0].channel].first
    whole = flow.sent is not None or (since is not None and flow.created is not None and flow.created >= since)
    if begins or whole:
        found = "queued" if begins else "after-queued"
        seen = switched("callbacks.first", "the first callback", dialect.first_callback, found)
        yield seen._replace(place=first.place, timed=not begins and flow.sent is None)
