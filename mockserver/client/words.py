"""The words that the Python API takes and gives: closed sets, so that a type checker catches a misspelt one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypedDict

__tracebackhide__ = True
"""pytest shows the line of the test, not a line of this file."""

Channel = Literal["Viber", "Sms", "Voice"]
Strategy = Literal["OnStep", "OnCompletion"]
FlowKind = Literal["failover", "transactional", "otp"]
FlowStatus = Literal["Queued", "InProgress", "Succeeded", "Failed"]
StatusCode = Literal["0", "1", "2", "3"]
ClockMode = Literal["realtime", "manual", "instant"]
BalanceMode = Literal["later", "at-once"]
Unlimited = Literal["unlimited"]

ViberStatus = Literal["QUEUED", "DELIVERED", "SEEN", "UNDELIVERED", "EXPIRED", "FAILED", "UNSENT"]
SmsStatus = Literal["Queued", "Sent", "Delivered", "Undelivered", "Failed", "Unsent"]
VoiceStatus = Literal[
    "Queued", "Initiated", "Ringing", "InProgress", "Completed", "Busy", "NoAnswer", "Failed", "Unsent", "Terminated"
]
MessageStatus = ViberStatus | SmsStatus | VoiceStatus

HeardStatus = Literal[
    "Viber QUEUED",
    "Viber DELIVERED",
    "Viber SEEN",
    "Viber UNDELIVERED",
    "Viber EXPIRED",
    "Viber FAILED",
    "Viber UNSENT",
    "Sms Queued",
    "Sms Sent",
    "Sms Delivered",
    "Sms Undelivered",
    "Sms Failed",
    "Sms Unsent",
    "Voice Queued",
    "Voice Initiated",
    "Voice Ringing",
    "Voice InProgress",
    "Voice Completed",
    "Voice Busy",
    "Voice NoAnswer",
    "Voice Failed",
    "Voice Unsent",
    "Voice Terminated",
]
"""A status with its channel."""

ViberOutcome = Literal[
    "delivered",
    "seen",
    "undelivered",
    "failed",
    "expired",
    "unsent",
    "delivered late",
    "not a viber user",
    "opted out",
    "message rejected",
    "unsupported equipment",
    "server error",
]
SmsOutcome = Literal[
    "delivered",
    "undelivered",
    "failed",
    "expired",
    "unsent",
    "delivered late",
    "unknown number",
    "carrier violation",
    "roaming",
    "call barred",
    "unknown status",
    "server error",
]
VoiceOutcome = Literal[
    "completed",
    "busy",
    "no answer",
    "failed",
    "unsent",
    "terminated",
    "machine",
    "hung up",
    "dropped",
    "cut off",
    "server error",
]

ApiAnswer = Literal["reset", "lost", "insufficient balance"]
"""How a request ends, apart from an error by its status."""

Endpoint = Literal["send", "token", "tracking", "search", "balance"]
"""What a request to Routee is about."""

EntryKind = Literal[
    "token",
    "request",
    "balance",
    "refused",
    "scenario",
    "fault",
    "send",
    "step",
    "status",
    "ignored",
    "unseen",
    "flow",
    "hold",
    "inbound",
    "answered",
    "callback",
    "clock",
    "restart",
]
"""The kinds of entries in the journal."""

CodeFormat = Literal["pytest", "python", "curl", "scenario"]
"""What a flow can be written as."""

Cause = Literal["report", "server error", "pushed", "ttl"]
CallbackState = Literal["under way", "delivered", "waiting to retry", "given up", "dropped", "delayed", "held back"]
Stopped = Literal["reached", "next", "final", "idle", "limit", "closed"]
DueKind = Literal["status", "ttl", "callback"]

Callbacks = bool | int | str | Sequence[int]
"""Which of a flow's callbacks: all (True), a share ("30%"), those with these numbers, or "last"."""


class ViberMoment(TypedDict, total=False):
    """A moment of a timeline. at: "9m", or seconds."""

    at: str | float
    status: ViberStatus
    reason: str


