"""The body of a send, in a file."""

from typing import IO

import click

from mockserver.wire import Json


def read_body(file: IO[bytes]) -> Json:
    """Read it. Raises ClickException for what is no JSON object."""
    import orjson

    try:
        body = orjson.loads(file.read())
    except ValueError as error:
        raise click.ClickException(f"{file.name} is not JSON: {error}.") from None
    if not isinstance(body, dict):
        raise click.ClickException(f'{file.name} must hold an object such as {{"flow": [...]}}.')
    return body
