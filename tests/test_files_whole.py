"""A file is there whole or not at all: whatever fails, whoever else writes, and whenever the process is killed."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from hub.errors import InputError
from hub.files.whole import write_whole

NAME, DRAFT = "uren.csv", ".uren.csv.part"
CONTENT = bytes(range(256)) * 131072  # 32 MiB, which takes a while to write

WRITER = """
import sys
from pathlib import Path
from hub.files.whole import write_whole
folder, content = Path(sys.argv[1]), bytes(range(256)) * 131072
while True:
    write_whole(folder, "uren.csv", content).unlink()
"""

COMMITTER = """
import sys
from pathlib import Path
from hub.files.whole import write_whole
write_whole(Path(sys.argv[1]), "uren.csv", b"whole", lambda: print("committing", flush=True) or sys.stdin.read())
"""


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def size(draft: Path) -> int:
    try:
        return draft.stat().st_size
    except FileNotFoundError:
        return -1


def test_the_content_is_safe_before_the_commit_and_has_its_name_after(tmp_path: Path) -> None:
    """At the commit the whole content is in a draft that only its owner can read; afterwards only the file is there."""
    seen = []

    def commit() -> None:
        (draft,) = tmp_path.iterdir()
        seen.append((draft.name, draft.read_bytes(), draft.stat().st_mode & 0o777))

    mask = os.umask(0)
    try:
        path = write_whole(tmp_path, NAME, b"1;7,50\r\n", commit)
    finally:
        os.umask(mask)
    assert seen == [(DRAFT, b"1;7,50\r\n", 0o600)]
    assert names(tmp_path) == [NAME]
    assert (path, path.read_bytes(), path.stat().st_mode & 0o777) == (tmp_path / NAME, b"1;7,50\r\n", 0o600)


@pytest.mark.parametrize("error", [ValueError, InputError, KeyboardInterrupt])
def test_a_commit_that_fails_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    """Neither the file nor the draft is there, and the error comes through."""

    def commit() -> None:
        raise error("no")

    with pytest.raises(error):
        write_whole(tmp_path, NAME, b"x", commit)
    assert names(tmp_path) == []


@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
def test_a_disk_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """A full disk is told, and what was written of the draft is removed; nothing is committed before it is safe."""
    commits = []

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, step, full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(tmp_path, NAME, b"x", lambda: commits.append("commit"))
    assert names(tmp_path) == []
    assert commits == (["commit"] if step == "replace" else [])


def test_a_disk_that_takes_a_little_at_a_time_gets_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write may take less than it was given; the rest follows."""
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, content: write(descriptor, content[:3]))
    assert write_whole(tmp_path, NAME, b"0123456789").read_bytes() == b"0123456789"


def test_the_same_again_is_left_as_it_is(tmp_path: Path) -> None:
    """The file keeps its place on the disk, the commit is made again, and a draft that was left is gone."""
    path = write_whole(tmp_path, NAME, b"same")
    before, commits = path.stat(), []
    (tmp_path / DRAFT).write_bytes(b"left")
    assert write_whole(tmp_path, NAME, b"same", lambda: commits.append("commit")) == path
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert (commits, names(tmp_path)) == (["commit"], [NAME])


@pytest.mark.parametrize("folder", [False, True])
def test_other_content_is_never_overwritten(tmp_path: Path, folder: bool) -> None:
    """The text says which file is in the way; nothing is committed and nothing changes."""
    other, commits = tmp_path / NAME, []
    other.mkdir() if folder else other.write_bytes(b"other")
    with pytest.raises(InputError) as error:
        write_whole(tmp_path, NAME, b"new", lambda: commits.append("commit"))
    assert error.value.text == f"{other} is in the way, with other content: move it, or choose another folder."
    assert (commits, names(tmp_path)) == ([], [NAME])
    assert folder or other.read_bytes() == b"other"


@pytest.mark.parametrize("name", ["", ".", "..", ".uren", "a/b", "../uren", "/uren", "a\\b", "a\0b"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    """A file is written in the folder that was given and nowhere else."""
    with pytest.raises(InputError, match="no slashes"):
        write_whole(tmp_path, name, b"x")
    assert names(tmp_path) == []


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """No folder is made by accident."""
    with pytest.raises(InputError, match="elsewhere is not there: make it"):
        write_whole(tmp_path / "elsewhere", NAME, b"x")


def test_a_draft_that_leads_elsewhere_is_not_followed(tmp_path: Path) -> None:
    """Somebody who puts a link in the place of the draft gets nothing overwritten."""
    (tmp_path / "precious").write_bytes(b"precious")
    (tmp_path / DRAFT).symlink_to(tmp_path / "precious")
    with pytest.raises(OSError, match="symbolic links"):
        write_whole(tmp_path, NAME, b"x")
    assert (tmp_path / "precious").read_bytes() == b"precious"


def test_one_process_at_a_time_writes_a_file(tmp_path: Path) -> None:
    """While a real process commits, another writer is refused; when it was killed, the next one writes its own."""
    command = [sys.executable, "-c", COMMITTER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"committing\n"
        with pytest.raises(InputError, match="Another process is writing"):
            write_whole(tmp_path, NAME, b"mine")
        assert names(tmp_path) == [DRAFT]
        process.kill()
    assert (tmp_path / DRAFT).read_bytes() == b"whole"
    assert write_whole(tmp_path, NAME, b"mine").read_bytes() == b"mine"
    assert names(tmp_path) == [NAME]


def test_a_process_that_is_killed_leaves_a_whole_file_or_none(tmp_path: Path) -> None:
    """SIGKILL at ten moments, most of them amid the writing: what has the name is whole, and the next one tidies up."""
    random, torn = Random(4), 0  # noqa: S311 - the same moments every time, nothing secret
    for _ in range(10):
        moment = random.randrange(len(CONTENT))
        with subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)]) as process:
            deadline = time.monotonic() + 60
            while size(tmp_path / DRAFT) < moment:
                assert process.poll() is None
                assert time.monotonic() < deadline
            process.kill()
        torn += 0 <= size(tmp_path / DRAFT) < len(CONTENT)
        if NAME in names(tmp_path):
            assert (tmp_path / NAME).read_bytes() == CONTENT
        assert write_whole(tmp_path, NAME, CONTENT).read_bytes() == CONTENT
        assert names(tmp_path) == [NAME]
        (tmp_path / NAME).unlink()
    assert torn, "no kill came while a draft was being written: this test shows nothing"
