"""What the journal records. Each fact is a value, so a test can predict it whole."""

from mockserver.core.channels import Channel
from mockserver.core.commands import Answer, Mode, NoteRequest
from mockserver.core.faults import Endpoint
from mockserver.core.flow import FlowStatus
from mockserver.core.outcome import Answerer, Cause
from mockserver.core.values import Value


class TokenIssued(Value):
    """An application got a bearer token: a new one, or (again) the one it has."""

    application: str
    scopes: tuple[str, ...]
    again: bool


class RequestAnswered(Value):
    """A request to the mocked API was answered."""

    request: NoteRequest


class TokensRevoked(Value):
    """Tokens were revoked, or (expired) made to expire. count: how many. application: whose; None for all."""

    application: str | None
    count: int
    expired: bool = False


class BalanceSet(Value):
    """The balance was set, in ten-thousandths of the currency unit; None means unlimited."""

    balance: int | None


class SendRefused(Value):
    """A valid send was refused: the balance is too low, or there is no room for it."""

    application: str
    why: str


class ScenariosChanged(Value):
    """A scenario was added, or removed. name: None when all were removed.

    source: the scenario as its author wrote it, as JSON; None when it was removed.
    """

    name: str | None
    source: bytes | None = None


class FaultPlayed(Value):
    """A scenario made something go wrong. flow: None if the send did not become one, or nobody asked for a flow.

    callback: its number, if it is about one. endpoint: None for a send.
    """

    flow: str | None
    fault: str
    why: str
    callback: int | None = None
    endpoint: Endpoint | None = None


class FlowAccepted(Value):
    """A send became a flow."""

    flow: str
    application: str
    channels: tuple[Channel, ...]


class StepBegun(Value):
    """A step began: its message, the outcome chosen for it, and why."""

    flow: str
    step: int
    channel: Channel
    message: str
    to: str
    outcome: str
    why: str


class StatusChanged(Value):
    """A message got a status. late: after its flow had moved on to another step, or had ended."""

    flow: str
    step: int
    channel: Channel
    message: str
    status: str
    reason: str | None
    cause: Cause
    late: bool


class ReportIgnored(Value):
    """A status was ignored, because it cannot follow the status that the message has. standing: that status."""

    flow: str
    step: int
    channel: Channel
    message: str
    status: str
    standing: str


class StepHeld(Value):
    """A step was taken over by hand. dropped: how many statuses were planned. message: None before the step begins."""

    flow: str
    step: int
    channel: Channel
    message: str | None
    dropped: int


class NotSeen(Value):
    """A message was delivered and not seen in time, so the next step of its flow begins."""

    flow: str
    step: int
    channel: Channel
    message: str


class FlowMoved(Value):
    """The flow itself changed status."""

    flow: str
    status: FlowStatus
    code: str | None
    termination: Channel | None


class InboundReceived(Value):
    """The recipient of a Viber message answered it; `callback` carries the answer."""

    flow: str
    step: int
    message: str
    text: str
    callback: int


class CallAnswered(Value):
    """A call was answered, and its step wants to be told by whom: `callback` carries that."""

    flow: str
    step: int
    message: str
    by: Answerer
    callback: int


class CallbackAttempted(Value):
    """A callback was posted: the result, the instant of the next attempt (None: there is none), if it was taken."""

    flow: str
    callback: int
    attempt: int
    url: str
    answer: Answer
    retry: int | None
    taken: bool


class ClockSet(Value):
    """The clock got another mode or rate."""

    mode: Mode
    rate: float


class ClockMoved(Value):
    """The clock was moved on request over a stretch of time in which nothing was due."""

    since: int


class Restarted(Value):
    """The server was down for `down` real milliseconds, and posts the callbacks with the numbers in `again` again."""

    down: int
    again: tuple[int, ...]


OfAccount = TokenIssued | RequestAnswered | TokensRevoked | BalanceSet | SendRefused | ScenariosChanged | FaultPlayed
OfFlow = FlowAccepted | StepBegun | StatusChanged | ReportIgnored | StepHeld | NotSeen | FlowMoved | InboundReceived
OfTime = CallAnswered | CallbackAttempted | ClockSet | ClockMoved | Restarted

Fact = OfAccount | OfFlow | OfTime
