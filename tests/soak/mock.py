"""The processes of a soak: the mock, with what it holds of memory, and the receiver."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from mockserver.testing import process


@dataclass(frozen=True, slots=True)
class Process:
    """A process that listens on this port."""

    port: int
    pid: int

    def memory(self) -> int:
        """Bytes of memory that it holds."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


@contextmanager
def mocking(options: Sequence[str]) -> Iterator[Process]:
    """A mock with these options of `routee-mock serve`, for as long as the block lasts."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder, "ready")
        with process.started(["--log-level", "error", "--ready-file", str(ready), *options]) as url:
            yield Process(urlsplit(url).port or 0, json.loads(ready.read_text())["pid"])


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
