"""The console script, `routee-mock`."""

from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import click

from mockserver.core.behaviour import Limits
from mockserver.core.clock import LAST
from mockserver.core.commands import Mode
from mockserver.settings import VERSION, Policy

UNLIMITED = "unlimited"


class Instant(click.ParamType[int]):
    """An ISO 8601 instant, as milliseconds since 1970."""

    name = "iso"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read it, or say what an instant looks like."""
        from mockserver.wire.instants import read_instant

        try:
            instant = value if isinstance(value, int) else read_instant(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if not 0 <= instant <= LAST:
            self.fail("the clock runs from 1970 to the end of the year 9999", param, ctx)
        return instant


class Limit(click.ParamType[int | None]):
    """A number of at least `least`, or `unlimited` (None), multiplied by `unit`."""

    name = "number|unlimited"

    def __init__(self, unit: int, least: float) -> None:
        self._unit = unit
        self._least = least

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | None:
        """Read it, or say what is expected."""
        if value == UNLIMITED:
            return None
        try:
            number = float(value)
        except ValueError:
            number = -1.0
        if not self._least <= number <= 1e12:
            self.fail(f"{value!r} is neither a number from {self._least:g} up nor the word {UNLIMITED}", param, ctx)
        return round(number * self._unit)


class Application(click.ParamType[tuple[str, str]]):
    """An application's id and secret, as ID:SECRET."""

    name = "id:secret"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Split it, or say what is missing."""
        application, colon, secret = value.partition(":")
        if not (application and colon and secret):
            self.fail(f"{value!r} is not ID:SECRET, for example 5f9138288b71de3617a87cd3:my-secret", param, ctx)
        return application, secret


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="routee-mock")
def main() -> None:
    """A local test double of Routee's Failover API."""


def _options(*options: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@main.command(context_settings={"show_default": True})
@_options(
    click.option("--host", default="127.0.0.1", help="Address to listen on."),
    click.option("--port", type=click.IntRange(0, 65_535), default=8080, help="Port; 0 lets the system choose."),
    click.option(
        "--clock",
        type=click.Choice([str(mode) for mode in Mode]),
        default=str(Mode.REALTIME),
        help="How time moves.",
    ),
    click.option(
        "--rate",
        type=click.FloatRange(0.001, 1_000_000),
        default=1.0,
        help="Virtual seconds in a real one, for --clock realtime.",
    ),
    click.option("--start", type=Instant(), help="Where the clock starts.  [default: now]"),
    click.option("--seed", type=int, default=0, help="Of all ids and delays."),
    click.option(
        "--app",
        "applications",
        type=Application(),
        multiple=True,
        help="Take only these credentials; may be repeated.  [default: any]",
    ),
    click.option(
        "--sandboxes",
        type=click.Choice([str(policy) for policy in Policy]),
        default=str(Policy.DEFAULT),
        help="Where an application goes that no sandbox was made for: into the default one, a new one of its own"
        " (auto), or nowhere (strict).",
    ),
    click.option(
        "--scenarios",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        envvar="ROUTEE_MOCK_SCENARIOS",
        show_envvar=True,
        help="A directory of scenario files to play; read again when they change.",
    ),
    click.option(
        "--scenario",
        envvar="ROUTEE_MOCK_SCENARIO",
        show_envvar=True,
        help="Play this one, of that directory or of the library: `routee-mock scenarios` lists it.",
    ),
    click.option("--max-sandboxes", type=click.IntRange(1), default=1_000, help="Sandboxes kept, at the most."),
    click.option(
        "--sandbox-idle",
        type=Limit(1, 1),
        default=3_600,
        help="Real seconds after which a sandbox nobody has asked for is forgotten; never the default one.",
    ),
    click.option(
        "--max-flows",
        type=click.IntRange(1),
        default=Limits().flows,
        help="Flows a sandbox keeps; those that ended first make room.",
    ),
    click.option(
        "--max-journal",
        type=click.IntRange(100),
        default=Limits().entries,
        help="Journal entries a sandbox keeps; the oldest make room.",
    ),
    click.option(
        "--max-payload",
        type=click.IntRange(1),
        default=Limits().payload,
        help="Bytes of sent flows a sandbox keeps; those that ended first make room.",
    ),
    click.option("--token-life", type=Limit(1_000, 1), default=3_600, help="Seconds on the virtual clock."),
    click.option("--balance", type=Limit(10_000, 0), default=UNLIMITED, help="In euro."),
    click.option(
        "--balance-mode",
        type=click.Choice(["later", "at-once"]),
        default="later",
        help="A send that cannot be paid is accepted and fails later, or is refused at once.",
    ),
    click.option("--strict/--no-strict", default=False, help="Refuse fields that are unknown or out of place."),
    click.option("--transcode/--no-transcode", default=True, help="For an Sms that does not say."),
    click.option("--max-body", type=click.IntRange(1), default=1_048_576, help="Bytes of a request's body."),
)
def serve(**options: Any) -> None:
    """Serve until interrupted."""
    from mockserver import server

    settings = _settings(options)
    try:
        server.serve(settings, lambda url: click.echo(_welcome(url, settings.clock, settings.rate)))
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror or error}."
            " Choose another with --port; --port 0 takes any that is free."
        ) from None


