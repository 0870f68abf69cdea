"""Debian's PostgreSQL, started by a test in a folder of its own, as a user without rights; and a way to it to cut."""

import os
import pwd
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tools.ports import free_port

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))

SECRET = "s3:cret/%"


def binary(name: str) -> str:
    """A program of PostgreSQL. Raises FileNotFoundError."""
    found = shutil.which(name, path=os.pathsep.join([*map(str, reversed(BINARIES)), os.environ.get("PATH", "")]))
    if found is None:
        raise FileNotFoundError("PostgreSQL is not installed (make postgresql, as root on Debian)")
    return found


class Database:
    """A server that listens on the loopback address. url: of its one database."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._user: dict[str, str | int] = {"user": "nobody"} if os.getuid() == 0 else {}
        self._name = "nobody" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        self.port = free_port()
        self.url = f"postgresql://{self._name}:s3%3Acret%2F%25@127.0.0.1:{self.port}/postgres"
        if self._user:
            shutil.chown(folder, "nobody")
        folder.chmod(0o700)
        (folder / "secret").write_text(SECRET)
        (folder / "secret").chmod(0o644)
        self._run(binary("initdb"), "-A", "scram-sha-256", "--no-sync", "--no-locale", "-E", "UTF8",
                  f"--pwfile={folder / 'secret'}", "-D", str(folder / "data"))  # fmt: skip
        self.start()

    def _run(self, *command: str) -> None:
        done = subprocess.run(
            command, **self._user, cwd="/", capture_output=True, text=True, check=False  # type: ignore[call-overload]
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        options = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories=''"
        log = str(self._folder / "log")
        self._run(binary("pg_ctl"), "-w", "-D", str(self._folder / "data"), "-l", log, "-o", options, "start")

    def stop(self) -> None:
        self._run(binary("pg_ctl"), "-w", "-m", "immediate", "-D", str(self._folder / "data"), "stop")
        with suppress(OSError):  # its port is open for a moment longer than it is there
            while True:
                socket.create_connection(("127.0.0.1", self.port)).close()

    def empty(self) -> None:
        """Drop all that a mock has made."""
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("drop schema if exists routee_mock cascade")


@contextmanager
def started() -> Iterator[Database]:
    """A database while the block lasts. Raises FileNotFoundError."""
    binary("initdb")
    with tempfile.TemporaryDirectory(prefix="routee-mock-postgres-", ignore_cleanup_errors=True) as folder:
        database = Database(Path(folder))
        try:
            yield database
        finally:
            database.stop()


class Relay:
    """Passes connections on to a port of this machine, unless it is cut."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._port = 0
        self.mend()

    def leading(self, url: str) -> str:
        """A URL that leads through here."""
        return url.replace(f":{self._to}/", f":{self._port}/")

    def mend(self) -> None:
        """Pass connections on."""
        self._open: list[socket.socket] = []
        self._last_word: bytes | None = None
        self._listening = socket.create_server(("127.0.0.1", self._port))
        self._port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._accept, args=(self._listening,), daemon=True).start()

    def _accept(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listening.accept()
                server = socket.create_connection(("127.0.0.1", self._to))
                self._open += [client, server]
                for source, target in ((client, server), (server, client)):
                    threading.Thread(target=self._pass, args=(source, target), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError, ValueError):  # it can be closed by now
            while self._last_word is None:
                if select.select([source], [], [], 0.01)[0]:
                    if not (data := source.recv(65_536)):
                        break
                    target.sendall(data)
        for each in (source, target) if self._last_word is None else ():
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def reset(self, last_word: bytes) -> None:
        """Say a last word to every client, reset its connection, and take no more."""
        self._last_word = last_word
        time.sleep(0.1)  # nothing is being passed any more
        for client in self._open[::2]:
            with suppress(OSError):
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.sendall(last_word)
            client.close()
        self.cut()
        for server in self._open[1::2]:
            server.close()

    def cut(self) -> None:
        """Break every connection, and take no more."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """A process stands still during the block."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
