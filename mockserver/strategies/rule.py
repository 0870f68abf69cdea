"""The parts of each channel's strategies, and a rule that a step can break."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from mockserver.core.channels import Channel
from mockserver.core.step import FlowKind
from mockserver.strategies import invalid_values, values
from mockserver.strategies.invalid_values import Spoils
from mockserver.wire import Json

To = SearchStrategy[str] | None
Steps = SearchStrategy[Json]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the contract, broken.

    steps: valid ones, to break the rule with. place: the path in the step where the values go; "" is the step itself.
    field: the path in the step that the error names. says: a part of the error. kind: of the flow. strict: only strict
    mocks have this rule.
    """

    name: str
    steps: Steps
    place: str
    values: SearchStrategy[Any]
    field: str
    says: str
    kind: FlowKind = FlowKind.FAILOVER
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """How to draw the steps of one form: of a channel, or of templates.

    steps: draws valid steps to the given recipients. rules: every rule that they can break on their own. elsewhere:
    values for those of its own fields that are not texts, to put them into a step of another channel.
    """

    name: str
    steps: Callable[[To], Steps]
    rules: Callable[[], Iterator[Rule]]
    elsewhere: Mapping[str, SearchStrategy[Any]] = field(default_factory=dict)


def recipients(to: To) -> SearchStrategy[str]:
    """These recipients; by default any."""
    return values.spelled(values.numbers()) if to is None else to


def common_fields(channel: Channel) -> dict[str, SearchStrategy[Any]]:
    """The optional fields that a step of any channel can have."""
    return {"order": st.integers(1, 9), "failoverOnStatuses": values.triggers(channel)}


def common_spoils(channel: Channel) -> dict[str, Spoils]:
    """The ways to spoil the common fields."""
    return {"order": invalid_values.whole(1, 1_000_000), "failoverOnStatuses": invalid_values.statuses(channel)}


def having(name: str, value: SearchStrategy[Any], steps: Steps) -> Steps:
    """Steps with a field of this name."""
    return st.builds(lambda step, value: step | {name: value}, steps, value)


def spoilt(
    prefix: str, steps: Steps, table: Mapping[str, Spoils], kind: FlowKind = FlowKind.FAILOVER
) -> Iterator[Rule]:
    """The rules that single fields break when they are spoilt in these ways."""
    for path, ways in table.items():
        for each in ways:
            name = f"{prefix} {path.replace('[0]', '')} {each.what}"
            yield Rule(name, steps, path, each.values, path + each.at, each.says, kind)


def unknown(prefix: str, steps: Steps, *heads: str, kind: FlowKind = FlowKind.FAILOVER) -> Iterator[Rule]:
    """Unknown fields, under these paths; only a strict mock refuses them."""
    anything = st.sampled_from(["", "red", 0, 5, None])
    for head in heads:
        path = f"{head}colour"
        name = f"{prefix} {path.replace('[0]', '')} is unknown"
        yield Rule(name, steps, path, anything, path, "is not known here", kind, strict=True)


def blank(prefix: str, steps: Steps, paths: Iterable[str]) -> Iterator[Rule]:
    """Fields of another channel that are blank; only a strict mock refuses them."""
    nothing = st.sampled_from(["", 0, False, None])
    for path in paths:
        yield Rule(f"{prefix} holds a blank {path}", steps, path, nothing, path, "belongs to ", strict=True)
