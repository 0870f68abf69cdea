"""The flows that are sent, each of a kind that decides every status by its recipient, and what their callbacks say."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from mockserver.simulation import read, simulate

Json = dict[str, Any]

MANY = 40
"""Kinds in one run."""

DIGITS = "012345789"
"""Of magic numbers: all but the one that comes late, for then chance decides what is told first."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of flow. steps: as they are sent. says: what each of its callbacks must say, in order."""

    steps: Sequence[Json]
    says: tuple[str, ...]

    def body(self, url: str) -> Json:
        """The body of a send whose callbacks go to this URL."""
        return {"flow": self.steps, "callback": {"strategy": "OnStep", "url": url}}


@cache
def kinds(seed: int) -> tuple[Kind, ...]:
    """The kinds of one run."""
    random = Random(seed)
    return tuple(_kind("".join(random.choice(DIGITS) for _ in range(3)), random.randint(1, 3)) for _ in range(MANY))


def _kind(digits: str, length: int) -> Kind:
    to = f"+306900000{digits}"
    verbs = [{"type": "SAY", "message": {"text": "hello", "language": "en-GB"}}]
    steps: list[Json] = [
        {"type": "Viber", "to": to, "senderInfoTrackingId": "soak", "message": {"text": "hello"}},
        {"type": "Sms", "to": to, "from": "Soak", "message": {"body": "hello"}},
        {"type": "Voice", "to": to, "from": "Soak", "dialPlan": {"verbs": verbs}},
    ]
    kind = Kind(steps[:length], ())
    played = simulate(read(kind.body("http://127.0.0.1/")))
    return Kind(kind.steps, tuple(map(summary, played.bodies)))


def summary(document: Json) -> str:
    """What a callback says: the status of each message, and that of the flow. No two of a flow say the same."""
    return ", ".join(
        [*(f"{each['type']} {each['status']['name']}" for each in document["messages"]), document["status"]]
    )
