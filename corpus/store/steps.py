"""Long changes in short transactions: how long one may be, and who is in the middle of one.

The catalogue has one write lock. A text of 40 MiB has half a million rows, so to write it in one
transaction would keep every other writer waiting for as long as that takes.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from corpus.store.sqlite import plain_errors

ROWS_PER_STEP: Final = 1000
"""Passages and sentences that one transaction writes or deletes: 30 ms on two idle cores. What it
writes besides is one file, as its bytes or its text."""

PAUSE_SECONDS: Final = 0.03
"""Time between two of them. A writer that waits looks every 25 ms for its first 128 ms
(https://sqlite.org/src/file/src/main.c, ``sqliteDefaultBusyCallback``), so it comes in between."""

LOCK_NAME: Final = "writing.lock"


@contextmanager
def under_way(folder: Path) -> Iterator[None]:
    """Let others know that something is being written in steps; it goes with the process.

    Raises:
        CatalogueError: the folder cannot be written.
    """
    with _lock_file(folder) as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


@contextmanager
def none_under_way(folder: Path) -> Iterator[bool]:
    """Tell whether nobody writes anything in steps; if so, nobody begins to before the end.

    Raises:
        CatalogueError: the folder cannot be written.
    """
    with _lock_file(folder) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _lock_file(folder: Path) -> IO[str]:
    with plain_errors(folder):
        (folder / LOCK_NAME).touch(mode=0o600)
        return (folder / LOCK_NAME).open("a")
