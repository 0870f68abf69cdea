"""Every small world there is, in the engine and in the oracle: nothing that can be seen of them differs.

A world is a row of steps, each with an outcome, a set of triggers and `expireOnDelivery` (Viber only), and a
callback strategy. Every outcome is taken: the ten of the magic recipients and some odd ones. What makes the number
small enough for every day:

- Of a step's trigger sets, those made of statuses it will hear; the others cannot be told apart from them. Worlds
  of one step take all 8, 4 and 64 sets, with a step left and without, to show it.
- Where a step ends its flow, one row of steps after it stands for all: they are never reached.
- Two steps are any two channels, the same one twice included; three are three different channels, called back on
  every change.
- Of three steps, the first ones that leave the same behind when they turn to the next stand for each other, and so do
  the first two: one of each kind goes on in every way there is, the others in one way. That they may stand for each
  other has a test of its own.

With SMALL_WORLDS=all, two steps take every trigger set, and three any channels and every strategy, after every
beginning: two million worlds, about twenty minutes.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import permutations, product

import pytest

from mockserver.core import catalogue
from mockserver.core.behaviour import Behaviour
from mockserver.core.channels import Channel
from mockserver.core.commands import Answer, RecordAnswer, SendFlow
from mockserver.core.faults import CallbackFaults
from mockserver.core.step import Callback, FlowKind, Strategy
from mockserver.core.values import replace
from tests.core.worlds import (
    FOREVER,
    GOOD,
    OUTCOMES,
    POOR,
    Left,
    Pair,
    Variant,
    World,
    after_turn,
    agree,
    chosen,
    heard,
    left_behind,
    step,
    subsets,
    triggers,
)

Row = tuple[Channel, ...]
Kind = Callable[[Channel, int], list[Variant]]
Worlds = Callable[[Sequence[list[Variant]]], Iterator[World]]

EVENTS = "http://127.0.0.1/events"

ALL = os.environ.get("SMALL_WORLDS") == "all"
EVERY: tuple[Strategy | None, ...] = (None, *Strategy)


@cache
def every_variant(channel: Channel, position: int) -> list[Variant]:
    """A step with every outcome, trigger set and, for Viber, both ways of `expireOnDelivery`."""
    return [
        (step(channel, chosen, expire_on_delivery=seen, position=position), outcome)
        for outcome in OUTCOMES[channel]
        for seen in ((False, True) if channel is Channel.VIBER else (False,))
        for chosen in subsets(triggers(channel))
    ]


@cache
def telling_variants(channel: Channel, position: int) -> list[Variant]:
    """Of those, one of each kind that can be told apart."""
    return [each for each in every_variant(channel, position) if each[0].triggers <= heard(each)]


def ended(world: World, later: Sequence[list[Variant]]) -> World:
    """A row that needs no more than one way to go on: the first variant of every step left."""
    return [*world, *(each[0] for each in later)]


def worlds(variants: Sequence[list[Variant]], before: World = ()) -> Iterator[World]:
    """Every row of variants; after one that ends its flow, only the first of each."""
    here, *later = variants
    for world in ([*before, variant] for variant in here):
        if later and left_behind(world) is not None:
            yield from worlds(later, world)
        else:
            yield ended(world, later)


def telling_worlds(variants: Sequence[list[Variant]], before: World = ()) -> Iterator[World]:
    """Of those, one of each kind of beginning in every way, the others in one."""
    here, *later = variants
    if not later:
        yield from ([*before, variant] for variant in here)
        return
    for left, (first, *others) in by_kind(before, here).items():
        yield from [ended(first, later)] if left is None else telling_worlds(later, first)
        yield from (ended(other, later) for other in others)


def by_kind(before: World, here: list[Variant]) -> dict[Left | None, list[World]]:
    """A beginning with one more step, every variant of it, by what they leave behind."""
    kinds: dict[Left | None, list[World]] = {}
    for world in ([*before, variant] for variant in here):
        kinds.setdefault(left_behind(world), []).append(world)
    return kinds


def stand_ins(variants: Sequence[list[Variant]], before: World = ()) -> Iterator[list[World]]:
    """The beginnings of `telling_worlds` that stand for each other."""
    here, *later = variants
    if later:
        for left, kind in by_kind(before, here).items():
            if left is not None:
                yield kind
                yield from stand_ins(later, kind[0])


def row(channels: Row, kind: Kind) -> list[list[Variant]]:
    return [kind(channel, position) for position, channel in enumerate(channels)]


ONE: list[Row] = [(channel,) for channel in Channel]
TWO: list[Row] = list(product(Channel, repeat=2))
TWO_KIND = every_variant if ALL else telling_variants
THREE: list[Row] = list(product(Channel, repeat=3) if ALL else permutations(Channel, 3))
THREE_STRATEGIES = EVERY if ALL else (Strategy.ON_STEP,)
THREE_WORLDS: Worlds = worlds if ALL else telling_worlds

COUNTS = {"one": 1_144, "two": 546_548, "three": 271_312} if ALL else {"one": 1_144, "two": 5_709, "three": 4_931}


def test_the_number_of_worlds() -> None:
    """Times three strategies for one and two steps; written down so that none is lost unnoticed."""
    kinds: dict[str, tuple[list[Row], Kind, Worlds]] = {
        "one": (ONE, every_variant, worlds),
        "two": (TWO, TWO_KIND, worlds),
        "three": (THREE, telling_variants, THREE_WORLDS),
    }
    counted = {
        name: sum(1 for channels in rows for _ in made(row(channels, kind)))
        for name, (rows, kind, made) in kinds.items()
    }
    assert counted == COUNTS


@pytest.mark.parametrize("channel", list(Channel))
def test_every_world_of_one_step(channel: Channel) -> None:
    for variant, strategy in product(every_variant(channel, 0), EVERY):
        agree([variant], strategy)


@pytest.mark.parametrize("channel", list(Channel))
def test_every_world_of_one_step_with_one_left(channel: Channel) -> None:
    left = telling_variants(Channel.SMS, 1)[0]
    for variant in every_variant(channel, 0):
        agree([variant, left], Strategy.ON_STEP)


@pytest.mark.parametrize("channel", list(Channel))
def test_every_world_of_one_step_whose_callbacks_all_fail(channel: Channel) -> None:
    for variant, strategy in product(telling_variants(channel, 0), Strategy):
        agree([variant], strategy, POOR)


@pytest.mark.parametrize("answer", [GOOD, POOR], ids=["good", "poor"])
def test_every_call_that_says_who_has_answered_it(answer: Answer) -> None:
    """A machine for the outcome of that name, a person for every other that is answered; never said again."""
    left = telling_variants(Channel.SMS, 1)[0]
    for (asked, outcome), strategy, rest in product(telling_variants(Channel.VOICE, 0), EVERY, ([], [left])):
        flow = agree([(replace(asked, event_url=EVENTS), outcome), *rest], strategy, answer)
        assert flow.messages[0].machine == (outcome.name == "machine")


def test_who_has_answered_a_call_arrives_whatever_a_scenario_does_to_callbacks() -> None:
    late = Callback(Strategy.ON_COMPLETION, "http://127.0.0.1/hook", CallbackFaults(timeouts=1, scenario="late"))
    asked = step(Channel.VOICE, frozenset(), event_url=EVENTS)
    pair = Pair.behaving(Behaviour(sources=(chosen([(asked, catalogue.OUTCOMES[Channel.VOICE]["machine"])]),)))
    pair.submit(SendFlow("app", (asked,), late))
    while effect := pair.poll(FOREVER):
        for delivery in effect.deliveries:
            pair.submit(RecordAnswer(delivery.number, delivery.attempt, GOOD))
    pair.check()
    said, told = pair.engine.deliveries
    assert (said.answered is not None, len(said.attempts), said.state) == (True, 1, "delivered")
    assert (told.answered, len(told.attempts)) == (None, 2)


OTP_TRIGGERS = {
    Channel.VIBER: frozenset({"EXPIRED", "FAILED", "UNDELIVERED", "UNSENT"}),
    Channel.SMS: frozenset({"Undelivered", "Failed", "Unsent"}),
}
"""What turns to the next step of a one-time password; the last step has no Unsent."""


@cache
def otp_variants(channel: Channel, position: int, *, last: bool) -> list[Variant]:
    """A step of a one-time password with every outcome and, where another follows, both ways of being delivered."""
    chosen = OTP_TRIGGERS[channel] - ({"UNSENT", "Unsent"} if last else set())
    waits = (False, True) if channel is Channel.VIBER and not last else (False,)
    return [
        (step(channel, chosen, failover_after_delivered=wait, position=position), outcome)
        for outcome in OUTCOMES[channel]
        for wait in waits
    ]


@pytest.mark.parametrize("answer", [GOOD, POOR], ids=["good", "poor"])
@pytest.mark.parametrize("length", [1, 2])
def test_every_world_of_one_time_passwords(length: int, answer: Answer) -> None:
    for channels in product(OTP_TRIGGERS, repeat=length):
        last = length - 1
        variants = [otp_variants(channel, at, last=at == last) for at, channel in enumerate(channels)]
        for world in product(*variants):
            agree(world, Strategy.ON_STEP, answer, FlowKind.OTP)


# rules statuses.late, statuses.ignored, statuses.moves
@pytest.mark.parametrize("channels", TWO, ids="-".join)
def test_every_world_of_two_steps(channels: Row) -> None:
    for world, strategy in product(worlds(row(channels, TWO_KIND)), EVERY):
        agree(world, strategy)


@pytest.mark.parametrize("channels", THREE, ids="-".join)
def test_every_world_of_three_steps(channels: Row) -> None:
    for world, strategy in product(THREE_WORLDS(row(channels, telling_variants)), THREE_STRATEGIES):
        agree(world, strategy)


@pytest.mark.parametrize("channels", list(permutations(Channel, 3)), ids="-".join)
def test_of_three_steps_what_leaves_the_same_behind_goes_on_the_same(channels: Row) -> None:
    """With every variant of the step that is begun: to the engine, beginnings of one kind are no different from then on."""
    variants = row(channels, telling_variants)
    for first, *others in stand_ins(variants):
        here, *later = variants[len(first) :]
        for rest in (ended([variant], later) for variant in here):
            expected = after_turn(first, rest)
            for other in others:
                assert after_turn(other, rest) == expected
