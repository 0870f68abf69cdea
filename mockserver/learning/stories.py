"""What really happened to a flow, as a scenario that makes the mock do the same, and as a test of it.

The timeline of each step is what was heard, when it was heard. It is played in an engine, to see whether it leads to
the same; and what the webhook got beside what it would have got says what went wrong on the way.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import orjson

from mockserver.core.behaviour import Behaviour
from mockserver.core.channels import RULES, Channel
from mockserver.core.clock import LAST
from mockserver.core.commands import Answer, PutScenario, RecordAnswer, SendFlow
from mockserver.core.dialect import DEFAULT, Dialect
from mockserver.core.engine import Engine
from mockserver.core.facts import StatusChanged
from mockserver.core.step import Callback, FlowKind, Strategy
from mockserver.core.values import replace as turned
from mockserver.learning.retries import PATIENCE, SHARE, TOGETHER, is_taken
from mockserver.learning.sends import read
from mockserver.learning.sightings import Attempt, Recorded, Seen, Sighting, told_by
from mockserver.wire import Json
from mockserver.wire.code.rehearsal import scenario
from mockserver.wire.code.story import spelled
from mockserver.wire.scenario.language import IllegalScenario, Written, nothing, read_scenario
from mockserver.wire.services import callback_body

HOOK = "http://127.0.0.1/hook"

LONGEST_NAME = 60

ENDS = ("Succeeded", "Failed")
"""The statuses of a flow that has ended."""

Key = tuple[Any, ...]
"""What tells the callbacks of one flow apart, whatever ids are in them: the instant of the change, and the statuses."""

Heard = tuple[int, Channel, str]
"""A status that was heard: milliseconds from the beginning of the flow, the channel, the status."""


@dataclass(frozen=True)
class Story:
    """What happened to one flow.

    body: of its send, without its callback. plan: for each step that began its channel and its timeline. faults: of the
    callbacks, in the words of scenarios. answers: of the webhook, in order, as statuses. heard: what was heard. posted:
    the callbacks that the webhook got. problem: why it cannot be played; empty if it can. dialect: under which it was.
    """

    kind: FlowKind
    body: Json
    created: int
    strategy: str | None
    plan: tuple[tuple[Channel, list[Json]], ...]
    heard: tuple[Heard, ...]
    status: str
    posted: tuple[Key, ...] = ()
    faults: Mapping[str, Any] | None = None
    answers: tuple[int, ...] = ()
    problem: str = ""
    dialect: Dialect = DEFAULT

    @property
    def name(self) -> str:
        """In words that make a name: the status that ended each step, and what came too late."""
        ends = [(channel, _end(channel, entries), entries[-1]["status"]) for channel, entries in self.plan]
        words = [f"{channel} {end}" for channel, end, _ in ends]
        words += [f"{channel} {last} late" for channel, end, last in ends if last != end]
        return "-then-".join(words).replace(" ", "-").lower()[:LONGEST_NAME].rstrip("-")

    @cached_property
    def command(self) -> SendFlow | None:
        """What an engine is told to send."""
        command = read(orjson.dumps(self.body), self.kind, self.dialect)
        callback = None if self.strategy is None else Callback(Strategy(self.strategy), HOOK)
        return None if command is None else turned(command, callback=callback)

    @property
    def scenario(self) -> Json:
        """The scenario that makes the mock do the same."""
        steps = () if self.command is None else self.command.steps
        to = {step.to for step in steps}
        told = scenario(self.plan, min(to) if len(to) == 1 and min(to).startswith("+") else None)
        return told | {"name": self.name} | ({"callbacks": dict(self.faults)} if self.faults else {})


def _end(channel: Channel, entries: Sequence[Json]) -> str:
    """The status that ended a step; its last one if it did not end."""
    statuses = [str(each["status"]) for each in entries]
    return next((status for status in statuses if status in RULES[channel].ends), statuses[-1])


def tell(flow: Recorded, dialect: Dialect = DEFAULT, *, timed: bool = True) -> Story | None:
    """The story of a flow; None if there is nothing to tell: nothing was heard of it.

    dialect: that it is played in. timed: whether the instants of the recorder say when callbacks were posted. Without
    them their order says what was posted again. They never do if a callback came before what it tells of.
    """
    if not timed or any(each.at is not None and each.updated - each.at > TOGETHER for each in flow.attempts):
        flow = replace(flow, until=None, attempts=[replace(each, at=None) for each in flow.attempts])
    ordered = flow.ordered
    if not ordered or not ordered[-1].messages or flow.created is None:
        return None
    changes = sorted(_changes(ordered, flow.created), key=lambda each: each.at)
    plan = tuple(_plan(changes))
    heard = tuple((each.at - flow.created, each.channel, each.status) for each in changes)
    body = _body(flow.sent) if flow.sent is not None else _made_up(ordered[-1].messages)
    story = Story(flow.kind, body, flow.created, _strategy(flow), plan, heard, ordered[-1].status, dialect=dialect)
    firsts = _firsts(flow)
    story = replace(story, posted=tuple(_key(flow, each) for each in firsts), answers=_answers(flow))
    return _tried(story, flow, firsts)


def _strategy(flow: Recorded) -> str | None:
    """When callbacks were posted: what the send says; otherwise what they look like."""
    if flow.strategy is not None or not flow.attempts:
        return flow.strategy
    once = len({each.body for each in flow.attempts}) == 1 and flow.attempts[0].told[1] in ENDS
    return str(Strategy.ON_COMPLETION if once else Strategy.ON_STEP)


def _tried(story: Story, flow: Recorded, firsts: Sequence[Attempt]) -> Story:
    """The story after it was played: with what went wrong with its callbacks, or with what makes it another one."""
    try:
        if story.command is None:
            return replace(story, problem="the mock refuses this send")
        played = play(story)
        if firsts:
            story = replace(story, faults=_faults(story, flow, firsts, played.posted) or None)
            played = play(story)
    except IllegalScenario as error:
        return replace(story, problem=str(error))
    if _goes_on(story, flow, played):
        return replace(story, problem="the recording ends before it does")
    if played.heard != story.heard or played.status != story.status:
        return replace(story, problem=f"played, it hears {_told(played.heard)} and is {played.status}")
    if firsts and played.posted != story.posted:
        return replace(story, problem="played, other callbacks are posted")
    if not _as_often(flow, played):
        return replace(story, problem="played, its callbacks are posted more or less often")
    if not _on_time(flow, played):
        return replace(story, problem="played, its callbacks are posted at other instants")
    return story


def _goes_on(story: Story, flow: Recorded, played: "Played") -> bool:
    """Whether a flow had not ended when the recording did, and until then hears the same as it is played."""
    count = len(story.heard)
    later = [at for at, *_ in played.heard[count:]]
    until = None if flow.until is None else flow.until - story.created
    early = until is None or all(at >= until for at in later)
    return story.status not in ENDS and played.heard[:count] == story.heard and bool(later) and early


def _as_often(flow: Recorded, played: "Played") -> bool:
    """Whether every callback that was posted again is posted again as it is played, and as often.

    As it is played there can be more, after the recording ends. Only their answers tell copies from retries where
    instants are not known; where those are not known either, nothing can be said.
    """
    if any(each.at is not None or each.status is None for each in flow.attempts):
        return True
    real = Counter(_key_of(each.told, flow.created or 0) for each in flow.attempts)
    return real <= Counter(key for _, key in played.attempts)


def _on_time(flow: Recorded, played: "Played") -> bool:
    """Whether every callback was posted when it is posted as it is played, give or take a while.

    As it is played there can be more of them, after the recording ends.
    """
    created = flow.created or 0
    real = sorted(each.at - created for each in flow.attempts if each.at is not None)
    ours = [at for at, _ in played.attempts]
    if len(real) != len(flow.attempts) or flow.until is None:
        return True  # without instants nothing can be said
    alike = all(abs(one - other) <= max(PATIENCE, SHARE * other) for one, other in zip(real, ours, strict=False))
    return alike and len(ours) >= len(real) and all(at > flow.until - created for at in ours[len(real) :])


def _told(heard: Sequence[Heard]) -> str:
    return ", ".join(f"{channel} {status} at {spelled(at)}" for at, channel, status in heard) or "nothing"


# What was heard


@dataclass(frozen=True, slots=True)
class _Change:
    """A status that a message got: the index of its step, when the step began and when the status came, and which."""

    step: int
    channel: Channel
    begun: int
    at: int
    status: str
    reason: str | None


def _changes(ordered: Sequence[Sighting], created: int) -> Iterator[_Change]:
    known: dict[int, str] = {}
    for sighting in ordered:
        for step, message in enumerate(sighting.messages):
            first, begun = RULES[message.channel].first, message.created if message.created is not None else created
            if step not in known and message.status != first:  # nobody saw it, and every message begins with it
                yield _Change(step, message.channel, begun, begun, first, None)
            if known.get(step) != message.status:
                at = begun if message.status == first else max(begun, _instant(step, sighting))
                yield _Change(step, message.channel, begun, at, message.status, message.reason)
            known[step] = message.status


def _instant(step: int, sighting: Sighting) -> int:
    """When a message got its status. That of an Sms has no milliseconds; the flow and the next step have."""
    message = sighting.messages[step]
    known = [sighting.updated, *(each.created for each in sighting.messages[step + 1 : step + 2])]
    updated = sighting.updated if message.updated is None else message.updated
    return next((each for each in known if each is not None and each // 1_000 == updated // 1_000), updated)


def _plan(changes: Sequence[_Change]) -> Iterator[tuple[Channel, list[Json]]]:
    for step in sorted({each.step for each in changes}):
        mine = [each for each in changes if each.step == step]
        yield mine[0].channel, [_entry(each) for each in mine]


def _entry(change: _Change) -> Json:
    known = change.reason in RULES[change.channel].reasons
    entry = {"at": spelled(change.at - change.begun), "status": change.status}
    return entry | ({"reason": change.reason} if known else {})


# What was sent


def _body(sent: Json) -> Json:
    return {name: sent[name] for name in ("flow", "restrictions") if name in sent}


def _made_up(messages: Sequence[Seen]) -> Json:
    """A send that can have led to these messages, where it was not recorded itself."""
    return {"flow": [_step(each) for each in messages]}


def _step(message: Seen) -> Json:
    asked = message.asked
    common = {name: asked[name] for name in ("type", "to", "ttl", "failoverOnStatuses") if asked.get(name)}
    match message.channel:
        case Channel.SMS:
            return common | {"from": asked.get("from", "Sender"), "message": {"body": asked.get("body", "Text")}}
        case Channel.VOICE:
            said = {"type": "SAY", "message": {"text": "Text", "language": "en-GB"}}
            return common | {"from": asked.get("from", "Sender"), "dialPlan": {"verbs": [said]}}
    own = {name: asked[name] for name in ("label", "expireOnDelivery") if asked.get(name)}
    sender = str(uuid5(NAMESPACE_URL, str(asked.get("from"))))
    body = asked.get("body")
    return (
        common | own | {"senderInfoTrackingId": sender, "message": body if isinstance(body, dict) else {"text": "Text"}}
    )


# What the webhook got


def _firsts(flow: Recorded) -> list[Attempt]:
    """The first attempt to post each callback, in the order they came."""
    firsts: dict[bytes, Attempt] = {}
    for each in sorted(flow.attempts, key=lambda each: each.at or 0):
        firsts.setdefault(each.body, each)
    return list(firsts.values())


def _answers(flow: Recorded) -> tuple[int, ...]:
    """What the webhook answered, without the good answers at the end.

    What was posted again had no good answer, even if the log does not say so, or says 200: that can have come too late.
    """
    told = [_answer(each, flow.attempts) for each in sorted(flow.attempts, key=lambda each: each.at or 0)]
    while told and told[-1] == 200:
        told.pop()
    return tuple(told)


def _answer(attempt: Attempt, attempts: Sequence[Attempt]) -> int:
    waits = [((each.at or 0) - (attempt.at or 0), each.status) for each in attempts if each.body == attempt.body]
    again = any(wait > TOGETHER for wait, _ in waits)
    other = any(abs(wait) <= TOGETHER and status not in (None, 200) for wait, status in waits)
    bad = attempt.status == 0 or (again and not other and attempt.status in (None, 200))
    return 503 if bad else attempt.status or 200


def _faults(story: Story, flow: Recorded, firsts: Sequence[Attempt], expected: Sequence[Key]) -> dict[str, Any]:
    """What went wrong with the callbacks, in the words of scenarios."""
    keys = [_key(flow, each) for each in firsts]
    places = [keys.index(key) if key in keys else None for key in expected]
    numbered = list(enumerate(places, start=1))
    known = [(number, place) for number, place in numbered if place is not None]
    swapped = {one for (one, before), (_, after) in pairwise(known) if before > after}
    waiting = {one for one, place in known[:-1] if _waited(firsts[place], (flow.created or 0) + expected[one][0])}
    held = sorted(swapped | waiting)
    faults = {
        "drop": [number for number, place in numbered if place is None],
        "duplicate": [number for number, place in known if _copied(story, flow, firsts[place])],
        "reorder": held,
    }
    told: dict[str, Any] = {name: numbers for name, numbers in faults.items() if numbers}
    lags = [each.at - each.updated for each in firsts if each.at is not None]
    if lags and not held and min(lags) > TOGETHER and max(lags) - min(lags) < TOGETHER:
        told["delay"] = spelled(lags[0])
    return told


def _waited(attempt: Attempt, following: int) -> bool:
    """Whether a callback was held back until the next one fell due, at the instant `following`."""
    return attempt.at is not None and attempt.at - attempt.updated > TOGETHER and abs(attempt.at - following) < TOGETHER


def _copied(story: Story, flow: Recorded, first: Attempt) -> bool:
    same = [each for each in flow.attempts if each.body == first.body and each is not first]
    if first.at is None and not is_taken(first.status, story.dialect):
        return False  # what came then is a retry
    return any(abs((each.at or 0) - (first.at or 0)) <= TOGETHER for each in same)


def _key(flow: Recorded, attempt: Attempt) -> Key:
    document = next(each for each in flow.attempts if each.body == attempt.body).told
    return _key_of(document, flow.created or 0)


def _key_of(told: Key, created: int) -> Key:
    updated, *rest = told
    return (updated - created, *rest)


# The rehearsal


@dataclass(frozen=True, slots=True)
class Played:
    """What an engine made of a story. attempts: every post, as milliseconds from the beginning, and its key."""

    heard: tuple[Heard, ...]
    status: str
    posted: tuple[Key, ...]
    attempts: tuple[tuple[int, Key], ...]


def play(story: Story, seed: int = 0) -> Played:
    """Play a story in an engine of its own. Raises IllegalScenario for one that no scenario can tell."""
    engine = Engine(Behaviour(seed=seed, dialect=story.dialect), story.created)
    engine.submit(PutScenario(read_scenario(Written("learnt", story.scenario), nothing)))
    assert story.command is not None  # noqa: S101 -- its teller has seen to it
    flow = engine.submit(story.command).flow
    assert flow is not None  # noqa: S101 -- money and room have no end here
    answers, attempts = list(story.answers), list[tuple[int, Key]]()
    while (effect := engine.poll(LAST)) is not None:
        for delivery in effect.deliveries:
            status = answers.pop(0) if answers and delivery.tells_flow else 200
            error = None if is_taken(status, story.dialect) else f"answered {status}"
            engine.submit(RecordAnswer(delivery.number, delivery.attempt, Answer(status, error, 0.0)))
            if delivery.tells_flow:
                key = _key_of(told_by(callback_body(delivery)), story.created)
                attempts.append((engine.clock.now - story.created, key))
    facts = [(entry.at, entry.fact) for entry in engine.journal.of_flow(flow.id)]
    heard = tuple(
        (at - story.created, each.channel, each.status) for at, each in facts if isinstance(each, StatusChanged)
    )
    posted = tuple(dict.fromkeys(key for _, key in attempts))
    return Played(heard, str(engine.flows[flow.id].status), posted, tuple(attempts))
