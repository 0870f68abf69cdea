"""HAProxy, run with a configuration for as long as a block lasts: Debian's, or the one that HAPROXY names."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 10.0
"""Real seconds that HAProxy may take to listen."""

PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin"))
"""Where HAProxy is looked for. Debian has it where only root's PATH leads."""


class NoProxyError(Exception):
    """There is no HAProxy, or it does not start; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Balancer:
    """An HAProxy that runs. process: its process id."""

    url: str
    process: int


def program() -> str:
    """The path of the program. Raises NoProxyError."""
    found = os.environ.get("HAPROXY") or shutil.which("haproxy", path=PLACES)
    if not found:
        raise NoProxyError("HAPROXY IS NOT INSTALLED: make haproxy, as root on Debian, or name it with HAPROXY=")
    return found


@contextmanager
def balancing(text: str, port: int) -> Iterator[Balancer]:
    """Run HAProxy with this configuration, which listens on this port. Raises NoProxyError."""
    with tempfile.TemporaryDirectory() as directory:
        file, said = Path(directory) / "haproxy.cfg", Path(directory) / "said"
        file.write_text(text, encoding="utf-8")
        with (
            said.open("wb") as out,
            subprocess.Popen([program(), "-db", "-f", file], stdout=out, stderr=out) as process,  # noqa: S603
        ):
            try:
                _await(port, process, said)
                yield Balancer(f"http://127.0.0.1:{port}", process.pid)
            finally:
                process.kill()


def _await(port: int, process: "subprocess.Popen[bytes]", said: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise NoProxyError(f"HAProxy does not listen: {said.read_text(errors='replace')}")
