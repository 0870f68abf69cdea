"""The commands: everything that can change a sandbox, as plain frozen values.

Whatever is not a command here changes nothing. Each goes through `Engine.submit`.
"""

from dataclasses import dataclass

from mockserver.core.clock import Mode as Mode  # noqa: PLC0414 -- known from here: a command names it
from mockserver.core.scenario import Scenario
from mockserver.core.step import Callback, FlowKind, Step


@dataclass(frozen=True, slots=True)
class IssueToken:
    """A bearer token for an application; `scopes` in the order asked."""

    application: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SendFlow:
    """A valid send: its steps in running order."""

    application: str
    steps: tuple[Step, ...]
    callback: Callback | None = None
    restrictions: bytes | None = None
    kind: FlowKind = FlowKind.FAILOVER


@dataclass(frozen=True, slots=True)
class MoveClock:
    """The clock goes to instant `to`, or as far as it can without passing something due."""

    to: int


@dataclass(frozen=True, slots=True)
class SetClock:
    """The clock takes another mode, another rate, or both; None leaves what is."""

    mode: Mode | None = None
    rate: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a callback attempt met, as a value: delivering never raises.

    status: the HTTP status answered; None when there was no answer, and then `error` says in words why.
    body: the beginning of the answer's body, for the record.
    took: real milliseconds, measured outside the core.
    posted_to: where the callback went, if not to its own URL.
    """

    status: int | None
    error: str | None
    took: float
    body: str = ""
    posted_to: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the callback counts as delivered: 200 (doc), any other 2xx (choice)."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class RecordAnswer:
    """What came of posting callback `callback`, attempt `attempt` (the first is 1)."""

    callback: int
    attempt: int
    answer: Answer


@dataclass(frozen=True, slots=True)
class PushReport:
    """Somebody makes message `step` (from 0) of a flow hear a status: it is due at once."""

    flow: str
    step: int
    status: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class PushInbound:
    """The recipient of message `step` (from 0) of a flow answers it, over Viber: that is posted to `url` at once.

    media: the URL of a file the answer carries, filename its name.
    """

    flow: str
    step: int
    url: str
    message: str
    media: str | None = None
    filename: str | None = None


@dataclass(frozen=True, slots=True)
class RevokeTokens:
    """Every token of an application is good no longer; of every application when none is named.

    expire: they run out, rather than never having been.
    """

    application: str | None = None
    expire: bool = False


@dataclass(frozen=True, slots=True)
class SetBalance:
    """The account has this much, in ten-thousandths of the currency unit; None is no end of it."""

    balance: int | None


@dataclass(frozen=True, slots=True)
class PutScenario:
    """From now on this scenario is asked; one with the same name goes."""

    scenario: Scenario


@dataclass(frozen=True, slots=True)
class DropScenario:
    """The scenario with this name is asked no longer; none at all when no name is given."""

    name: str | None = None


@dataclass(frozen=True, slots=True)
class NoteRequest:
    """A request to the mocked API was answered: with what status, and if it was refused, why.

    wrong: the fields that were wrong, each with what was said of it.
    """

    method: str
    path: str
    status: int
    application: str | None = None
    error: str | None = None
    wrong: tuple[tuple[str, str], ...] = ()


Command = (
    IssueToken
    | RevokeTokens
    | SetBalance
    | SendFlow
    | PushReport
    | PushInbound
    | RecordAnswer
    | MoveClock
    | SetClock
    | PutScenario
    | DropScenario
    | NoteRequest
)
