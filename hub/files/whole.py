"""Writing a file so that it is there whole or not at all, whatever fails and whenever.

The content goes to a draft in the same folder, which only its owner can read, and reaches the disk before it gets its
name. Whoever writes holds a lock on the draft; the lock goes with the process, so a draft without one was left by a
process that was killed, and the next writer of the same name takes it away.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hub.errors import InputError


def _nothing() -> None:
    pass


def write_whole(folder: Path, name: str, content: bytes, before_visible: Callable[[], None] = _nothing) -> Path:
    """Write a file and return its path. `before_visible` is called when the content is safe but has no name yet.

    A file that is there already with the same content stays as it is; `before_visible` is called then too. If anything
    fails before the file has its name, nothing of it is left. Raises `InputError` for a name that is no plain name of a
    file, for a folder that is not there, if another process writes the same file, and if another file is in the way.
    """
    target = folder / _plain(name)
    if not folder.is_dir():
        raise InputError(f"The folder {folder} is not there: make it, or choose another.")
    with _draft(folder, name) as (draft, descriptor):
        there = _is_there(target, content)
        if not there:
            _write(descriptor, content)
        before_visible()
        if not there:
            os.replace(draft, target)
    _sync_folder(folder)
    return target


def _plain(name: str) -> str:
    if not name or name.startswith(".") or any(sign in name for sign in "/\\\0"):
        raise InputError("The name of a file has no slashes in it and does not begin with a dot: choose another.")
    return name


@contextmanager
def _draft(folder: Path, name: str) -> Iterator[tuple[Path, int]]:
    """Yield the path of an empty draft and the descriptor to write to; remove what still has that name then."""
    draft = folder / f".{name}.part"
    descriptor = _taken(draft)
    try:
        yield draft, descriptor
    finally:
        if _is_at(descriptor, draft):
            draft.unlink()
        os.close(descriptor)


def _taken(draft: Path) -> int:
    """Return the descriptor of a draft that is empty and ours: a new one, or what a killed process left."""
    while True:
        descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            _lock(descriptor, draft)
            if _is_at(descriptor, draft):
                os.fchmod(descriptor, 0o600)
                os.ftruncate(descriptor, 0)
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _lock(descriptor: int, draft: Path) -> None:
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InputError(f"Another process is writing {draft}: try again when it is done.") from None


def _is_at(descriptor: int, draft: Path) -> bool:
    """Tell whether the draft still has its name: its writer may have been done between our opening and our locking."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(draft, follow_symlinks=False))
    except FileNotFoundError:
        return False


def _is_there(target: Path, content: bytes) -> bool:
    """Tell whether the file is there with this content; `InputError` if it is there with other content."""
    try:
        same = target.read_bytes() == content
    except FileNotFoundError:
        return False
    except IsADirectoryError:
        same = False
    if not same:
        raise InputError(f"{target} is in the way, with other content: move it, or choose another folder.")
    return True


def _write(descriptor: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]
    os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
