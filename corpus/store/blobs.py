"""The bytes that documents were read from: each once in a collection, however many have them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from corpus.errors import UnreadableFile
from corpus.store.engine import Part


class Blobs(Part):
    """Bytes by collection and SHA-256, for as long as a document or a waiting job needs them.

    What another collection has is kept once more. So whoever sends a file cannot tell from the
    time it takes whether that is there.
    """

    def keep(self, collection: str, content: bytes) -> str:
        """Keep bytes and return their SHA-256; those that are there already are not written."""
        sha256 = sha256_of(content)
        self.keep_as(collection, sha256, lambda: content)
        return sha256

    def keep_as(self, collection: str, sha256: str, read: Callable[[], bytes]) -> None:
        """Keep the bytes that ``read`` returns, and have this SHA-256, unless they are kept."""
        place = (collection, sha256)
        with self.transaction():
            if not self._one("SELECT 1 FROM originals WHERE collection = ? AND sha256 = ?", place):
                self._execute(
                    "INSERT INTO originals (collection, sha256, data) VALUES (?, ?, ?)",
                    (*place, read()),
                )

    def content(self, collection: str, sha256: str) -> bytes:
        """Return a collection's bytes with this SHA-256.

        Raises:
            UnreadableFile: they are not kept.
        """
        row = self._one(
            "SELECT data FROM originals WHERE collection = ? AND sha256 = ?", (collection, sha256)
        )
        if row is None:
            raise UnreadableFile("The file's bytes are no longer stored. Send the file again.")
        return bytes(row[0])

    def release(self, collection: str, sha256: str) -> None:
        """Delete bytes that nothing in the collection needs."""
        self._execute(
            "DELETE FROM originals WHERE collection = ?1 AND sha256 = ?2"
            " AND NOT EXISTS"
            " (SELECT 1 FROM documents WHERE collection = ?1 AND sha256 = ?2 AND going = 0)"
            " AND NOT EXISTS (SELECT 1 FROM job_files f JOIN jobs j ON j.number = f.job"
            " WHERE j.collection = ?1 AND f.sha256 = ?2 AND f.outcome IS NULL)",
            (collection, sha256),
        )


def sha256_of(content: bytes) -> str:
    """Return the name of bytes."""
    return hashlib.sha256(content).hexdigest()
