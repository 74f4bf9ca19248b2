"""One state of the catalogue in SQLite: a read transaction, held open."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Collection, Sequence
from itertools import count
from pathlib import Path
from typing import Final

from corpus.errors import OriginalGone
from corpus.store import integrity, sqlite
from corpus.store.engine import Row
from corpus.types import StoredModel

CACHE_KIB: Final = 64
"""For SQLite's pages: they are read once, in order, and its own 2 MiB would be a waste."""


class SqliteReading:
    """A connection in the middle of a transaction, for one thread at a time.

    It closes itself when the last one lets go of it.
    """

    def __init__(self, folder: Path, model: StoredModel | None) -> None:
        """Begin to read the file in ``folder``.

        Raises:
            CatalogueError: there is none, or it cannot be read.
        """
        self._connection = connection = sqlite.connect(folder, write=False)
        self._lock = threading.Lock()
        self._next_number = count().__next__
        self.folder = folder
        self.model = model
        self._closing = weakref.finalize(self, connection.close)
        with sqlite.plain_errors(folder):
            # SQLite's own lower() knows ASCII only.
            connection.create_function("casefold", 1, str.casefold, deterministic=True)
            # Of what was read before the transaction began; gone with the connection.
            connection.execute("CREATE TEMP TABLE readable (scope INTEGER, collection TEXT)")
            connection.execute("CREATE TEMP TABLE masked (mask INTEGER, key INTEGER)")
            # Every word of passage_words and in how many passages it is: a view of the index's own.
            connection.execute(
                "CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab (main, passage_words, row)"
            )
            connection.execute("BEGIN")
            # SQLite takes its snapshot at the first read, not at BEGIN.
            connection.execute("SELECT value FROM settings WHERE name = 'generation'").fetchone()

    def rows(self, sql: str, parameters: Sequence[object]) -> list[Row]:
        """Return the rows of a query."""
        with self._lock, sqlite.plain_errors(self.folder):
            return self._connection.execute(sql, parameters).fetchall()

    def within(self, documents: str, collections: frozenset[str]) -> str:
        """Return SQL for those of ``documents`` that are in some collections."""
        with self._lock, sqlite.plain_errors(self.folder):
            scope = self._next_number()
            self._connection.executemany(
                "INSERT INTO temp.readable (scope, collection) VALUES (?, ?)",
                [(scope, collection) for collection in sorted(collections)],
            )
        return (
            f"(SELECT * FROM {documents} WHERE collection IN"  # noqa: S608, a number
            f" (SELECT collection FROM temp.readable WHERE scope = {scope:d}))"
        )

    def without(self, documents: str, keys: Collection[int]) -> str:
        """Return SQL for those of ``documents`` that have none of these keys."""
        with self._lock, sqlite.plain_errors(self.folder):
            mask = self._next_number()
            self._connection.executemany(
                "INSERT INTO temp.masked (mask, key) VALUES (?, ?)", [(mask, key) for key in keys]
            )
        return (
            f"(SELECT * FROM {documents} WHERE key NOT IN"  # noqa: S608, a number
            f" (SELECT key FROM temp.masked WHERE mask = {mask:d}))"
        )

    def problems(self) -> list[str]:
        """Return what is wrong with the catalogue; empty if it is sound."""
        with self._lock, sqlite.plain_errors(self.folder):
            return integrity.problems(self._connection)

    def notes(self, _documents: str, /) -> dict[str, object]:
        """Return none yet: a state is shared by those who read it at a time."""
        return {}

    def original(self, collection: str, sha256: str) -> SqliteBytes:
        """Return the bytes with a SHA-256 in a collection."""
        return SqliteBytes(self.folder, collection, sha256)

    def close(self) -> None:
        """Let go of the state."""
        self._closing()


class SqliteBytes:
    """Bytes in a row of the data folder's file.

    They have a connection of their own, so that it can be let go of: a state that is held for long
    keeps the write-ahead log growing.
    """

    def __init__(self, folder: Path, collection: str, sha256: str) -> None:
        self._folder = folder
        self._place = (collection, sha256)
        self._held: tuple[sqlite3.Connection, sqlite3.Blob] | None = None

    def size(self) -> int:
        """Return how many there are."""
        with sqlite.plain_errors(self._folder):
            return len(self._blob())

    def read(self, start: int, number: int) -> bytes:
        """Return some of them."""
        with sqlite.plain_errors(self._folder):
            blob = self._blob()
            blob.seek(start)
            return blob.read(number)

    def close(self) -> None:
        """Let go of the file."""
        if self._held is not None:
            connection, blob = self._held
            self._held = None
            blob.close()
            connection.close()

    def _blob(self) -> sqlite3.Blob:
        if self._held is None:
            connection = sqlite.connect(self._folder, write=False)
            try:
                self._held = connection, self._opened(connection)
            except BaseException:
                connection.close()
                raise
        return self._held[1]

    def _opened(self, connection: sqlite3.Connection) -> sqlite3.Blob:
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB:d}")
        # One state for both, or another row could have taken the number.
        connection.execute("BEGIN")
        sql = "SELECT rowid FROM originals WHERE collection = ? AND sha256 = ?"
        row = connection.execute(sql, self._place).fetchone()
        if row is None:
            raise OriginalGone(
                f"The file with the SHA-256 {self._place[1]} is no longer stored in "
                f"{self._folder}. Its document may have been removed or replaced."
            )
        return connection.blobopen("originals", "data", row[0], readonly=True)
