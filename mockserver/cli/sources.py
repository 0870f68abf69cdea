"""Where the value of an option comes from: the command line, else the environment, else a TOML file, else the default.

A misspelt name is always an error, and never ignored.
"""

import os
import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from mockserver.cli.kinds import DialectFile

PREFIX = "ROUTEE_MOCK_"

OTHERS = {f"{PREFIX}URL": "a running mock, for tests and `routee-mock health`"}
"""Environment variables that are not options of `serve`."""

OF_KUBERNETES = re.compile(
    rf"{PREFIX}(\w+_)?(SERVICE_(HOST|PORT(_\w+)?)|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)=.*"
    rf"|{PREFIX}(\w+_)?PORT=(tcp|udp|sctp)://.*"
)
"""Variables that Kubernetes, and links of Docker, set in every container for services named routee-mock..."""

FILE = "routee-mock configuration file"


_HEADINGS = {
    "Where it listens": ("host", "port", "tls", "tls_port", "tls_ca", "tls_name"),
    "Time and chance": ("clock", "rate", "start", "seed"),
    "What happens to messages": ("scenarios", "scenario", "balance", "balance_mode"),
    "What is answered": ("strict_fields", "transcode", "dialect", "learnt"),
    "Applications and tokens": ("app", "sandboxes", "token_life", "shard"),
    "Where callbacks go": ("callback_allow", "callback_deny", "callback_rewrite"),
    "Limits": ("max_sandboxes", "sandbox_idle", "max_flows", "max_journal", "max_payload", "max_body"),
    "Protection": ("allow_host", "control_token", "ui"),
    "Data on disk": ("data", "store", "lease", "sync", "downtime", "data_quarantine"),
    "Log, start and stop": ("log", "log_level", "ready_file", "stop_on_eof"),
}
GROUPS: Mapping[str, str] = {name: heading for heading, names in _HEADINGS.items() for name in names}
"""The heading of each setting, in the order of the help."""


class Configured(click.Command):
    """A command whose options can also be in the environment, and in the file that --config names.

    Its help has them in groups.
    """

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, each under the heading of its group."""
        groups: dict[str, list[tuple[str, str]]] = {heading: [] for heading in dict.fromkeys(GROUPS.values())}
        for param in self.get_params(ctx):
            if (record := param.get_help_record(ctx)) is not None:
                groups.setdefault(GROUPS.get(param.name or "", "Options"), []).append(record)
        for heading, records in groups.items():
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the command line. An error names the place of the wrong value."""
        check_environment(self)
        try:
            return super().parse_args(ctx, args)
        except click.BadParameter as error:
            if error.param is not None:
                error.param_hint = place(ctx, error.param) or f"--{key(error.param)}"
            raise


class Port(click.Option):
    """A port. For services called routee-mock or routee-mock-tls, Kubernetes sets its variable to `tcp://...`."""

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:
        """The value of the environment, if it is a port."""
        value = super().resolve_envvar_value(ctx)
        return None if value is not None and "://" in value else value


def check_environment(command: click.Command) -> None:
    """Raise UsageError for variables with our prefix that are not settings."""
    known = {*OTHERS, *(variable(param) for param in command.params)}
    for name, value in sorted(os.environ.items()):
        if name.startswith(PREFIX) and name not in known and not OF_KUBERNETES.fullmatch(f"{name}={value}"):
            raise click.UsageError(f"there is no setting {name} (environment){_near(name, known)}")


def read_file(ctx: click.Context, _: click.Parameter, file: Path | None) -> Path | None:
    """Make the settings of a file the defaults of the other options. Raises UsageError with file, line and key."""
    if file is None:
        return None
    import tomllib

    from mockserver.loader import decode
    from mockserver.wire.problems import line

    try:
        text = decode(file.read_bytes())
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise click.UsageError(f"{file} is not TOML: {error}") from None
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    params = {key(param): param for param in ctx.command.params if param.name not in ("config", "as_json")}
    found = {}
    for name, value in values.items():
        where = f"{file}, line {line(text, name)}"
        param = params.get(name.replace("_", "-"))
        if param is None or param.name is None:
            raise click.UsageError(f"{where}: there is no setting {name}{_near(name, params)}")
        try:
            found[param.name] = _value(param, value)
        except ValueError as error:
            raise click.UsageError(f"{where}: {name} {error}") from None
    ctx.default_map = found
    ctx.meta[FILE] = (file, {name.replace("_", "-"): line(text, name) for name in values})
    return file


def _value(param: click.Parameter, value: Any) -> Any:
    """A value of a TOML file, as click takes it from a command line. Raises ValueError."""
    flag = isinstance(param, click.Option) and param.is_flag
    if isinstance(value, bool) or flag:
        if not (flag and isinstance(value, bool)):
            raise ValueError("must be true or false" if flag else "must be a text or a number, not true or false")
        return value
    if isinstance(value, dict) and isinstance(param.type, DialectFile):
        import json

        return json.dumps(value, default=str)
    if isinstance(value, list) and param.multiple:
        return [_scalar(each) for each in value]
    return [_scalar(value)] if param.multiple else _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("must be one value, a text or a number")
    return str(value)


def key(param: click.Parameter) -> str:
    """The key of an option in a file: its name on the command line, without the dashes in front."""
    return next(name for name in param.opts if name.startswith("--")).removeprefix("--")


def variable(param: click.Parameter) -> str:
    """The environment variable of an option."""
    return param.envvar if isinstance(param.envvar, str) else ""


def place(ctx: click.Context, param: click.Parameter) -> str | None:
    """Where the value of an option comes from; None if it is the default."""
    match ctx.get_parameter_source(param.name or ""):
        case ParameterSource.COMMANDLINE:
            return f"--{key(param)}"
        case ParameterSource.ENVIRONMENT:
            return f"{variable(param)} (environment)"
        case ParameterSource.DEFAULT_MAP:
            file, lines = ctx.meta[FILE]
            return f"{file}, line {lines[key(param)]}: {key(param)}"
        case _:
            return None


def _near(name: str, known: Mapping[str, Any] | set[str]) -> str:
    import difflib

    found = difflib.get_close_matches(
        name.replace("_", "-") if name.islower() else name, sorted(known), n=1, cutoff=0.5
    )
    return f"; did you mean {found[0]}?" if found else ""
