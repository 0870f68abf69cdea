"""Servers as processes: starts them, sends requests, and reads what they cost from /proc."""

import os
import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.cores import MEASURED, pinned
from benchmarks.messages import end

CPUCLOCK_SCHED = 2
"""With the process id in the higher bits, this is Linux's clock for the CPU time of another process."""

SAID = re.compile(r"ROUTEE_MOCK_URL=(\S+)")

PATIENCE = 120.0
"""Real seconds an answer may take: a move of the clock over 100,000 events is one."""

STARTING = 60.0
"""Real seconds a server may take to listen."""

GRACE = 10.0
"""Real seconds a server may take to stop; then it is killed."""


class NotStarted(RuntimeError):
    """A server did not start; the text is what it said."""


@dataclass(frozen=True, slots=True)
class Cpu:
    """The time of a process so far, in nanoseconds: on a core, and waiting for one."""

    used: int
    waited: int

    def since(self, earlier: "Cpu") -> "Cpu":
        """The time since then."""
        return Cpu(self.used - earlier.used, self.waited - earlier.waited)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its port and its process."""

    port: int
    pid: int

    def spent(self) -> int:
        """Nanoseconds of CPU that it has used so far."""
        return time.clock_gettime_ns(~self.pid << 3 | CPUCLOCK_SCHED)

    def cpu(self) -> Cpu:
        """Its time so far, without the waiting of threads that have ended."""
        waited = 0
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):
                waited += int((task / "schedstat").read_text().split()[1])
        return Cpu(self.spent(), waited)

    def memory(self) -> int:
        """Bytes of memory that it holds."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGESIZE")

    def ask(self, request: bytes) -> bytes:
        """Send one request over a new connection. Return its answer. Raises OSError if none comes."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as connection:
            connection.sendall(request)
            answer = b""
            while len(answer) < end(answer):
                piece = connection.recv(262_144)
                if not piece:
                    raise ConnectionError(f"the answer ends after {answer!r}")
                answer += piece
            return answer[: end(answer)]


@contextmanager
def process(
    command: Sequence[str], environment: Mapping[str, str] | None = None, core: int = MEASURED, *, silent: bool = False
) -> Iterator["subprocess.Popen[str]"]:
    """A process on a core, which ends with the block. Its standard input and output are pipes, unless it is silent.

    Raises NotStarted when it cannot be had, and adds what it said to one that is raised in the block.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ROUTEE_MOCK_")}
    with tempfile.TemporaryFile("w+") as said:
        try:
            with pinned(core):
                running = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=said if silent else subprocess.PIPE,
                    stderr=said,
                    text=True,
                    env={**inherited, **(environment or {})},
                )
        except OSError as error:
            raise NotStarted(str(error)) from None
        try:
            yield running
        except NotStarted as error:
            said.seek(0)
            lines = said.read().strip().splitlines() or ["it said nothing"]
            raise NotStarted(f"{error}: {lines[-1][:300]}") from None
        finally:
            end_process(running)


def end_process(running: "subprocess.Popen[str]") -> None:
    """End a process, and wait for its end."""
    running.terminate()
    try:
        running.communicate(timeout=GRACE)
    except subprocess.TimeoutExpired:
        running.kill()
        running.communicate()


@contextmanager
def started(
    command: Sequence[str], environment: Mapping[str, str] | None = None, core: int = MEASURED
) -> Iterator[Server]:
    """A server that prints its URL in its first line. Raises NotStarted."""
    with process(command, environment, core) as running:
        assert running.stdout is not None
        line = running.stdout.readline()
        found = SAID.match(line)
        if found is None:
            raise NotStarted(f"{command} began with {line!r}")
        yield Server(urlsplit(found[1]).port or 0, running.pid)


@contextmanager
def listening(command: Sequence[str], port: int, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """A server that prints nothing, and listens on this port soon. Raises NotStarted."""
    with process(command, environment, silent=True) as running:
        patience = time.monotonic() + STARTING
        while not _answers(port):
            if running.poll() is not None or time.monotonic() > patience:
                raise NotStarted(f"{command[0]} does not listen")
            time.sleep(0.1)
        yield Server(port, running.pid)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
