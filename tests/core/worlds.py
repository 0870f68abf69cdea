"""Small worlds: what a step can be made to hear, and one engine beside one oracle, given the same commands."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, combinations
from typing import TypeVar

from mockserver.core import catalogue
from mockserver.core.behaviour import Behaviour, Effect
from mockserver.core.channels import RULES, Channel, canonical
from mockserver.core.commands import Answer, Command, RecordAnswer, SendFlow
from mockserver.core.dialect import DEFAULT, Dialect
from mockserver.core.engine import Engine
from mockserver.core.facts import Fact
from mockserver.core.flow import Flow
from mockserver.core.outcome import Choice, Moment, Outcome
from mockserver.core.step import Callback, FlowKind, Step, Strategy
from mockserver.core.values import replace
from tests.core.oracle import Oracle

START = 1_000_000_000_000
TTL = 600_000
FOREVER = 10**15
GOOD, POOR = Answer(200, None, 1.0), Answer(500, "answered 500", 1.0)

SMS = Step(Channel.SMS, "+15555550100", frozenset({"Undelivered", "Failed"}), ttl=TTL, price=450)
VIBER = Step(Channel.VIBER, "+15555550100", frozenset({"EXPIRED"}), ttl=TTL, price=160)
VOICE = Step(Channel.VOICE, "+306900000000", frozenset({"Busy"}), price=300)

T = TypeVar("T")

Variant = tuple[Step, Outcome]
World = Sequence[Variant]
Left = tuple[tuple[object, ...], ...]


def fixed(outcome: Outcome) -> Outcome:
    """The outcome without chance: every delay at its lowest."""
    return replace(outcome, moments=tuple(replace(moment, high=moment.low) for moment in outcome.moments))


def _odd(channel: Channel, name: str, *moments: Moment) -> Outcome:
    return Outcome(channel, name, (Moment(RULES[channel].first), *moments))


_viber, _sms, _voice = (partial(_odd, channel) for channel in Channel)

ODD = (
    _viber("expired by report", Moment("EXPIRED", 1_000, 1_000, "TTL Expired")),
    _viber("seen at once", Moment("SEEN", 1_000, 1_000)),
    _viber("seen late", Moment("DELIVERED", 1_000, 1_000), Moment("SEEN", 5, 5, late=True)),
    _viber("seen on the ttl", Moment("DELIVERED", 1_000, 1_000), Moment("SEEN", late=True)),
    _viber("delivered on the ttl", Moment("DELIVERED", TTL, TTL)),
    _viber("delivered, then expired", Moment("DELIVERED", 9, 9), Moment("EXPIRED", 50, 50, "TTL Expired")),
    _viber("failed late", Moment("FAILED", 5, 5, late=True)),
    _viber("delivered after all", Moment("UNDELIVERED", 9, 9), Moment("DELIVERED", 50, 50), Moment("SEEN", 1, 1)),
    _sms("failed late", Moment("Failed", 5, 5, late=True)),
    _sms("delivered after all", Moment("Undelivered", 9, 9), Moment("Delivered", 50, 50)),
    _sms("delivered on the ttl", Moment("Delivered", TTL, TTL)),
    _voice("picked up at once", Moment("InProgress"), Moment("Completed", 60_001, 60_001)),
    *(fixed(catalogue.OUTCOMES[channel]["server error"]) for channel in Channel),
    _viber("server error, late", Moment("FAILED", 5, 5, broken=True, late=True)),
)

OUTCOMES = {
    channel: (*map(fixed, catalogue.MAGIC[channel]), *(outcome for outcome in ODD if outcome.channel is channel))
    for channel in Channel
}


def step(
    channel: Channel,
    triggers: frozenset[str],
    *,
    expire_on_delivery: bool = False,
    failover_after_delivered: bool = False,
    position: int = 0,
    price: int = 0,
    event_url: str = "",
) -> Step:
    """A step like no other at another position: it has a recipient of its own."""
    ttl = None if channel is Channel.VOICE else TTL
    return Step(
        channel,
        f"+1555555{position:04}",
        triggers,
        ttl,
        expire_on_delivery,
        price=price,
        failover_after_delivered=failover_after_delivered,
        event_url=event_url,
    )


def subsets(things: Sequence[T]) -> Iterator[frozenset[T]]:
    return map(frozenset, chain.from_iterable(combinations(things, size) for size in range(len(things) + 1)))


def triggers(channel: Channel) -> list[str]:
    """Everything `failoverOnStatuses` may hold, as the core spells it."""
    return [str(canonical(channel, trigger)) for trigger in RULES[channel].triggers]


def callback(strategy: Strategy | None) -> Callback | None:
    return None if strategy is None else Callback(strategy, "http://127.0.0.1/hook")


def chosen(world: World) -> Callable[[Step], Choice]:
    choices = {asked: Choice(outcome, "the world says so") for asked, outcome in world}
    return choices.__getitem__


def engine_for(outcomes: dict[Step, Outcome]) -> Engine:
    return Engine(Behaviour(sources=(chosen(list(outcomes.items())),)), START)


@dataclass
class Pair:
    """One engine and one oracle. Whatever can be seen of both must be the same."""

    engine: Engine
    oracle: Oracle

    @classmethod
    def behaving(cls, behaviour: Behaviour) -> "Pair":
        [source] = behaviour.sources

        life, refuses = behaviour.token_life, behaviour.refuse_at_once
        oracle = Oracle(START, source, behaviour.seed, behaviour.balance, refuses, life, dialect=behaviour.dialect)
        return cls(Engine(behaviour, START), oracle)

    def submit(self, command: Command) -> Effect:
        mark = len(self.oracle.entries)
        effect = self.engine.submit(command)
        self.oracle.submit(command)
        assert self.engine.journal.after(mark) == tuple(self.oracle.entries[mark:])
        return effect

    def poll(self, until: int) -> Effect | None:
        mark = len(self.oracle.entries)
        effect, posts = self.engine.poll(until), self.oracle.poll(until)
        assert (None if effect is None else effect.deliveries) == (None if posts is None else tuple(posts))
        assert self.engine.journal.after(mark) == tuple(self.oracle.entries[mark:])
        return effect

    def check(self) -> None:
        engine, oracle, coming = self.engine, self.oracle, self.oracle.due()
        assert engine.journal.after(0) == tuple(oracle.entries)
        assert list(engine.flows.values()) == [story.told() for story in oracle.stories]
        assert list(engine.flows) == [story.id for story in oracle.stories]
        assert list(engine.deliveries) == oracle.callbacks
        assert (engine.clock.now, engine.clock.mode, engine.clock.rate) == (oracle.now, oracle.mode, oracle.rate)
        assert engine.purse.balance == oracle.balance
        assert engine.pending == len(coming)
        assert engine.peek() == ((coming[0].key[0], coming[0].story.id) if coming else None)
        assert len(engine.tokens) == len(oracle.tokens)


def agree(
    world: World,
    strategy: Strategy | None,
    answer: Answer = GOOD,
    kind: FlowKind = FlowKind.FAILOVER,
    dialect: Dialect = DEFAULT,
) -> Flow:
    """Run one flow to its end in both, every callback answered by `answer`; nothing may differ."""
    pair = Pair.behaving(Behaviour(dialect=dialect, sources=(chosen(world),)))
    pair.submit(SendFlow("app", tuple(asked for asked, _ in world), callback(strategy), kind=kind))
    while effect := pair.poll(FOREVER):
        for delivery in effect.deliveries:
            pair.submit(RecordAnswer(delivery.number, delivery.attempt, answer))
    pair.check()
    [flow] = pair.engine.flows.values()
    return flow


def heard(variant: Variant) -> set[str]:
    """The statuses a step takes that stands alone, late ones included, by the oracle's word."""
    oracle = Oracle(START, chosen([variant]))
    oracle.submit(SendFlow("app", (variant[0],)))
    statuses = set()
    while oracle.poll(FOREVER) is not None:
        statuses.add(str(oracle.stories[0].messages[0]["status"]))
    return statuses


