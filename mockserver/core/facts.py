"""What the journal records. Each fact is a value, so a test can predict it whole."""

from mockserver.core.channels import Channel
from mockserver.core.commands import Answer, Mode, NoteRequest
from mockserver.core.flow import FlowStatus
from mockserver.core.outcome import Cause
from mockserver.core.values import value


@value
class TokenIssued:
    """An application got a bearer token: a new one, or (again) the one it has."""

    application: str
    scopes: tuple[str, ...]
    again: bool


@value
class RequestAnswered:
    """A request to the mocked API was answered."""

    request: NoteRequest


@value
class TokensRevoked:
    """Tokens were revoked, or (expired) made to expire. count: how many. application: whose; None for all."""

    application: str | None
    count: int
    expired: bool = False


@value
class BalanceSet:
    """The balance was set, in ten-thousandths of the currency unit; None means unlimited."""

    balance: int | None


@value
class SendRefused:
    """A valid send was refused: the balance is too low, or there is no room for it."""

    application: str
    why: str


@value
class ScenariosChanged:
    """A scenario was added, or removed. name: None when all were removed.

    source: the scenario as its author wrote it, as JSON; None when it was removed.
    """

    name: str | None
    source: bytes | None = None


@value
class FaultPlayed:
    """A scenario made something go wrong. flow: None if the send did not become one. callback: its number, if any."""

    flow: str | None
    fault: str
    why: str
    callback: int | None = None


@value
class FlowAccepted:
    """A send became a flow."""

    flow: str
    application: str
    channels: tuple[Channel, ...]


@value
class StepBegun:
    """A step began: its message, the outcome chosen for it, and why."""

    flow: str
    step: int
    channel: Channel
    message: str
    to: str
    outcome: str
    why: str


@value
class StatusChanged:
    """A message got a status. late: after its flow had moved on to another step, or had ended."""

    flow: str
    step: int
    channel: Channel
    message: str
    status: str
    reason: str | None
    cause: Cause
    late: bool


@value
class ReportIgnored:
    """A status was ignored, because it cannot follow the status that the message has. standing: that status."""

    flow: str
    step: int
    channel: Channel
    message: str
    status: str
    standing: str


@value
class StepHeld:
    """A step was taken over by hand. dropped: how many statuses were planned. message: None before the step begins."""

    flow: str
    step: int
    channel: Channel
    message: str | None
    dropped: int


@value
class FlowMoved:
    """The flow itself changed status."""

    flow: str
    status: FlowStatus
    code: str | None
    termination: Channel | None


@value
class InboundReceived:
    """The recipient of a Viber message answered it; `callback` carries the answer."""

    flow: str
    step: int
    message: str
    text: str
    callback: int


@value
class CallbackAttempted:
    """A callback was posted: the result, and the instant of the next attempt (None: there is none)."""

    flow: str
    callback: int
    attempt: int
    url: str
    answer: Answer
    retry: int | None


@value
class ClockSet:
    """The clock got another mode or rate."""

    mode: Mode
    rate: float


@value
class ClockMoved:
    """The clock was moved on request over a stretch of time in which nothing was due."""

    since: int


Fact = (
    TokenIssued
    | RequestAnswered
    | TokensRevoked
    | BalanceSet
    | SendRefused
    | ScenariosChanged
    | FaultPlayed
    | FlowAccepted
    | StepBegun
    | StatusChanged
    | ReportIgnored
    | StepHeld
    | FlowMoved
    | InboundReceived
    | CallbackAttempted
    | ClockSet
    | ClockMoved
)
