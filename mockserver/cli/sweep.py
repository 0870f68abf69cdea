"""`routee-mock sweep`: plays every way a flow can go, and shows how your webhook answered."""

from typing import IO, TYPE_CHECKING

import click

if TYPE_CHECKING:
    from mockserver.cli.paths import Path


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--url", required=True, help="URL of your webhook; all callbacks go there.")
@click.option("--all", "every", is_flag=True, help="Try every named outcome, not only one for each way a step can end.")
@click.option("--most", type=click.IntRange(1), default=1_000, help="Maximum number of paths.")
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON for each path.")
def sweep(file: IO[bytes], url: str, every: bool, most: int, as_json: bool) -> None:
    """Send a flow once for every way it can go, in virtual time, and show how your webhook answered.

    FILE has the body of POST /failover; - is the standard input. Exits with 1 if a callback was lost.
    """
    import orjson

    from mockserver.cli.paths import SweepError, sweep

    try:
        body = orjson.loads(file.read())
    except ValueError as error:
        raise click.ClickException(f"{file.name} is not JSON: {error}.") from None
    if not isinstance(body, dict):
        raise click.ClickException(f'{file.name} must hold an object such as {{"flow": [...]}}.')
    lost = number = 0
    try:
        for number, path in enumerate(sweep(body, url, every=every, most=most), start=1):
            lost += path.lost
            click.echo(orjson.dumps(path.document()).decode() if as_json else _row(number, path))
    except SweepError as error:
        raise click.ClickException(str(error)) from None
    if not as_json:
        click.echo(f"{number} paths, {lost} callbacks lost" + (f" (stopped at --most {most})" * (number == most)))
    if lost:
        raise SystemExit(1)


def _row(number: int, path: "Path") -> str:
    end = f"{path.status} over {path.termination}" + (f", statusCode {path.code}" if path.code else "")
    answers = ", ".join(f"{count} x {answer}" for answer, count in path.answers) or "none"
    lost = click.style(f"  {path.lost} lost: {path.error}", fg="red") if path.lost else ""
    return f"{number:>4}  {', '.join(path.outcomes):<48}  {end:<32}  {path.callbacks:>2} callbacks: {answers}{lost}"
