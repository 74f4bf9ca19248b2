"""Files that must survive a power cut, and files that nobody else may change."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
