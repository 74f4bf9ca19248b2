"""Files that must survive a power cut, and files that nobody else may change."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final


def sync(path: Path) -> None:
    """Wait until a file's content, or a folder's names, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Wait for, and hold, the lock of a folder itself."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def anybody_may_change(path: Path) -> bool:
    """Tell whether every user of this machine may write to a file or folder; False if it is none.

    Raises:
        OSError: it cannot be looked at.
    """
    try:
        return bool(path.stat().st_mode & stat.S_IWOTH)
    except FileNotFoundError:
        return False


OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
"""What a group and everybody else may do with a file."""


def others_may_look(path: Path) -> bool:
    """Tell whether anybody but its owner may read, write or search a file or folder.

    Raises:
        OSError: it cannot be looked at.
    """
    try:
        return bool(path.stat().st_mode & OTHERS)
    except FileNotFoundError:
        return False


def make_private(path: Path) -> None:
    """Take from all but its owner what they may do with a file or folder, if it is ours.

    Raises:
        OSError: it cannot be looked at or changed.
    """
    status = path.stat()
    if status.st_uid == os.geteuid() and status.st_mode & OTHERS:
        path.chmod(stat.S_IMODE(status.st_mode) & ~OTHERS)


def is_locked(file: Path) -> bool:
    """Tell whether another program holds a file's lock; one that is not there has none."""
    try:
        with file.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
