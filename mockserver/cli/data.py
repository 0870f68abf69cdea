"""`routee-mock data`: what a server keeps in its directory."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from mockserver.keeping.sqlite import SqliteStore
    from mockserver.keeping.values import Batch, Snapshot, World

DIRECTORY = click.option(
    "--data",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="ROUTEE_MOCK_DATA",
    required=True,
    show_envvar=True,
    help="Directory that `routee-mock serve --data` keeps.",
)


@click.group()
def data() -> None:
    """List, export, check and drop the sandboxes that are kept on disk."""


@data.command("list")
@DIRECTORY
def list_kept(directory: Path) -> None:
    """List the sandboxes that are kept, each with its commits and its size."""
    with _opened(directory) as store:
        for world in store.worlds():
            batches = list(store.read(world.key))
            size = sum(len(batch.packed) for batch in batches)
            last = f", the last at {_time(batches[-1])}" if batches else ""
            click.echo(f"{world.id}  {len(batches)} commits, {size:,} bytes{last}")


@data.command()
@click.argument("sandbox")
@DIRECTORY
def export(sandbox: str, directory: Path) -> None:
    """Print the log of a sandbox, as GET /_mock/log does; `routee-mock replay` runs it again."""
    import orjson

    from mockserver.wire.control import kept, replay

    with _opened(directory) as store:
        world = _find(store, sandbox)
        entries = (entry for batch in store.read(world.key) for entry in kept.unpack(batch.packed))
        for line in replay.lines(orjson.loads(world.head), entries):
            click.echo(line, nl=False)


@data.command()
@DIRECTORY
def check(directory: Path) -> None:
    """Check the file, and whether each sandbox in it can be brought back by this release."""
    from mockserver.keeping.archive import revive

    with _opened(directory) as store:
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
@DIRECTORY
def drop(sandbox: str, directory: Path) -> None:
    """Forget a sandbox that is kept. No server may be using the directory."""
    from mockserver.keeping.directory import Directory
    from mockserver.keeping.values import CannotKeep, Changes

    with _opened(directory) as store:
        world = _find(store, sandbox)
        try:
            held = Directory(directory)
            try:
                store.commit(Changes((), (world.key,), ()))
            finally:
                held.close(served=False)
        except (ValueError, CannotKeep) as error:
            raise click.ClickException(str(error)) from None
    click.echo(f"{sandbox} is forgotten")


@contextmanager
def _opened(directory: Path) -> Iterator["SqliteStore"]:
    """The store in a directory; whatever is wrong with it ends the command in words."""
    from mockserver.keeping.sqlite import FILE, SqliteStore

    if not (directory / FILE).is_file():
        raise click.ClickException(f"nothing is kept in {directory}: it has no {FILE}")
    try:
        with closing(SqliteStore(directory)) as store:
            yield store
    except ValueError as error:
        raise click.ClickException(str(error)) from None


def _find(store: Any, sandbox: str) -> "World":
    worlds: list[World] = store.worlds()
    for world in worlds:
        if world.id == sandbox:
            return world
    raise click.ClickException(f"there is no sandbox {sandbox}; there are {', '.join(each.id for each in worlds)}")


def _time(batch: "Snapshot | Batch") -> str:
    from mockserver.wire.instants import stamp

    return stamp(batch.at)
