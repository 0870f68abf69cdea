"""How a sandbox behaves, and what its engine returns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mockserver.core import catalogue
from mockserver.core.faults import ApiFault
from mockserver.core.outcome import Choice
from mockserver.core.setup import Limits as Limits  # noqa: PLC0414 -- exported from here
from mockserver.core.setup import Setup
from mockserver.core.step import Step
from mockserver.core.values import Value

# Settings hold a behaviour, and making settings should not load the rest of the engine.
if TYPE_CHECKING:
    from mockserver.core.deliveries import Delivery
    from mockserver.core.flow import Flow
    from mockserver.core.tokens import Token

Source = Callable[[Step], Choice | None]
"""A function that may know the outcome of a step."""


@dataclass(frozen=True, slots=True)
class Behaviour(Setup):
    """How a sandbox behaves: its settings, what decides an outcome where no scenario matches, and how much is kept.

    sources: tried in turn for a step that no scenario matches; the first one that returns an outcome decides.
    """

    sources: Sequence[Source] = (catalogue.magic,)
    limits: Limits = field(default_factory=Limits)


class Effect(Value):
    """The result of a command or an event, apart from what the journal has.

    deliveries: the callbacks to post now. flow: the flow that was made or changed. token: the token that was
    issued. refused: why the account refuses a valid send. full: why there is no room for it. fault: what goes wrong
    with the answer to a request.
    """

    deliveries: "tuple[Delivery, ...]" = ()
    flow: "Flow | None" = None
    token: "Token | None" = None
    refused: str | None = None
    full: str | None = None
    fault: ApiFault | None = None


NOTHING = Effect()
"""The result of a command or an event that leaves nothing to do."""
