"""The bytes that a document was read from, some at a time."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from pathlib import Path
from typing import Final

from corpus.errors import CatalogueError, OriginalGone
from corpus.store import sqlite

CHUNK_BYTES: Final = 256 * 2**10
"""Bytes of one read, which takes some 0.3 ms."""

CACHE_KIB: Final = 64
"""For SQLite's pages: they are read once, in order, and its own 2 MiB would be a waste."""


class Original(sqlite.Closing):
    """A collection's bytes with one SHA-256, read in order. Safe to use from several threads.

    It has a connection of its own, so that it can let go of the catalogue: a state that is held
    for long keeps the write-ahead log growing. What is read after that may come from another
    state. Bytes have their SHA-256 for a name, so they are the same there, or gone.
    """

    def __init__(self, folder: Path, collection: str, sha256: str) -> None:
        """Find the bytes.

        Raises:
            OriginalGone: they are not kept.
            CatalogueError: the catalogue cannot be read.
        """
        self.sha256 = sha256
        self._collection = collection
        self._folder = folder
        self._lock = threading.Lock()
        self._held: tuple[sqlite3.Connection, sqlite3.Blob] | None = None
        self._digest = hashlib.sha256()
        self._bytes_read = 0
        with self._lock, sqlite.plain_errors(folder):
            self.size = len(self._blob())

    @property
    def is_read(self) -> bool:
        """Whether all of it was read."""
        return self._bytes_read == self.size

    def read(self) -> bytes:
        """Return the next CHUNK_BYTES, or what is left.

        The last of them are returned only if all have the SHA-256.

        Raises:
            OriginalGone: they are no longer kept.
            CatalogueError: they have changed, or the catalogue cannot be read.
        """
        with self._lock, sqlite.plain_errors(self._folder):
            blob = self._blob()
            if len(blob) != self.size:
                raise self._changed()
            blob.seek(self._bytes_read)
            chunk = blob.read(CHUNK_BYTES)
            self._bytes_read += len(chunk)
            self._digest.update(chunk)
            if self.is_read and self._digest.hexdigest() != self.sha256:
                raise self._changed()
            return chunk

    def close(self) -> None:
        """Let go of the catalogue. Another ``read`` opens it again, as it is then."""
        with self._lock:
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
        row = connection.execute(sql, (self._collection, self.sha256)).fetchone()
        if row is None:
            raise OriginalGone(
                f"The file with the SHA-256 {self.sha256} is no longer stored in {self._folder}. "
                "Its document may have been removed or replaced."
            )
        return connection.blobopen("originals", "data", row[0], readonly=True)

    def _changed(self) -> CatalogueError:
        return CatalogueError(
            f"The file with the SHA-256 {self.sha256} in {self._folder} has changed since it was "
            "stored. Restore a backup, or ingest or upload the file again."
        )