class SmsMoment(TypedDict, total=False):
    """A moment of a timeline. at: "9m", or seconds."""

    at: str | float
    status: SmsStatus
    reason: str


class VoiceMoment(TypedDict, total=False):
    """A moment of a timeline. at: "9m", or seconds."""

    at: str | float
    status: VoiceStatus
    reason: str


ViberSaid = ViberOutcome | Mapping[ViberOutcome, int] | Sequence[ViberMoment]
SmsSaid = SmsOutcome | Mapping[SmsOutcome, int] | Sequence[SmsMoment]
VoiceSaid = VoiceOutcome | Mapping[VoiceOutcome, int] | Sequence[VoiceMoment]
"""As for each channel: an outcome by its name, weights ({"delivered": 90, "failed": 10}), or a timeline."""


class StepOutcome(TypedDict, total=False):
    """What happens to one step of a flow, by its channel."""

    viber: ViberSaid
    sms: SmsSaid
    voice: VoiceSaid


class Dialect(TypedDict, total=False):
    """What an account does otherwise than the mock by default. retry_plan: seconds from each attempt to the next."""

    success_status: Literal[200, 201]
    type_echo: Literal["canonical", "as-sent"]
    viber_ttl_echo: Literal["integer", "decimal"]
    dial_plan_echo: Literal["dialPlans", "as-sent"]
    empty_triggers: Literal["default", "none"]
    duplicate_orders: Literal["accepted", "refused"]
    blank_fields: Literal["absent", "as-sent"]
    foreign_fields: Literal["refused", "ignored"]
    default_strategy: Literal["OnCompletion", "OnStep"]
    strategy_without_url: Literal["refused", "ignored"]
    first_flow_status: Literal["Queued", "InProgress"]
    first_callback: Literal["queued", "after-queued"]
    ttl_tie: Literal["status", "ttl"]
    taken_answers: Literal["2xx", "200", "any"]
    retry_plan: Sequence[int]
    search_order: Literal["newest-first", "oldest-first"]
    unknown_flow_code: str
    otp_no_bearer: Literal[403, 401]


class _Settings(TypedDict, total=False):
    """What a sandbox may have its own value of, apart from scenarios.

    rate: virtual seconds in each real second. start: where the clock starts. token_life: in seconds. balance: in euro.
    dialect: as `Dialect` has it; what it leaves out is as the server has it.
    """

    clock: ClockMode
    rate: float
    start: datetime | str
    seed: int
    strict_fields: bool
    transcode: bool
    token_life: float | Unlimited
    balance: float | Unlimited
    balance_mode: BalanceMode
    dialect: Dialect | Mapping[str, Any]


class SandboxSettings(_Settings, total=False):
    """The settings of a sandbox. scenario: to play, by its name."""

    scenario: str


class MockSettings(_Settings, total=False):
    """The settings of a sandbox in a test. scenario: one or several to play, by name or as a Path."""

    scenario: str | Path | Sequence[str | Path]


class ServerSettings(SandboxSettings, total=False):
    """The settings of a server: the options of `routee-mock serve`."""

    host: str
    port: int
    tls: bool
    tls_port: int
    tls_ca: str | Path
    tls_name: str | Sequence[str]
    app: str | Sequence[str]
    sandboxes: Literal["default", "auto", "strict"]
    scenarios: str | Path
    max_sandboxes: int
    sandbox_idle: float | Unlimited
    max_flows: int
    max_journal: int
    max_payload: int
    max_body: int
    allow_host: str | Sequence[str]
    callback_allow: str | Sequence[str]
    callback_deny: str | Sequence[str]
    callback_rewrite: str | Sequence[str]
    control_token: str
    data: str | Path
    store: str
    lease: float
    shard: str
    sync: Literal["process", "power"]
    downtime: Literal["passes", "stands"]
    data_quarantine: bool
    learnt: str | Path
    ui: bool
    log: Literal["text", "json"]
    log_level: Literal["debug", "info", "warning", "error"]
    ready_file: str | Path
    stop_on_eof: bool


FlowBody = Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""The whole body of `POST /failover`, or only its steps."""
