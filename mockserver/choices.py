"""What some settings can be, each a word; `settings` has the rest, and gives these too."""

from enum import StrEnum


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
