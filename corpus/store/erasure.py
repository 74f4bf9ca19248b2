"""Nothing of what was deleted stays in the bytes of a data folder.

SQLite overwrites deleted rows (``sqlite.opened``). What is left then are words in the full-text
index, which are only marked as deleted until it is merged, copies of rows that moved from one page
to another, and the write-ahead log.
"""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from time import monotonic, sleep
from typing import Final

from corpus.store import sqlite
from corpus.store.engine import Connection
from corpus.store.filesystem import is_locked
from corpus.types import id_forms

LOCK_NAME: Final = "erasure.lock"

FORGOTTEN: Final = "\N{EM DASH}"
"""In place of a name that was forgotten, in any language."""

PATIENCE_SECONDS = 60.0
"""Time that readers of an older state are waited for. A server lets go within a second or so, and
a question or the reading of a snapshot takes seconds at most."""

LOOK_SECONDS: Final = 0.1
"""Pause between two looks whether they have let go."""

_temporary_folder: Final = Lock()
"""SQLite has one in a process, and it is not safe for threads: one is written anew at a time."""


@contextmanager
def under_way(folder: Path) -> Iterator[None]:
    """Let a server know that it should let go of older states; it goes with the process.

    Another erasure is waited for.

    Raises:
        CatalogueError: the folder cannot be written.
    """
    with sqlite.plain_errors(folder):
        (folder / LOCK_NAME).touch(mode=0o600)
        lock = (folder / LOCK_NAME).open("a")
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_under_way(folder: Path) -> bool:
    """Tell whether something is being erased in a data folder now."""
    return is_locked(folder / LOCK_NAME)


def forget_in_jobs(connection: Connection, document: str) -> None:
    """Forget the name and the id of a document; of its files in jobs only the outcome stays."""
    names = [(form, FORGOTTEN) for form in id_forms(document)]
    connection.executemany(
        "UPDATE job_files SET reason = replace(reason, ?1, ?2) WHERE instr(reason, ?1) > 0", names
    )
    connection.executemany(
        "UPDATE job_files SET file = ?2, document = '' WHERE document = ?1 AND outcome NOTNULL",
        names,
    )


def forget_on_the_web(connection: Connection, document: str) -> None:
    """Forget the addresses of a document; the next visit to its source knows nothing of it."""
    pages = connection.execute(
        "SELECT DISTINCT source, url FROM web_documents WHERE document = ?", (document,)
    )
    for source, url in list(pages):
        connection.execute("DELETE FROM web_alternates WHERE alternate = ?", (url,))
        connection.execute("DELETE FROM web_pages WHERE source = ? AND url = ?", (source, url))
        connection.execute("UPDATE web_sources SET note = '' WHERE id = ?", (source,))
        connection.execute("DELETE FROM web_sources WHERE id = ? AND address = ?", (source, url))


def rewrite(connection: sqlite3.Connection, folder: Path) -> None:
    """Write a database anew from its rows, by way of a temporary file in ``folder``.

    Others may read meanwhile, and not write. Another that this process writes anew is waited for.

    Raises:
        sqlite3.Error: it cannot be written, or is damaged.
    """
    if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'passage_words'").fetchone():
        _merge_words(connection)
    quoted = str(folder.absolute()).replace("'", "''")
    with _temporary_folder:
        # It is deprecated; an SQLite without it puts the file where it puts others.
        connection.execute(f"PRAGMA temp_store_directory = '{quoted}'")
        try:
            connection.execute("VACUUM")
        finally:
            connection.execute("PRAGMA temp_store_directory = ''")


def overwrite_deleted(folder: Path) -> bool:
    """Rewrite the catalogue and empty its write-ahead log; tell whether that was possible.

    It is not while somebody reads an older state. They are waited for PATIENCE_SECONDS.

    Raises:
        CatalogueError: the catalogue cannot be written, or is damaged.
    """
    with sqlite.plain_errors(folder), closing(sqlite.connect(folder)) as connection:
        rewrite(connection, folder)
        # While it waits for readers it keeps writers out; so it waits a moment at a time.
        connection.execute(f"PRAGMA busy_timeout = {1000 * LOOK_SECONDS:.0f}")
        end = monotonic() + PATIENCE_SECONDS
        while connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            if monotonic() > end:
                return False
            sleep(LOOK_SECONDS)
    return True


def _merge_words(connection: sqlite3.Connection) -> None:
    """Merge the full-text index, so that deleted words are left out; make it anew if it is damaged.

    FTS5's own option ``secure-delete`` needs SQLite 3.42, and Debian 12 has 3.40.
    """
    try:
        connection.execute("INSERT INTO passage_words (passage_words) VALUES ('optimize')")
    except sqlite3.DatabaseError:
        connection.execute("INSERT INTO passage_words (passage_words) VALUES ('rebuild')")
