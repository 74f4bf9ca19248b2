"""The bytes that a document was read from, some at a time."""

from __future__ import annotations

import hashlib
import threading
from typing import Final

from corpus.errors import CatalogueError
from corpus.store.engine import Closing, StoredBytes

CHUNK_BYTES: Final = 256 * 2**10
"""Bytes of one read, which takes some 0.3 ms."""


class Original(Closing):
    """A collection's bytes with one SHA-256, read in order. Safe to use from several threads."""

    def __init__(self, stored: StoredBytes, sha256: str) -> None:
        """Find the bytes.

        Raises:
            OriginalGone: they are not kept.
            CatalogueError: the catalogue cannot be read.
        """
        self.sha256 = sha256
        self._stored = stored
        self._lock = threading.Lock()
        self._digest = hashlib.sha256()
        self._bytes_read = 0
        with self._lock:
            self.size = stored.size()

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
        with self._lock:
            if self._stored.size() != self.size:
                raise self._changed()
            chunk = self._stored.read(self._bytes_read, CHUNK_BYTES)
            self._bytes_read += len(chunk)
            self._digest.update(chunk)
            if self.is_read and self._digest.hexdigest() != self.sha256:
                raise self._changed()
            return chunk

    def close(self) -> None:
        """Let go of the catalogue. Another ``read`` opens it again, as it is then."""
        with self._lock:
            self._stored.close()

    def _changed(self) -> CatalogueError:
        return CatalogueError(
            f"The file with the SHA-256 {self.sha256} has changed since it was stored. Restore a "
            "backup, or ingest or upload the file again."
        )
