"""The directory of a server that keeps its sandboxes: it belongs to one server at a time, on a disk of this machine."""

import fcntl
import os
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

from mockserver.keeping.values import StoreError

LOCK = "lock"
"""Locked by the server that has the directory. Its text says who; its time, when that server was last alive."""

MOUNTS = Path("/proc/self/mounts")

FAR_AWAY = ("nfs", "cifs", "smb", "afs", "ceph", "lustre", "gpfs", "glusterfs", "fuse.glusterfs", "fuse.sshfs", "ncpfs")
"""How the kinds of network file systems begin. Locks and shared memory do not work there as SQLite needs them."""


class Directory:
    """A directory that this process has to itself, until `close`.

    since: the real time, in seconds since 1970, when the server before this one was last known to be alive; None
    without one. Raises StoreError, in words, when it cannot be had.
    """

    def __init__(self, path: Path, mounts: Path = MOUNTS) -> None:
        self.path = path
        self._lock = path / LOCK
        self._holding = threading.Lock()  # a sign of life can come while a thread keeps something
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            refuse_network(path, mounts)
            self.since = self._lock.stat().st_mtime if self._lock.exists() else None
            self._held = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            why = _in_the_way(path) if isinstance(error, FileExistsError) else error.strerror or error
            where = "" if error.filename in (None, str(path)) else f" ({error.filename})"
            raise StoreError(
                f"{path} cannot be used: {why}{where}: name a directory that this user can write to"
            ) from None
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._held)
            raise StoreError(
                f"{path} is kept by another mock, {self._holder()}: stop it, or use another directory"
            ) from None
        self._sign()

    def hold(self) -> None:
        """Make the directory again if it was removed, and have it as before. On any thread. Raises OSError."""
        with self._holding:
            self._hold()

    def _hold(self) -> None:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            if os.path.samestat(self._lock.stat(), os.fstat(self._held)):
                return
        held = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(held)
            raise OSError(f"another mock, {self._holder()}, has the directory by now") from None
        os.close(self._held)
        self._held = held
        self._sign()

    def _sign(self) -> None:
        with suppress(OSError):  # a full disk is told when something is to be kept
            os.ftruncate(self._held, 0)
            os.write(self._held, f"{server_name()}\n".encode())

    def _holder(self) -> str:
        return self._lock.read_text(encoding="utf-8", errors="replace").strip() or "which has not said its name yet"

    def beat(self) -> None:
        """Say that this server is alive."""
        now = time.time()
        with suppress(OSError):
            self.hold()
            os.utime(self._held, (now, now))

    def close(self, *, served: bool = True) -> None:
        """Give the directory back. served: whether sandboxes have lived in it; if not, its time stays as it was."""
        if served:
            self.beat()
        elif self.since is not None:
            os.utime(self._held, (self.since, self.since))
        os.close(self._held)


def _in_the_way(path: Path) -> str:
    """What stands where a directory would be made."""
    return "it is a link that leads nowhere" if path.is_symlink() and not path.exists() else "it is a file"


def server_name() -> str:
    """What this server calls itself where others read it."""
    return f"process {os.getpid()} on {socket.gethostname()}"


def refuse_network(path: Path, mounts: Path = MOUNTS) -> None:
    """Raise StoreError for a directory on a network file system, where the kernel tells (on Linux)."""
    with suppress(FileNotFoundError):
        kind = kind_of(path.resolve(), mounts.read_text(encoding="utf-8", errors="replace"))
        if kind.startswith(FAR_AWAY):
            raise StoreError(
                f"{path} is on a network file system ({kind}), where SQLite's locks do not hold: use a disk of this"
                " machine, or a volume that is one"
            )


def kind_of(path: Path, mounts: str) -> str:
    """The kind of file system that a path is on. mounts: as /proc/self/mounts has it."""
    kinds = {}
    for line in mounts.splitlines():
        _, where, kind, *_ = line.split(" ")
        kinds[Path(where.encode().decode("unicode_escape"))] = kind
    return next((kinds[each] for each in (path, *path.parents) if each in kinds), "")
