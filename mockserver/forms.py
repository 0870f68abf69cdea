"""How one setting is described: what it does, and how it is written. `settings` has them all, and gives these too."""

from collections.abc import Sequence
from enum import Enum, auto
from pathlib import Path
from typing import Any, NamedTuple

from mockserver.core.dialect import as_dialect


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
    DATABASE = auto()  # a URL, which can have a password
    HOST = auto()
    CERTIFIED = auto()  # a host name or an IP address
    DESTINATION = auto()  # a pattern of where callbacks go
    REWRITE = auto()  # FROM=TO
    DIALECT = auto()  # a TOML file, or a JSON object
    SHARD = auto()  # the name of a server behind a proxy


FORMS = {bool: Form.FLAG, int: Form.WHOLE, float: Form.NUMBER, str: Form.TEXT, Path: Form.PATH}
"""The form of a value by its type, if its setting names no other. A value of an enumeration is a word."""


class Unit(NamedTuple):
    """The unit of an amount. parts: how many of the field's own units make one."""

    name: str
    parts: int


NO_UNIT = Unit("", 1)


class Setting(NamedTuple):
    """A setting: what it does and how it is written.

    help: what it does. absent: what holds when it has no value. name: its name, if not that of its field; its option
    has dashes for the underscores. at: which part of the field it sets, such as `limits.flows`. form: how it is
    written. least, most: the bounds of a number. unit: the unit of an amount. words: the words to choose from. after:
    the setting that it is listed after, if not the one before it. needs: other settings; without any of them, it does
    nothing.

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
    needs: Sequence[str] = ()
    path: tuple[str, ...] = ()
    type: Any = None
    many: bool = False
    default: Any = None

    def value(self, given: Any) -> Any:
        """The value for the field. given: the value read from an option, a variable, a file or a request."""
        match self.form:
            case Form.WORD:
                return self.type(given)
            case Form.EITHER:
                return given == self.words[1]
            case Form.SWITCH:
                return self.type() if given else None
            case Form.APPLICATION:
                return dict(given)
            case Form.DIALECT:
                return as_dialect(given or {})
            case _:
                return given
