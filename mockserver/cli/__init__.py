"""The console script, `routee-mock`."""

from typing import IO, Any

import click

from mockserver.cli.config import config
from mockserver.cli.health import health
from mockserver.cli.options import settings, takes
from mockserver.cli.scenarios import scenarios
from mockserver.cli.sources import Configured
from mockserver.settings import VERSION


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="routee-mock")
def main() -> None:
    """A local test double of Routee's Failover API."""


main.add_command(scenarios)
main.add_command(config)
main.add_command(health)


@main.command(cls=Configured, context_settings={"show_default": True})
@takes
def serve(**options: Any) -> None:
    """Serve until interrupted."""
    from mockserver.cli.serving import serve_until_told

    serve_until_told(settings(options))


@main.command()
def demo() -> None:
    """Show the main job: a flow fails over from Viber to Sms to Voice, in virtual time."""
    from mockserver.cli.demo import show

    show()


@main.command()
@click.argument("file", type=click.File("rb"))
def replay(file: IO[bytes]) -> None:
    """Run a log again, as GET /_mock/log wrote it, and print the journal it leads to: the same, byte for byte."""
    from mockserver.wire.control import journal
    from mockserver.wire.control.replay import BadLog, replay

    try:
        engine = replay(file)
    except BadLog as error:
        raise click.ClickException(f"{file.name} cannot be replayed: {error}.") from None
    for line in journal.lines(map(journal.entry_json, engine.journal.after(0))):
        click.echo(line, nl=False)


@main.command()
@click.argument("file", type=click.File("rb"))
@click.option("--url", required=True, help="Your webhook: where every path calls back to.")
@click.option("--all", "every", is_flag=True, help="Every outcome that has a name, not one for each end.")
@click.option("--most", type=click.IntRange(1), default=1_000, help="Paths at the most.")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each path.")
def sweep(file: IO[bytes], url: str, every: bool, most: int, as_json: bool) -> None:
    """Send a flow once for every way it can go, each in virtual time, and show what your webhook answered.

    FILE holds the body of POST /failover; - reads it from the standard input. Exits with 1 when a callback was lost.
    """
    import orjson

    from mockserver.cli.sweep import SweepError, sweep

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


def _row(number: int, path: Any) -> str:
    end = f"{path.status} over {path.termination}" + (f", statusCode {path.code}" if path.code else "")
    answers = ", ".join(f"{count} x {answer}" for answer, count in path.answers) or "none"
    lost = click.style(f"  {path.lost} lost: {path.error}", fg="red") if path.lost else ""
    return f"{number:>4}  {', '.join(path.outcomes):<48}  {end:<32}  {path.callbacks:>2} callbacks: {answers}{lost}"
