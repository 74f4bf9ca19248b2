"""The one truth: documents, passages, sentences and vectors, in one SQLite file.

A document's new version is put beside the old one and takes its place when ``publish``
finds that the active model has given all of its texts a vector; until then questions see
the old one. ``View`` reads one state of it, whatever is written meanwhile.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple, Self

from corpus.errors import DiskFull, InUse
from corpus.store import erasure, ids, reserve, sqlite
from corpus.store.blobs import Blobs
from corpus.store.corrections import NO_CHANGES, Corrected, Corrections
from corpus.store.engine import Connection, Reading
from corpus.store.jobs import Jobs
from corpus.store.model_change_steps import ModelChanges
from corpus.store.moves import Moves
from corpus.store.sqlite_reading import SqliteReading
from corpus.store.versions import COMMAND_LINE, NewVersion, Sender, Versions
from corpus.store.view import View
from corpus.store.web import WebPages
from corpus.types import Document, LeftOut, Passage, StoredModel

PUBLISHED_AT_ONCE = 1000
"""Documents that one transaction makes live, each by one row."""

log = logging.getLogger(__name__)


class Version(NamedTuple):
    """What is known of a file that was ingested before: its newest version."""

    id: str
    collection: str
    """Where it is now."""
    root: str
    sha256: str
    text_version: int


class Catalogue(ModelChanges):
    """The catalogue in a data folder, open for writing."""

    def __init__(
        self,
        folder: Path,
        connection: Connection | None = None,
        reading: Callable[[StoredModel | None], Reading] | None = None,
    ) -> None:
        """Write by ``connection``, beside what ``reading`` begins to read; without them, to the
        SQLite file in ``folder``.

        Raises:
            CatalogueError: that cannot be read or written.
        """
        super().__init__(folder, connection or sqlite.connect(folder))
        self._reading = reading or partial(SqliteReading, folder)
        self.blobs = Blobs(folder, self._connection)
        self.jobs = Jobs(folder, self._connection, self.blobs)
        self.web = WebPages(folder, self._connection)
        self._versions = Versions(folder, self._connection, self.blobs)
        self._corrections = Corrections(folder, self._connection)
        self._moves = Moves(folder, self._connection, self._versions)

    @classmethod
    def existing(cls, folder: Path) -> Self:
        """Open the catalogue in ``folder``, which must be there already.

        Raises:
            CatalogueError: there is none, or it cannot be read.
        """
        sqlite.connect(folder, write=False).close()
        return cls(folder)

    def view(self, model: StoredModel | None = None) -> View:
        """Return the present state to read from, as it would be if it were searched with ``model``,
        if that is given."""
        return View(self._reading(model))

    def newest_version(self, collection: str, file: str) -> Version | None:
        """Return what was last ingested as ``file``, whether or not it is live yet."""
        row = self._one(
            "SELECT id, collection, root, sha256, text_version FROM documents"
            " WHERE collection = ? AND file = ? AND live NOTNULL ORDER BY live LIMIT 1",
            (collection, file),
        )
        return Version(*row) if row else None

    def moved_version(self, collection: str, file: str, root: str) -> Version | None:
        """Return what was last ingested as ``file`` below ``root`` into ``collection``, and has
        been moved to another one since."""
        row = self._one(
            "SELECT id, collection, root, sha256, text_version FROM documents"
            " WHERE id IN (?, ?) AND collection <> ? AND file = ? AND root = ? AND live NOTNULL"
            " ORDER BY live LIMIT 1",
            (*ids.moved_from(collection, file), collection, file, root),
        )
        return Version(*row) if row else None

    def files(self, collection: str, root: str) -> list[tuple[str, str]]:
        """Return (id, file) of every document that came from ``root`` into ``collection``, those
        too that were moved to another one since."""
        rows = self._rows(
            "SELECT DISTINCT id, file, collection FROM documents"
            " WHERE root = ? AND live NOTNULL ORDER BY file",
            (root,),
        )
        return [
            (id_, file)
            for id_, file, now in rows
            if now == collection or id_ in ids.moved_from(collection, file)
        ]

    def id_of(self, collection: str, file: str) -> str:
        """Return the id of the document that a file is or will be."""
        return ids.of_file(collection, file, self._rows)

    def meant(self, document: str) -> str:
        """Return the id that an id stands for, which may be one that an older release gave."""
        return ids.meant(
            document, lambda sql, id_: self._rows(sql.format(documents="documents"), id_)
        )

    def place_of(self, document: str) -> tuple[str, str] | None:
        """Return a document's collection and file, whether or not it is live yet."""
        sql = "SELECT collection, file FROM documents WHERE id = ? AND live NOTNULL"
        row = self._one(sql, (document,))
        return (row[0], row[1]) if row else None

    def collection_of(self, document: str) -> str | None:
        """Return a document's collection, though it is only accepted so far; None: no such one."""
        row = self._one(
            "SELECT collection FROM documents WHERE id = ?1 AND live NOTNULL UNION ALL"
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
        """Keep a document's new version, at one instant, beside the live one if any.

        ``original`` are the bytes it was read from, if they are kept, and came from ``sender``;
        ``left_out`` is what they show and its text does not.

        Raises:
            IdTaken: its id is that of another file's document; nothing is changed.
        """
        version = NewVersion(document, passages, text_version, original, left_out, sender)
        with self.putting(version) as put:
            put()

    @contextmanager
    def putting(self, version: NewVersion) -> Iterator[Callable[[], None]]:
        """Begin a transaction, and yield what keeps a new version in it, as ``put`` does.

        If it has many rows, they are written before, in steps, where nobody sees them. They are
        deleted again unless the version is kept.
        """
        replaced: list[int] = []
        with self._versions.written(version) as written, self.transaction():
            yield lambda: replaced.extend(self._versions.put(written))
        self._sweep(replaced)

    def correct(self, document: str, changes: Corrected, expected: str | None = None) -> bool:
        """Correct what is known of a document; tell whether there is one.

        It holds for what is read of it later too. With ``expected`` it is corrected only if its
        facts still have that tag.

        Raises:
            ChangedMeanwhile: they have another one.
        """
        with self.transaction():
            found = self._corrections.correct(document, changes, expected)
            if found:
                self._bump_generation()
        return found

    def move(
        self,
        document: str,
        collection: str,
        changes: Corrected = NO_CHANGES,
        expected: str | None = None,
    ) -> bool:
        """Move a document to another collection, and correct it; tell whether there is one.

        Whoever looks finds it in one of the two, and in one only. It keeps its id, and what was
        corrected of it before. With ``expected`` it is moved only if its facts still have that tag.

        Raises:
            ChangedMeanwhile: they have another one, or it changed while it was moved.
            BeingReplaced: it is not to be found yet, or a new version of it waits.
            PlaceTaken: the collection has another document of its name.
        """
        if not self._corrections.has(document, expected):
            return False
        if self.collection_of(document) == collection:
            return self.correct(document, changes, expected)
        with self._moves.copied(document, collection) as copy, self.transaction():
            if not self._corrections.has(document, expected):
                return False
            replaced = self._moves.put(copy)
            self._corrections.correct(document, changes, None)
            self._bump_generation()
        self._sweep(replaced)
        return True

    def note_root(self, document: str, root: str) -> None:
        """Note that a document's file now lies below another folder."""
        with self.transaction():
            self._connection.execute("UPDATE documents SET root = ? WHERE id = ?", (root, document))

    def note_folder(self, collection: str, old: str, new: str) -> None:
        """Note that all files of ``collection`` below one folder now lie below another."""
        with self.transaction():
            self._connection.execute(
                "UPDATE documents SET root = ? WHERE collection = ? AND root = ?",
                (new, collection, old),
            )

    def remove(self, document: str) -> bool:
        """Remove a document in all versions, and tell whether there was one.

        A job that has yet to add or replace it no longer does. On a full disk it takes the reserve.
        The document is gone at one instant. Its rows go after it, in steps, before this returns;
        what the disk has no room for, later.
        """
        removed, keys = reserve.on_reserve(self.folder, partial(self._remove, document))
        self._sweep(keys, partial(reserve.on_reserve, self.folder))
        return removed

    def remove_some(self, documents: Sequence[str]) -> int:
        """Remove documents at one instant, and return how many there were."""

        def remove() -> list[tuple[bool, list[int]]]:
            with self.transaction():
                return [self._remove(document) for document in documents]

        removed = reserve.on_reserve(self.folder, remove)
        keys = [key for _, of_one in removed for key in of_one]
        self._sweep(keys, partial(reserve.on_reserve, self.folder))
        return sum(was_there for was_there, _ in removed)

    def _remove(self, document: str) -> tuple[bool, list[int]]:
        with self.transaction():
            cancelled = self.jobs.cancel(document)
            keys = self._versions.drop("id = ?", (document,))
            self._corrections.forget(document)
            if keys:
                self._bump_generation()
        return len(keys) + cancelled > 0, keys

    def erase(self, document: str) -> bool:
        """Remove a document, and its name from the reports of jobs; tell whether there was one.

        ``erasure.overwrite_deleted`` then leaves no byte of it.
        """
        removed = reserve.on_reserve(self.folder, partial(self._erase, document))
        self._versions.drop_abandoned()
        self._versions.sweep()  # what was removed before, and a process ended amid it, is meant too
        return removed

    def _erase(self, document: str) -> bool:
        with self.transaction():
            removed, _ = self._remove(document)
            erasure.forget_in_jobs(self._connection, document)
            erasure.forget_on_the_web(self._connection, document)
        return removed

    def tidy(self) -> None:
        """Delete what processes left that were ended while they wrote or deleted in steps."""
        self._versions.drop_abandoned()
        self._versions.sweep()
        self.sweep_vectors()

    def forget_replaced(self) -> None:
        """Delete the vectors of models that were replaced, as far as there is room."""
        self._delete_now_or_later(self.sweep_vectors)

    def _sweep(
        self,
        keys: Sequence[int],
        on: Callable[[Callable[[], None]], None] = lambda sweep: sweep(),
    ) -> None:
        """Delete the rows of versions that were dropped, as far as there is room."""
        if not keys or self._connection.in_transaction:
            return
        self._delete_now_or_later(lambda: on(partial(self._versions.sweep, keys)))

    def _delete_now_or_later(self, delete: Callable[[], None]) -> None:
        """Delete what nothing shows any more; what there is no room for is left to ``tidy``."""
        try:
            delete()
        except (DiskFull, InUse) as error:
            log.warning("What was deleted is not overwritten yet, but will be later: %s", error)

    def publish(self, keys: Sequence[int] | None = None) -> int:
        """Make every waiting version live whose vectors are all there; return how many.

        With ``keys`` it looks at those only. With them every older version goes, so a document is
        replaced at one instant.
        """
        published = 0
        model = self._active_model_id()
        whole = self._whole(model, keys)
        for start in range(0, len(whole), PUBLISHED_AT_ONCE):
            replaced: list[int] = []
            with self.transaction():
                if self._active_model_id() != model:
                    break
                for key in whole[start : start + PUBLISHED_AT_ONCE]:
                    published += self._make_live(key, replaced)
                self._bump_generation()
            self._sweep(replaced)
        return published

    def _make_live(self, key: int, replaced: list[int]) -> int:
        """Make a version live if it still waits; return how many that were."""
        row = self._one("SELECT id FROM documents WHERE key = ? AND live = 0", (key,))
        if row is None:
            return 0
        replaced += self._versions.drop("id = ? AND live = 1", (row[0],))
        return self._execute("UPDATE documents SET live = 1 WHERE key = ?", (key,))

    def _whole(self, model: int | None, keys: Sequence[int] | None) -> list[int]:
        """Return the versions that wait and have all vectors of a model.

        This takes a second for a large one, so it is found out before the transaction. A vector
        goes with its text only, and that stays as long as the version.
        """
        return [
            row[0]
            for row in self._rows(
                """
                SELECT d.key FROM documents d WHERE d.live = 0
                AND (?2 IS NULL OR d.key IN (SELECT value FROM json_each(?2)))
                AND NOT EXISTS (
                    SELECT 1 FROM passages p
                    LEFT JOIN vectors v ON v.text_id = p.text_id AND v.model_id = ?1
                    WHERE p.document_key = d.key AND v.text_id IS NULL
                ) AND NOT EXISTS (
                    SELECT 1 FROM passages p
                    LEFT JOIN vectors v ON v.text_id = p.bare_text_id AND v.model_id = ?1
                    WHERE p.document_key = d.key
                    AND p.bare_text_id NOTNULL AND v.text_id IS NULL
                ) AND NOT EXISTS (
                    SELECT 1 FROM passages p
                    JOIN sentences s ON s.passage_id = p.id
                    LEFT JOIN vectors v ON v.text_id = s.text_id AND v.model_id = ?1
                    WHERE p.document_key = d.key AND v.text_id IS NULL
                )
                """,
                (model, None if keys is None else json.dumps(keys)),
            )
        ]
