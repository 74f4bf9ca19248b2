"""The bytes that documents were read from, each once, however many have the same."""

from __future__ import annotations

import hashlib

from corpus.errors import UnreadableFile
from corpus.store import sqlite


class Originals(sqlite.Store):
    """Bytes by their SHA-256, for as long as a document or a waiting job needs them."""

    def keep(self, content: bytes) -> str:
        """Keep bytes and return their SHA-256; those that are there already are not written."""
        sha256 = hashlib.sha256(content).hexdigest()
        with self.transaction():
            if not self._one("SELECT 1 FROM originals WHERE sha256 = ?", (sha256,)):
                self._execute(
                    "INSERT INTO originals (sha256, data) VALUES (?, ?)", (sha256, content)
                )
        return sha256

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
