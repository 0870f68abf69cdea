"""The settings of a server: one frozen value, with defaults that need no thought."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from mockserver.core.clock import Mode

# A setting is read long before there is a sandbox to behave: most of the core is not needed by then.
if TYPE_CHECKING:
    from mockserver.core.behaviour import Behaviour

VERSION = "0.1.0"

MIB = 1_048_576

REACHED = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 -- what is listened on, not chosen
"""Where a server is reached that listens on every address of this machine."""


class Policy(StrEnum):
    """Where an application goes that no sandbox was made for: into `default`, a world of its own, or nowhere."""

    DEFAULT = "default"
    AUTO = "auto"
    STRICT = "strict"


@dataclass(frozen=True, slots=True)
class Tls:
    """HTTPS beside HTTP, on a port of its own.

    ca: where the authority's certificate is written, a file or a directory; None: nowhere. names: host names and IP
    addresses the certificate is good for, beside Routee's and this machine's.
    """

    port: int = 8443
    ca: Path | None = None
    names: tuple[str, ...] = ()


class LogFormat(StrEnum):
    """How the log is written."""

    TEXT = "text"
    JSON = "json"


def _behaviour() -> "Behaviour":
    from mockserver.core.behaviour import Behaviour

    return Behaviour()


@dataclass(frozen=True, slots=True)
class Settings:
    """What `routee-mock serve` can be told.

    clock, rate, start: how the default sandbox's clock moves, and where it starts (milliseconds since 1970; None:
    at the real time). applications: id -> secret; when any are given, others are refused. max_body: bytes.
    strict: refuse fields that are unknown, or belong to another channel, even blank ones. transcode: the
    application-level setting an Sms without its own follows. behaviour: seed, token life, balance. sandboxes,
    most_sandboxes: who gets a world of his own, and how many of them there may be, `default` included. scenarios: a
    directory of scenario files to play; scenario: the name of one to play, of these or of the library. idle: real
    seconds after which a sandbox nobody has asked for is forgotten; None: never.
    allow_hosts: names the control API answers to beside the usual ones; `*` is any. control_token: what it wants to
    be shown; None: nothing. callback_allow, callback_deny: patterns of where callbacks may go, and may not.
    callback_rewrite: `FROM=TO`, where they go instead; the first that fits counts. tls: None is HTTP alone.
    stop_on_eof: stop when the standard input ends. log, log_level: how the log is written, and from which level on.
    ready_file: where to say, as JSON, that the server answers, and at which URL.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    clock: Mode = Mode.REALTIME
    rate: float = 1.0
    start: int | None = None
    strict: bool = False
    transcode: bool = True
    max_body: int = MIB
    applications: Mapping[str, str] = field(default_factory=dict)
    behaviour: "Behaviour" = field(default_factory=_behaviour)
    sandboxes: Policy = Policy.DEFAULT
    most_sandboxes: int = 1_000
    scenarios: Path | None = None
    scenario: str | None = None
    idle: float | None = 3_600.0
    allow_hosts: tuple[str, ...] = ()
    callback_allow: tuple[str, ...] = ()
    callback_deny: tuple[str, ...] = ()
    callback_rewrite: tuple[str, ...] = ()
    tls: Tls | None = None
    control_token: str | None = field(default=None, repr=False)
    stop_on_eof: bool = False
    log: LogFormat = LogFormat.TEXT
    log_level: str = "info"
    ready_file: Path | None = None
