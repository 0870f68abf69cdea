"""`routee-mock data`: what a server keeps in its directory, or servers in their database."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli.kinds import Database, NamedPath

if TYPE_CHECKING:
    from mockserver.keeping.postgres import PostgresStore
    from mockserver.keeping.sqlite import SqliteStore
    from mockserver.keeping.values import Batch, Snapshot, World

DIRECTORY = click.option(
    "--data",
    "directory",
    type=NamedPath(file_okay=False),
    envvar="ROUTEE_MOCK_DATA",
    show_envvar=True,
    help="Directory that `routee-mock serve --data` keeps.",
)

DATABASE = click.option(
    "--store",
    type=Database(),
    envvar="ROUTEE_MOCK_STORE",
    show_envvar=True,
    help="Database that `routee-mock serve --store` keeps.",
)

Place = Path | str
"""A directory, or the URL of a database."""


def placed(command: Callable[..., None]) -> Callable[..., None]:
    """A command with the options for where things are kept. It gets a `place`."""

    @DIRECTORY
    @DATABASE
    @wraps(command)
    def chosen(directory: Path | None, store: str | None, **options: Any) -> None:
        if directory is None and store is None:
            raise click.UsageError("say where things are kept, with --data or with --store")
        if directory is not None and store is not None:
            raise click.UsageError(
                "say where things are kept, with --data or with --store, and not with both: the variables"
                " ROUTEE_MOCK_DATA and ROUTEE_MOCK_STORE count too"
            )
        command(place=directory or store, **options)

    return chosen


@click.group()
def data() -> None:
    """List, export, check, seal and drop the sandboxes that are kept."""


@data.command("list", short_help="List the sandboxes that are kept.")
@placed
def list_kept(place: Place) -> None:
    """List the sandboxes that are kept, each with its seal, its commits and size; of a database also who has it."""
    from mockserver.keeping.values import StoreError

    with _opened(place) as store:
        owners = {each.id: f"; {each.whose} has it" for each in store.elsewhere()}
        damaged = False
        for name, world in _every(store).items():
            try:
                kept = _kept(store, world)
            except StoreError as error:
                kept, damaged = f"damaged: {error}", True
            click.echo(f"{name}  {kept}{owners.get(world.id, '')}")
        if damaged:
            raise SystemExit(1)


def _kept(store: "SqliteStore | PostgresStore", world: "World") -> str:
    """What is kept of a sandbox, in words. Raises StoreError."""
    from mockserver.keeping.values import Snapshot
    from mockserver.wire.problems import many

    parts = list(store.read(world.key))
    snapshots = [part for part in parts if isinstance(part, Snapshot)]
    sealed = [f"sealed at {_time(part)} in {len(part.packed):,} bytes, then " for part in snapshots]
    commits = parts[len(snapshots) :]
    size = sum(len(batch.packed) for batch in commits)
    last = f", the last at {_time(commits[-1])}" if commits else ""
    return f"{''.join(sealed)}{many(len(commits), 'commit')}, {many(size, 'byte')}{last}"


@data.command(short_help="Print the log of a sandbox.")
@click.argument("sandbox")
@placed
def export(sandbox: str, place: Place) -> None:
    """Print the log of a sandbox, as GET /_mock/log does; `routee-mock replay` runs it again."""
    from mockserver.keeping.reviving import exported

    with _opened(place) as store:
        for line in exported(store, _find(store, sandbox)):
            click.echo(line, nl=False)


@data.command(short_help="Let the next start take less time.")
@click.argument("sandboxes", nargs=-1)
@placed
@click.option("--json", "as_json", is_flag=True, help="Tell it as lines of JSON.")
def seal(sandboxes: tuple[str, ...], place: Place, as_json: bool) -> None:
    """Keep what the logs of these sandboxes, or all, have led to, in place of the logs: a start then takes less time.

    A server may be using them.
    """
    import json

    from mockserver.keeping.sealing import seal as sealed
    from mockserver.keeping.values import CannotKeep, StoreError
    from mockserver.wire.problems import many

    with _opened(place) as store:
        problems = []
        for world in [_find(store, each) for each in sandboxes] or _every(store).values():
            try:
                done = sealed(store, world)
            except CannotKeep as error:
                raise click.ClickException(f"{world.id} could not be sealed: {error}") from None
            except StoreError as error:  # the others can be sealed
                problems.append(str(error))
                continue
            if as_json:
                click.echo(json.dumps(done.json())) if done else None
            elif done:
                entries = many(done.tail.entries, "entry needs", "entries need")
                click.echo(f"{world.id} is sealed, in {done.bytes:,} bytes; {entries} no replay")
            else:
                click.echo(f"{world.id} needs no seal")
        if problems:
            raise click.ClickException("\n".join(problems))


@data.command(short_help="Check whether all of it can be brought back.")
@placed
def check(place: Place) -> None:
    """Check what is kept, and whether each sandbox in it can be brought back by this release."""
    from mockserver.keeping.reviving import revive
    from mockserver.wire.problems import many

    with _opened(place) as store:
        problems = store.damage()
        for name, world in _every(store).items():
            try:
                revived = revive(store, world)
            except ValueError as error:
                problems.append(str(error))
            else:
                number = len(revived.revival.engine.journal)
                entries = many(number, "journal entry, as it was", "journal entries, as they were")
                click.echo(f"{name}: {entries} kept")
        for problem in problems:
            click.echo(problem, err=True)
        if problems:
            raise SystemExit(1)


@data.command()
@click.argument("sandbox")
@placed
def drop(sandbox: str, place: Place) -> None:
    """Forget a sandbox that is kept. No server may be using the directory, or may have the sandbox."""
    from mockserver.keeping.values import CannotKeep

    with _opened(place) as store:
        world = _find(store, sandbox)
        try:
            store.drop(world.key)
        except (ValueError, CannotKeep) as error:
            raise click.ClickException(str(error)) from None
    click.echo(f"{sandbox} is forgotten")


def _every(store: "SqliteStore | PostgresStore") -> "dict[str, World]":
    """Every sandbox, by its name; if there is none, that is said."""
    from mockserver.keeping.values import named

    worlds = named(store.worlds())
    if not worlds:
        click.echo(f"no sandbox is kept in {store.place}", err=True)
    return worlds


@contextmanager
def _opened(place: Place) -> Iterator["SqliteStore | PostgresStore"]:
    """The store in a place; whatever is wrong with it ends the command in words."""
    try:
        with closing(_store(place)) as store:
            yield store
    except ValueError as error:
        raise click.ClickException(str(error)) from None


def _store(place: Place) -> "SqliteStore | PostgresStore":
    if isinstance(place, str):
        from mockserver.keeping.shared import database

        return database(place, make=False)
    from mockserver.keeping.sqlite import FILE, SqliteStore

    if not (place / FILE).is_file():
        raise click.ClickException(f"nothing is kept in {place}: it has no {FILE}")
    return SqliteStore(place)


def _find(store: "SqliteStore | PostgresStore", sandbox: str) -> "World":
    from mockserver.keeping.values import named
    from mockserver.wire.problems import there_are

    worlds = named(store.worlds())
    for name, world in worlds.items():
        if sandbox in (name, world.name):
            return world
    raise click.ClickException(f"there is no sandbox {sandbox}; {there_are(worlds)}")


def _time(part: "Snapshot | Batch") -> str:
    from mockserver.wire.instants import stamp

    return stamp(part.at)
