"""Strategies for what a webhook gets. The engine plays a drawn flow, so it is exactly what a mock would post."""

from collections.abc import Mapping
from copy import deepcopy
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from mockserver.core.catalogue import OUTCOMES
from mockserver.simulation import CallbackSequence, count_callbacks, read, simulate
from mockserver.strategies.flows import WEBHOOK, flows, read_strategy
from mockserver.wire import Json

Flow = Mapping[str, Any] | SearchStrategy[Json] | None


def callback_sequences(
    flow: Flow = None,
    *,
    strategy: str | None = None,
    retries: bool = True,
    duplicates: bool = True,
    reorderings: bool = True,
    losses: bool = False,
) -> SearchStrategy[CallbackSequence]:
    """The callbacks of one flow, with every outcome of its steps and everything that can go wrong on the way.

    flow: a body of POST /failover, of POST /failover/transactional if it has a template, or of a one-time password if
    it has a ViberOtp step; or a strategy for such bodies; by default any of `flows()`. strategy: "OnStep" or
    "OnCompletion"; by default that of the flow, or either; a one-time password has none. retries: whether callbacks can
    fail and be tried again. duplicates: whether they can be posted twice. reorderings: whether later ones can overtake
    them. losses: whether they can be lost. The simplest example is one Sms that is delivered, and nothing goes wrong.
    Drawing raises ValueError for a flow that is not valid.
    """
    wanted = None if strategy is None else str(read_strategy(strategy))
    kinds = {"retries": retries, "duplicates": duplicates, "reorderings": reorderings, "losses": losses}
    return _sequences(_bodies(flow), wanted, frozenset(kind for kind, on in kinds.items() if on))


def callbacks(flow: Flow = None, *, strategy: str | None = None) -> SearchStrategy[Json]:
    """The body of one callback, at any moment of a flow. Arguments as for `callback_sequences`."""
    undisturbed = callback_sequences(flow, strategy=strategy, retries=False, duplicates=False, reorderings=False)
    return undisturbed.flatmap(lambda sequence: st.sampled_from(sequence.in_order)).map(deepcopy)


def _bodies(flow: Flow) -> SearchStrategy[Json]:
    if flow is None:
        return flows()
    return flow if isinstance(flow, SearchStrategy) else st.builds(lambda: deepcopy(dict(flow)))


@st.composite
def _sequences(
    draw: DrawFn, bodies: SearchStrategy[Json], strategy: str | None, kinds: frozenset[str]
) -> CallbackSequence:
    body = draw(bodies)
    given = {name: value for name, value in (body.get("callback") or {}).items() if value}
    asked = strategy or given.get("strategy") or draw(st.sampled_from(["OnStep", "OnCompletion"]))
    kind, url = _kind(body), given.get("url", WEBHOOK)
    body = body | {"callback": {"url": url} | ({} if kind == "otp" else {"strategy": asked})}
    send = read(body, kind=kind)
    outcomes = [draw(_OUTCOMES[channel]) for channel in send.channels]
    seed = draw(st.integers(0, 2**32 - 1))
    last = count_callbacks(send, outcomes=outcomes, seed=seed)
    faults = draw(_faults(last, kinds))
    failures = draw(_failures(last)) if "retries" in kinds else {}
    return simulate(send, outcomes=outcomes, seed=seed, callbacks=faults, failures=failures)


def _kind(body: Json) -> str:
    """The kind of a flow: transactional if it has a template, otp if it has a one-time password."""
    steps = body.get("flow")
    types = [step.get("type") for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []
    if any(isinstance(each, str) and each.casefold() == "viberotp" for each in types):
        return "otp"
    templates = isinstance(steps, list) and any(isinstance(step, dict) and step.get("templateId") for step in steps)
    return "transactional" if templates else "failover"


# A strategy is slow to make, so that those which depend on what was drawn are kept.

_OUTCOMES = {channel: st.sampled_from(tuple(outcomes)) for channel, outcomes in OUTCOMES.items()}


@lru_cache
def _failures(last: int) -> SearchStrategy[dict[int, int]]:
    """How many attempts of callbacks, of 1 to the last, are answered badly."""
    return st.dictionaries(st.sampled_from(range(1, last + 1)), st.integers(1, 3), max_size=3)


@lru_cache
def _faults(last: int, kinds: frozenset[str]) -> SearchStrategy[Json]:
    """What goes wrong with callbacks, of 1 to the last, in the words of a scenario."""
    some = st.lists(st.sampled_from(range(1, last + 1)), min_size=1, max_size=3, unique=True).map(sorted)
    words: dict[str, SearchStrategy[Any]] = {}
    if "duplicates" in kinds:
        words["duplicate"] = some
    if "reorderings" in kinds:
        words |= {"reorder": some, "delay": st.sampled_from(["0s to 10s", "0s to 2h"])}
    if "losses" in kinds:
        words["drop"] = some
    return st.fixed_dictionaries({}, optional=words)
