"""The answers of the control API, as values: read-only, with Python names, and instants as datetimes (UTC)."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import AliasChoices, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from mockserver.client import words
from mockserver.client.fields import Json, without_none

__tracebackhide__ = True
"""pytest shows the line of the test, not a line of this file."""


class Value(BaseModel):
    """A value. Unknown fields, from a newer server, are ignored."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True, extra="ignore")


class Flow(Value):
    """A flow, in short.

    to: its recipients. channels: of its steps. statuses: the last one of each step that has begun. ttl_ends: when the
    ttl of its running step ends, if it has one.
    """

    tracking_id: str
    application_id: str
    created_at: datetime
    to: tuple[str, ...]
    channels: tuple[words.Channel, ...]
    statuses: Annotated[tuple[words.MessageStatus, ...], Field(validation_alias=AliasChoices("heard", "statuses"))]
    status: words.FlowStatus
    status_code: words.StatusCode | None
    termination_channel: words.Channel | None
    ttl_ends: datetime | None

    @property
    def final(self) -> bool:
        """Whether it has ended."""
        return self.status in ("Succeeded", "Failed")


def id_of(flow: Flow | str | None) -> str | None:
    """The trackingId of a flow, given as a Flow or as its id; None for None."""
    return flow.tracking_id if isinstance(flow, Flow) else flow


def path_of(flow: Flow | str) -> str:
    """The trackingId of a flow, quoted for a path. Raises TypeError for what is no flow."""
    id_ = id_of(flow)
    if not isinstance(id_, str):
        raise TypeError(f"a flow is given as a Flow or by its trackingId, not as {flow!r}")
    return quote(id_, safe="")


def which(call: str, flow: Flow | str | None, to: str | None, label: str | None) -> Json:
    """The flow that is meant. Raises TypeError unless it is given in exactly one way."""
    ways = {"trackingId": id_of(flow), "to": to, "label": label}
    if len(without_none(ways)) != 1:
        many = "only one of them" if without_none(ways) else "one of them"
        raise TypeError(f"{call}() is about one flow: give a flow, to= or label=, {many}")
    return ways


class Attempt(Value):
    """One attempt to deliver a callback.

    status: the HTTP status of the answer, or None. error: what went wrong, in words, or None. answer: the beginning of
    its body. took_ms: real milliseconds. at, next_retry: on the virtual clock.
    """

    callback: int
    tracking_id: str
    url: str
    attempt: int
    at: datetime
    delivered: bool
    status: int | None
    error: str | None
    answer: str
    took_ms: float
    next_retry: datetime | None


class Callback(Value):
    """A callback that was due.

    state: "delivered", "under way", "waiting to retry", "given up", "dropped", "delayed" or "held back". payload: its
    body. faults: what a scenario did to it. copy_of: the number of the callback that it repeats.
    """

    number: Annotated[int, Field(validation_alias=AliasChoices("callback", "number"))]
    tracking_id: str
    url: str
    state: words.CallbackState
    payload: dict[str, Any]
    attempts: tuple[Attempt, ...]
    next_retry: datetime | None
    faults: tuple[str, ...]
    copy_of: int | None

    @property
    def delivered(self) -> bool:
        """Whether an attempt was answered with a 2xx."""
        return self.state == "delivered"


class StatusChange(Value):
    """A message got a status. cause: "report", "ttl", "pushed" or "server error". late: its step had already ended."""

    at: datetime
    tracking_id: str
    step: int
    channel: words.Channel
    message_id: str
    status: words.MessageStatus
    reason: str | None
    cause: words.Cause
    late: bool


class FlowChange(Value):
    """A flow got another status."""

    at: datetime
    tracking_id: str
    flow_status: words.FlowStatus
    status_code: words.StatusCode | None
    termination_channel: words.Channel | None


class Happened(Value):
    """What happened during a move of the clock or a push: every change, and every callback with its result."""

    transitions: tuple[StatusChange | FlowChange, ...]
    callbacks: tuple[Attempt, ...]


class Move(Happened):
    """A move of the clock. stopped: "reached", "next", "final", "idle" or "closed". events: how many happened."""

    since: Annotated[datetime, Field(validation_alias=AliasChoices("from", "since"))]
    to: datetime
    stopped: words.Stopped
    events: int


class Time(Value):
    """The clock. pending: how many things are due, now or later. next: when the first of them is due."""

    now: datetime
    mode: words.ClockMode
    rate: float
    pending: int
    next: datetime | None


class Due(Value):
    """Something that will happen. at: when, or None for later than the year 9999. kind: "status", "ttl", "callback"."""

    at: datetime | None
    tracking_id: str
    kind: words.DueKind
    says: str


class SandboxInfo(Value):
    """A sandbox: its credentials and URLs, and how many flows, callbacks and journal entries it has.

    dialect: what it does otherwise than by default, as JSON.
    """

    id: str
    application_id: str | None
    application_secret: str | None
    auth_url: str
    api_url: str
    control_url: str
    seed: int
    dialect: Json = {}
    clock: Time
    flows: int
    callbacks: int
    journal: int


class Request(Value):
    """A request to the mocked API. error: what was wrong with it, or None. wrong: the same by field.

    tracking_id: the flow it made, or None. took_ms: real milliseconds. body: its beginning, as text. They are None for
    requests that are no longer among the latest.
    """

    number: int
    at: datetime
    method: str
    path: str
    status: int
    application_id: str | None
    error: str | None
    wrong: dict[str, str]
    tracking_id: str | None = None
    took_ms: float | None = None
    body: str | None = None
