"""What the caller asked for: the steps, and the callback. Frozen values that the core never changes."""

from enum import StrEnum

from mockserver.core.channels import Channel
from mockserver.core.faults import CallbackFaults
from mockserver.core.values import Value


class Strategy(StrEnum):
    """When callbacks are posted (doc)."""

    ON_STEP = "OnStep"
    ON_COMPLETION = "OnCompletion"


class FlowKind(StrEnum):
    """The kind of a flow, by the endpoint it is sent to. In a transactional flow, Viber steps are templates."""

    FAILOVER = "failover"
    TRANSACTIONAL = "transactional"


class Callback(Value):
    """Where, and when, callbacks are posted. faults: what a scenario makes go wrong with them."""

    strategy: Strategy
    url: str
    faults: CallbackFaults | None = None


class Step(Value):
    """What the caller asked of one channel.

    to: the recipient, E.164 with a plus (for a Voice step without a phone: its viber or sip address).
    triggers: the statuses that turn to the next step, in the channel's own spelling.
    ttl: milliseconds from the step's beginning; None where a ttl means nothing.
    price: of one part, or of one started minute of a call, in ten-thousandths of the currency unit.
    asked: the step as the reply echoes it, as JSON that the core does not read.
    sender, label, text: what the matcher of a scenario can look at.
    """

    channel: Channel
    to: str
    triggers: frozenset[str]
    ttl: int | None = None
    expire_on_delivery: bool = False
    parts: int = 1
    price: int = 0
    country: str | None = None
    operator: str | None = None
    asked: bytes = b"{}"
    sender: str = ""
    label: str = ""
    text: str = ""
