"""`routee-mock replay`: runs a log again."""

from typing import IO

import click


@click.command()
@click.argument("file", type=click.File("rb"))
def replay(file: IO[bytes]) -> None:
    """Run a log from GET /_mock/log again, and print the journal: the same as before, byte for byte."""
    from mockserver.wire.control import journal
    from mockserver.wire.control.replay import BadLog, replay

    try:
        engine = replay(file)
    except BadLog as error:
        raise click.ClickException(f"{file.name} cannot be replayed: {error}.") from None
    for line in journal.lines(map(journal.entry_json, engine.journal.after(0))):
        click.echo(line, nl=False)
