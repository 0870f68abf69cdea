"""The options of `routee-mock serve`, one for every setting, and the settings made from them.

Each can be given on the command line, in the environment (ROUTEE_MOCK_ and its name), or in a file (`sources`).
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click

from mockserver.cli.kinds import KINDS, Limit, NamedPath
from mockserver.cli.sources import PREFIX, Port, read_file
from mockserver.settings import SETTINGS, Form, Setting, Settings, Tls, changed

CLASSES: dict[str, type[click.Option]] = {"port": Port, "tls_port": Port}
"""The options that need a class of their own."""


def option(setting: Setting, *, environment: bool = True) -> Callable[..., Any]:
    """The option of a setting. environment: whether a variable can set it too."""
    word, default = setting.name.replace("_", "-"), _default(setting)
    return click.option(
        f"--{word}/--no-{word}" if setting.form is Form.FLAG else f"--{word}",
        setting.name,
        cls=CLASSES.get(setting.name, click.Option),
        type=KINDS[setting.form](setting),
        is_flag=setting.form is Form.SWITCH or None,
        multiple=setting.many,
        help=f"{setting.help}  [default: {setting.absent}]" if setting.absent else setting.help,
        envvar=PREFIX + setting.name.upper() if environment else None,
        show_envvar=environment,
        **{} if default is None else {"default": default},
    )


def _default(setting: Setting) -> Any:
    """The default as it is written; None if there is none."""
    match setting.form:
        case Form.AMOUNT:
            return Limit(setting.unit.parts, 0).show(setting.default)
        case Form.EITHER:
            return setting.words[setting.default]
        case Form.WORD:
            return str(setting.default)
        case Form.DIALECT:
            return None
        case _:
            return None if setting.many else setting.default


OPTIONS = (
    click.option(
        "--config",
        type=NamedPath(exists=True, dir_okay=False),
        is_eager=True,
        expose_value=False,
        callback=read_file,
        envvar=f"{PREFIX}CONFIG",
        show_envvar=True,
        help="Read settings from this TOML file, each under the name of its option; `routee-mock config` prints one.",
    ),
    *map(option, SETTINGS.values()),
)

TLS = tuple(name for name, setting in SETTINGS.items() if setting.path[0] == "tls")
"""The names of the settings for HTTPS."""


def takes(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command every option of `serve`, in order."""
    return _with(command, OPTIONS)


def takes_tls(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of `serve` for HTTPS. The environment is for `serve` alone: both would write one file,
    and listen on one port."""
    return _with(command, [option(SETTINGS[name], environment=False) for name in TLS])


def _with(command: Callable[..., Any], options: Sequence[Callable[..., Any]]) -> Callable[..., Any]:
    for each in reversed(options):
        command = each(command)
    return command


def settings(options: dict[str, Any]) -> Settings:
    """The settings of a server, from its options."""
    return _settings(options, SETTINGS)


def tls(options: dict[str, Any]) -> Tls | None:
    """The settings for HTTPS, from the options of `takes_tls`; None without it."""
    return _settings(options, TLS).tls


def _refuse_useless(options: dict[str, Any], names: Iterable[str]) -> None:
    """Raise UsageError for options that do nothing without another one."""
    for needs in dict.fromkeys(SETTINGS[name].needs for name in names):
        group = [SETTINGS[name] for name in names if SETTINGS[name].needs == needs]
        given = [each.name for each in group if each.value(options[each.name]) != each.default]
        if needs and given and not any(options[name] for name in needs):
            verb, alone = ("needs", "it does") if len(given) == 1 else ("need", "they do")
            raise click.UsageError(f"{_joined(given, 'and')} {verb} {_joined(needs, 'or')} too: alone {alone} nothing.")


def _joined(names: Sequence[str], word: str) -> str:
    return f" {word} ".join(f"--{name.replace('_', '-')}" for name in names)


def _settings(options: dict[str, Any], names: Iterable[str]) -> Settings:
    _refuse_useless(options, names)
    return changed(Settings(), {name: options[name] for name in names})
