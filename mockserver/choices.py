"""What some settings can be, each a word, and how they are written; `settings` has the rest, and gives these too."""

from enum import Enum, StrEnum, auto


class Policy(StrEnum):
    """Where an application without a sandbox goes: into `default`, into a new sandbox of its own, or nowhere."""

    DEFAULT = "default"
    AUTO = "auto"
    STRICT = "strict"


class Sync(StrEnum):
    """What kept data survives: the end of the process, however it comes; or a power failure too."""

    PROCESS = "process"
    POWER = "power"


class Downtime(StrEnum):
    """What a realtime clock does while the server is down: time passes for it, or stands."""

    PASSES = "passes"
    STANDS = "stands"


class LogFormat(StrEnum):
    """How the log is written."""

    TEXT = "text"
    JSON = "json"


class Form(Enum):
    """How a value is written."""

    PLAIN = auto()  # the form that FORMS has for the type of the field
    FLAG = auto()  # true or false; as an option, --strict-fields or --no-strict-fields
    SWITCH = auto()  # true or false; the field holds a value of its type, or None
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
    DIALECT = auto()  # a TOML file, or a JSON object
