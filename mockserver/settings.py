"""The settings of a server: one frozen value, with defaults that need no thought.

A field is the only place that describes a setting: its type, its default, and a `Setting` with what it does and how it
is written. Options, environment variables, the configuration file, the fields of POST /_mock/sandboxes, the marker of
the pytest plugin and the reference page are made from it. To add a setting, add a field. If a sandbox may have its own
value, name the setting in `SANDBOX` too.
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

from mockserver.choices import Downtime as Downtime  # noqa: PLC0414 -- exported from here
from mockserver.choices import LogFormat as LogFormat  # noqa: PLC0414 -- exported from here
from mockserver.choices import Policy as Policy  # noqa: PLC0414 -- exported from here
from mockserver.choices import Sync as Sync  # noqa: PLC0414 -- exported from here
from mockserver.core.clock import RATES, Mode
from mockserver.core.setup import MONEY, Limits, Setup
from mockserver.forms import FORMS, Unit
from mockserver.forms import Form as Form  # noqa: PLC0414 -- exported from here
from mockserver.forms import Setting as Setting  # noqa: PLC0414 -- exported from here

# Settings are read before any sandbox exists, and most of the core is not needed yet. So it is imported later.
if TYPE_CHECKING:
    from mockserver.core.behaviour import Behaviour

VERSION = "0.1.0"

MIB = 1_048_576

REACHED = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 -- what is listened on, not chosen
"""The host of a URL for a server that listens on every address of this machine."""


SECONDS, REAL_SECONDS, EURO = Unit("seconds", 1_000), Unit("seconds", 1), Unit("euro", MONEY)


@dataclass(frozen=True, slots=True)
class Tls:
    """HTTPS in addition to HTTP, on a port of its own.

    ca: the file or directory to write the authority's certificate to; None: nowhere. names: host names and IP
    addresses that the certificate is valid for, in addition to Routee's and this machine's.
    """

    port: int = 8443
    ca: Path | None = None
    names: tuple[str, ...] = ()


def _behaviour() -> "Behaviour":
    from mockserver.core.behaviour import Behaviour

    return Behaviour()


TLS, STORE, KEPT = ("tls",), ("store",), ("data", "store")
"""What settings for HTTPS, for several servers and for what is kept need."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a server. Each has its help beside it; these fields need more words.

    start: milliseconds since 1970; None: the real time. applications: id -> secret; if there are any, all others are
    refused. idle: real seconds; None: never. behaviour: in the units of `Behaviour`. callback_rewrite: `FROM=TO` rules;
    the first that fits counts. tls: None is HTTP only.
    """

    host: Annotated[str, Setting("Listen on this address.")] = "127.0.0.1"
    port: Annotated[int, Setting("Listen on this port; 0 lets the system choose.", least=0, most=65_535)] = 8080
    tls: Annotated[
        Tls | None,
        Setting(
            "Serve HTTPS too, with a certificate for auth.routee.net and connect.routee.net that is made for this run.",
            form=Form.SWITCH,
        ),
        Setting("Serve HTTPS on this port.", name="tls_port", at="port", least=0, most=65_535, needs=TLS),
        Setting(
            "Write the certificate that clients must trust to this file or directory.",
            name="tls_ca",
            at="ca",
            needs=TLS,
            absent="/_mock/ca.pem has it",
        ),
        Setting(
            "Serve HTTPS for this host name or IP address too; may be repeated.",
            name="tls_name",
            at="names",
            needs=TLS,
            form=Form.CERTIFIED,
            absent="Routee's, this machine",
        ),
    ] = None
    clock: Annotated[Mode, Setting("How time moves: by itself, only on request, or at once.")] = Mode.REALTIME
    rate: Annotated[
        float,
        Setting("Virtual seconds in each real second, with --clock realtime.", least=RATES[0], most=RATES[1]),
    ] = 1.0
    start: Annotated[int | None, Setting("Start the clock at this instant.", absent="now", form=Form.INSTANT)] = None
    applications: Annotated[
        Mapping[str, str],
        Setting("Accept only these credentials; may be repeated.", name="app", form=Form.APPLICATION, absent="any"),
    ] = field(default_factory=dict)
    sandboxes: Annotated[
        Policy,
        Setting(
            "Where an application without a sandbox goes: to the sandbox `default` (default), to a new one of its own"
            " (auto), or nowhere: it is refused (strict)."
        ),
    ] = Policy.DEFAULT
    scenarios: Annotated[
        Path | None,
        Setting(
            "Play the scenario files in this directory; they are read again when they change.", form=Form.DIRECTORY
        ),
    ] = None
    scenario: Annotated[
        str | None,
        Setting("Play this scenario, from --scenarios or from the library; `routee-mock scenarios` lists them."),
    ] = None
    most_sandboxes: Annotated[int, Setting("Keep at most this many sandboxes.", name="max_sandboxes", least=1)] = 1_000
    idle: Annotated[
        float | None,
        Setting(
            "Delete a sandbox that was not used for this many real seconds, but never `default`.",
            name="sandbox_idle",
            form=Form.AMOUNT,
            unit=REAL_SECONDS,
            least=1,
        ),
    ] = 3_600
    behaviour: Annotated[
        "Behaviour",
        Setting("Draw all ids and delays from this seed.", at="seed", after="start", least=-(2**63), most=2**63 - 1),
        Setting(
            "Keep at most this many flows in a sandbox; the flows that ended first make room.",
            name="max_flows",
            at="limits.flows",
            least=1,
        ),
        Setting(
            "Keep at most this many journal entries in a sandbox; the oldest make room.",
            name="max_journal",
            at="limits.entries",
            least=100,
        ),
        Setting(
            "Keep at most this many bytes of sent flows in a sandbox; the flows that ended first make room.",
            name="max_payload",
            at="limits.payload",
            least=1,
        ),
        Setting(
            "How long a token is valid, in virtual seconds.",
            at="token_life",
            form=Form.AMOUNT,
            unit=SECONDS,
            least=1,
        ),
        Setting("Begin with this balance of the account, in euro.", at="balance", form=Form.AMOUNT, unit=EURO, least=0),
        Setting(
            "What happens to a send that the balance cannot pay: it fails later, or is refused at once.",
            name="balance_mode",
            at="refuse_at_once",
            form=Form.EITHER,
            words=("later", "at-once"),
        ),
        Setting(
            "Answer as this dialect says, where Routee's documentation leaves a choice: a TOML file, or a JSON object.",
            at="dialect",
            form=Form.DIALECT,
            absent="as docs/fidelity.md says",
        ),
    ] = field(default_factory=_behaviour)
    learnt: Annotated[
        Path | None,
        Setting(
            "Show beside each rule whether your recording agrees: the learnt.json of `routee-mock learn --write`.",
            form=Form.FILE,
            absent="nothing was learnt",
        ),
    ] = None
    strict_fields: Annotated[bool, Setting("Refuse fields that are unknown or belong to another channel.")] = False
    transcode: Annotated[bool, Setting("Transcode an Sms without a field `transcode`.")] = True
    max_body: Annotated[int, Setting("Refuse a request with more bytes than this in its body.", least=1)] = MIB
    allow_hosts: Annotated[
        tuple[str, ...],
        Setting(
            "Answer requests with this Host header too; * is any; may be repeated.",
            name="allow_host",
            form=Form.HOST,
            absent="local names, IP addresses, Routee's",
        ),
    ] = ()
    callback_allow: Annotated[
        tuple[str, ...],
        Setting(
            "Post callbacks only to this host (*.NAME is every host below NAME), address or network, with a :port if"
            " you want; may be repeated.",
            form=Form.DESTINATION,
            absent="anywhere",
        ),
    ] = ()
    callback_deny: Annotated[
        tuple[str, ...],
        Setting(
            "Never post callbacks to this host, address or network, even if it is allowed; may be repeated.",
            form=Form.DESTINATION,
            absent="nowhere",
        ),
    ] = ()
    callback_rewrite: Annotated[
        tuple[str, ...],
        Setting(
            "Post callbacks for FROM to TO instead. Each is a host, with a port or a scheme if you want, as in"
            " localhost=host.docker.internal; may be repeated.",
            form=Form.REWRITE,
            absent="as they are",
        ),
    ] = ()
    control_token: Annotated[
        str | None,
        Setting(
            "Refuse requests to /_mock/ without this token, as X-Mock-Token or as a bearer token.",
            form=Form.SECRET,
            absent="nothing",
        ),
    ] = field(default=None, repr=False)
    data: Annotated[
        Path | None,
        Setting("Keep every sandbox in this directory, over restarts.", absent="nothing is kept"),
    ] = None
    store: Annotated[
        str | None,
        Setting(
            "Keep every sandbox in PostgreSQL: postgresql://USER:PASSWORD@HOST/DATABASE. Several servers can share it.",
            form=Form.DATABASE,
            absent="nothing is kept",
        ),
    ] = field(default=None, repr=False)
    lease: Annotated[
        float,
        Setting(
            "After this many silent seconds of a server with --store, another takes its sandboxes over.",
            least=1,
            needs=STORE,
        ),
    ] = 10.0
    sync: Annotated[
        Sync,
        Setting(
            "What is kept survives the end of the process, or a power failure too (some milliseconds slower).",
            needs=KEPT,
        ),
    ] = Sync.PROCESS
    downtime: Annotated[
        Downtime,
        Setting("Whether a realtime clock goes on while the server that keeps it is down, or stands.", needs=KEPT),
    ] = Downtime.PASSES
    data_quarantine: Annotated[
        bool, Setting("Start without the kept sandboxes that cannot be read; they stay on the disk.", needs=KEPT)
    ] = False
    shard: Annotated[
        str | None,
        Setting(
            "The name of this server among several behind a proxy; answers have it as Mock-Shard, metrics as a label.",
            form=Form.SHARD,
            absent="the only server",
        ),
    ] = None
    ui: Annotated[bool, Setting("Serve the page, at /_mock/ui/.")] = True
    log: Annotated[LogFormat, Setting("Write the log in this format. It goes to the standard error.")] = LogFormat.TEXT
    log_level: Annotated[
        str,
        Setting(
            "Log from this level on: debug logs every request and callback, warning logs what was refused or lost.",
            form=Form.WORD,
            words=("debug", "info", "warning", "error"),
        ),
    ] = "info"
    ready_file: Annotated[
        Path | None,
        Setting(
            "Write the URL and the process id to this file, as JSON, when the server is ready; the file is removed when"
            " the server stops.",
            form=Form.FILE,
        ),
    ] = None
    stop_on_eof: Annotated[
        bool, Setting("Stop when the standard input ends, so that the server stops with the program that started it.")
    ] = False


PLACES: Mapping[tuple[str, ...], Any] = {
    (): Settings,
    ("tls",): Tls,
    ("behaviour",): Setup,
    ("behaviour", "limits"): Limits,
}
"""The dataclasses that hold the settings, by their path in `Settings`."""


def _table() -> Mapping[str, Setting]:
    """The settings by name, in the order of their fields, except where `after` says otherwise."""
    table: list[Setting] = []
    for each in fields(Settings):
        annotated: Any = each.type
        for setting in annotated.__metadata__:
            filled = _filled(setting, (each.name, *filter(None, setting.at.split("."))))
            place = next((number for number, other in enumerate(table, 1) if other.name == setting.after), len(table))
            table.insert(place, filled)
    return {setting.name: setting for setting in table}


def _filled(setting: Setting, path: tuple[str, ...]) -> Setting:
    """A setting, filled in from its field."""
    leaf = PLACES[path[:-1]].__dataclass_fields__[path[-1]]
    held = get_args(leaf.type)[0] if get_origin(leaf.type) is Annotated else leaf.type
    kind = next(iter(get_args(held)), held)
    form = FORMS.get(kind, Form.WORD) if setting.form is Form.PLAIN else setting.form
    return setting._replace(
        name=setting.name or leaf.name,
        form=form,
        words=setting.words or (tuple(map(str, kind)) if form is Form.WORD else ()),
        path=path,
        type=kind,
        many=get_origin(held) in (tuple, Mapping),
        default=None if leaf.default is MISSING else leaf.default,
    )


SETTINGS = _table()
"""Every setting by its name, in the order of the help."""

SANDBOX = (
    "clock",
    "rate",
    "start",
    "strict_fields",
    "transcode",
    "seed",
    "scenario",
    "token_life",
    "balance",
    "balance_mode",
    "dialect",
)
"""The settings that a sandbox may have its own value of, in the order of the fields of POST /_mock/sandboxes."""


def current(settings: Settings, name: str) -> Any:
    """The value of a setting."""
    return reduce(getattr, SETTINGS[name].path, settings)


def changed(settings: Settings, given: Mapping[str, Any]) -> Settings:
    """A copy of the settings with some values changed. given: by name, as `Setting.value` takes them."""
    values = {SETTINGS[name].path: SETTINGS[name].value(value) for name, value in given.items()}
    result: Settings = _replaced(settings, values)
    return result


def _replaced(whole: Any, values: Mapping[tuple[str, ...], Any]) -> Any:
    """A copy of a dataclass with some values changed, by their paths; None stays None."""
    if whole is None:
        return None
    parts: dict[str, dict[tuple[str, ...], Any]] = {}
    for path, value in values.items():
        parts.setdefault(path[0], {})[path[1:]] = value
    new = {name: part.pop((), getattr(whole, name)) for name, part in parts.items()}
    return replace(whole, **{name: _replaced(new[name], part) if part else new[name] for name, part in parts.items()})
