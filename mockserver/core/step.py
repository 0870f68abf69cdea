"""What the caller asked for: the steps, the callback, the service. Frozen values that the core never changes."""

from collections.abc import Mapping
from enum import StrEnum

from mockserver.core.channels import Channel
from mockserver.core.faults import CallbackFaults
from mockserver.core.values import Value


class Strategy(StrEnum):
    """When callbacks are posted (doc)."""

    ON_STEP = "OnStep"
    ON_COMPLETION = "OnCompletion"


class FlowKind(StrEnum):
    """The kind of a flow, by the endpoint it is sent to. In a transactional flow, Viber steps are templates.

    In an OTP flow, they carry one-time passwords.
    """

    FAILOVER = "failover"
    TRANSACTIONAL = "transactional"
    OTP = "otp"


FAILOVER = FlowKind.FAILOVER
"""The kind of most flows, read once: a member takes ten times as long to read from its enum."""


class Service(Value):
    """How one of Routee's services treats flows. It keeps its own flows apart from those of the others.

    retries: a callback that fails is posted again. tells_first: the first status of a flow has a callback; otherwise
    it stands in the reply to the send. passes_over: a send begins with the first step that the balance can pay.
    """

    name: str
    retries: bool = True
    tells_first: bool = True
    passes_over: bool = False


_FAILOVER = Service("failover")

SERVICES: Mapping[FlowKind, Service] = {
    FlowKind.FAILOVER: _FAILOVER,
    FlowKind.TRANSACTIONAL: _FAILOVER,
    FlowKind.OTP: Service("failover-otp", retries=False, tells_first=False, passes_over=True),
}
"""The service of each kind of flow (doc)."""


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
    failover_after_delivered: to be delivered does not end the step; unless the message is seen within the ttl from then
    on, the next step begins. Not for the last step.
    price: of one part, or of one started minute of a call, in ten-thousandths of the currency unit.
    asked: the step as the reply echoes it, as JSON that the core does not read.
    sender, label, text: what the matcher of a scenario can look at.
    event_url: where it is posted who has answered the call, a person or a machine; "" for nowhere.
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
    failover_after_delivered: bool = False
    event_url: str = ""
