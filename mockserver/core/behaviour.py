"""How a sandbox is set up to behave, and what an engine answers with."""

from collections.abc import Callable, Sequence
from dataclasses import field

from mockserver.core import catalogue
from mockserver.core.deliveries import Delivery
from mockserver.core.faults import ApiFault
from mockserver.core.flow import Flow
from mockserver.core.limits import Limits as Limits  # noqa: PLC0414 -- known from here
from mockserver.core.outcome import Choice
from mockserver.core.step import Step
from mockserver.core.tokens import Token
from mockserver.core.values import value

Source = Callable[[Step], Choice | None]
"""Something that may know what will become of a step."""


@value
class Behaviour:
    """How a sandbox behaves. Money is in ten-thousandths of the currency unit, None is no limit.

    token_life: milliseconds a bearer token lives; None: for ever.
    refuse_at_once: a send whose first step cannot be paid is refused, rather than accepted and failed (choice).
    sources: asked in turn for the outcome of a step that no scenario matches; the first that has one is heard.
    """

    seed: int = 0
    token_life: int | None = 3_600_000
    balance: int | None = None
    refuse_at_once: bool = False
    sources: Sequence[Source] = (catalogue.magic,)
    limits: Limits = field(default_factory=Limits)


@value
class Effect:
    """What a command or an event came to, beside what was journalled.

    deliveries: the callbacks to post now; flow: the flow that was made or changed; token: the token that was
    issued; refused: why the account turned a valid send down; full: why there is no room for it; fault: what goes
    wrong with the answer to a send.
    """

    deliveries: tuple[Delivery, ...] = ()
    flow: Flow | None = None
    token: Token | None = None
    refused: str | None = None
    full: str | None = None
    fault: ApiFault | None = None


NOTHING = Effect()
"""Of what came to nothing but what was journalled."""
