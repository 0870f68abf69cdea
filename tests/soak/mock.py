"""The processes of a soak: the mock, with what it holds of memory, and the receiver."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Process:
    """A process that listens on this port."""

    port: int
    pid: int

    def memory(self) -> int:
        """Bytes of memory that it holds."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


PATIENT = """
from functools import partialmethod
from mockserver.cli import main
from mockserver.delivery.http import HttpSender
HttpSender.__init__ = partialmethod(HttpSender.__init__, 60.0)
main()
"""
"""A mock that gives receivers a minute: what a busy machine kept from an answer would be posted again, and count as doubled."""


@contextmanager
def mocking(options: Sequence[str]) -> Iterator[Process]:
    """A mock with these options of `routee-mock serve`, for as long as the block lasts."""
    command = [sys.executable, "-c", PATIENT, "serve", "--port", "0", "--stop-on-eof", "--log-level", "error", *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        try:
            yield Process(urlsplit(running.stdout.readline().strip().partition("=")[2]).port or 0, running.pid)
        finally:
            running.stdin.close()


@contextmanager
def receiving(seed: int, share: int) -> Iterator[Process]:
    """The receiver, for as long as the block lasts."""
    command = [sys.executable, "-m", "tests.soak.receiver", str(seed), str(share)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        try:
            yield Process(urlsplit(running.stdout.readline().strip()).port or 0, running.pid)
        finally:
            running.stdin.close()
