"""The commands: everything that can change a sandbox, as plain frozen values.

Only these change a sandbox. Each goes through `Engine.submit`.
"""

from mockserver.core.clock import Mode as Mode  # noqa: PLC0414 -- exported from here: a command uses it
from mockserver.core.faults import Endpoint
from mockserver.core.scenario import Scenario
from mockserver.core.step import Callback, FlowKind, Step
from mockserver.core.values import Value


class IssueToken(Value):
    """Issue a bearer token to an application; `scopes` in the order they were requested."""

    application: str
    scopes: tuple[str, ...]


class SendFlow(Value):
    """Send a flow: a valid send, its steps in running order."""

    application: str
    steps: tuple[Step, ...]
    callback: Callback | None = None
    restrictions: bytes | None = None
    kind: FlowKind = FlowKind.FAILOVER


class MeetRequest(Value):
    """Let scenarios make something go wrong with a request that is no send. flow: the one that it asks for, if any."""

    endpoint: Endpoint
    flow: str | None = None


class MoveClock(Value):
    """Move the clock to instant `to`, or as far as it can go without passing something due."""

    to: int


class SetClock(Value):
    """Change the mode of the clock, its rate, or both; None changes nothing."""

    mode: Mode | None = None
    rate: float | None = None


class Answer(Value):
    """The result of one attempt to deliver a callback. It is a value: delivery never raises.

    status: the HTTP status of the answer; None when there was no answer, and then `error` says why.
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
        """Whether it has a 2xx, and so counts as taken by default."""
        return self.status is not None and 200 <= self.status < 300


class RecordAnswer(Value):
    """Record the result of attempt `attempt` (from 1) to deliver callback `callback`."""

    callback: int
    attempt: int
    answer: Answer


class PushReport(Value):
    """Push a status by hand to message `step` (from 0) of a flow; it is due at once.

    then: more statuses of the flow. Each is due at the same instant, when the one before it has happened, and with it
    whatever else is due then: the step that it made begin has its first status.
    """

    flow: str
    step: int
    status: str
    reason: str | None = None
    then: "tuple[PushReport, ...]" = ()


class HoldStep(Value):
    """Hold step `step` (from 0) of a flow: nothing planned happens to its message, now or once it begins.

    Its message gets its first status, and waits for what is pushed. Its ttl still runs.
    """

    flow: str
    step: int


class PushInbound(Value):
    """The recipient of message `step` (from 0) of a flow answers it over Viber. The answer is posted to `url` at once.

    media: the URL of a file in the answer. filename: the name of that file.
    """

    flow: str
    step: int
    url: str
    message: str
    media: str | None = None
    filename: str | None = None


class RevokeTokens(Value):
    """End every token of one application, or of all (None).

    expire: the tokens are expired; otherwise it is as if they had never been issued.
    """

    application: str | None = None
    expire: bool = False


class SetBalance(Value):
    """Set the balance, in ten-thousandths of the currency unit; None means unlimited."""

    balance: int | None


class PutScenario(Value):
    """Add this scenario; it replaces one with the same name."""

    scenario: Scenario


class DropScenario(Value):
    """Remove the scenario with this name, or all of them (None)."""

    name: str | None = None


class NoteRequest(Value):
    """Journal a request to the mocked API: the status of its answer, and why it was refused, if it was.

    wrong: the fields that were wrong, each with the error about it.
    """

    method: str
    path: str
    status: int
    application: str | None = None
    error: str | None = None
    wrong: tuple[tuple[str, str], ...] = ()


class NoteRestart(Value):
    """Journal that the server was down for `down` real milliseconds, and posts these callbacks again.

    again: their numbers. Each was under way when the server ended, and whether it arrived is not known.
    """

    down: int
    again: tuple[int, ...] = ()


Command = (
    IssueToken
    | RevokeTokens
    | SetBalance
    | SendFlow
    | MeetRequest
    | PushReport
    | HoldStep
    | PushInbound
    | RecordAnswer
    | MoveClock
    | SetClock
    | PutScenario
    | DropScenario
    | NoteRequest
    | NoteRestart
)
