"""`routee-mock scenarios`: lists, shows and checks scenarios."""

from pathlib import Path

import click

from mockserver.cli.kinds import NamedPath


@click.group(invoke_without_command=True)
@click.pass_context
def scenarios(context: click.Context) -> None:
    """List, show and check scenarios."""
    if context.invoked_subcommand is None:
        context.invoke(list_scenarios)


DIRECTORY = click.option(
    "--scenarios",
    "directory",
    type=NamedPath(exists=True, file_okay=False),
    envvar="ROUTEE_MOCK_SCENARIOS",
    help="Look in this directory for your own scenario files.",
)


@scenarios.command("list")
@DIRECTORY
def list_scenarios(directory: Path | None = None) -> None:
    """List all scenarios: those of the library, and your own."""
    from mockserver.loader import ScenarioLibrary

    library = ScenarioLibrary(directory)
    for name, scenario in {**library.shipped, **library.own}.items():
        click.echo(f"{click.style(name, bold=True)}\n    {scenario.why}")
    for problem in library.problems:
        click.echo(str(problem), err=True)


@scenarios.command()
@click.argument("name")
@DIRECTORY
def show(name: str, directory: Path | None) -> None:
    """Show the file of a scenario."""
    from mockserver.loader import ScenarioLibrary

    library = ScenarioLibrary(directory)
    file = library.file(name)
    if file is None:
        raise click.ClickException(library.unknown(name))
    click.echo(file.read_text(encoding="utf-8"), nl=False)


@scenarios.command()
@click.argument("paths", nargs=-1, required=True, type=NamedPath(exists=True))
def check(paths: tuple[Path, ...]) -> None:
    """Check scenario files, and directories of them. Each error names its file, line and key."""
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

    from mockserver.wire.scenario.language import schema

    click.echo(orjson.dumps(schema(), option=orjson.OPT_INDENT_2).decode())
