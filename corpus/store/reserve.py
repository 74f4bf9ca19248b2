"""Room that is given up when the disk is full, for what must work then: to delete and to revoke.

It is a file in the data folder. Whoever has to write, and finds the disk full, removes it and tries
again (``on_reserve``). Everybody else waits until there is room for it once more (``keep``), or the
room that it left would go to the next upload.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

from corpus.errors import DiskFull
from corpus.store.filesystem import locked, sync

FILE_NAME: Final = "reserve"

MAX_BYTES: Final = 64 * 2**20
"""Size of the file on a large disk. A revocation takes some 20 KB. To remove a document takes 23 KB
for each of its passages (measured, with SQLite's ``secure_delete``), so this is for 2,900 of them,
which is 2 MiB of text."""

SHARE: Final = 8
"""On a small disk it takes one part of so many."""

T = TypeVar("T")

log = logging.getLogger(__name__)


def is_kept(folder: Path) -> bool:
    """Tell whether the reserve is there."""
    try:
        return (folder / FILE_NAME).stat().st_size >= size(folder)
    except OSError:
        return False


def size(folder: Path) -> int:
    """Return the bytes of the reserve on the disk of a folder.

    Raises:
        OSError: there is no such folder.
    """
    return min(MAX_BYTES, shutil.disk_usage(folder).total // SHARE)


def room(folder: Path) -> int:
    """Return the free bytes with which it is made: as much is left beside it, for the ordinary.

    Raises:
        OSError: there is no such folder.
    """
    return 2 * size(folder)


def keep(folder: Path) -> bool:
    """Make the reserve if it is not there and there is room; tell whether it is there now."""
    if is_kept(folder):
        return True
    try:
        with locked(folder):
            return is_kept(folder) or _make(folder)
    except OSError as error:
        log.warning("The reserve of %s cannot be made: %s", folder, error.strerror)
        return False


def check(folder: Path) -> None:
    """Have the reserve in place before something ordinary is written.

    Raises:
        DiskFull: it was given up, or never made, and there is no room for it.
    """
    if not keep(folder):
        wanted = f"{room(folder) / 2**20:,.0f} MiB"
        raise DiskFull(
            f"The disk of {folder} has less than {wanted} left. That is kept for deletions and "
            "revocations. Free some space and try again."
        )


def on_reserve(folder: Path, change: Callable[[], T]) -> T:
    """Return what ``change`` returns; if the disk is full, call it again without the reserve.

    Raises:
        DiskFull: there is not enough room all the same; nothing is changed.
    """
    try:
        return change()
    except DiskFull:
        _give_up(folder)  # unless another one has, a moment ago: then there is room as well
    return change()


def _make(folder: Path) -> bool:
    if shutil.disk_usage(folder).free < room(folder):
        return False
    wanted = size(folder)
    unfinished = folder / f".{FILE_NAME}.unfinished"
    try:
        with open(unfinished, "wb", opener=_private) as file:
            # Noise, since some file systems keep nothing for zeros, or for the same twice.
            file.write(os.urandom(wanted))
            os.fsync(file.fileno())
        unfinished.rename(folder / FILE_NAME)
        sync(folder)
    finally:
        unfinished.unlink(missing_ok=True)
    log.info("%s keeps %d MiB for deletions and revocations", folder, wanted // 2**20)
    return True


def _give_up(folder: Path) -> None:
    """Remove the reserve, if there is one."""
    try:
        (folder / FILE_NAME).unlink()
    except OSError:
        return
    log.error(
        "The disk of %s is full. The reserve has been given up, so deletions and revocations go on "
        "for a while. Uploads wait until there is room again. Free some space.",
        folder,
    )
    with suppress(OSError):
        sync(folder)  # some file systems free a file's blocks only then


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
