"""Every path that a flow can take, as a list to parametrise a test over. Nothing is sent to find them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar

from mockserver.client import words
from mockserver.core.catalogue import ENDS, OUTCOMES
from mockserver.core.channels import Channel
from mockserver.simulation import read, simulate
from mockserver.wire.problems import there_are

__tracebackhide__ = True
"""pytest shows the line of the test, not a line of this file."""

_TO = "+15555550100"
_STEPS: Mapping[str, Mapping[str, Any]] = {
    "Viber": {"type": "Viber", "to": _TO, "ttl": 10, "senderInfoTrackingId": "any", "message": {"text": "any"}},
    "Sms": {"type": "Sms", "to": _TO, "from": "any", "message": {"body": "any"}},
    "Voice": {
        "type": "Voice",
        "to": {"phone": _TO},
        "from": _TO,
        "dialPlan": {"verbs": [{"type": "SAY", "message": {"text": "any", "language": "en-GB"}}]},
    },
}
"""A step of each channel, with the triggers it has if nothing else is asked for."""

_CALLBACK = {"strategy": "OnCompletion", "url": "http://localhost/"}


class Played(Protocol):
    """How a path went: the outcomes of the steps that were reached."""

    @property
    def outcomes(self) -> tuple[str, ...]:
        """For each step that began, in order."""


P = TypeVar("P", bound=Played)


@dataclass(frozen=True, slots=True)
class FlowPath:
    """One path of a flow; as text, and in the ids of pytest, such as `viber-expired,sms-delivered`.

    channels, outcomes: of the steps that it reaches. scenario: what makes a flow take it, for `routee.play`. status,
    status_code, termination_channel: how the flow ends. statuses: the last one of each step.
    """

    channels: tuple[words.Channel, ...]
    outcomes: tuple[str, ...]
    status: Literal["Succeeded", "Failed"]
    status_code: words.StatusCode | None
    termination_channel: words.Channel
    statuses: tuple[words.MessageStatus, ...]
    scenario: dict[str, Any] = field(repr=False, hash=False)

    def __str__(self) -> str:
        named = zip(self.channels, self.outcomes, strict=True)
        return ",".join(f"{channel.lower()}-{outcome.replace(' ', '-')}" for channel, outcome in named)

    @property
    def __name__(self) -> str:
        # pytest takes it for the id of a parameter, so that nobody has to write `ids=str`.
        return str(self)


def every_path(
    *steps: words.Channel | Mapping[str, Any], flow: Mapping[str, Any] | None = None, every_outcome: bool = False
) -> list[FlowPath]:
    """Every path that a flow can take, each with how it ends: `@pytest.mark.parametrize("path", every_path(...))`.

    steps: the channels, as in `every_path("Viber", "Sms")`, or whole steps, if they have triggers of their own. flow:
    the body of a POST /failover, instead of steps. every_outcome: try every outcome that has a name, not only one for
    each way a step can end. Raises ValueError for what is no valid flow, and TypeError for both steps and flow.
    """
    if bool(steps) == (flow is not None):
        raise TypeError('every_path() takes steps, as in every_path("Viber", "Sms"), or flow=')
    body = {"flow": [_step(each) for each in steps]} if flow is None else dict(flow)
    send = read(body | {"callback": body.get("callback") or _CALLBACK})
    choices = [choices_of(channel, every=every_outcome) for channel in send.channels]

    def play(outcomes: Sequence[str]) -> FlowPath:
        played = simulate(send, outcomes=outcomes)
        end, begun = played.document, played.outcomes
        channels: Any = tuple(str(channel) for channel in send.channels[: len(begun)])
        return FlowPath(
            channels=channels,
            outcomes=begun,
            status=end["status"],
            status_code=end.get("statusCode"),
            termination_channel=end["terminationChannel"],
            statuses=tuple(each["status"]["name"] for each in end["messages"] if each.get("part", 1) == 1),
            scenario=scenario_of(channels, begun),
        )

    return list(walk(choices, play))


def choices_of(channel: Channel, *, every: bool) -> tuple[str, ...]:
    """The outcomes to try for a step: all that have a name, or one for each way it can end. The first is a success."""
    return tuple(OUTCOMES[channel]) if every else ENDS[channel]


def scenario_of(channels: Sequence[str], outcomes: Sequence[str]) -> dict[str, Any]:
    """The scenario that makes the steps of these channels, whoever they are for, come out like this."""
    steps = [{channel.lower(): outcome} for channel, outcome in zip(channels, outcomes, strict=True)]
    return {"name": "path", "when": {"to": "*"}, "steps": steps}


def walk(choices: Sequence[Sequence[str]], play: Callable[[tuple[str, ...]], P]) -> Iterator[P]:
    """Play every path, in the way an odometer counts: the last step that was reached gets its next outcome.

    choices: the outcomes to try for each step. After a success, the later steps never begin, and are not varied.
    """
    turned = [0] * len(choices)
    while True:
        played = play(tuple(outcomes[turn] for outcomes, turn in zip(choices, turned, strict=True)))
        yield played
        left = [place for place in range(len(played.outcomes)) if turned[place] + 1 < len(choices[place])]
        if not left:
            return
        turned = [*turned[: left[-1]], turned[left[-1]] + 1, *[0] * (len(choices) - left[-1] - 1)]


def _step(asked: str | Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(asked, str):
        return asked
    if asked not in _STEPS:
        raise ValueError(f"{asked!r} is no channel: {there_are(_STEPS)}")
    return _STEPS[asked]