def left_behind(world: World) -> Left | None:
    """What steps leave behind when the last of them turns to one after it, by the oracle's word; None if it does not.

    It is whatever may still come of them: when, counted from the turn, what, and how the message stands that hears it.
    """
    whole = [*world, (step(Channel.SMS, frozenset(), position=9_999), OUTCOMES[Channel.SMS][0])]
    oracle = Oracle(START, chosen(whole))
    oracle.submit(SendFlow("app", tuple(asked for asked, _ in whole)))
    [story] = oracle.stories
    while len(story.messages) < len(whole):
        if oracle.poll(FOREVER) is None:
            return None
    coming = [(each.key[0] - oracle.now, *each.what) for each in oracle.due() if each.what[1] < len(world)]
    hearing = sorted({index for _, _, index, *_ in coming})
    return *coming, *((story.messages[index]["status"], world[index][0].expire_on_delivery) for index in hearing)


def after_turn(world: World, rest: World) -> list[tuple[int, Fact]]:
    """What an engine journals of a row of steps once they have turned to the rest: when, counted from then, and what."""
    whole = [*world, *rest]
    engine = engine_for(dict(whole))
    flow = engine.submit(SendFlow("app", tuple(asked for asked, _ in whole))).flow
    assert flow is not None
    while len(engine.flows[flow.id].messages) <= len(world):
        engine.poll(FOREVER)
    turn, mark = engine.clock.now, len(engine.journal)
    while engine.poll(FOREVER):
        pass
    return [(entry.at - turn, entry.fact) for entry in engine.journal.after(mark)]


def finish(engine: Engine, *steps: Step) -> Flow:
    """Send one flow and let everything happen; the flow as it is then."""
    flow = engine.submit(SendFlow("app", steps)).flow
    assert flow is not None
    while engine.poll(FOREVER):
        pass
    return engine.flows[flow.id]
