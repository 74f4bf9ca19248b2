"""The one truth: documents, passages, sentences and vectors, in one SQLite file.

A document's new version is put beside the old one and takes its place when ``publish``
finds that the active model has given all of its texts a vector; until then questions see
the old one. ``View`` reads one state of it, whatever is written meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, Self

from corpus.store import erasure, ids, sqlite
from corpus.store.blobs import Blobs
from corpus.store.jobs import Jobs
from corpus.store.versions import Versions
from corpus.store.view import View
from corpus.types import Document, LeftOut, Passage, StoredModel


class Version(NamedTuple):
    """What is known of a file that was ingested before: its newest version."""

    id: str
    root: str
    sha256: str
    text_version: int


class Text(NamedTuple):
    """A text that a model is to encode."""

    id: int
    text: str
    is_sentence: bool
    """Whether it is one somewhere; it may be a passage as well."""


class EncodedText(NamedTuple):
    """What a model made of a text."""

    id: int
    vector: bytes
    """Little-endian float32."""
    tokens: bytes = b""
    """What the reader compares, empty if nothing."""


class Missing(NamedTuple):
    """Texts that a model has still to encode."""

    number: int
    first: int
    """Lowest id of them; 0 if there are none."""


_EVERY_TEXT = "SELECT id FROM texts"

_WAITING_TEXTS = """
    WITH waiting AS MATERIALIZED (SELECT key FROM documents WHERE live = 0)
    SELECT p.text_id AS id FROM waiting w JOIN passages p ON p.document_key = w.key
    UNION SELECT p.bare_text_id FROM waiting w JOIN passages p ON p.document_key = w.key
    WHERE p.bare_text_id NOTNULL
    UNION SELECT s.text_id FROM waiting w JOIN passages p ON p.document_key = w.key
    JOIN sentences s ON s.passage_id = p.id
    """


class Catalogue(sqlite.Store):
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
    ) -> None:
        """Keep a document's new version, in one transaction, beside the live one if any.

        ``original`` are the bytes it was read from, if they are not kept yet; ``left_out`` is what
        they show and its text does not.

        Raises:
            IdTaken: its id is that of another file's document; nothing is changed.
        """
        with self.transaction():
            self._versions.put(document, passages, text_version, original, left_out)

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

        A job that has yet to add or replace it no longer does.
        """
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
        with self.transaction():
            removed = self.remove(document)
            erasure.forget_in_jobs(self._connection, document)
        return removed

    def publish(self) -> int:
        """Make every waiting version live whose vectors are all there; return how many.

        With them every older version goes, so a document is replaced at one instant.
        """
        with self.transaction():
            ready = [
                row[0]
                for row in self._connection.execute(
                    """
                    SELECT d.key FROM documents d WHERE d.live = 0 AND NOT EXISTS (
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
                    {"model": self._active_model_id()},
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

    def waiting(self) -> int:
        """Return how many documents have a version that is not live yet."""
        row = self._one("SELECT count(*) FROM documents WHERE live = 0", ())
        assert row is not None
        return int(row[0])

    def active_model(self) -> StoredModel | None:
        """Return the model whose vectors are searched; None before the first one."""
        row = self._one(
            "SELECT id, name, revision, sha256 FROM models WHERE id = ?",
            (self._active_model_id(),),
        )
        return StoredModel(*row) if row else None

    def register_model(self, name: str, revision: str, sha256: str) -> StoredModel:
        """Return the model of that hash, made known by this name and revision if it was not."""
        with self.transaction():
            self._connection.execute(
                "INSERT INTO models (name, revision, sha256) VALUES (?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                (name, revision, sha256),
            )
            row = self._connection.execute(
                "SELECT id, name, revision, sha256 FROM models WHERE sha256 = ?", (sha256,)
            ).fetchone()
        return StoredModel(*row)

    def adopt_model(self, model: StoredModel) -> None:
        """Search this model's vectors if there is no active model yet."""
        with self.transaction():
            if self._active_model_id() is None:
                self._set("active_model", str(model.id))

    def activate_model(self, model: StoredModel) -> bool:
        """Search this model's vectors from now on, and delete every other model's.

        Nothing is changed, and False returned, while a text lacks its vector.
        """
        with self.transaction():
            if self.missing(model).number:
                return False
            self._set("active_model", str(model.id))
            self._connection.execute("DELETE FROM models WHERE id <> ?", (model.id,))
            self._bump_generation()
        return True

    def missing(self, model: StoredModel) -> Missing:
        """Return how many texts ``model`` has still to encode, and where they begin.

        Of the active model those are in documents that wait: to look at the others' texts would
        take seconds at a million passages, for every document that comes.
        """
        is_active = self._active_model_id() == model.id
        row = self._one(
            "SELECT count(*), coalesce(min(id), 0)"  # noqa: S608, constants of ours
            f" FROM ({_WAITING_TEXTS if is_active else _EVERY_TEXT}) t WHERE NOT EXISTS"
            " (SELECT 1 FROM vectors v WHERE v.model_id = ? AND v.text_id = t.id)",
            (model.id,),
        )
        assert row is not None
        return Missing(*row)

    def texts_without_vectors(self, model: StoredModel, limit: int, after: int = 0) -> list[Text]:
        """Return up to ``limit`` texts that ``model`` has still to encode, oldest first.

        Only those with an id over ``after``, so that no one looks twice at what is done.
        """
        rows = self._rows(
            "SELECT t.id, t.text, EXISTS (SELECT 1 FROM sentences s WHERE s.text_id = t.id)"
            " FROM texts t LEFT JOIN vectors v ON v.text_id = t.id AND v.model_id = ?"
            " WHERE t.id > ? AND v.text_id IS NULL ORDER BY t.id LIMIT ?",
            (model.id, after, limit),
        )
        return [Text(id_, text, bool(is_sentence)) for id_, text, is_sentence in rows]

    def put_vectors(self, model: StoredModel, vectors: Iterable[EncodedText]) -> None:
        """Keep what ``model`` made of texts, in one transaction.

        A text that was removed meanwhile is passed over.
        """
        with self.transaction():
            self._connection.executemany(
                "INSERT OR REPLACE INTO vectors (model_id, text_id, data, tokens, crc)"
                " SELECT ?1, id, ?3, ?4, checksum(?3, ?4) FROM texts WHERE id = ?2",
                ((model.id, *encoded) for encoded in vectors),
            )

    def _active_model_id(self) -> int | None:
        row = self._one("SELECT value FROM settings WHERE name = 'active_model'", ())
        return int(row[0]) if row else None

    def _bump_generation(self) -> None:
        row = self._one("SELECT value FROM settings WHERE name = 'generation'", ())
        self._set("generation", str(int(row[0]) + 1 if row else 1))

    def _set(self, name: str, value: str) -> None:
        self._connection.execute(
            "INSERT INTO settings (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )
