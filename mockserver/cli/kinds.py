"""The kinds of value that an option takes: each reads a text, and says what is wrong with a bad one."""

import difflib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver.core.clock import LAST
from mockserver.core.dialect import Dialect, differences
from mockserver.settings import Form, Setting

if TYPE_CHECKING:
    from click import Choice
    from click import ParamType as ParamType  # noqa: PLC0414 -- exported from here
else:

    class Choice(click.Choice):
        """click's, which takes the type of its values in brackets only since 8.2."""

        def __class_getitem__(cls, _: object) -> type:
            return cls

    class ParamType(click.ParamType):
        """click's, which takes the type of its values in brackets only since 8.4."""

        def __class_getitem__(cls, _: object) -> type:
            return cls


UNLIMITED = "unlimited"

NO_PATH = "it is empty: is a variable of your shell not set?"
"""What is wrong with a path without letters."""


class NamedPath(click.Path):
    """A path, as a Path. An empty one, as of a variable that is not set, is no word for the working directory.

    how: what click.Path is told.
    """

    def __init__(self, **how: bool) -> None:
        super().__init__(path_type=Path, **how)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read it, or say that there is none."""
        if value == "":
            self.fail(NO_PATH, param, ctx)
        return super().convert(value, param, ctx)


class Instant(ParamType[int]):
    """An ISO 8601 instant, as milliseconds since 1970."""

    name = "iso"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read it, or say what an instant looks like."""
        from mockserver.wire.instants import read_instant

        try:
            instant = value if isinstance(value, int) else read_instant(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if not 0 <= instant <= LAST:
            self.fail("the clock runs from 1970 to the end of the year 9999", param, ctx)
        return instant

    def show(self, value: int | None) -> str | None:
        """As it would be written."""
        from mockserver.wire.instants import stamp

        return None if value is None else stamp(value)


class Limit(ParamType[int | None]):
    """A number of at least `least`, multiplied by `unit`; or `unlimited`, which is None."""

    name = "number|unlimited"

    def __init__(self, unit: int, least: float) -> None:
        self._unit = unit
        self._least = least

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | None:
        """Read it, or say what is expected."""
        if value == UNLIMITED:
            return None
        try:
            number = float(value)
        except ValueError:
            number = -1.0
        if not self._least <= number <= 1e12:
            self.fail(f"{value!r} is neither a number of at least {self._least:g} nor {UNLIMITED}", param, ctx)
        return round(number * self._unit)

    def show(self, value: int | None) -> float | str:
        """As it would be written."""
        if value is None:
            return UNLIMITED
        return value // self._unit if value % self._unit == 0 else value / self._unit


class Finite(click.FloatRange):
    """A number in a range; NaN is in none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read it, or say what is expected."""
        number = float(super().convert(value, param, ctx))
        if number != number:
            self.fail(f"{value!r} is not in the range {self._describe_range()}.", param, ctx)
        return number


class Words(Choice[str]):
    """One of several words; a misspelt one is told which comes close."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Check it, or say what it can be."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            near = difflib.get_close_matches(str(value), list(map(str, self.choices)), n=1)
            self.fail(error.message + (f" Did you mean {near[0]!r}?" if near else ""), param, ctx)


class Application(ParamType[tuple[str, str]]):
    """An application's id and secret, as ID:SECRET."""

    name = "id:secret"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Split it, or say what is missing."""
        application, colon, secret = value.partition(":")
        if not (application and colon and secret):
            # The value is not shown: it may be a secret without its id.
            self.fail("it must be ID:SECRET, for example 5f9138288b71de3617a87cd3:my-secret", param, ctx)
        return application, secret


class HostName(ParamType[str]):
    """A host name without scheme, port and path, or `*` for any."""

    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check it, or say what a host name looks like."""
        if value != "*" and not re.fullmatch(r"[\w-]+(\.[\w-]+)*\.?", value):
            self.fail(f"{value!r} is neither a host name, for example mock.example.com, nor *", param, ctx)
        return str(value)


class Secret(ParamType[str]):
    """A token that can be sent in a header."""

    name = "token"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check it, or say what it must be. An empty token would protect nothing."""
        if not re.fullmatch(r"[!-~]+", value):
            self.fail("a token is one or more visible ASCII characters, without spaces", param, ctx)
        return str(value)


class Database(Secret):
    """The URL of a database. It is a secret, for it can have a password."""

    name = "url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check how it begins, or say what is expected; the value is not shown."""
        if not re.match(r"postgres(ql)?://", value):
            self.fail("it must be a URL such as postgresql://user:password@host:5432/database", param, ctx)
        return str(value)


class ShardName(ParamType[str]):
    """The name of a shard: it stands in a header, a label and the configuration of the proxy."""

    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check it, or say what a name looks like."""
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}", value):
            near = re.sub(r"[^A-Za-z0-9]+", "-", value).strip("-")[:32]
            hint = f" Did you mean {near!r}?" if near else ""
            what = "1 to 32 letters, digits, dots, dashes and underscores, the first a letter or digit"
            self.fail(f"{value!r} is not {what}.{hint}", param, ctx)
        return str(value)


class Destination(ParamType[str]):
    """A pattern of where callbacks go."""

    name = "pattern"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check it, or say what a pattern looks like."""
        from mockserver.delivery.destinations import read_pattern

        try:
            return read_pattern(value).text
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Rewriting(ParamType[str]):
    """A rule for where callbacks go instead."""

    name = "from=to"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check it, or say what a rule looks like."""
        from mockserver.delivery.rewrites import read_rewrite

        try:
            read_rewrite(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return str(value)


class DialectFile(ParamType[Dialect]):
    """A dialect: a TOML file, or a JSON object in its place."""

    name = "file|json"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Dialect:
        """Read it, or say what is wrong, and in which line."""
        from mockserver.loader import decode
        from mockserver.wire.dialect import read_json, read_text

        if value == "":
            self.fail(NO_PATH, param, ctx)
        try:
            in_place = value.lstrip().startswith("{")
            return read_json(value) if in_place else read_text(decode(Path(value).read_bytes()), value)
        except OSError as error:
            self.fail(f"{value} cannot be read: {error.strerror or error}", param, ctx)
        except ValueError as error:
            self.fail(str(error), param, ctx)

    def show(self, value: Dialect | None) -> str | None:
        """As it would be written, in place of a file."""
        import json

        return None if value is None else json.dumps(differences(value))


class CertificateName(ParamType[str]):
    """A host name or IP address that a certificate is valid for."""

    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check it, or say what a name looks like."""
        from mockserver.tls import read_name

        try:
            return read_name(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def _whole(setting: Setting) -> ParamType[int]:
    bounded = setting.least is not None or setting.most is not None
    return click.IntRange(setting.least, setting.most) if bounded else click.INT


KINDS: Mapping[Form, Callable[[Setting], ParamType[Any] | None]] = {
    Form.FLAG: lambda _: None,
    Form.SWITCH: lambda _: None,
    Form.TEXT: lambda _: click.STRING,
    Form.WHOLE: _whole,
    Form.NUMBER: lambda setting: Finite(setting.least, setting.most),
    Form.AMOUNT: lambda setting: Limit(setting.unit.parts, setting.least or 0),
    Form.WORD: lambda setting: Words(setting.words),
    Form.EITHER: lambda setting: Words(setting.words),
    Form.INSTANT: lambda _: Instant(),
    Form.PATH: lambda _: NamedPath(),
    Form.FILE: lambda _: NamedPath(dir_okay=False),
    Form.DIRECTORY: lambda _: NamedPath(exists=True, file_okay=False),
    Form.APPLICATION: lambda _: Application(),
    Form.SECRET: lambda _: Secret(),
    Form.DATABASE: lambda _: Database(),
    Form.HOST: lambda _: HostName(),
    Form.CERTIFIED: lambda _: CertificateName(),
    Form.DESTINATION: lambda _: Destination(),
    Form.REWRITE: lambda _: Rewriting(),
    Form.DIALECT: lambda _: DialectFile(),
    Form.SHARD: lambda _: ShardName(),
}
"""The kind of value for each form of a setting; None for an option without a value."""
