"""The file of the keys: one connection looks up, another writes.

Each request looks a key up on the event loop, which must not wait for whoever writes: not for this
process, nor for another that keeps the file locked.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from corpus.errors import CatalogueError, KeysGone
from corpus.store import reserve, sqlite
from corpus.store.engine import Closing

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
    """
    CREATE TABLE IF NOT EXISTS quotas (
        key       TEXT PRIMARY KEY REFERENCES keys (id),
        documents INTEGER,
        bytes     INTEGER,
        jobs      INTEGER
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS people (
        id        TEXT PRIMARY KEY,
        subject   BLOB NOT NULL UNIQUE,
        name      TEXT NOT NULL,
        signed_in TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE IF NOT EXISTS people_sessions (
        sha256 BLOB PRIMARY KEY,
        person TEXT NOT NULL REFERENCES people (id),
        issuer TEXT NOT NULL,
        groups TEXT NOT NULL,
        ends   TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
)

log = logging.getLogger("passerelle.access")

Identity = tuple[int, int]
"""What tells a file from every other one: its device and its number there."""

Statement = tuple[str, tuple[object, ...]]
"""SQL and its parameters."""


class _Opened(NamedTuple):
    """A connection, and which write-ahead log it uses."""

    connection: sqlite3.Connection
    log: Identity | None


class KeysFile(Closing):
    """The file of the keys in a data folder; it is made with the first change.

    Safe to use from several threads. Every method raises CatalogueError where the folder cannot be
    used, InUse where the file stays locked, and KeysGone while the file that was opened first is
    not in its place. SQLite still holds that open, with keys that nobody could revoke.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / FILE_NAME
        self._looking_up, self._writing = threading.Lock(), threading.Lock()
        self._log_path = folder / f"{FILE_NAME}-wal"
        self._reader: _Opened | None = None
        self._writer: _Opened | None = None
        self._identity: Identity | None = None
        """Of the file that was opened first."""
        self._is_gone = False

    def close(self) -> None:
        """Close the file."""
        for opened in (self._reader, self._writer):
            if opened is not None:
                opened.connection.close()

    def prepare(self) -> None:
        """Bring the file up to date, if there is one, so that no look-up has to."""
        with self._looking_up, self._writing, sqlite.plain_errors(self._folder):
            if self._path.exists():
                self._writer = self._current(self._writer, WRITE_SECONDS)
                self._reader = self._current(self._reader, LOOK_UP_SECONDS)

    def check_place(self) -> None:
        """Raise KeysGone unless the file is the one that was opened first, if one was."""
        if self._identity is None:
            return
        was_gone, self._is_gone = self._is_gone, _identity(self._path) != self._identity
        if not self._is_gone:
            if was_gone:
                log.warning("%s is back. Keys are valid again.", self._path)
            return
        error = KeysGone(
            f"{self._path} was moved away, deleted or replaced while the server runs. No key is "
            "valid until it is back. Put it back, or restart the server to use what is there now."
        )
        if not was_gone:
            log.error("%s", error)
        raise error

    def rows(self, sql: str, parameters: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """Return what a query finds; nothing if there is no file."""
        with self._looking_up, sqlite.plain_errors(self._folder):
            if self._reader is None and self._identity is None and not self._path.exists():
                return []
            self._reader = self._current(self._reader, LOOK_UP_SECONDS)
            return self._reader.connection.execute(sql, parameters).fetchall()

    def change(self, *statements: Statement) -> int:
        """Carry out statements in one transaction; return how many rows they changed in all.

        On a full disk it takes the reserve. This may wait, so it is not for the event loop.
        """
        if not self._writing.acquire(timeout=WRITE_SECONDS):
            raise sqlite.in_use(self._folder)
        try:
            return reserve.on_reserve(self._folder, partial(self._carry_out, statements))
        finally:
            self._writing.release()

    def _carry_out(self, statements: Sequence[Statement]) -> int:
        with sqlite.plain_errors(self._folder):
            self._writer = self._current(self._writer, WRITE_SECONDS)
            connection = self._writer.connection
            with sqlite.transaction(connection):
                changed = sum(connection.execute(*each).rowcount for each in statements)
            # So that the file alone has everything, wherever it is moved.
            with suppress(sqlite3.Error):
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            return changed

    def _current(self, opened: _Opened | None, seconds: float) -> _Opened:
        """Return a connection to the file in its place, which is this one if it still is.

        While a file is elsewhere its log may be deleted. What another process writes after its
        return is in a new one, which the connection would never see.
        """
        self.check_place()
        if opened is not None and opened.log == _identity(self._log_path):
            return opened
        if opened is not None:
            opened.connection.close()
        return self._open(seconds)

    def _open(self, seconds: float) -> _Opened:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        sqlite.refuse_if_open(self._folder, self._path)
        self._path.touch(mode=0o600)
        opened = sqlite.opened(self._path, timeout_seconds=seconds)
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
        self._identity = self._identity or _identity(self._path)
        return _Opened(opened, _identity(self._log_path))


def _identity(path: Path) -> Identity | None:
    """Return what tells a file from others; None if there is none."""
    try:
        status = os.stat(path)  # noqa: PTH116, for every request
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _refuse_acting(connection: sqlite3.Connection) -> None:
    """Refuse a file with triggers or views: one of them could undo a revocation."""
    acting = "SELECT 1 FROM sqlite_schema WHERE type IN ('trigger', 'view')"
    if connection.execute(acting).fetchone():
        raise CatalogueError(
            f"{FILE_NAME} contains triggers or views, which Passerelle never creates. Move the "
            "file away and make the keys again."
        )
