"""`routee-mock sweep`: plays every way a flow can go, and shows how your webhook answered."""

from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

import click

if TYPE_CHECKING:
    from mockserver.cli.paths import Path
    from mockserver.wire import Json


@click.command()
@click.argument("file", type=click.File("rb"), required=False)
@click.option("--url", help="URL of your webhook; all callbacks of FILE go there.")
@click.option(
    "--send",
    metavar="COMMAND",
    help="Let your application send: run this command once for each path, with ROUTEE_API_URL, ROUTEE_AUTH_URL,"
    " ROUTEE_APPLICATION_ID and ROUTEE_APPLICATION_SECRET in its environment. It sends one flow and ends.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=0,
    show_default=True,
    help="Port of the mock, for an application that runs already and is told once where Routee is; 0 is any free one.",
)
@click.option("--all", "every", is_flag=True, help="Try every named outcome, not only one for each way a step can end.")
@click.option("--most", type=click.IntRange(1), default=1_000, show_default=True, help="Maximum number of paths.")
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON for each path.")
def sweep(
    file: IO[bytes] | None, url: str | None, send: str | None, port: int, every: bool, most: int, as_json: bool
) -> None:
    """Play every way a flow can go, in virtual time, and show how your webhook answered.

    Your application sends the flow (--send), or the sweep sends the one in FILE, the body of a POST /failover, with its
    callbacks to --url; - is the standard input. Exits with 1 if a callback was lost.
    """
    import orjson

    from mockserver.cli.paths import SweepError

    lost = number = 0
    try:
        for number, path in enumerate(_paths(file, url, send, port, every=every, most=most), start=1):
            lost += path.lost
            click.echo(orjson.dumps(path.document()).decode() if as_json else _row(number, path))
    except SweepError as error:
        raise click.ClickException(str(error)) from None
    if not as_json:
        click.echo(f"{number} paths, {lost} callbacks lost" + (f" (stopped at --most {most})" * (number == most)))
    if lost:
        raise SystemExit(1)


def _paths(
    file: IO[bytes] | None, url: str | None, send: str | None, port: int, *, every: bool, most: int
) -> "Iterator[Path]":
    from mockserver.cli.paths import sweep, sweep_application

    if send is not None and file is None and url is None:
        return sweep_application(send, port=port, every=every, most=most)
    if send is not None or file is None or url is None or port:
        raise click.UsageError("Give --send COMMAND (and --port, if you like); or FILE and --url URL.")
    return sweep(_body(file), url, every=every, most=most)


def _body(file: IO[bytes]) -> "Json":
    """The body of a send, from a file."""
    import orjson

    try:
        body = orjson.loads(file.read())
    except ValueError as error:
        raise click.ClickException(f"{file.name} is not JSON: {error}.") from None
    if not isinstance(body, dict):
        raise click.ClickException(f'{file.name} must hold an object such as {{"flow": [...]}}.')
    return body


def _row(number: int, path: "Path") -> str:
    end = f"{path.status} over {path.termination}" + (f", statusCode {path.code}" if path.code else "")
    answers = ", ".join(f"{count} x {answer}" for answer, count in path.answers) or "none"
    lost = click.style(f"  {path.lost} lost: {path.error}", fg="red") if path.lost else ""
    return f"{number:>4}  {', '.join(path.outcomes):<48}  {end:<32}  {path.callbacks:>2} callbacks: {answers}{lost}"
