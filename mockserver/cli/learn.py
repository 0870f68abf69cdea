"""`routee-mock learn`: compares the mock with recordings of what really happened."""

import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from mockserver.cli.kinds import DialectFile, NamedPath, Words

if TYPE_CHECKING:
    from mockserver.core.dialect import Dialect
    from mockserver.learning.learner import Learner
    from mockserver.recordings.masking import Mask
    from mockserver.recordings.values import Record

KINDS = ("numbers", "texts", "names", "ids", "tokens", "hosts", "queries")
"""The kinds of values that are masked. Their names are here so that the help needs no import."""

LEARNT = "learnt.json"
"""The file that has what was learnt of each rule."""

NOTHING = "Nothing was learnt: there is no exchange with the service and no callback of it. Nothing is written."

NAMED = 10
"""How many lines that cannot be read are named one by one."""


@click.command(short_help="Compare the mock with recordings of what really happened.")
@click.argument("recordings", nargs=-1, required=True, metavar="RECORDING...")
@click.option(
    "--dialect",
    type=DialectFile(),
    help="Compare them with the mock in this dialect: a TOML file, or a JSON object.",
)
@click.option(
    "--adopt",
    type=NamedPath(dir_okay=False),
    help="Write a dialect to this file, with every choice as the recording shows it.",
)
@click.option(
    "--write",
    type=NamedPath(file_okay=False),
    help="Write a scenario of each kind of story to this directory, a test of each, and the count of each rule.",
)
@click.option(
    "--most", type=click.IntRange(1), default=20, show_default=True, help="Write at most this many scenarios."
)
@click.option(
    "--masked",
    type=NamedPath(dir_okay=False),
    help="Write the recording to this file as JSON Lines, with nothing personal in it.",
)
@click.option("--keep", type=Words(KINDS), multiple=True, help="Do not mask this kind of value; several can be named.")
@click.option("--all", "everything", is_flag=True, help="Show every rule, also those that hold or were not seen.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def learn(
    recordings: tuple[str, ...],
    dialect: "Dialect | None",
    adopt: Path | None,
    write: Path | None,
    most: int,
    masked: Path | None,
    keep: tuple[str, ...],
    everything: bool,
    as_json: bool,
) -> None:
    """Compare the mock with recordings of what really happened, and make it do the same.

    A RECORDING is a HAR file, JSON Lines of exchanges (`routee-mock record`), or the log of a webhook; - is the
    standard input. Numbers, texts, names, ids, tokens, hosts and queries are masked in all that is printed and written.

    Exits with 0 if every rule that was seen holds, with 1 if one does not, and with 2 if nothing could be read; then
    nothing is written.
    """
    import orjson

    from mockserver.cli.stories import Stories
    from mockserver.core.dialect import DEFAULT
    from mockserver.learning import report
    from mockserver.learning.learner import Learner
    from mockserver.wire.control.learnt import write_text as write_learnt
    from mockserver.wire.dialect import write_text

    stories = Stories(write, most)
    learner = Learner(dialect or DEFAULT, stories.take)
    _spare(recordings, {"--adopt": adopt, "--masked": masked})
    mask = _read(recordings, learner, masked, keep)
    nothing = not learner.counts.exchanges + learner.counts.callbacks
    if nothing:
        adopt = write = None
    if write is not None:
        stories.write(mask, learner.adopted(), timed=learner.clocks.agree)
        _save(write / LEARNT, write_learnt(report.learnt(learner)))
    if adopt is not None:
        _save(adopt, write_text(learner.adopted()))
    if as_json:
        told = report.document(learner, mask) | {"stories": stories.document()}
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2, default=str).decode())
    else:
        learnt = (*report.text(learner, mask, everything=everything), *stories.said())
        for line in (report.counted(learner.counts), NOTHING) if nothing else learnt:
            click.echo(line)
        if adopt is not None:
            again = shlex.join(["routee-mock", "learn", "--dialect", str(adopt), *recordings])
            click.echo(f"The dialect is in {adopt}. `{again}` says what still differs.")
        if write is not None:
            shown = shlex.join(["routee-mock", "serve", "--learnt", str(write / LEARNT)])
            click.echo(f"What it says of each rule is in {write / LEARNT}: `{shown}` shows it.")
    if nothing:
        raise click.exceptions.Exit(2)
    if learner.findings.contradicted:
        raise click.exceptions.Exit(1)


def _spare(recordings: Sequence[str], written: Mapping[str, Path | None]) -> None:
    """Raise UsageError if a recording would be written over. written: a file for each option that has one."""
    for option, file in written.items():
        for each in map(Path, recordings):
            if file is not None and file.exists() and each.exists() and file.samefile(each):
                raise click.UsageError(f"{option} would write over the recording {each}: name another file.")


def _read(recordings: Sequence[str], learner: "Learner", masked: Path | None, keep: Sequence[str]) -> "Mask":
    """Take every record, and write the masked ones. Return the mask; the first record gives its key."""
    from mockserver.recordings.fields import Kind
    from mockserver.recordings.lines import line
    from mockserver.recordings.masking import Mask, key_of
    from mockserver.recordings.values import Callback, Exchange, Unreadable

    mask: Mask | None = None
    bad: list[Unreadable] = []
    kinds = [Kind(each) for each in keep]
    with ExitStack() as open_, _records(recordings) as records:
        out: IO[bytes] | None = None
        for record in records:
            learner.take(record)
            if isinstance(record, Unreadable) and len(bad) < NAMED:
                bad.append(record)
            if isinstance(record, Exchange | Callback):
                mask = mask or Mask(key_of(record), kinds)
                if masked is not None:
                    out = out or open_.enter_context(_opened(masked))
                    out.write(line(mask.record(record)))
        learner.finish()
    for each in bad:
        click.echo(str(each), err=True)
    if learner.counts.unreadable > len(bad):
        click.echo(f"... and {learner.counts.unreadable - len(bad):,} more could not be read", err=True)
    return mask or Mask(key_of(None), kinds)


@contextmanager
def _records(recordings: Sequence[str]) -> "Iterator[Iterator[Record | None]]":
    """The records, with a bar on the terminal that shows how far they were read."""
    from mockserver.recordings.readers import read_all

    if not sys.stderr.isatty():
        yield read_all(recordings)
        return
    size = sum(Path(each).stat().st_size for each in recordings if Path(each).is_file())
    with click.progressbar(length=max(1, size), label="Reading", file=sys.stderr) as bar:
        yield read_all(recordings, _stepper(bar.update))


def _stepper(update: Callable[[int], None]) -> Callable[[int], None]:
    """Turns each position in a file into the bytes read since the one before."""
    before = 0

    def step(read: int) -> None:
        nonlocal before
        update(read - before if read >= before else read)
        before = read

    return step


@contextmanager
def _opened(file: Path) -> Iterator[IO[bytes]]:
    try:
        with file.open("wb") as out:
            yield out
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}") from None


def _save(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}") from None
