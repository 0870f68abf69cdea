"""How far each step of a flow has come, what its message can hear now, and how the view of a flow is asked for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import orjson

from mockserver.core.catalogue import OUTCOMES
from mockserver.core.channels import RULES, Channel
from mockserver.core.deliveries import Delivery
from mockserver.core.facts import Fact, StatusChanged, StepBegun
from mockserver.core.flow import Flow, Verdict, ended, judge, legal
from mockserver.core.journal import Entry
from mockserver.core.step import Step
from mockserver.numbering.parts import split
from mockserver.wire import Json, errors
from mockserver.wire.instants import stamp
from mockserver.wire.problems import Wrong, nearest

PIECES = ("why", "callbacks", "payloads")
"""What the view of a flow has if `with` asks for it."""

LATE = "changes nothing"

THEN: Mapping[Verdict, str] = {
    Verdict.GOES_ON: "goes on",
    Verdict.NEXT: "next step",
    Verdict.SUCCEEDED: "Succeeded",
    Verdict.NO_BALANCE: "Failed",
    Verdict.NO_STEP_LEFT: "Failed",
    Verdict.NOT_A_TRIGGER: "Failed",
}
"""For each judgement on a status, what it would lead to."""


def read_pieces(query: Mapping[str, str]) -> frozenset[str]:
    """What `with` asks for in a GET /_mock/flows/{trackingId}. Raises Refusal, which names what is wrong."""
    asked, wrong = query.get("with", "").replace(",", " ").split(), Wrong()
    wrong.unknown(sorted(query.keys() - {"with"}), ("with",))
    if strange := [each for each in asked if each not in PIECES]:
        wrong["with"] = f"must be of {', '.join(PIECES)}{nearest(strange[-1], PIECES)}"
    if wrong:
        raise errors.malformed(f"The view of a flow takes the parameter with: {', '.join(PIECES)}.", wrong)
    return frozenset(asked)


def _usual() -> Iterator[tuple[Channel, str, str]]:
    """Each reason that an outcome or a ttl gives, with the status it comes with."""
    for channel, outcomes in OUTCOMES.items():
        for outcome in outcomes.values():
            yield from ((channel, each.status, each.reason) for each in outcome.moments if each.reason)
        if expiry := RULES[channel].expiry:
            yield channel, *expiry


def _by_status() -> Mapping[tuple[Channel, str], Sequence[str]]:
    found: dict[tuple[Channel, str], list[str]] = {}
    for channel, status, reason in dict.fromkeys(_usual()):
        found.setdefault((channel, status), []).append(reason)
    return found


REASONS = _by_status()
"""For each status of a channel, the reasons it usually comes with."""


def can_hear(flow: Flow, index: int) -> list[Json]:
    """The statuses that message `index` can get now, their usual reasons, and what each would lead to."""
    if index >= len(flow.messages):
        return []
    step, allowed = flow.steps[index], legal(flow, index)
    late, left = flow.final or index != flow.running, index + 1 < len(flow.steps)
    return [
        {
            "status": status,
            "reasons": [*REASONS.get((step.channel, status), ())],
            "then": LATE if late else THEN[judge(step, status, left)],
        }
        for status in RULES[step.channel].statuses
        if status in allowed
    ]


def steps(flow: Flow, entries: Iterable[Entry], *, transcode: bool) -> list[Json]:
    """How far each step has come. entries: those of the journal about this flow."""
    told = [(entry.at, entry.fact) for entry in entries]
    return [_step(flow, index, told, transcode) for index in range(len(flow.steps))]


def _step(flow: Flow, index: int, told: Sequence[tuple[int, Fact]], transcode: bool) -> Json:
    step = flow.steps[index]
    message = flow.messages[index] if index < len(flow.messages) else None
    changes = [(at, each) for at, each in told if isinstance(each, StatusChanged) and each.step == index]
    plan = next((each for _, each in told if isinstance(each, StepBegun) and each.step == index), None)
    over = next((at for at, each in changes if ended(step, each.status)), None)
    since = message and (message.delivered if step.failover_after_delivered else None)
    ttl = None if message is None or step.ttl is None else (since or message.created) + step.ttl
    return {
        "step": index + 1,
        "channel": str(step.channel),
        "to": step.to,
        "begun": None if message is None else stamp(message.created),
        "ended": None if over is None else stamp(over),
        "ttlEnds": None if ttl is None else stamp(ttl),
        "status": message and message.status,
        "reason": message and message.reason,
        "late": any(each.late for _, each in changes),
        "outcome": plan and plan.outcome,
        "why": plan and plan.why,
        "size": sized(step, transcode=transcode) if RULES[step.channel].in_parts else None,
        "can": can_hear(flow, index),
    }


def sized(step: Step, *, transcode: bool) -> Json:
    """How an Sms is sent: how many parts it has, of how many characters, in which encoding."""
    own = orjson.loads(step.asked).get("message", {}).get("transcode", transcode)
    parts = split(step.text, transcode=own)
    return {"parts": parts.count, "characters": len(parts.text), "encoding": parts.encoding}


def changes(deliveries: Sequence[Delivery]) -> Mapping[int, list[str]]:
    """For each callback of a flow, by its number, what is new since the one before it, such as "Viber EXPIRED".

    A duplicate has nothing new, nor has one that carries an answer. One of a call says who answered it.
    """
    found: dict[int, list[str]] = {each.number: list(_answered(each)) for each in deliveries}
    flows = [each for each in deliveries if each.copy_of is None and each.tells_flow]
    for before, after in pairwise([None, *flows]):
        assert after is not None  # noqa: S101 -- only the first of them is none
        known = dict(enumerate(before.flow.messages)) if before is not None else {}
        found[after.number] = [
            f"{step.channel} {message.status}"
            for index, (step, message) in enumerate(zip(after.flow.steps, after.flow.messages, strict=False))
            if message.status is not None and message != known.get(index)
        ]
    return found


def _answered(delivery: Delivery) -> Iterator[str]:
    if delivery.answered is not None:
        yield f"Voice answered by a {delivery.answered[1]}"
