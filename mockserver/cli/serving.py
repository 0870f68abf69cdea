"""`routee-mock serve`: says when and where it is ready, and stops at a signal."""

import gc
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli.options import settings, takes
from mockserver.cli.sources import PREFIX, Configured
from mockserver.core.clock import Mode
from mockserver.settings import VERSION, LogFormat, Policy, Settings

if TYPE_CHECKING:
    from mockserver.sandbox.registry import Sandbox

SHARED = (
    "each shard has a sandbox `default` of its own, and applications without a sandbox are in that of their shard:"
    " --sandboxes auto gives each application one of its own, which is found by its id"
)
"""The warning for a shard whose applications share the sandbox `default`."""


@click.command(cls=Configured, context_settings={"show_default": True})
@takes
def serve(**options: Any) -> None:
    """Run the mock until it is stopped (ctrl-c, or SIGTERM)."""
    serve_until_told(settings(options))


def serve_until_told(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; both stop it cleanly. Raises ClickException if the server cannot start."""
    # This comes before the server listens: process 1 of a container ignores SIGTERM unless it has a handler.
    signal.signal(signal.SIGTERM, _leave)
    gc.disable()  # what imports make stays; the server begins to look for garbage when it begins to serve
    from mockserver import logs, server

    logs.configure(settings.log, settings.log_level)
    with _ready_file(settings.ready_file) as (write, remove):

        def ready(reached: server.Addresses, default: "Sandbox | None") -> None:
            write(reached)
            _say(f"{PREFIX}URL={reached.url}")
            if settings.log is LogFormat.TEXT:
                _say(_welcome(reached, settings, default))
            logs.tell(logs.DEBUG if settings.log is LogFormat.TEXT else logs.INFO, "ready", "ready", **_told(reached))
            if settings.shard is not None and settings.sandboxes is Policy.DEFAULT and not settings.applications:
                logs.tell(logs.WARNING, "shard", SHARED, shard=settings.shard)

        def at_once(code: int) -> None:
            remove()
            os._exit(code)

        try:
            server.serve(settings, ready, at_once)
        except (ValueError, server.CannotListen) as error:
            raise click.ClickException(str(error)) from None


def _say(text: str) -> None:
    """Write to the standard output. Raises ClickException when that cannot be written to."""
    try:
        click.echo(text)
    except BrokenPipeError:  # read no further, which click has words for
        raise
    except OSError as error:
        raise click.ClickException(f"the standard output cannot be written to: {error.strerror}") from None


def _leave(*_: object) -> None:
    sys.exit(0)


def _welcome(reached: Any, settings: Settings, default: "Sandbox | None") -> str:
    user = quote(next(iter(settings.applications))) if settings.applications else "any-id:any-secret"
    url = reached.url
    lines = [
        f"routee-mock {VERSION} listens on {url} (clock: {_clock(settings, default)}; ctrl-c stops it)",
        f"  token  curl -u {user} -d grant_type=client_credentials {url}/oauth/token",
        f"  clock  curl {url}/_mock/clock",
    ]
    if settings.ui:
        lines.append(f"  page   {url}/_mock/ui/")
    if reached.tls_url is not None:
        trusted = reached.ca or f"what {url}/_mock/ca.pem answers"
        lines.append(f"  https  {reached.tls_url} for clients that trust {trusted}")
    return "\n".join((*lines, ""))


def _clock(settings: Settings, default: "Sandbox | None") -> str:
    """How time moves in the default sandbox. If it was kept, it has its old clock."""
    if default is None:
        return "as it was kept"
    clock = default.driver.engine.clock
    said = _mode(clock.mode, clock.rate)
    return said if said == _mode(settings.clock, settings.rate) else f"{said}, as it was kept"


def _mode(mode: Mode, rate: float) -> str:
    return f"{mode} at rate {rate:g}" if mode is Mode.REALTIME else mode


def _told(reached: Any) -> dict[str, Any]:
    ca = None if reached.ca is None else str(reached.ca)
    return {"url": reached.url, "tlsUrl": reached.tls_url, "ca": ca, "pid": os.getpid(), "version": VERSION}


@contextmanager
def _ready_file(file: Path | None) -> Iterator[Any]:
    """Two functions: one writes the ready file in one go, one removes it. At the end of the block it is removed too."""
    if file is None:
        yield lambda _: None, lambda: None
        return
    draft = file.with_name(f".{file.name}.{os.getpid()}")

    def write(reached: Any) -> None:
        draft.write_text(json.dumps(_told(reached)) + "\n", encoding="utf-8")
        draft.replace(file)

    def remove() -> None:
        draft.unlink(missing_ok=True)
        if _writer(file) == os.getpid():
            file.unlink(missing_ok=True)

    try:
        draft.touch()
    except OSError as error:
        raise click.ClickException(f"--ready-file {file} cannot be written: {error.strerror}") from None
    try:
        yield write, remove
    finally:
        remove()


def _writer(file: Path) -> int | None:
    """The process id in a ready file: a server that could not listen must not remove the file of another."""
    try:
        return int(json.loads(file.read_text(encoding="utf-8"))["pid"])
    except (OSError, ValueError, LookupError, TypeError):
        return None
