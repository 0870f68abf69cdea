"""`routee-mock replay`: runs a log again."""

from typing import IO

import click


@click.command(short_help="Run a log again, and print its journal.")
@click.argument("file", type=click.File("rb"))
def replay(file: IO[bytes]) -> None:
    """Run a log of GET /_mock/log again, and print its journal: the same, byte for byte."""
    from mockserver.loader import decode
    from mockserver.wire.control import journal
    from mockserver.wire.control.replay import replay

    try:
        engine = replay(decode(file.read()).encode().splitlines())
    except ValueError as error:
        raise click.ClickException(f"{file.name} cannot be replayed: {error}.") from None
    for line in map(journal.line, map(journal.entry_json, engine.journal.read(0))):
        click.echo(line, nl=False)
