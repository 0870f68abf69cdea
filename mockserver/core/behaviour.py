"""How a sandbox is set up to behave, and what an engine answers with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mockserver.core import catalogue
from mockserver.core.faults import ApiFault
from mockserver.core.outcome import Choice
from mockserver.core.setup import Limits as Limits  # noqa: PLC0414 -- known from here
from mockserver.core.setup import Setup
from mockserver.core.step import Step
from mockserver.core.values import value

# Settings hold a behaviour: the rest of the engine need not be loaded to make some.
if TYPE_CHECKING:
    from mockserver.core.deliveries import Delivery
    from mockserver.core.flow import Flow
    from mockserver.core.tokens import Token

Source = Callable[[Step], Choice | None]
"""Something that may know what will become of a step."""


@dataclass(frozen=True, slots=True)
class Behaviour(Setup):
    """How a sandbox behaves: how it is set up, who is asked what becomes of a message, and how much is kept.

    sources: asked in turn for the outcome of a step that no scenario matches; the first that has one is heard.
    """

    sources: Sequence[Source] = (catalogue.magic,)
    limits: Limits = field(default_factory=Limits)


@value
class Effect:
    """What a command or an event came to, beside what was journalled.

    deliveries: the callbacks to post now; flow: the flow that was made or changed; token: the token that was
    issued; refused: why the account turned a valid send down; full: why there is no room for it; fault: what goes
    wrong with the answer to a send.
    """

    deliveries: "tuple[Delivery, ...]" = ()
    flow: "Flow | None" = None
    token: "Token | None" = None
    refused: str | None = None
    full: str | None = None
    fault: ApiFault | None = None


NOTHING = Effect()
"""Of what came to nothing but what was journalled."""
