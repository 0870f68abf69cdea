"""The settings of a server: one frozen value, with defaults that need no thought.

What there is to know of a setting stands at its field, once: its type, its default, and a `Setting` with what it does
and how it is written. Options, environment, configuration file, the fields of POST /_mock/sandboxes, the marker of the
pytest plugin and the reference page are made from that. To add a setting, add a field; if a sandbox may have one of its
own, name it in `SANDBOX` too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from enum import Enum, StrEnum, auto
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, get_args, get_origin

from mockserver.core.clock import RATES, Mode
from mockserver.core.setup import MONEY, Limits, Setup

# A setting is read long before there is a sandbox to behave: most of the core is not needed by then.
if TYPE_CHECKING:
    from mockserver.core.behaviour import Behaviour

VERSION = "0.1.0"

MIB = 1_048_576

REACHED = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 -- what is listened on, not chosen
"""Where a server is reached that listens on every address of this machine."""


class Form(Enum):
    """How a value is written."""

    PLAIN = auto()  # as FORMS has it for the type of the field
    FLAG = auto()  # true or false; as an option, --strict or --no-strict
    SWITCH = auto()  # true or false; the field holds its type, or None
    TEXT = auto()
    WHOLE = auto()
    NUMBER = auto()
    AMOUNT = auto()  # a number of units, or `unlimited`: None
    WORD = auto()  # one of several words
    EITHER = auto()  # one of two words: false, true
    INSTANT = auto()  # ISO 8601: milliseconds since 1970
    PATH = auto()  # a file or a directory, which need not exist
    FILE = auto()  # a file, which need not exist
    DIRECTORY = auto()  # a directory that exists
    APPLICATION = auto()  # ID:SECRET
    SECRET = auto()
    HOST = auto()
    CERTIFIED = auto()  # a host name or an IP address
    DESTINATION = auto()  # a pattern of where callbacks go
    REWRITE = auto()  # FROM=TO


FORMS = {bool: Form.FLAG, int: Form.WHOLE, float: Form.NUMBER, str: Form.TEXT, Path: Form.PATH}
"""How a value of a type is written unless its setting names another form; one of an enumeration is a word."""


class Unit(NamedTuple):
    """What an amount is written in. parts: how many of what the field counts make one."""

    name: str
    parts: int


SECONDS, REAL_SECONDS, EURO = Unit("seconds", 1_000), Unit("seconds", 1), Unit("euro", MONEY)
NO_UNIT = Unit("", 1)


class Setting(NamedTuple):
    """What there is to know of a setting.

    help: what it does. absent: what is so while it has no value. name: what it is called, if not as its field; in its
    option the underscores are dashes. at: the part of the field that it is, such as `limits.flows`. form: how it is
    written. least, most: bounds of a number. unit: of an amount. words: those to choose from. after: the setting it is
    listed behind, if not the one before it.

    Filled in from the field: path, where the value is in `Settings`; type; many, whether it can be given several times;
    default.
    """

    help: str
    absent: str = ""
    name: str = ""
    at: str = ""
    form: Form = Form.PLAIN
    least: Any = None
    most: Any = None
    unit: Unit = NO_UNIT
    words: Sequence[str] = ()
    after: str = ""
    path: tuple[str, ...] = ()
    type: Any = None
    many: bool = False
    default: Any = None

    def value(self, given: Any) -> Any:
        """What the field holds. given: what was read from an option, a variable, a file or a request."""
        match self.form:
            case Form.WORD:
                return self.type(given)
            case Form.EITHER:
                return given == self.words[1]
            case Form.SWITCH:
                return self.type() if given else None
            case Form.APPLICATION:
                return dict(given)
            case _:
                return given


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
    """What a server can be told. What each setting does stands beside it; this is what the less obvious fields hold.

    start: milliseconds since 1970; None: the real time. applications: id -> secret; when there are any, others are
    refused. idle: real seconds; None: never. behaviour: in the units of `Behaviour`. callback_rewrite: `FROM=TO`; the
    first that fits counts. tls: None is HTTP alone.
    """

    host: Annotated[str, Setting("Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Setting("Port; 0 lets the system choose.", least=0, most=65_535)] = 8080
    tls: Annotated[
        Tls | None,
        Setting(
            "Answer HTTPS too, as auth.routee.net and connect.routee.net, with a certificate made for this run.",
            form=Form.SWITCH,
        ),
        Setting("Port for HTTPS.", name="tls_port", at="port", least=0, most=65_535),
        Setting(
            "Write the certificate that clients are to trust into this file or directory.",
            name="tls_ca",
            at="ca",
            absent="/_mock/ca.pem has it",
        ),
        Setting(
            "Answer HTTPS under this host name or IP address too; may be repeated.",
            name="tls_name",
            at="names",
            form=Form.CERTIFIED,
            absent="Routee's, this machine",
        ),
    ] = None
    clock: Annotated[Mode, Setting("How time moves.")] = Mode.REALTIME
    rate: Annotated[
        float, Setting("Virtual seconds in a real one, for --clock realtime.", least=RATES[0], most=RATES[1])
    ] = 1.0
    start: Annotated[int | None, Setting("Where the clock starts.", absent="now", form=Form.INSTANT)] = None
    applications: Annotated[
        Mapping[str, str],
        Setting("Take only these credentials; may be repeated.", name="app", form=Form.APPLICATION, absent="any"),
    ] = field(default_factory=dict)
    sandboxes: Annotated[
        Policy,
        Setting(
            "Where an application goes that no sandbox was made for: into the default one, a new one of its own"
            " (auto), or nowhere (strict)."
        ),
    ] = Policy.DEFAULT
    scenarios: Annotated[
        Path | None,
        Setting("A directory of scenario files to play; read again when they change.", form=Form.DIRECTORY),
    ] = None
    scenario: Annotated[
        str | None,
        Setting("Play this one, of that directory or of the library: `routee-mock scenarios` lists it."),
    ] = None
    most_sandboxes: Annotated[int, Setting("Sandboxes kept, at the most.", name="max_sandboxes", least=1)] = 1_000
    idle: Annotated[
        float | None,
        Setting(
            "Real seconds after which a sandbox nobody has asked for is forgotten; never the default one.",
            name="sandbox_idle",
            form=Form.AMOUNT,
            unit=REAL_SECONDS,
            least=1,
        ),
    ] = 3_600
    behaviour: Annotated[
        "Behaviour",
        Setting("Of all ids and delays.", at="seed", after="start"),
        Setting(
            "Flows a sandbox keeps; those that ended first make room.", name="max_flows", at="limits.flows", least=1
        ),
        Setting(
            "Journal entries a sandbox keeps; the oldest make room.", name="max_journal", at="limits.entries", least=100
        ),
        Setting(
            "Bytes of sent flows a sandbox keeps; those that ended first make room.",
            name="max_payload",
            at="limits.payload",
            least=1,
        ),
        Setting("Seconds on the virtual clock.", at="token_life", form=Form.AMOUNT, unit=SECONDS, least=1),
        Setting("In euro.", at="balance", form=Form.AMOUNT, unit=EURO, least=0),
        Setting(
            "A send that cannot be paid is accepted and fails later, or is refused at once.",
            name="balance_mode",
            at="refuse_at_once",
            form=Form.EITHER,
            words=("later", "at-once"),
        ),
    ] = field(default_factory=_behaviour)
    strict: Annotated[bool, Setting("Refuse fields that are unknown or out of place.")] = False
    transcode: Annotated[bool, Setting("For an Sms that does not say.")] = True
    max_body: Annotated[int, Setting("Bytes of a request's body.", least=1)] = MIB
    allow_hosts: Annotated[
        tuple[str, ...],
        Setting(
            "Answer to this Host too; * is any; may be repeated.",
            name="allow_host",
            form=Form.HOST,
            absent="local names, IP addresses, Routee's",
        ),
    ] = ()
    callback_allow: Annotated[
        tuple[str, ...],
        Setting(
            "Post callbacks only there: a host (*. for all below), address or network, with a :port if need be; may be"
            " repeated.",
            form=Form.DESTINATION,
            absent="anywhere",
        ),
    ] = ()
    callback_deny: Annotated[
        tuple[str, ...],
        Setting(
            "Post no callbacks there, whatever is allowed; may be repeated.", form=Form.DESTINATION, absent="nowhere"
        ),
    ] = ()
    callback_rewrite: Annotated[
        tuple[str, ...],
        Setting(
            "Post callbacks for FROM to TO, each a host with a port or scheme if need be, as in"
            " localhost=host.docker.internal; may be repeated.",
            form=Form.REWRITE,
            absent="as they are",
        ),
    ] = ()
    control_token: Annotated[
        str | None,
        Setting("What /_mock/ wants as X-Mock-Token or bearer.", form=Form.SECRET, absent="nothing"),
    ] = field(default=None, repr=False)
    log: Annotated[LogFormat, Setting("How the log is written, to the standard error.")] = LogFormat.TEXT
    log_level: Annotated[
        str,
        Setting(
            "From which level on: debug tells of every request and callback, warning of what was refused or lost.",
            form=Form.WORD,
            words=("debug", "info", "warning", "error"),
        ),
    ] = "info"
    ready_file: Annotated[
        Path | None,
        Setting(
            "Write the URL and the process id into this file, as JSON, when the server answers; it is removed at the"
            " end.",
            form=Form.FILE,
        ),
    ] = None
    stop_on_eof: Annotated[
        bool, Setting("Stop when the standard input ends: together with the program that holds its other end.")
    ] = False


PLACES: Mapping[tuple[str, ...], Any] = {
    (): Settings,
    ("tls",): Tls,
    ("behaviour",): Setup,
    ("behaviour", "limits"): Limits,
}
"""Whose fields hold the settings, by the path that leads there."""


def _table() -> Mapping[str, Setting]:
    """The settings by name, in the order of their fields but for those that say otherwise."""
    table: list[Setting] = []
    for each in fields(Settings):
        annotated: Any = each.type
        for setting in annotated.__metadata__:
            filled = _filled(setting, (each.name, *filter(None, setting.at.split("."))))
            place = next((number for number, other in enumerate(table, 1) if other.name == setting.after), len(table))
            table.insert(place, filled)
    return {setting.name: setting for setting in table}


def _filled(setting: Setting, path: tuple[str, ...]) -> Setting:
    """A setting with what its field tells of it."""
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
"""Every setting by its name, in the order in which they are listed."""

SANDBOX = ("clock", "rate", "start", "strict", "transcode", "seed", "scenario", "token_life", "balance", "balance_mode")
"""The settings a sandbox may have of its own, in the order of the fields of POST /_mock/sandboxes."""


def changed(settings: Settings, given: Mapping[str, Any]) -> Settings:
    """Settings with other values in them. given: by the names of settings, as `Setting.value` takes them."""
    values = {SETTINGS[name].path: SETTINGS[name].value(value) for name, value in given.items()}
    result: Settings = _replaced(settings, values)
    return result


def _replaced(whole: Any, values: Mapping[tuple[str, ...], Any]) -> Any:
    """A dataclass with other values in it, by their paths; what is None has no values in it."""
    if whole is None:
        return None
    parts: dict[str, dict[tuple[str, ...], Any]] = {}
    for path, value in values.items():
        parts.setdefault(path[0], {})[path[1:]] = value
    new = {name: part.pop((), getattr(whole, name)) for name, part in parts.items()}
    return replace(whole, **{name: _replaced(new[name], part) if part else new[name] for name, part in parts.items()})
