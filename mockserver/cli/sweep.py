"""`routee-mock sweep`: plays every path that a flow can take, and shows how your webhook answered."""

from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

import click

if TYPE_CHECKING:
    from mockserver.cli.paths import Path


@click.command(short_help="Try every path that a flow can take.")
@click.argument("file", type=click.File("rb"), required=False)
@click.option("--url", help="Post all callbacks of FILE to your webhook at this URL.")
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
    help="Run the mock on this port, for an application that already runs and reads once where Routee is; 0 is any.",
)
@click.option("--all", "every", is_flag=True, help="Try every named outcome, not only one for each way a step can end.")
@click.option("--most", type=click.IntRange(1), default=1_000, show_default=True, help="Try at most this many paths.")
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON for each path.")
@click.option("--html", type=click.File("w", encoding="utf-8"), help="Write the table to this file, as a page of HTML.")
def sweep(
    file: IO[bytes] | None,
    url: str | None,
    send: str | None,
    port: int,
    every: bool,
    most: int,
    as_json: bool,
    html: IO[str] | None,
) -> None:
    """Try every path that a flow can take, in virtual time, and show how your webhook answered.

    Your application sends the flow (--send), or the sweep sends the one in FILE, the body of a POST /failover, with its
    callbacks to --url; - is the standard input. Exits with 1 if a callback was lost.
    """
    import orjson

    from mockserver.cli.page import page
    from mockserver.cli.paths import SweepError
    from mockserver.wire.problems import many

    played: list[Path] = []
    try:
        for path in _paths(file, url, send, port, every=every, most=most):
            played.append(path)
            click.echo(orjson.dumps(path.document()).decode() if as_json else _row(len(played), path))
    except SweepError as error:
        raise click.ClickException(str(error)) from None
    lost, stopped = sum(path.lost for path in played), f" (stopped at --most {most})" * (len(played) == most)
    summary = f"{many(len(played), 'path')}, {many(lost, 'callback')} lost{stopped}"
    if html is not None:
        html.write(page(f"Sweep of {send or (file and file.name)}", played, summary))
    if not as_json:
        click.echo(summary)
    if lost:
        raise SystemExit(1)


def _paths(
    file: IO[bytes] | None, url: str | None, send: str | None, port: int, *, every: bool, most: int
) -> "Iterator[Path]":
    from mockserver.cli.bodies import read_body
    from mockserver.cli.paths import sweep, sweep_application

    if send is not None and file is None and url is None:
        return sweep_application(send, port=port, every=every, most=most)
    if send is not None or file is None or url is None or port:
        raise click.UsageError("Give --send COMMAND (and --port, if you like); or FILE and --url URL.")
    return sweep(read_body(file), url, every=every, most=most)


def _row(number: int, path: "Path") -> str:
    end = f"{path.status} over {path.termination}" + (f", statusCode {path.code}" if path.code else "")
    answers = ", ".join(f"{count} x {answer}" for answer, count in path.answers) or "none"
    lost = click.style(f"  {path.lost} lost: {path.error}", fg="red") if path.lost else ""
    return f"{number:>4}  {', '.join(path.outcomes):<48}  {end:<32}  {path.callbacks:>2} callbacks: {answers}{lost}"
