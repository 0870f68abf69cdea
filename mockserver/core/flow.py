"""A flow and what can happen to it: frozen values, and pure functions from one value to the next.

Theory of operation. A flow holds the steps that the caller asked for and their messages so far; the last message
belongs to the step that is running. Four functions move it on, and each returns a new value:
    begin    the next step begins: its message joins the flow
    receive  a message gets a status from its timeline, late or not, or one pushed by hand
    expire   the ttl of a message runs out
    settle   the running step is judged: the flow goes on, turns to the next step, or ends

Nothing here knows the time or the scenario; the engine passes in instants (integer milliseconds since 1970) and
statuses. A late status, for a step that is no longer running, goes through `receive` only.
"""

from enum import StrEnum

from mockserver.core.channels import DELIVERED, EXPIRED, READ, RULES, Channel
from mockserver.core.step import Callback, FlowKind, Step
from mockserver.core.values import Value, replace


class FlowStatus(StrEnum):
    """The status of a flow (doc)."""

    QUEUED = "Queued"
    IN_PROGRESS = "InProgress"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


FINAL = (FlowStatus.SUCCEEDED, FlowStatus.FAILED)


class Message(Value):
    """What came of a step once it began. `status` is None until the message gets its first status.

    part_ids: one id for each part of an Sms. answered: the instant a call was picked up. paid: False when the balance
    was too low to send it. operator: the network that carried an Sms. sent: the instant an Sms was handed to it.
    delivered: the instant the message was delivered. machine: a machine picks up the call, if nobody does by hand.
    """

    id: str
    created: int
    part_ids: tuple[str, ...] = ()
    status: str | None = None
    reason: str | None = None
    updated: int | None = None
    expired_on_delivery: int | None = None
    answered: int | None = None
    paid: bool = True
    operator: str | None = None
    sent: int | None = None
    delivered: int | None = None
    machine: bool = False


class Flow(Value):
    """One accepted send: its steps in running order, and what has happened to them.

    messages[i] belongs to steps[i]. code: the statusCode. restrictions: JSON that the core does not read.
    """

    id: str
    number: int
    application: str
    steps: tuple[Step, ...]
    created: int
    updated: int
    callback: Callback | None = None
    restrictions: bytes | None = None
    kind: FlowKind = FlowKind.FAILOVER
    messages: tuple[Message, ...] = ()
    status: FlowStatus = FlowStatus.QUEUED
    code: str | None = None
    termination: Channel | None = None

    @property
    def final(self) -> bool:
        """Whether the flow has ended."""
        return self.status in FINAL

    @property
    def running(self) -> int:
        """The index of the running step; once the flow has ended, of the last step that began."""
        return len(self.messages) - 1


class Verdict(StrEnum):
    """The judgement on the running step. The codes are the statusCode of a flow that fails (doc)."""

    SERVER_ERROR = "0"
    GOES_ON = "goes on"
    NEXT = "next step"
    SUCCEEDED = "succeeded"
    NO_BALANCE = "1"
    NO_STEP_LEFT = "2"
    NOT_A_TRIGGER = "3"


def ended(step: Step, status: str | None) -> bool:
    """Whether this status ends the step. Where the message must be seen too, DELIVERED does not."""
    rules = RULES[step.channel]
    if (step.expire_on_delivery or step.failover_after_delivered) and status in rules.successes:
        return status == READ
    return status in rules.ends


def judge(step: Step, status: str | None, steps_left: bool) -> Verdict:
    """What a status means for the flow (doc, rules 2 and 5 of "What ends a step").

    A trigger turns to the next step, if one is left, even if it is a success. Any other success ends the flow well;
    any other final status ends it badly.
    """
    rules = RULES[step.channel]
    if not ended(step, status):
        return Verdict.GOES_ON
    if status in step.triggers and steps_left:
        return Verdict.NEXT
    if status in rules.successes:
        return Verdict.SUCCEEDED
    if status in step.triggers:
        return Verdict.NO_STEP_LEFT
    return Verdict.NO_BALANCE if status in rules.broke else Verdict.NOT_A_TRIGGER


def begin(flow: Flow, message: Message) -> Flow:
    """Begin the next step, with `message` as its message."""
    return replace(flow, messages=(*flow.messages, message))


def receive(flow: Flow, index: int, status: str, reason: str | None, now: int) -> Flow | None:
    """Give message `index` a status at instant `now`; None if that status cannot follow the one it has."""
    return _with_status(flow, index, status, reason, now) if status in legal(flow, index) else None


def legal(flow: Flow, index: int) -> frozenset[str]:
    """The statuses that message `index` can get now. A success that ended its step can only become a better one."""
    message, step = flow.messages[index], flow.steps[index]
    rules = RULES[step.channel]
    moves = rules.moves[message.status] if message.status else frozenset({rules.first})
    awaits_more = step.expire_on_delivery and index == flow.running and not flow.final
    return moves & rules.successes if message.status in rules.successes and not awaits_more else moves


def awaits_seen(flow: Flow, index: int) -> bool:
    """Whether message `index` was delivered, and the next step begins unless it is seen before its ttl runs out."""
    return flow.steps[index].failover_after_delivered and flow.messages[index].status == DELIVERED


def ttl_ends(flow: Flow) -> int | None:
    """The instant when the running step's ttl runs out; None if it has no ttl, or if the step or the flow has ended."""
    if flow.final or not flow.messages:
        return None
    step, message = flow.steps[flow.running], flow.messages[flow.running]
    if step.ttl is None or ended(step, message.status):
        return None
    since = message.delivered if awaits_seen(flow, flow.running) else message.created
    return None if since is None else since + step.ttl


def expire(flow: Flow, index: int, now: int) -> Flow:
    """Let the ttl of message `index` run out at instant `now`. Its step must not have ended."""
    expiry = RULES[flow.steps[index].channel].expiry
    assert expiry is not None, "a ttl means nothing on this channel"  # noqa: S101
    return _with_status(flow, index, *expiry, now)


def settle(flow: Flow, *, broken: bool = False) -> tuple[Flow, Verdict]:
    """Judge the running step; returns the flow after that, and the verdict. broken: a server error ended the step."""
    step = flow.steps[flow.running]
    steps_left = len(flow.messages) < len(flow.steps)
    verdict = Verdict.SERVER_ERROR if broken else judge(step, flow.messages[flow.running].status, steps_left)
    if verdict in (Verdict.GOES_ON, Verdict.NEXT):
        return flow, verdict
    if verdict is Verdict.SUCCEEDED:
        return replace(flow, status=FlowStatus.SUCCEEDED, termination=step.channel), verdict
    return replace(flow, status=FlowStatus.FAILED, code=str(verdict), termination=step.channel), verdict


def _with_status(flow: Flow, index: int, status: str, reason: str | None, now: int) -> Flow:
    message, dated = flow.messages[index], RULES[flow.steps[index].channel].dated.get(status)
    heard = replace(message, status=status, reason=reason, updated=now)
    if dated is not None and getattr(message, dated) is None:
        heard = replace(heard, **{dated: now})
    if status == EXPIRED and message.status == DELIVERED:
        heard = replace(heard, expired_on_delivery=now)
    started = FlowStatus.IN_PROGRESS if flow.status is FlowStatus.QUEUED else flow.status
    messages = (*flow.messages[:index], heard, *flow.messages[index + 1 :])
    return replace(flow, messages=messages, status=started, updated=now)
