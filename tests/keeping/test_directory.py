"""The directory of a server: one server at a time, and no network file system."""

import os
import shutil
import time
from pathlib import Path

import pytest

from mockserver.keeping.directory import LOCK, Directory, kind_of
from mockserver.keeping.values import StoreError

MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/export /srv nfs4 rw 0 0
//nas/share /mnt/my\\040share cifs rw 0 0
tmpfs /srv/fast tmpfs rw 0 0
host:/ /mnt/ssh fuse.sshfs rw 0 0
"""


def test_a_second_server_is_told_who_has_it(tmp_path: Path) -> None:
    first = Directory(tmp_path / "new" / "data")
    with pytest.raises(StoreError, match=rf"is kept by another mock, process {os.getpid()} on .+: stop it, or use"):
        Directory(tmp_path / "new" / "data")
    first.close()
    Directory(tmp_path / "new" / "data").close()
    assert (tmp_path / "new" / "data").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "new" / "data" / LOCK).stat().st_mode & 0o777 == 0o600


def test_another_path_to_the_same_directory_is_the_same_directory(tmp_path: Path) -> None:
    first = Directory(tmp_path / "data")
    (tmp_path / "link").symlink_to(tmp_path / "data")
    for path in (tmp_path / "link", tmp_path / "link" / ".." / "data"):
        with pytest.raises(StoreError, match="is kept by another mock"):
            Directory(path)
    first.close()


def test_a_directory_that_was_removed_is_held_again(tmp_path: Path) -> None:
    first = Directory(tmp_path / "data")
    shutil.rmtree(tmp_path / "data")
    first.beat()
    with pytest.raises(StoreError, match=f"is kept by another mock, process {os.getpid()} on"):
        Directory(tmp_path / "data")
    (tmp_path / "data" / LOCK).unlink()
    second = Directory(tmp_path / "data")
    first.beat()
    with pytest.raises(OSError, match=r"another mock, process .+ has the directory by now"):
        first.hold()
    first.close()
    second.close()


def test_it_knows_when_the_server_before_was_last_alive(tmp_path: Path) -> None:
    directory = Directory(tmp_path)
    assert directory.since is None
    began = time.time()
    directory.beat()
    directory.close()
    later = Directory(tmp_path)
    assert later.since is not None
    assert began - 1 <= later.since <= time.time() + 1
    os.utime(tmp_path / LOCK, (5, 5))
    later.since = 5.0
    later.close(served=False)
    assert (tmp_path / LOCK).stat().st_mtime == 5


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"file/data cannot be used: Not a directory: name a"):
        Directory(tmp_path / "file" / "data")
    with pytest.raises(StoreError, match=r"file cannot be used: it is a file: name a directory that"):
        Directory(tmp_path / "file")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(StoreError, match=r"link cannot be used: it is a link that leads nowhere: name a directory"):
        Directory(tmp_path / "link")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/me", "ext4"),
        ("/srv/data", "nfs4"),
        ("/srv/fast/data", "tmpfs"),
        ("/mnt/my share/a", "cifs"),
        ("/mnt/ssh", "fuse.sshfs"),
    ],
)
def test_the_kind_of_file_system_is_that_of_the_nearest_mount(path: str, kind: str) -> None:
    assert kind_of(Path(path), MOUNTS) == kind


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "ceph", "lustre"])
def test_a_network_file_system_is_refused(kind: str, tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nx {tmp_path} {kind} rw 0 0\n")
    with pytest.raises(StoreError, match=rf"is on a network file system \({kind}\), where SQLite's locks do not hold"):
        Directory(tmp_path / "data", mounts)


def test_where_the_kernel_tells_nothing_it_is_used(tmp_path: Path) -> None:
    Directory(tmp_path, tmp_path / "no mounts").close()
