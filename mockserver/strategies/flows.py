"""Strategies for whole flows: the bodies of POST /failover and POST /failover/transactional."""

from collections.abc import Iterable

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from mockserver.core.channels import Channel
from mockserver.core.step import FlowKind, Strategy
from mockserver.strategies import values
from mockserver.strategies.channels import DRAWN, NAMES
from mockserver.strategies.rule import To
from mockserver.wire import Json
from mockserver.wire.problems import nearest
from mockserver.wire.routee.limits import MOST_STEPS

WEBHOOK = "http://webhook.invalid/routee"
"""Where callbacks of drawn flows go by default: a host that does not exist, so nobody is called."""


def flows(
    *,
    channels: Iterable[str] = NAMES,
    min_steps: int = 1,
    max_steps: int = 3,
    to: To = None,
    strategy: str | None = None,
    url: str = WEBHOOK,
) -> SearchStrategy[Json]:
    """Bodies of POST /failover, all of them valid.

    channels: of the steps. to: the recipients, by default `numbers()`; all steps of a flow have the same recipient.
    strategy: "OnStep" or "OnCompletion" for flows with a callback to `url`; by default either of them, or no callback.
    Raises ValueError for arguments that make no sense.
    """
    return _flows(FlowKind.FAILOVER, channels, min_steps, max_steps, to, strategy, url)


def transactional_flows(
    *,
    channels: Iterable[str] = NAMES,
    min_steps: int = 1,
    max_steps: int = 3,
    to: To = None,
    strategy: str | None = None,
    url: str = WEBHOOK,
) -> SearchStrategy[Json]:
    """Bodies of POST /failover/transactional: their Viber steps are templates. Otherwise like `flows`."""
    return _flows(FlowKind.TRANSACTIONAL, channels, min_steps, max_steps, to, strategy, url)


def callback_fields(strategy: str | None, url: str) -> SearchStrategy[Json]:
    """The callback of a flow. strategy: by default either."""
    wanted = list(Strategy) if strategy is None else [read_strategy(strategy)]
    return st.fixed_dictionaries({"strategy": values.in_any_case(*wanted), "url": st.just(url)})


def read_strategy(name: str) -> Strategy:
    """A strategy by its name, in any case. Raises ValueError."""
    found = next((each for each in Strategy if each.casefold() == name.casefold()), None)
    if found is None:
        raise ValueError(f"strategy must be one of {', '.join(Strategy)}, not {name!r}{nearest(name, Strategy)}")
    return found


def read_channels(names: Iterable[str]) -> list[Channel]:
    """Channels by their names, in any case. Raises ValueError."""
    asked = [names] if isinstance(names, str) else list(names)
    known = {channel.casefold(): channel for channel in Channel}
    for name in asked:
        if name.casefold() not in known:
            raise ValueError(f"channels must be of {', '.join(Channel)}, not {name!r}{nearest(name, Channel)}")
    if not asked:
        raise ValueError(f"channels must name at least one of {', '.join(Channel)}")
    return [known[name.casefold()] for name in asked]


def _flows(
    kind: FlowKind, channels: Iterable[str], min_steps: int, max_steps: int, to: To, strategy: str | None, url: str
) -> SearchStrategy[Json]:
    if not 1 <= min_steps <= max_steps <= MOST_STEPS:
        raise ValueError(f"a flow has 1 to {MOST_STEPS} steps, not {min_steps} to {max_steps}")
    callback = callback_fields(strategy, url)
    if strategy is None:
        callback |= st.fixed_dictionaries({"url": st.just(url)})
    required = {"callback": callback} if strategy else {}
    optional = {"restrictions": values.objects()} | ({} if strategy else {"callback": callback})
    kinds = st.one_of([DRAWN[kind][channel].steps(st.just("")) for channel in read_channels(channels)])
    recipients = values.spelled(values.numbers()) if to is None else to
    steps = st.builds(_sent_to, st.lists(kinds, min_size=min_steps, max_size=max_steps), recipients)
    return st.fixed_dictionaries({"flow": steps, **required}, optional=optional)


def _sent_to(steps: list[Json], recipient: str) -> list[Json]:
    """The steps, all to one recipient; SIP addresses stay as they are."""
    for step in steps:
        to = step["to"]
        step["to"] = {way: to[way] if way == "sip" else recipient for way in to} if isinstance(to, dict) else recipient
    return steps
