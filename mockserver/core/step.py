"""What the caller asked for: steps, and whom to tell of them. Frozen values that the core never changes."""

from dataclasses import dataclass
from enum import StrEnum

from mockserver.core.channels import Channel
from mockserver.core.faults import CallbackFaults


class Strategy(StrEnum):
    """When the callback url is posted to (doc)."""

    ON_STEP = "OnStep"
    ON_COMPLETION = "OnCompletion"


class FlowKind(StrEnum):
    """What a flow may hold, after the endpoint it is sent to: on the transactional one Viber steps are templates."""

    FAILOVER = "failover"
    TRANSACTIONAL = "transactional"


@dataclass(frozen=True, slots=True)
class Callback:
    """Where, and when, the caller wants to hear of the flow; faults: what a scenario makes go wrong on the way."""

    strategy: Strategy
    url: str
    faults: CallbackFaults | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What the caller asked of one channel.

    to: the recipient, E.164 with a plus (a Voice step that has no phone: its viber or sip address). triggers: the
    statuses that turn to the next step, in the channel's own spelling. ttl: milliseconds from the step's beginning;
    None where a ttl means nothing.
    price: of one part, or one started minute of a call, in ten-thousandths of the currency unit. asked: the step as the
    reply echoes it, as JSON; the core carries it unopened. sender, label, text: what a scenario may look for in it.
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
