"""`routee-mock record`: stands between an application and a service, and records what they say to each other."""

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from mockserver.cli.kinds import NamedPath
from mockserver.cli.options import takes_tls, tls

if TYPE_CHECKING:
    import ssl

    from mockserver.recordings.passing import Told
    from mockserver.recordings.tls_port import Door
    from mockserver.settings import Tls

CALLBACKS = "/_callbacks"
"""The beginning of the paths under which callbacks are passed on."""


CA = click.option(
    "--ca",
    type=NamedPath(dir_okay=False),
    metavar="FILE",
    help="Trust the authorities in this file (PEM) too, for a service over https.",
)


@click.command(
    short_help="Write down what an application and a service say to each other.",
    context_settings={"show_default": True},
)
@click.option(
    "--to",
    required=True,
    metavar="URL",
    envvar="ROUTEE_API_URL",
    show_envvar=True,
    help="Base URL of the service: of a mock, a staging system, or the live one. Another host than this machine has to"
    " be named here, on the command line.",
)
@click.option("--auth", metavar="URL", help="Base URL for /oauth/token, if it is another one.")
@click.option("--webhook", metavar="URL", help=f"Pass what is posted to {CALLBACKS} on to your webhook at this URL.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8_090, help="Listen on this port; 0 is any.")
@takes_tls
@click.option(
    "--out",
    type=NamedPath(dir_okay=False),
    default=Path("recording.jsonl"),
    help="Append to this file, a line for each request or callback. Only you can read it.",
)
@CA
@click.option("--keep-secrets", is_flag=True, help="Keep passwords, tokens and all headers as they are.")
@click.pass_context
def record(
    context: click.Context,
    /,
    to: str,
    auth: str | None,
    webhook: str | None,
    port: int,
    out: Path,
    ca: Path | None,
    keep_secrets: bool,
    **secure: Any,
) -> None:
    """Stand between your application and a service: pass on what they say, byte for byte, and write it down.

    Tell your application the URL that is printed, instead of the service's own. Secrets are left out: passwords and
    tokens become others of the same form, and headers that can have some are not written. `routee-mock learn` reads the
    file. Ctrl-c ends it.
    """
    from mockserver.recordings.passing import Way, passing

    wanted = tls(secure)
    named = context.get_parameter_source("to") is ParameterSource.COMMANDLINE
    for option, url in (("--to", to), ("--auth", auth), ("--webhook", webhook)):
        if url is not None:
            _check(option, url, named=named or option != "--to")
    trusted = trusted_by(ca)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would not hear ctrl-c
    ways = [Way(CALLBACKS, webhook, cut=True, calls_back=True)] if webhook is not None else []
    ways += [Way("/oauth/token", auth or to), Way("/", to)]
    with opened(out) as file, _door(wanted) as door:
        try:
            with passing(ways, _writer(file, keep_secrets=keep_secrets), port, _complain, trusted, door) as url:
                at = _over_tls(url, door, wanted)
                click.echo(f"Give your application {url} instead of {to}. Ctrl-c ends it.")
                if at is not None:
                    click.echo(at)
                if webhook is not None:
                    click.echo(f"Let callbacks go to {url}{CALLBACKS}, and they are passed on to {webhook}.")
                click.echo(f"All of it is written to {out}{'' if keep_secrets else ', without secrets'}.")
                threading.Event().wait()
        except OSError as error:
            raise click.ClickException(f"port {port} cannot be had: {error.strerror}") from None


@contextmanager
def _door(tls: "Tls | None") -> "Iterator[Door | None]":
    """Open the port for TLS, with the code of the mock itself. Raises ClickException if it cannot be opened."""
    if tls is None:
        yield None
        return
    from mockserver.http.protocol import written
    from mockserver.recordings.tls_port import Door
    from mockserver.server import CannotListen, secured, turned_away

    with ExitStack() as opened:
        try:
            listener = opened.enter_context(secured("127.0.0.1", tls))
        except (CannotListen, ValueError) as error:
            raise click.ClickException(str(error)) from None
        yield Door(listener, lambda client, port: written(turned_away(client, port)))


def _over_tls(url: str, door: "Door | None", tls: "Tls | None") -> str | None:
    """Write the authority's certificate where it is wanted. Return where clients go over https, in a sentence."""
    if door is None or tls is None:
        return None
    from mockserver.server import address, written_ca
    from mockserver.tls import CA_PATH

    try:
        ca = written_ca(door.listener, tls)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    trusted = ca or f"what {url}{CA_PATH} answers"
    return f"Over https it is {address(door.listener.listening, 'https')}, for clients that trust {trusted}."


def _check(option: str, url: str, *, named: bool) -> None:
    """Raise UsageError unless it is a base URL, and one of another machine is on the command line."""
    from mockserver.recordings.passing import is_loopback

    check_url(option, url)
    if not named and not is_loopback(url):
        raise click.UsageError(
            f"{url} is not on this machine: name it on the command line, with --to, if you mean it. So nothing is sent"
            " there only because a variable is set."
        )


def check_url(option: str, url: str) -> None:
    """Raise UsageError unless it is a base URL. option: whose value it is."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        whole = False
    if not whole:
        raise click.UsageError(f"{option} {url!r} is not a base URL such as https://connect.routee.net")


def trusted_by(ca: Path | None) -> "ssl.SSLContext | None":
    """A TLS context that trusts the authorities in a file too; None without a file. Raises UsageError."""
    from mockserver.recordings.trust import trusting

    try:
        return None if ca is None else trusting(ca)
    except ValueError as error:
        raise click.UsageError(f"--ca {error}") from None


@contextmanager
def opened(out: Path, mode: str = "ab") -> Iterator[IO[bytes]]:
    """Open a file for a recording that only its owner can read. Raises ClickException."""
    try:
        out.touch(0o600)
        with out.open(mode) as file:
            yield file
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}") from None


def _writer(file: IO[bytes], *, keep_secrets: bool) -> "Told":
    """A function that writes a record as a line of the file, and shows it on the screen."""
    import secrets

    from mockserver.recordings.fields import Kind
    from mockserver.recordings.lines import line
    from mockserver.recordings.masking import Mask
    from mockserver.recordings.values import Callback, Exchange, Record

    mask = Mask(secrets.token_bytes(16), [kind for kind in Kind if kind is not Kind.TOKENS], lasting=True)

    def write(record: Record) -> None:
        assert isinstance(record, Exchange | Callback)  # noqa: S101 -- nothing else passes
        file.write(line(record if keep_secrets else mask.record(record)))
        file.flush()
        if isinstance(record, Callback):
            click.echo(f"callback -> {record.status}")
        else:
            click.echo(f"{record.method} {record.path} -> {record.status}")

    return write


def _complain(sentence: str) -> None:
    click.echo(sentence, err=True)
