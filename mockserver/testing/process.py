"""A mock in a process of its own, for tests: started on a free port, gone with the program that started it.

In a process of its own nothing a test does to time, sockets or HTTP libraries reaches the mock; it starts as quickly
as on a thread would (0.7 s, most of it imports).
"""

import atexit
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import IO

PREFIX = "ROUTEE_MOCK_"
URL = f"{PREFIX}URL"

PATIENCE = 60.0
"""Real seconds a mock may take to start."""

GRACE = 10.0
"""Real seconds a mock may take to stop."""


class NotStarted(RuntimeError):
    """The mock did not start; the text is what it said."""


@contextmanager
def started(options: Sequence[str] = ()) -> Iterator[str]:
    """A mock for as long as the block lasts; its URL. options: of `routee-mock serve`. Raises NotStarted."""
    command = [sys.executable, "-P", "-m", "mockserver", "serve", "--port", "0", "--stop-on-eof", *options]
    with (
        tempfile.TemporaryFile("w+") as said,
        subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True, env=_environment()
        ) as process,
    ):
        assert process.stdin is not None  # noqa: S101 -- a pipe was asked for
        try:
            yield _url(process, said)
        finally:
            process.stdin.close()
            try:
                process.wait(GRACE)
            except subprocess.TimeoutExpired:
                process.kill()


@cache
def shared() -> str:
    """The URL of one mock for this whole program, which is started when it is first asked for. Raises NotStarted."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(started())


def _environment() -> dict[str, str]:
    """What the mock is told of ours: no settings, for those are of a mock that somebody started by hand."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}


def _url(process: "subprocess.Popen[str]", said: IO[str]) -> str:
    """The URL the mock names in its first line."""
    assert process.stdout is not None  # noqa: S101 -- a pipe was asked for
    impatience = threading.Timer(PATIENCE, process.kill)
    impatience.start()
    try:
        line = process.stdout.readline()
    finally:
        impatience.cancel()
    name, _, url = line.strip().partition("=")
    if name != URL:
        process.kill()
        process.wait()
        said.seek(0)
        raise NotStarted(f"the mock did not start: {said.read().strip() or 'it said nothing'}")
    threading.Thread(target=process.stdout.read, name="routee-mock-output", daemon=True).start()
    return url