@main.command()
def demo() -> None:
    """Show the main job: a flow fails over from Viber to Sms to Voice, in virtual time."""
    from mockserver.demo import show

    show()


@main.command()
@click.argument("file", type=click.File("rb"))
def replay(file: IO[bytes]) -> None:
    """Run a log again, as GET /_mock/log wrote it, and print the journal it leads to: the same, byte for byte."""
    from mockserver.wire import journal
    from mockserver.wire.log import BadLog, replay

    try:
        engine = replay(file)
    except BadLog as error:
        raise click.ClickException(f"{file.name} cannot be replayed: {error}.") from None
    for line in journal.lines(map(journal.told, engine.journal.after(0))):
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

    from mockserver.sweep import SweepError, sweep

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


@main.group(invoke_without_command=True)
@click.pass_context
def scenarios(context: click.Context) -> None:
    """List, show and check scenarios."""
    if context.invoked_subcommand is None:
        context.invoke(list_scenarios)


DIRECTORY = click.option(
    "--scenarios",
    "directory",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    envvar="ROUTEE_MOCK_SCENARIOS",
    help="A directory of your own scenario files.",
)


@scenarios.command("list")
@DIRECTORY
def list_scenarios(directory: Path | None = None) -> None:
    """List what there is to play: the library, and your own."""
    from mockserver.loader import Shelf

    shelf = Shelf(directory)
    for name, scenario in {**shelf.library, **shelf.own}.items():
        click.echo(f"{click.style(name, bold=True)}\n    {scenario.why}")
    for problem in shelf.problems:
        click.echo(str(problem), err=True)


@scenarios.command()
@click.argument("name")
@DIRECTORY
def show(name: str, directory: Path | None) -> None:
    """Show one as it is written."""
    from mockserver.loader import Shelf

    shelf = Shelf(directory)
    file = shelf.file(name)
    if file is None:
        raise click.ClickException(shelf.unknown(name))
    click.echo(file.read_text(encoding="utf-8"), nl=False)


@scenarios.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def check(paths: tuple[Path, ...]) -> None:
    """Check files, and directories of them: every error is named with its file, line and key."""
    from mockserver.loader import check_paths

    good, problems = check_paths(paths)
    for problem in problems:
        click.echo(str(problem), err=True)
    click.echo(f"{good} good, {len({each.file for each in problems})} bad")
    if problems:
        raise SystemExit(1)


@scenarios.command()
def schema() -> None:
    """Print the JSON Schema of a scenario file, for editors."""
    import orjson

    from mockserver.wire.scenarios import schema

    click.echo(orjson.dumps(schema(), option=orjson.OPT_INDENT_2).decode())


def _settings(options: dict[str, Any]) -> Any:
    from mockserver.core.behaviour import Behaviour
    from mockserver.settings import Settings

    names = ("host", "port", "rate", "start", "strict", "transcode", "max_body", "scenarios", "scenario")
    return Settings(
        **{name: options[name] for name in names},
        clock=Mode(options["clock"]),
        sandboxes=Policy(options["sandboxes"]),
        most_sandboxes=options["max_sandboxes"],
        idle=options["sandbox_idle"],
        applications=dict(options["applications"]),
        behaviour=Behaviour(
            seed=options["seed"],
            token_life=options["token_life"],
            balance=options["balance"],
            refuse_at_once=options["balance_mode"] == "at-once",
            limits=Limits(options["max_flows"], options["max_journal"], options["max_payload"]),
        ),
    )


def _welcome(url: str, clock: Mode, rate: float) -> str:
    pace = f" at rate {rate:g}" if clock is Mode.REALTIME else ""
    return (
        f"routee-mock {VERSION} listens on {url} (clock: {clock}{pace}; ctrl-c stops it)\n"
        f"  token  curl -u any-id:any-secret -d grant_type=client_credentials {url}/oauth/token\n"
        f"  clock  curl {url}/_mock/clock\n"
    )
