"""What the journal tells, each fact a value: a test can predict them whole."""

from dataclasses import dataclass

from mockserver.core.channels import Channel
from mockserver.core.commands import Answer, Mode, NoteRequest
from mockserver.core.flow import FlowStatus
from mockserver.core.outcome import Cause


@dataclass(frozen=True, slots=True)
class TokenIssued:
    """An application was given a bearer token, new or (again) the one it has."""

    application: str
    scopes: tuple[str, ...]
    again: bool


@dataclass(frozen=True, slots=True)
class RequestAnswered:
    """A request to the mocked API was answered."""

    request: NoteRequest


@dataclass(frozen=True, slots=True)
class TokensRevoked:
    """Tokens were revoked, or made to expire: so many, of one application or (None) of all."""

    application: str | None
    count: int
    expired: bool = False


@dataclass(frozen=True, slots=True)
class BalanceSet:
    """The balance was set, in ten-thousandths of the currency unit; None is no end of it."""

    balance: int | None


@dataclass(frozen=True, slots=True)
class SendRefused:
    """A valid send was turned down by the account."""

    application: str
    why: str


@dataclass(frozen=True, slots=True)
class ScenariosChanged:
    """A scenario was added, and `told` is what its author wrote; or (None) forgotten, without a name all of them."""

    name: str | None
    source: bytes | None = None


@dataclass(frozen=True, slots=True)
class FaultPlayed:
    """A scenario lets something go wrong. flow: None when no flow came of it; callback: the number of the one meant."""

    flow: str | None
    fault: str
    why: str
    callback: int | None = None


@dataclass(frozen=True, slots=True)
class FlowAccepted:
    """A send became a flow."""

    flow: str
    application: str
    channels: tuple[Channel, ...]


@dataclass(frozen=True, slots=True)
class StepBegun:
    """A step was attempted: its message, the outcome chosen for it, and why that one."""

    flow: str
    step: int
    channel: Channel
    message: str
    to: str
    outcome: str
    why: str


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """A message changed status. late: the step had already been left behind."""

    flow: str
    step: int
    channel: Channel
    message: str
    status: str
    reason: str | None
    cause: Cause
    late: bool


@dataclass(frozen=True, slots=True)
class ReportIgnored:
    """A report came that its message could no longer take."""

    flow: str
    step: int
    channel: Channel
    message: str
    status: str
    standing: str


@dataclass(frozen=True, slots=True)
class FlowMoved:
    """The flow itself changed status."""

    flow: str
    status: FlowStatus
    code: str | None
    termination: Channel | None


@dataclass(frozen=True, slots=True)
class InboundReceived:
    """The recipient of a Viber message has answered it; `callback` carries the answer."""

    flow: str
    step: int
    message: str
    text: str
    callback: int


@dataclass(frozen=True, slots=True)
class CallbackAttempted:
    """A callback was posted: what came of it, and when it is tried again (None: not at all)."""

    flow: str
    callback: int
    attempt: int
    url: str
    answer: Answer
    retry: int | None


@dataclass(frozen=True, slots=True)
class ClockSet:
    """The clock took another mode or rate."""

    mode: Mode
    rate: float


@dataclass(frozen=True, slots=True)
class ClockMoved:
    """The clock was moved by hand over a stretch in which nothing was due."""

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
    | FlowMoved
    | InboundReceived
    | CallbackAttempted
    | ClockSet
    | ClockMoved
)
