"""Moving a document to another collection.

Texts, vectors and bytes are each collection's own, so a document's rows are copied into the other
one, in steps (``corpus.store.steps``) and where nobody sees them. The copy then takes the
document's place at one instant: whoever looks finds it in one of the two, and never in both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import NamedTuple

from corpus.errors import BeingReplaced, ChangedMeanwhile, PlaceTaken
from corpus.store import ids, steps
from corpus.store.corrections import Corrections
from corpus.store.engine import Connection, Part
from corpus.store.versions import Versions


class Copy(NamedTuple):
    """A document's live version, and its copy for another collection, by their keys."""

    document: str
    collection: str
    old: int
    new: int


class Moves(Part):
    """What moves a catalogue's documents from one collection to another."""

    def __init__(self, folder: Path, connection: Connection, versions: Versions) -> None:
        super().__init__(folder, connection)
        self._versions = versions
        self._corrections = Corrections(folder, connection)

    @contextmanager
    def copied(self, document: str, collection: str) -> Iterator[Copy]:
        """Write a copy of a document for another collection.

        Unless it is put in the document's place by the end, it is deleted again.

        Raises:
            BeingReplaced: the document is not to be found yet, or a new version of it waits.
            PlaceTaken: the collection has another document of its name.
        """
        with steps.under_way(self.folder):
            with self.transaction():
                copy = self._begun(document, collection)
            try:
                self._fill(copy)
                yield copy
            finally:
                self._versions.give_up(copy.new)

    def put(self, copy: Copy) -> list[int]:
        """Have a copy take its document's place; return the keys that are to be swept.

        It is part of the caller's transaction.

        Raises:
            ChangedMeanwhile: the document is not what was copied any more.
            BeingReplaced: a new version of it waits by now.
            PlaceTaken: the collection has another document of its name by now.
        """
        if self._check(copy.document, copy.collection) != copy.old:
            raise ChangedMeanwhile
        dropped = self._versions.drop("key = ?", (copy.old,))
        self._execute("UPDATE documents SET live = 1 WHERE key = ? AND going = 0", (copy.new,))
        self._corrections.apply(copy.new, self._corrections.of(copy.document))
        return dropped

    def _check(self, document: str, collection: str) -> int:
        """Return the key of a document's live version, if it can be moved now."""
        versions: dict[int, int] = dict(
            self._rows("SELECT live, key FROM documents WHERE id = ? AND live NOTNULL", (document,))
        )
        if list(versions) != [1] or self._is_awaited(document):
            raise BeingReplaced
        row = self._one("SELECT file FROM documents WHERE key = ?", (versions[1],))
        assert row is not None
        there = ids.of_file(collection, row[0], self._rows)
        if there != document and (self._is_kept(there) or self._is_awaited(there)):
            raise PlaceTaken(collection, row[0])
        return int(versions[1])

    def _is_kept(self, document: str) -> bool:
        sql = "SELECT 1 FROM documents WHERE id = ? AND live NOTNULL"
        return self._one(sql, (document,)) is not None

    def _is_awaited(self, document: str) -> bool:
        """Tell whether a file waits that is to become a document."""
        sql = "SELECT 1 FROM job_files WHERE document = ? AND outcome IS NULL"
        return self._one(sql, (document,)) is not None

    def _begun(self, document: str, collection: str) -> Copy:
        old = self._check(document, collection)
        columns = (
            "id, file, root, media_type, sha256, text_version, language, title, publisher,"
            " published, url, passage_count, owner, bytes, job, text"
        )
        new = self._id_of_new(
            f"INSERT INTO documents (collection, {columns})"  # noqa: S608, ours
            f" SELECT ?, {columns} FROM documents WHERE key = ? RETURNING key",
            (collection, old),
        )
        self._corrections.seal_document(new)
        self._execute(
            "INSERT INTO origins (document_key, fact, origin, crc)"
            " SELECT ?1, fact, origin, checksum(?1, fact, origin) FROM origins"
            " WHERE document_key = ?2",
            (new, old),
        )
        self._execute(
            "INSERT INTO recognised_pages (document_key, page, confidence, words, doubtful, crc)"
            " SELECT ?1, page, confidence, words, doubtful,"
            " checksum(?1, page, confidence, words, doubtful) FROM recognised_pages"
            " WHERE document_key = ?2",
            (new, old),
        )
        return Copy(document, collection, old, new)

    def _fill(self, copy: Copy) -> None:
        """Copy what there may be much of."""
        # A power cut may undo some of these steps. What puts the copy in place is synced.
        with self._connection.unsynced():
            with self.transaction():
                self._copy_original(copy)
            for some in list(self._runs_of_passages(copy.old)):
                with self.transaction():
                    if not self._is_wanted(copy):
                        return
                    for passage in some:
                        self._copy_passage(copy, passage)
                self._pause(some)
            for start in range(0, self._left_out(copy.old), steps.ROWS_PER_STEP):
                with self.transaction():
                    if self._is_wanted(copy):
                        self._copy_left_out(copy, start)
                self._pause(range(steps.ROWS_PER_STEP))

    def _pause(self, copied: Sequence[int]) -> None:
        """Let others write, if so much was copied that they may wait."""
        if len(copied) >= steps.ROWS_PER_STEP // 10:
            sleep(steps.PAUSE_SECONDS)

    def _is_wanted(self, copy: Copy) -> bool:
        """Tell whether the document was not removed meanwhile."""
        sql = "SELECT 1 FROM documents WHERE key = ? AND going = 0"
        return self._one(sql, (copy.new,)) is not None

    def _copy_original(self, copy: Copy) -> None:
        self._execute(
            "INSERT INTO originals (collection, sha256, data) SELECT ?1, o.sha256, o.data"
            " FROM documents d JOIN originals o ON o.collection = d.collection"
            " AND o.sha256 = d.sha256 WHERE d.key = ?2 ON CONFLICT DO NOTHING",
            (copy.collection, copy.old),
        )

    def _copy_left_out(self, copy: Copy, start: int) -> None:
        self._execute(
            "INSERT INTO left_out (document_key, position, reason, text, page, number, crc)"
            " SELECT ?1, position, reason, text, page, number,"
            " checksum(?1, position, reason, text, page, number) FROM left_out"
            " WHERE document_key = ?2 AND position >= ?3 AND position < ?4",
            (copy.new, copy.old, start, start + steps.ROWS_PER_STEP),
        )

    def _left_out(self, key: int) -> int:
        """Return how many rows there are of what a version leaves out."""
        row = self._one("SELECT count(*) FROM left_out WHERE document_key = ?", (key,))
        assert row is not None
        return int(row[0])

    def _runs_of_passages(self, key: int) -> Iterator[list[int]]:
        """Yield passages for one step each; one that has more rows by itself is one."""
        run: list[int] = []
        rows = 0
        for passage, of_this in self._rows(
            "SELECT id, 1 + (SELECT count(*) FROM sentences WHERE passage_id = id) FROM passages"
            " WHERE document_key = ? ORDER BY id",
            (key,),
        ):
            if run and rows + of_this > steps.ROWS_PER_STEP:
                yield run
                run, rows = [], 0
            run.append(passage)
            rows += of_this
        if run:
            yield run

    def _copy_passage(self, copy: Copy, passage: int) -> None:
        row = self._one(
            'SELECT start, "end", page, language, text_id, bare_text_id FROM passages WHERE id = ?',
            (passage,),
        )
        if row is None:
            return  # the document is another one by now
        *place, text, bare = row
        texts = (
            self._copied_text(copy.collection, text),
            None if bare is None else self._copied_text(copy.collection, bare),
        )
        new = self._id_of_new(
            'INSERT INTO passages (document_key, start, "end", page, language, text_id,'
            " bare_text_id, crc)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, checksum(?1, ?2, ?3, ?4, ?5, ?6, ?7))"
            " RETURNING id",
            (copy.new, *place, *texts),
        )
        sentences = list(
            self._rows(
                'SELECT start, "end", text_id FROM sentences WHERE passage_id = ?', (passage,)
            )
        )
        self._connection.executemany(
            'INSERT INTO sentences (passage_id, start, "end", text_id, crc)'
            " VALUES (?1, ?2, ?3, ?4, checksum(?1, ?2, ?3, ?4))",
            [
                (new, start, end, self._copied_text(copy.collection, sentence))
                for start, end, sentence in sentences
            ],
        )

    def _copied_text(self, collection: str, text: int) -> int:
        """Return the id of a text in another collection, where it has the same vectors."""
        found = self._one(
            "SELECT there.id FROM texts here JOIN texts there ON there.sha256 = here.sha256"
            " WHERE here.id = ? AND there.collection = ?",
            (text, collection),
        ) or self._one(
            "INSERT INTO texts (collection, sha256, text) SELECT ?2, sha256, text FROM texts"
            " WHERE id = ?1 RETURNING id",
            (text, collection),
        )
        assert found is not None
        self._execute(
            "INSERT INTO vectors (model_id, text_id, data, tokens, crc)"
            " SELECT model_id, ?2, data, tokens, crc FROM vectors"
            " WHERE text_id = ?1 AND model_id IN (SELECT id FROM models WHERE replaced = 0)"
            " ON CONFLICT DO NOTHING",
            (text, found[0]),
        )
        return int(found[0])
