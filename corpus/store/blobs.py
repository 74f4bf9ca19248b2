"""The bytes that documents were read from, each once, however many have the same."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from corpus.errors import UnreadableFile
from corpus.store import sqlite


class Blobs(sqlite.Store):
    """Bytes by their SHA-256, for as long as a document or a waiting job needs them."""

    def keep(self, content: bytes) -> str:
        """Keep bytes and return their SHA-256; those that are there already are not written."""
        sha256 = sha256_of(content)
        self.keep_as(sha256, lambda: content)
        return sha256

    def keep_as(self, sha256: str, read: Callable[[], bytes]) -> None:
        """Keep the bytes that ``read`` returns, and have this SHA-256, unless they are kept."""
        with self.transaction():
            if not self._one("SELECT 1 FROM originals WHERE sha256 = ?", (sha256,)):
                self._execute(
                    "INSERT INTO originals (sha256, data) VALUES (?, ?)", (sha256, read())
                )

    def content(self, sha256: str) -> bytes:
        """Return the bytes with this SHA-256.

        Raises:
            UnreadableFile: they are not kept.
        """
        row = self._one("SELECT data FROM originals WHERE sha256 = ?", (sha256,))
        if row is None:
            raise UnreadableFile("The file's bytes are no longer stored. Send the file again.")
        return bytes(row[0])

    def release(self, sha256: str) -> None:
        """Delete bytes that nothing needs."""
        self._execute(
            "DELETE FROM originals WHERE sha256 = ?1"
            " AND NOT EXISTS (SELECT 1 FROM documents WHERE sha256 = ?1)"
            " AND NOT EXISTS (SELECT 1 FROM job_files WHERE sha256 = ?1 AND outcome IS NULL)",
            (sha256,),
        )


def sha256_of(content: bytes) -> str:
    """Return the name of bytes."""
    return hashlib.sha256(content).hexdigest()
