"""Every small world there is, in the engine and in the oracle: their journals are the same, whole.

One-step worlds take every outcome with every trigger set, both ways of `expireOnDelivery` and every strategy.
Larger worlds take every order of two or three channels and every outcome, with the trigger sets that a world can
tell apart: whether a status that the step may end in turns to the next step. Of outcomes that differ in their
reason alone, worlds of three steps take one.
"""

from collections.abc import Iterator
from itertools import chain, combinations, permutations, product
from math import prod

import pytest

from mockserver.core.channels import RULES, Channel
from mockserver.core.flow import Step, Strategy
from mockserver.core.scenario import Outcome
from tests.core.worlds import OUTCOMES, agree, step, triggers

Variant = tuple[Step, Outcome]

TELLING = {Channel.VIBER: 92, Channel.SMS: 32, Channel.VOICE: 22}
KINDS = {Channel.VIBER: 68, Channel.SMS: 22, Channel.VOICE: 22}
"""How many telling variants of a step there are, and of how many kinds, written down so that none is lost unnoticed."""


def every_trigger_set(channel: Channel) -> Iterator[frozenset[str]]:
    names = triggers(channel)
    sets = chain.from_iterable(combinations(names, size) for size in range(len(names) + 1))
    return map(frozenset, sets)


def ends(channel: Channel, outcome: Outcome) -> set[str]:
    """The triggers an outcome may meet: what it says, and what its ttl says."""
    said = {beat.status for beat in outcome.beats}
    expiry = RULES[channel].expiry
    return (said | ({expiry[0]} if expiry else set())) & set(triggers(channel))


def telling_trigger_sets(channel: Channel, outcome: Outcome) -> list[frozenset[str]]:
    """One trigger set of each kind this outcome can tell apart."""
    names = sorted(ends(channel, outcome))
    return [frozenset(some) for size in range(len(names) + 1) for some in combinations(names, size)]


def every_variant(channel: Channel) -> Iterator[Variant]:
    for outcome, chosen, seen in product(OUTCOMES[channel], every_trigger_set(channel), _seen(channel)):
        yield step(channel, chosen, expire_on_delivery=seen), outcome


def telling_variants(channel: Channel) -> Iterator[Variant]:
    for outcome, seen in product(OUTCOMES[channel], _seen(channel)):
        for chosen in telling_trigger_sets(channel, outcome):
            yield step(channel, chosen, expire_on_delivery=seen), outcome


def one_of_each_kind(channel: Channel) -> list[Variant]:
    """The telling variants, with one for all outcomes that say the same at the same time, whatever the reason."""
    kinds: dict[tuple[object, ...], Variant] = {}
    for asked, outcome in telling_variants(channel):
        said = tuple((beat.status, beat.low, beat.late) for beat in outcome.beats)
        kinds.setdefault((said, asked), (asked, outcome))
    return list(kinds.values())


def _seen(channel: Channel) -> tuple[bool, ...]:
    return (False, True) if channel is Channel.VIBER else (False,)


@pytest.mark.parametrize("channel", list(Channel))
def test_every_world_of_one_step(channel: Channel) -> None:
    worlds = 0
    for variant, strategy in product(every_variant(channel), (None, *Strategy)):
        agree([variant], strategy)
        worlds += 1
    assert worlds == {Channel.VIBER: 768, Channel.SMS: 156, Channel.VOICE: 2112}[channel]


@pytest.mark.parametrize("channels", list(permutations(Channel, 2)), ids="-".join)
def test_every_world_of_two_steps(channels: tuple[Channel, ...]) -> None:
    worlds = 0
    for world in product(*map(telling_variants, channels)):
        for strategy in (None, *Strategy):
            agree(list(world), strategy)
            worlds += 1
    assert worlds == 3 * prod(TELLING[channel] for channel in channels)


@pytest.mark.parametrize("channels", list(permutations(Channel, 3)), ids="-".join)
def test_every_world_of_three_steps(channels: tuple[Channel, ...]) -> None:
    worlds = 0
    for world in product(*map(one_of_each_kind, channels)):
        agree(list(world), Strategy.ON_STEP)
        worlds += 1
    assert worlds == prod(KINDS.values())
