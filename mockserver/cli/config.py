"""`routee-mock config`: the value of every setting, and where it comes from. It prints a configuration file."""

from collections.abc import Iterator
from typing import Any

import click

from mockserver.cli.kinds import Application, DialectFile, Instant, Limit, Secret
from mockserver.cli.options import settings, takes
from mockserver.cli.sources import Configured, key, place

NOT_SETTINGS = ("config", "as_json")


@click.command(cls=Configured, short_help="Print every setting, and where it comes from.")
@takes
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_context
def config(context: click.Context, /, as_json: bool, **options: Any) -> None:
    """Print the value of every setting of `serve`, and where it comes from. Secrets are left out.

    It takes the options of `serve`. You can use its output as a file for --config.
    """
    import json

    settings(options)
    known = [param for param in context.command.params if param.name not in NOT_SETTINGS]
    if as_json:
        values = {
            key(each): {"value": _shown(each, context), "from": place(context, each) or "default"} for each in known
        }
        click.echo(json.dumps(values, indent=2))
    else:
        click.echo("\n".join(_lines(context, known)))


def _lines(context: click.Context, params: list[click.Parameter]) -> Iterator[str]:
    import json

    for param in params:
        value, source = _shown(param, context), place(context, param)
        written = "" if value is None else json.dumps(value, ensure_ascii=False)
        secret = isinstance(param.type, Secret | Application) and bool(value)
        out = f"# {key(param)} = ..." if value is None or secret else f"{key(param)} = {written}"
        aside = f"{written if secret else ''} {source or 'default'}".strip()
        yield f"{out:<40}  # {aside}"


def _shown(param: click.Parameter, context: click.Context) -> Any:
    """A value as it is written in a file; never a secret."""
    value = context.params[param.name or ""]
    match param.type:
        case Secret():
            return None if value is None else "(secret)"
        case Application():
            return [f"{application}:(secret)" for application, _ in value]
        case DialectFile() | Instant() | Limit() as kind:
            return kind.show(value)
        case _:
            return list(value) if isinstance(value, tuple) else value if value is None else _plain(value)


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int | float) else str(value)
