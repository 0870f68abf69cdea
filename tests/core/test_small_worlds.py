"""Every small world there is, in the engine and in the oracle: nothing that can be seen of them differs.

A world is a row of steps, each with an outcome, a set of triggers and `expireOnDelivery` (Viber only), and a
callback strategy. Every outcome is taken: the ten of the magic recipients and some odd ones. What makes the number
small enough for every day:

- Of a step's trigger sets, those made of statuses it will hear; the others cannot be told apart from them. Worlds
  of one step take all 8, 4 and 64 sets, with a step left and without, to show it.
- Where a step ends its flow, one row of steps after it stands for all: they are never reached.
- Two steps are any two channels, the same one twice included; three are three different channels, called back on
  every change.

With SMALL_WORLDS=all, two steps take every trigger set, and three any channels and every strategy: two million
worlds, about twenty minutes.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import chain, combinations, permutations, product

import pytest

from mockserver.core.channels import Channel
from mockserver.core.step import Strategy
from tests.core.worlds import OUTCOMES, POOR, Variant, World, agree, heard, step, triggers, turns

Row = tuple[Channel, ...]
Kind = Callable[[Channel, int], list[Variant]]

ALL = os.environ.get("SMALL_WORLDS") == "all"
EVERY: tuple[Strategy | None, ...] = (None, *Strategy)


def subsets(names: list[str]) -> Iterator[frozenset[str]]:
    return map(frozenset, chain.from_iterable(combinations(names, size) for size in range(len(names) + 1)))


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


def worlds(variants: Sequence[list[Variant]]) -> Iterator[World]:
    """Every row of variants; after one that ends its flow, only the first of each."""
    here, *later = variants
    never_reached = [each[0] for each in later]
    for variant in here:
        rests: Iterable[World] = worlds(later) if later and turns(variant) else [never_reached]
        yield from ([variant, *rest] for rest in rests)


def row(channels: Row, kind: Kind) -> Iterator[World]:
    return worlds([kind(channel, position) for position, channel in enumerate(channels)])


ONE: list[Row] = [(channel,) for channel in Channel]
TWO: list[Row] = list(product(Channel, repeat=2))
TWO_KIND = every_variant if ALL else telling_variants
THREE: list[Row] = list(product(Channel, repeat=3) if ALL else permutations(Channel, 3))
THREE_STRATEGIES = EVERY if ALL else (Strategy.ON_STEP,)

COUNTS = {"one": 1_144, "two": 546_548, "three": 271_312} if ALL else {"one": 1_144, "two": 5_759, "three": 44_028}


def test_the_number_of_worlds() -> None:
    """Times three strategies for one and two steps; written down so that none is lost unnoticed."""
    kinds: dict[str, tuple[list[Row], Kind]] = {
        "one": (ONE, every_variant),
        "two": (TWO, TWO_KIND),
        "three": (THREE, telling_variants),
    }
    counted = {name: sum(1 for channels in rows for _ in row(channels, kind)) for name, (rows, kind) in kinds.items()}
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


@pytest.mark.parametrize("channels", TWO, ids="-".join)
def test_every_world_of_two_steps(channels: Row) -> None:
    for world, strategy in product(row(channels, TWO_KIND), EVERY):
        agree(world, strategy)


@pytest.mark.parametrize("channels", THREE, ids="-".join)
def test_every_world_of_three_steps(channels: Row) -> None:
    for world, strategy in product(row(channels, telling_variants), THREE_STRATEGIES):
        agree(world, strategy)
