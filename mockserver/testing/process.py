"""A mock in a process of its own, for tests. It starts on a free port, and stops with the program that started it.

A test may replace time, sockets or HTTP libraries: that does not change a mock in another process. It starts as fast as
on a thread (0.7 s, mostly imports).
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

__tracebackhide__ = True
"""pytest shows the line of the test, not a line of this file."""

PREFIX = "ROUTEE_MOCK_"
URL = f"{PREFIX}URL"

OF_ACCOUNT = {f"{PREFIX}DIALECT", f"{PREFIX}LEARNT"}
"""Variables about an account, and not about a mock."""

PATIENCE = 60.0
"""Real seconds that a mock may take to start."""

GRACE = 10.0
"""Real seconds that a mock may take to stop."""


STRICT = ("--sandboxes", "strict")
"""Options of a mock for tests: credentials that belong to no sandbox are refused."""


class NotStarted(RuntimeError):
    """The mock did not start. The text has its error output."""


@contextmanager
def started(options: Sequence[str] = STRICT) -> Iterator[str]:
    """Run a mock while the block lasts, and give its URL. options: of `routee-mock serve`. Raises NotStarted."""
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
    """The URL of one mock for the whole program. The first call starts it. Raises NotStarted."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(started())


def _environment() -> dict[str, str]:
    """Our environment without settings of a mock: those are for a mock that somebody started by hand.

    The dialect stays, for it says how an account behaves, whoever starts the mock; so does what was learnt of it.
    """
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX) or name in OF_ACCOUNT}


def _url(process: "subprocess.Popen[str]", said: IO[str]) -> str:
    """The URL in the first line that the mock prints."""
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
