"""`routee-mock data`: what a server keeps in its directory, or servers in their database."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli.kinds import Database

if TYPE_CHECKING:
    from mockserver.keeping.postgres import PostgresStore
    from mockserver.keeping.sqlite import SqliteStore
    from mockserver.keeping.values import Batch, Snapshot, World

DIRECTORY = click.option(
    "--data",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
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
        if (directory is None) == (store is None):
            raise click.UsageError("say where things are kept, with --data or with --store")
        command(place=directory or store, **options)

    return chosen


@click.group()
def data() -> None:
    """List, export, check and drop the sandboxes that are kept."""


@data.command("list")
@placed
def list_kept(place: Place) -> None:
    """List the sandboxes that are kept, each with its commits, its size and who has it."""
    with _opened(place) as store:
        owners = {each.id: f"; {each.owner} has it" for each in store.elsewhere()}
        for world in store.worlds():
            batches = list(store.read(world.key))
            size = sum(len(batch.packed) for batch in batches)
            last = f", the last at {_time(batches[-1])}" if batches else ""
            click.echo(f"{world.id}  {len(batches)} commits, {size:,} bytes{last}{owners.get(world.id, '')}")


@data.command()
@click.argument("sandbox")
@placed
def export(sandbox: str, place: Place) -> None:
    """Print the log of a sandbox, as GET /_mock/log does; `routee-mock replay` runs it again."""
    import orjson

    from mockserver.wire.control import kept, replay

    with _opened(place) as store:
        world = _find(store, sandbox)
        entries = (entry for batch in store.read(world.key) for entry in kept.unpack(batch.packed))
        for line in replay.lines(orjson.loads(world.head), entries):
            click.echo(line, nl=False)


@data.command()
@placed
def check(place: Place) -> None:
    """Check what is kept, and whether each sandbox in it can be brought back by this release."""
    from mockserver.keeping.archive import revive

    with _opened(place) as store:
        problems, worlds = store.damage(), store.worlds()
        for world in worlds:
            try:
                revived = revive(store, world)
            except ValueError as error:
                problems.append(str(error))
            else:
                click.echo(f"{world.id}: {len(revived.revival.engine.journal)} journal entries, as they were kept")
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
        from mockserver.keeping.postgres import PostgresStore

        return PostgresStore(place, make=False)
    from mockserver.keeping.sqlite import FILE, SqliteStore

    if not (place / FILE).is_file():
        raise click.ClickException(f"nothing is kept in {place}: it has no {FILE}")
    return SqliteStore(place)


def _find(store: Any, sandbox: str) -> "World":
    worlds: list[World] = store.worlds()
    for world in worlds:
        if world.id == sandbox:
            return world
    raise click.ClickException(f"there is no sandbox {sandbox}; there are {', '.join(each.id for each in worlds)}")


def _time(batch: "Snapshot | Batch") -> str:
    from mockserver.wire.instants import stamp

    return stamp(batch.at)
