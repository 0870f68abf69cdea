"""Small worlds: what a step can be made to hear, and one flow run in an engine and told by the oracle."""

from dataclasses import replace

from mockserver.core import fates
from mockserver.core.behaviour import Behaviour
from mockserver.core.channels import RULES, Channel, canonical
from mockserver.core.commands import Answer, RecordAnswer, SendFlow
from mockserver.core.engine import Engine
from mockserver.core.flow import Callback, Flow, Step, Strategy
from mockserver.core.scenario import Beat, Choice, Outcome, draw
from tests.core.oracle import Oracle, Plan, told

START = 1_000_000_000_000
TTL = 600_000
FOREVER = 10**15
GOOD, POOR = Answer(200, None, 1.0), Answer(500, "answered 500", 1.0)


def fixed(outcome: Outcome) -> Outcome:
    """The outcome without chance: every delay at its lowest."""
    return replace(outcome, beats=tuple(replace(beat, high=beat.low) for beat in outcome.beats))


def _odd(channel: Channel, name: str, *beats: Beat) -> Outcome:
    return Outcome(channel, name, (Beat(RULES[channel].first), *beats))


ODD = (
    _odd(Channel.VIBER, "expired by report", Beat("EXPIRED", 1_000, 1_000, "TTL Expired")),
    _odd(Channel.VIBER, "seen at once", Beat("SEEN", 1_000, 1_000)),
    _odd(Channel.VIBER, "seen late", Beat("DELIVERED", 1_000, 1_000), Beat("SEEN", 5, 5, late=True)),
    _odd(Channel.VIBER, "delivered on the ttl", Beat("DELIVERED", TTL, TTL)),
    _odd(Channel.VIBER, "failed late", Beat("FAILED", 5, 5, late=True)),
    _odd(
        Channel.VIBER,
        "delivered after all",
        Beat("UNDELIVERED", 9, 9),
        Beat("DELIVERED", 50, 50),
        Beat("SEEN", 1, 1),
    ),
    _odd(Channel.SMS, "failed late", Beat("Failed", 5, 5, late=True)),
    _odd(Channel.SMS, "delivered after all", Beat("Undelivered", 9, 9), Beat("Delivered", 50, 50)),
    _odd(Channel.SMS, "delivered on the ttl", Beat("Delivered", TTL, TTL)),
    _odd(Channel.VOICE, "picked up at once", Beat("InProgress"), Beat("Completed", 60_001, 60_001)),
)

OUTCOMES = {
    channel: (*map(fixed, fates.MAGIC[channel]), *(outcome for outcome in ODD if outcome.channel is channel))
    for channel in Channel
}


def step(channel: Channel, triggers: frozenset[str], *, expire_on_delivery: bool = False) -> Step:
    ttl = None if channel is Channel.VOICE else TTL
    return Step(channel, "+15555550100", triggers, ttl, expire_on_delivery)


def plan(asked: Step, outcome: Outcome) -> Plan:
    reports = [(report.after, report.status, report.reason) for report in draw(outcome, asked.ttl, _lowest)]
    return Plan(asked.channel, reports, set(asked.triggers), asked.ttl, asked.expire_on_delivery, outcome.name)


def _lowest(low: int, _high: int, _position: int) -> int:
    return low


def triggers(channel: Channel) -> list[str]:
    """Everything `failoverOnStatuses` may hold, as the core spells it."""
    return [str(canonical(channel, trigger)) for trigger in RULES[channel].triggers]


def callback(strategy: Strategy | None) -> Callback | None:
    return None if strategy is None else Callback(strategy, "http://127.0.0.1/hook")


def engine_for(outcomes: dict[Step, Outcome]) -> Engine:
    return Engine(Behaviour(sources=(lambda asked: Choice(outcomes[asked], "the world says so"),)), START)


def agree(world: list[tuple[Step, Outcome]], strategy: Strategy | None) -> Flow:
    """Run one flow to its end in both; the journals must be the same, and so must what was to be called back."""
    engine, oracle = engine_for(dict(world)), Oracle(START)
    engine.submit(SendFlow("app", tuple(asked for asked, _ in world), callback(strategy)))
    oracle.send([plan(asked, outcome) for asked, outcome in world], strategy)
    while effect := engine.poll(FOREVER):
        assert oracle.poll(FOREVER)
        for delivery in effect.deliveries:
            engine.submit(RecordAnswer(delivery.number, delivery.attempt, GOOD))
            oracle.answer(delivery.number, good=True)
    assert not oracle.poll(FOREVER)
    same(engine, oracle)
    [flow] = engine.flows.values()
    return flow


def same(engine: Engine, oracle: Oracle) -> None:
    """Whatever can be seen of both is the same."""
    assert told(engine) == oracle.rows
    assert engine.clock.now == oracle.now
    assert engine.pending == len(oracle.due())
    assert [seen(delivery.flow) for delivery in engine.deliveries] == [each["seen"] for each in oracle.callbacks]
    for flow, expected in zip(engine.flows.values(), oracle.flows, strict=True):
        assert (flow.status, flow.code, flow.termination) == (
            expected["status"],
            expected["code"],
            expected["channel"],
        )
        assert [
            (message.status, message.reason, message.expired_on_delivery, message.created)
            for message in flow.messages
        ] == [(each["status"], each["reason"], each["expired"], each["since"]) for each in expected["messages"]]


def seen(flow: Flow) -> tuple[str, list[str]]:
    """What a webhook would read of a flow."""
    return flow.status, [message.status for message in flow.messages if message.status]
