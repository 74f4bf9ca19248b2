"""The one truth: documents, passages, sentences and vectors, in one SQLite file.

A document's new version is put beside the old one and takes its place when ``publish``
finds that the active model has given all of its texts a vector; until then questions see
the old one. ``View`` reads one state of it, whatever is written meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple, Self

from corpus.store import erasure, ids, reserve, sqlite
from corpus.store.blobs import Blobs
from corpus.store.jobs import Jobs
from corpus.store.models import Models
from corpus.store.versions import COMMAND_LINE, Sender, Versions
from corpus.store.view import View
from corpus.types import Document, LeftOut, Passage


class Version(NamedTuple):
    """What is known of a file that was ingested before: its newest version."""

    id: str
    root: str
    sha256: str
    text_version: int


class Catalogue(Models):
    """The catalogue in a data folder, open for writing."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, sqlite.connect(folder))
        self.blobs = Blobs(folder, self._connection)
        self.jobs = Jobs(folder, self._connection, self.blobs)
        self._versions = Versions(folder, self._connection, self.blobs)

    @classmethod
    def existing(cls, folder: Path) -> Self:
        """Open the catalogue in ``folder``, which must be there already.

        Raises:
            CatalogueError: there is none, or it cannot be read.
        """
        sqlite.connect(folder, write=False).close()
        return cls(folder)

    def view(self) -> View:
        """Return the present state to read from."""
        return View.open(self.folder)

    def newest_version(self, collection: str, file: str) -> Version | None:
        """Return what was last ingested as ``file``, whether or not it is live yet."""
        row = self._one(
            "SELECT id, root, sha256, text_version FROM documents"
            " WHERE collection = ? AND file = ? ORDER BY live LIMIT 1",
            (collection, file),
        )
        return Version(*row) if row else None

    def files(self, collection: str, root: str) -> list[tuple[str, str]]:
        """Return (id, file) of every document of ``collection`` that came from ``root``."""
        return list(
            self._rows(
                "SELECT DISTINCT id, file FROM documents WHERE collection = ? AND root = ?"
                " ORDER BY file",
                (collection, root),
            )
        )

    def meant(self, document: str) -> str:
        """Return the id that an id stands for, which may be one that an older release gave."""
        return ids.meant(
            document, lambda sql, id_: self._rows(sql.format(documents="documents"), id_)
        )

    def place_of(self, document: str) -> tuple[str, str] | None:
        """Return a document's collection and file, whether or not it is live yet."""
        row = self._one("SELECT collection, file FROM documents WHERE id = ?", (document,))
        return (row[0], row[1]) if row else None

    def collection_of(self, document: str) -> str | None:
        """Return a document's collection, though it is only accepted so far; None: no such one."""
        row = self._one(
            "SELECT collection FROM documents WHERE id = ?1 UNION ALL"
            " SELECT j.collection FROM job_files f JOIN jobs j ON j.number = f.job"
            " WHERE f.document = ?1 AND f.outcome IS NULL LIMIT 1",
            (document,),
        )
        return row[0] if row else None

    def put(
        self,
        document: Document,
        passages: Sequence[Passage],
        text_version: int,
        original: bytes | None = None,
        left_out: Sequence[LeftOut] = (),
        sender: Sender = COMMAND_LINE,
    ) -> None:
        """Keep a document's new version, in one transaction, beside the live one if any.

        ``original`` are the bytes it was read from, if they are kept, and came from ``sender``;
        ``left_out`` is what they show and its text does not.

        Raises:
            IdTaken: its id is that of another file's document; nothing is changed.
        """
        with self.transaction():
            self._versions.put(document, passages, text_version, original, left_out, sender)

    def move(self, document: str, root: str) -> None:
        """Note that a document's file now lies below another folder."""
        with self.transaction():
            self._connection.execute("UPDATE documents SET root = ? WHERE id = ?", (root, document))

    def move_folder(self, collection: str, old: str, new: str) -> None:
        """Note that all files of ``collection`` below one folder now lie below another."""
        with self.transaction():
            self._connection.execute(
                "UPDATE documents SET root = ? WHERE collection = ? AND root = ?",
                (new, collection, old),
            )

    def remove(self, document: str) -> bool:
        """Remove a document in all versions, and tell whether there was one.

        A job that has yet to add or replace it no longer does. On a full disk it takes the reserve.
        """
        return reserve.on_reserve(self.folder, partial(self._remove, document))

    def _remove(self, document: str) -> bool:
        with self.transaction():
            cancelled = self.jobs.cancel(document)
            removed = self._versions.drop("id = ?", (document,))
            if removed:
                self._bump_generation()
        return removed + cancelled > 0

    def erase(self, document: str) -> bool:
        """Remove a document, and its name from the reports of jobs; tell whether there was one.

        ``erasure.overwrite_deleted`` then leaves no byte of it.
        """
        return reserve.on_reserve(self.folder, partial(self._erase, document))

    def _erase(self, document: str) -> bool:
        with self.transaction():
            removed = self._remove(document)
            erasure.forget_in_jobs(self._connection, document)
        return removed

    def publish(self, keys: Sequence[int] | None = None) -> int:
        """Make every waiting version live whose vectors are all there; return how many.

        With ``keys`` it looks at those only. With them every older version goes, so a document is
        replaced at one instant.
        """
        with self.transaction():
            ready = [
                row[0]
                for row in self._connection.execute(
                    """
                    SELECT d.key FROM documents d WHERE d.live = 0
                    AND (:keys IS NULL OR d.key IN (SELECT value FROM json_each(:keys)))
                    AND NOT EXISTS (
                        SELECT 1 FROM passages p
                        LEFT JOIN vectors v ON v.text_id = p.text_id AND v.model_id = :model
                        WHERE p.document_key = d.key AND v.text_id IS NULL
                    ) AND NOT EXISTS (
                        SELECT 1 FROM passages p
                        LEFT JOIN vectors v ON v.text_id = p.bare_text_id AND v.model_id = :model
                        WHERE p.document_key = d.key
                        AND p.bare_text_id NOTNULL AND v.text_id IS NULL
                    ) AND NOT EXISTS (
                        SELECT 1 FROM passages p
                        JOIN sentences s ON s.passage_id = p.id
                        LEFT JOIN vectors v ON v.text_id = s.text_id AND v.model_id = :model
                        WHERE p.document_key = d.key AND v.text_id IS NULL
                    )
                    """,
                    {
                        "model": self._active_model_id(),
                        "keys": None if keys is None else json.dumps(keys),
                    },
                )
            ]
            for key in ready:
                self._versions.drop(
                    "live = 1 AND id = (SELECT id FROM documents WHERE key = ?)", (key,)
                )
                self._connection.execute("UPDATE documents SET live = 1 WHERE key = ?", (key,))
            if ready:
                self._bump_generation()
        return len(ready)
