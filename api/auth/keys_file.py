"""The file of the keys: one connection looks up, another writes.

Each request looks a key up on the event loop, which must not wait for whoever writes: not for this
process, nor for another that keeps the file locked.
"""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any, Final

from corpus.errors import CatalogueError
from corpus.store import sqlite

FILE_NAME: Final = "keys.sqlite"

LOOK_UP_SECONDS: Final = 0.05
"""Time that a look-up waits for a lock. Only a program that lets nobody read makes it wait."""

WRITE_SECONDS: Final = 2.0
"""Time that a change waits for this process's other changes, and then for another program's."""

_TABLES = (
    """
    CREATE TABLE IF NOT EXISTS keys (
        id          TEXT PRIMARY KEY,
        name        TEXT NOT NULL,
        sha256      BLOB NOT NULL,
        scopes      TEXT NOT NULL,
        collections TEXT,
        created     TEXT NOT NULL,
        revoked     TEXT
    ) STRICT
    """,
    """
    CREATE TABLE IF NOT EXISTS sessions (
        sha256 BLOB PRIMARY KEY,
        key    TEXT NOT NULL REFERENCES keys (id),
        ends   TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
)

Statement = tuple[str, tuple[object, ...]]
"""SQL and its parameters."""


class KeysFile(sqlite.Closing):
    """The file of the keys in a data folder; it is made with the first change.

    Safe to use from several threads. Every method raises CatalogueError where the folder cannot be
    used, and InUse where the file stays locked.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / FILE_NAME
        self._looking_up, self._writing = threading.Lock(), threading.Lock()
        self._reader: sqlite3.Connection | None = None
        self._writer: sqlite3.Connection | None = None

    def close(self) -> None:
        """Close the file."""
        for connection in (self._reader, self._writer):
            if connection is not None:
                connection.close()

    def prepare(self) -> None:
        """Bring the file up to date, if there is one, so that no look-up has to."""
        with self._looking_up, self._writing, sqlite.plain_errors(self._folder):
            if self._path.exists():
                self._writer = self._writer or self._open(WRITE_SECONDS)
                self._reader = self._reader or self._open(LOOK_UP_SECONDS)

    def rows(self, sql: str, parameters: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """Return what a query finds; nothing if there is no file."""
        with self._looking_up, sqlite.plain_errors(self._folder):
            if self._reader is None:
                if not self._path.exists():
                    return []
                self._reader = self._open(LOOK_UP_SECONDS)
            return self._reader.execute(sql, parameters).fetchall()

    def change(self, *statements: Statement) -> int:
        """Carry out statements in one transaction; return how many rows they changed in all.

        This may wait, so it is not for the event loop.
        """
        if not self._writing.acquire(timeout=WRITE_SECONDS):
            raise sqlite.in_use(self._folder)
        try:
            with sqlite.plain_errors(self._folder):
                if self._writer is None:
                    self._writer = self._open(WRITE_SECONDS)
                with sqlite.transaction(self._writer):
                    return sum(self._writer.execute(*each).rowcount for each in statements)
        finally:
            self._writing.release()

    def _open(self, seconds: float) -> sqlite3.Connection:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        sqlite.refuse_if_open(self._folder, self._path)
        self._path.touch(mode=0o600)
        opened = sqlite3.connect(
            self._path, timeout=seconds, isolation_level=None, check_same_thread=False
        )
        try:
            # Whoever looks a key up does not wait for whoever writes one.
            opened.execute("PRAGMA journal_mode = WAL")
            opened.execute("PRAGMA synchronous = FULL")
            for table in _TABLES:
                opened.execute(table)
            _refuse_acting(opened)
        except BaseException:
            opened.close()
            raise
        return opened


def _refuse_acting(connection: sqlite3.Connection) -> None:
    """Refuse a file with triggers or views: one of them could undo a revocation."""
    acting = "SELECT 1 FROM sqlite_schema WHERE type IN ('trigger', 'view')"
    if connection.execute(acting).fetchone():
        raise CatalogueError(
            f"{FILE_NAME} contains triggers or views, which Passerelle never creates. Move the "
            "file away and make the keys again."
        )
