"""A flow as it was seen again and again: in callbacks, in answers to requests for it, and in searches."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b
from typing import Any

import orjson

from mockserver.core.channels import RULES, Channel
from mockserver.core.step import FlowKind, Step
from mockserver.learning.documents import channel_of, instant_of
from mockserver.recordings.values import Place
from mockserver.wire import Json

MOST = 1_000
"""Sightings of one flow that are kept, and attempts to post its callbacks."""

LONGEST_TTL = 10**9
"""Minutes of a ttl are fewer."""

ATTEMPT = 500
"""Bytes of an attempt, about."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as it was seen. Instants are in milliseconds since 1970, ttl in milliseconds; None where not known."""

    id: str
    channel: Channel
    status: str
    reason: str | None
    created: int | None
    updated: int | None
    ttl: int | None
    triggers: frozenset[str]
    waits: bool
    asked: Json = field(hash=False, compare=False)

    @property
    def progress(self) -> int:
        """How far it has come, as a number that orders what was seen at one instant, as far as that can be told."""
        return _progress(self.channel, self.status)


@cache
def _progress(channel: Channel, status: str) -> int:
    """How many statuses come before this one, and never after it."""
    if status not in RULES[channel].moves:
        return len(RULES[channel].moves)
    back = reachable(channel, status)
    return sum(status in reachable(channel, each) and each not in back for each in RULES[channel].moves)


@cache
def reachable(channel: Channel, status: str) -> frozenset[str]:
    """The statuses that a message can have after this one, also after others between them."""
    found: set[str] = set()
    waiting = [status]
    while waiting:
        new = RULES[channel].moves[waiting.pop()] - found
        found |= new
        waiting += new
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A flow as it was seen once. posted: in a callback."""

    at: int | None
    updated: int
    status: str
    code: str | None
    termination: str | None
    messages: tuple[Seen, ...]
    posted: bool
    place: Place

    @property
    def final(self) -> bool:
        """Whether the flow had ended."""
        return self.status in ("Succeeded", "Failed")

    @property
    def order(self) -> tuple[int, int, int, bool]:
        """What orders the sightings of one flow by what they tell, whenever they came."""
        return self.updated, len(self.messages), sum(each.progress for each in self.messages), self.final


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to post a callback. body: a digest of it. status: of the answer, 0 if none came; None: not known.

    told: what the callback tells, whatever ids are in it.
    """

    at: int | None
    body: bytes
    status: int | None
    told: tuple[Any, ...]
    place: Place

    @property
    def updated(self) -> int:
        """The instant of the change that it tells of."""
        return int(self.told[0])


@dataclass(slots=True)
class Recorded:
    """All that was recorded of one flow.

    sent: the body of its send, and steps: what the mock reads there; None if the send was not recorded. created: the
    instant of the flow. until: of the last record when it was taken as over. size: bytes of what is kept, about.
    beyond: how often it was seen when too much was kept.
    """

    id: str
    kind: FlowKind = FlowKind.FAILOVER
    sent: Json | None = None
    steps: tuple[Step, ...] | None = None
    strategy: str | None = None
    created: int | None = None
    until: int | None = None
    place: Place | None = None
    sightings: dict[Any, Sighting] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    size: int = 0
    beyond: int = 0

    def see(self, document: Json, at: int | None, place: Place, *, posted: bool) -> None:
        """Note how the flow is in a document."""
        found = _sighting(document, at, place, posted=posted)
        if found is None:
            return
        self.created = self.created if self.created is not None else instant_of(document.get("createdAt"))
        self.place = self.place or place
        key = (found.order, found.messages, found.status, found.code)
        known = self.sightings.get(key)
        if known is None and len(self.sightings) >= MOST:
            self.beyond += 1
        elif known is None or (posted and not known.posted):
            self.sightings[key] = found
            self.size += len(orjson.dumps(document)) if known is None else 0

    def post(self, document: Json, at: int | None, status: int | None, place: Place) -> bool:
        """Note an attempt to post a callback. Return whether it is the first one to post this."""
        if len(self.attempts) >= MOST:
            self.beyond += 1
            return False
        body = blake2b(orjson.dumps(document, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()
        first = all(each.body != body for each in self.attempts)
        self.attempts.append(Attempt(at, body, status, told_by(document), place))
        self.size += ATTEMPT
        return first

    @property
    def kind_of(self) -> bytes:
        """What tells flows apart whose stories are worth telling: a digest of what was heard, posted, and answered."""
        heard = [(each.status, [(one.channel, one.status) for one in each.messages]) for each in self.ordered]
        told = repr((self.kind, self.strategy, heard, [(each.told[1:], each.status) for each in self.attempts]))
        return blake2b(told.encode(errors="replace"), digest_size=16).digest()

    @property
    def ordered(self) -> list[Sighting]:
        """What was seen of it, in the order in which it happened."""
        return sorted(self.sightings.values(), key=lambda each: each.order)


def told_by(document: Json) -> tuple[Any, ...]:
    """What a flow document tells: the instant of the last change, the status, and the messages with theirs."""
    messages = document.get("messages")
    heads = _heads(messages) if isinstance(messages, list) else ()
    return (
        instant_of(document.get("updatedAt")) or 0,
        str(document.get("status")),
        *((channel, str(status.get("name"))) for _, channel, _, status in heads),
    )


def _sighting(document: Json, at: int | None, place: Place, *, posted: bool) -> Sighting | None:
    updated, messages = instant_of(document.get("updatedAt")), document.get("messages")
    if updated is None or not isinstance(messages, list):
        return None
    return Sighting(
        at=at,
        updated=updated,
        status=str(document.get("status")),
        code=_word(document.get("statusCode")),
        termination=_word(document.get("terminationChannel")),
        messages=tuple(_seen(*each) for each in _heads(messages)),
        posted=posted,
        place=place,
    )


def _word(value: Any) -> str | None:
    """A text as it is; anything else as what it looks like, so that it is like no text of the service."""
    return value if value is None or isinstance(value, str) else repr(value)


def _heads(messages: list[Any]) -> Iterator[tuple[str, Channel, Json, Json]]:
    """The messages, each with its id, its channel, and its status; one in several parts is one message."""
    known = set[str]()
    for each in messages:
        channel = channel_of(each) if isinstance(each, dict) else None
        status = each.get("status") if isinstance(each, dict) else None
        if channel is None or not isinstance(status, dict):
            continue
        id_ = str(each.get("messageId") or each.get("trackingId"))
        if id_ not in known:
            known.add(id_)
            yield id_, channel, each, status


def _seen(id_: str, channel: Channel, message: Json, status: Json) -> Seen:
    reason, ttl, triggers = status.get("reason"), message.get("ttl"), message.get("failoverOnStatuses")
    timed = isinstance(ttl, int | float) and abs(ttl) < LONGEST_TTL and RULES[channel].expiry is not None
    return Seen(
        id=id_,
        channel=channel,
        status=str(status.get("name")),
        reason=_word(reason.get("detailedStatus")) if isinstance(reason, dict) else None,
        created=instant_of(message.get("createdAt")),
        updated=instant_of(status.get("updatedDate")),
        ttl=round(float(ttl or 0) * 60_000) if timed else None,
        triggers=frozenset(str(each).casefold() for each in triggers) if isinstance(triggers, list) else frozenset(),
        waits=message.get("expireOnDelivery") is True,
        asked=message,
    )
