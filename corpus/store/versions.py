"""Document versions: their rows, with those of their passages, sentences and texts.

One of many rows is written and deleted in steps (``corpus.store.steps``). Until it is whole, and
from the moment in which it is deleted, nothing but this module knows of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import sleep
from typing import NamedTuple

from corpus.errors import CatalogueError, IdTaken
from corpus.store import steps
from corpus.store.blobs import Blobs
from corpus.store.corrections import Corrections
from corpus.store.engine import Connection, Part
from corpus.types import Document, LeftOut, Passage, RecognisedPage, Span


class Sender(NamedTuple):
    """Who sent a version of a document."""

    owner: str
    """The id of a key; empty for who needed none."""
    job: int | None
    """Number of the job that brought it."""


COMMAND_LINE = Sender("", None)


class NewVersion(NamedTuple):
    """A version of a document that is to be kept."""

    document: Document
    passages: Sequence[Passage]
    text_version: int
    original: bytes | None = None
    """The bytes it was read from, if they are kept."""
    left_out: Sequence[LeftOut] = ()
    """What those show and its text does not."""
    sender: Sender = COMMAND_LINE
    recognised: Sequence[RecognisedPage] = ()
    """Pages whose text was recognised in pictures."""


class Written(NamedTuple):
    """A version that is to be put in its place, and the key of its rows if they are there."""

    version: NewVersion
    key: int | None = None


class Versions(Part):
    """The document versions of a catalogue."""

    def __init__(self, folder: Path, connection: Connection, blobs: Blobs) -> None:
        super().__init__(folder, connection)
        self._blobs = blobs
        self._corrections = Corrections(folder, connection)

    @contextmanager
    def written(self, version: NewVersion) -> Iterator[Written]:
        """Write a version's rows, in steps and apart from all that is there, if they are many.

        Unless it is put in its place by the end, they are deleted again.
        """
        runs = list(_in_steps(version.passages))
        is_small = len(runs) < 2 and len(version.left_out) <= steps.ROWS_PER_STEP
        if is_small or self._connection.in_transaction or self._is_taken(version.document):
            yield Written(version)
            return
        with steps.under_way(self.folder):
            with self.transaction():
                key = self._insert_document(version)
            try:
                self._write(key, version, runs)
                yield Written(version, key)
            finally:
                self.give_up(key)

    def put(self, written: Written) -> list[int]:
        """Have a version wait, in place of the one that waited before; return what is to be swept.

        It is part of the caller's transaction. A version that was removed while it was written is
        not there any more.

        Raises:
            IdTaken: its id is that of another file's document; nothing is changed.
        """
        version, key = written
        document = version.document
        if self._is_taken(document):
            raise IdTaken(
                f"Another document has the id {document.id}, which this file's name gives. Rename "
                "the file."
            )
        if key is None:
            key = self._insert_document(version)
            self._keep_original(version)
            for passage in version.passages:
                self._insert_passage(key, document, passage)
            self._insert_left_out(key, 0, version.left_out)
        self._insert_recognised(key, version.recognised)
        replaced = self.drop("id = ? AND live = 0", (document.id,))
        self._execute("UPDATE documents SET live = 0 WHERE key = ? AND going = 0", (key,))
        self._corrections.apply(key, self._corrections.of(document.id))
        return replaced

    def drop(self, where: str, parameters: tuple[object, ...]) -> list[int]:
        """Delete versions; return their keys. It is part of the caller's transaction.

        They are gone for everybody then. The rows of large ones are still to be swept.
        """
        keys = [
            row[0]
            for row in self._rows(
                "UPDATE documents SET live = NULL, going = 1"  # noqa: S608, ours
                f" WHERE going = 0 AND {where} RETURNING key",
                parameters,
            )
        ]
        if keys:
            self._sweep_some(keys)
        return keys

    def sweep(self, keys: Sequence[int] | None = None) -> None:
        """Delete the rows of versions that were dropped, in steps; with ``keys`` of those only."""
        while self._is_to_be_swept(keys):
            with self.transaction():
                self._sweep_some(keys)
            sleep(steps.PAUSE_SECONDS)

    def drop_unfinished(self) -> None:
        """Delete at once all that is being written or deleted: in a copy, which nobody else has."""
        with self.transaction():
            self._execute("UPDATE documents SET going = 1 WHERE live IS NULL")
            while self._is_to_be_swept(None):
                self._sweep_some(None)

    def drop_abandoned(self) -> None:
        """Drop what a process that was ended was about to write, unless others write now."""
        if self._one("SELECT 1 FROM documents WHERE live IS NULL AND going = 0") is None:
            return
        with steps.none_under_way(self.folder) as is_alone:
            if is_alone:
                self._execute("UPDATE documents SET going = 1 WHERE live IS NULL AND going = 0")

    def _write(self, key: int, version: NewVersion, runs: Sequence[Sequence[Passage]]) -> None:
        # A power cut may undo some of these steps. What puts the version in place is synced.
        with self._connection.unsynced():
            with self.transaction():
                self._keep_original(version)
            for some in runs:
                sleep(steps.PAUSE_SECONDS)
                with self.transaction():
                    if not self._is_being_written(key):
                        return
                    for passage in some:
                        self._insert_passage(key, version.document, passage)
            for start in range(0, len(version.left_out), steps.ROWS_PER_STEP):
                sleep(steps.PAUSE_SECONDS)
                with self.transaction():
                    if self._is_being_written(key):
                        some_left_out = version.left_out[start : start + steps.ROWS_PER_STEP]
                        self._insert_left_out(key, start, some_left_out)

    def give_up(self, key: int) -> None:
        """Delete what was written and not put in place; if that fails, it is done later."""
        with suppress(CatalogueError):
            self._execute(
                "UPDATE documents SET going = 1 WHERE key = ? AND live IS NULL AND going = 0",
                (key,),
            )
            self.sweep([key])

    def _is_being_written(self, key: int) -> bool:
        return self._one("SELECT 1 FROM documents WHERE key = ? AND going = 0", (key,)) is not None

    def _is_to_be_swept(self, keys: Sequence[int] | None) -> bool:
        return self._first_to_sweep(keys) is not None

    def _first_to_sweep(self, keys: Sequence[int] | None) -> tuple[int, str, str] | None:
        return self._one(
            "SELECT key, collection, sha256 FROM documents INDEXED BY documents_apart"
            " WHERE live IS NULL AND going = 1"
            " AND (?1 IS NULL OR key IN (SELECT value FROM json_each(?1))) ORDER BY key LIMIT 1",
            (None if keys is None else json.dumps(keys),),
        )

    def _sweep_some(self, keys: Sequence[int] | None) -> None:
        """Delete steps.ROWS_PER_STEP rows of what was dropped, or a few more."""
        left = steps.ROWS_PER_STEP
        while left > 0 and (found := self._first_to_sweep(keys)):
            key, collection, sha256 = found
            deleted = self._delete_passages(key, left)
            left -= max(deleted, 1)
            if not deleted:
                self._execute("DELETE FROM documents WHERE key = ?", (key,))
                self._blobs.release(collection, sha256)

    def _delete_passages(self, key: int, limit: int) -> int:
        """Delete passages with their sentences and the texts that nothing else has; return how
        many rows of passages and sentences."""
        passages, rows = [], 0
        for passage, sentences in self._rows(
            "SELECT id, (SELECT count(*) FROM sentences WHERE passage_id = id) FROM passages"
            " WHERE document_key = ? ORDER BY id LIMIT ?",
            (key, limit),
        ):
            passages.append(passage)
            rows += 1 + sentences
            if rows >= limit:
                break
        listed = (json.dumps(passages),)
        texts = list(
            self._rows(
                "WITH those AS (SELECT value AS id FROM json_each(?1))"
                " SELECT text_id FROM those JOIN passages USING (id) UNION"
                " SELECT bare_text_id FROM those JOIN passages USING (id)"
                " WHERE bare_text_id NOTNULL UNION"
                " SELECT text_id FROM those JOIN sentences ON passage_id = those.id",
                listed,
            )
        )
        self._execute("DELETE FROM passages WHERE id IN (SELECT value FROM json_each(?))", listed)
        self._connection.executemany(
            "DELETE FROM texts WHERE id = ?1"
            " AND NOT EXISTS (SELECT 1 FROM passages WHERE text_id = ?1)"
            " AND NOT EXISTS (SELECT 1 FROM passages WHERE bare_text_id = ?1)"
            " AND NOT EXISTS (SELECT 1 FROM sentences WHERE text_id = ?1)",
            texts,
        )
        return rows

    def _is_taken(self, document: Document) -> bool:
        return (
            self._one(
                "SELECT 1 FROM documents"
                " WHERE id = ? AND live NOTNULL AND (collection, file) <> (?, ?)",
                (document.id, document.collection, document.file),
            )
            is not None
        )

    def _insert_document(self, version: NewVersion) -> int:
        document = version.document
        key = self._id_of_new(
            "INSERT INTO documents (id, collection, file, root, media_type, sha256,"
            " text_version, language, title, publisher, published, url, text, passage_count, bytes,"
            " owner, job, crc)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,"
            " ?17, checksum(?1, ?2, ?3, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?14, ?13))"
            " RETURNING key",
            (
                document.id,
                document.collection,
                document.file,
                document.root,
                document.media_type,
                document.sha256,
                version.text_version,
                document.language,
                document.title,
                document.publisher,
                document.published.isoformat() if document.published else None,
                document.url,
                document.text,
                len(version.passages),
                len(version.original or b""),
                *version.sender,
            ),
        )
        self._corrections.note_origins(key, document.origins)
        return key

    def _keep_original(self, version: NewVersion) -> None:
        if version.original is not None:
            self._blobs.keep(version.document.collection, version.original)

    def _insert_left_out(self, key: int, first: int, left_out: Sequence[LeftOut]) -> None:
        self._connection.executemany(
            "INSERT INTO left_out (document_key, position, reason, text, page, number, crc)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, checksum(?1, ?2, ?3, ?4, ?5, ?6))",
            ((key, position, *each) for position, each in enumerate(left_out, first)),
        )

    def _insert_recognised(self, key: int, recognised: Sequence[RecognisedPage]) -> None:
        """Keep at most a few thousand rows, unless their document was removed meanwhile."""
        self._connection.executemany(
            "INSERT INTO recognised_pages (document_key, page, confidence, words, doubtful, crc)"
            " SELECT ?1, ?2, ?3, ?4, ?5, checksum(?1, ?2, ?3, ?4, ?5)"
            " FROM documents WHERE key = ?1 AND going = 0",
            ((key, *each) for each in recognised),
        )

    def _insert_passage(self, key: int, document: Document, passage: Passage) -> None:
        bare = passage.text_under(document.title)
        collection = document.collection
        text_ids = (
            self._text_id(collection, passage.text),
            self._text_id(collection, bare) if bare else None,
        )
        passage_id = self._id_of_new(
            'INSERT INTO passages (document_key, start, "end", page, language, text_id,'
            " bare_text_id, crc)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, checksum(?1, ?2, ?3, ?4, ?5, ?6, ?7))"
            " RETURNING id",
            (key, *passage.span, passage.page, passage.language, *text_ids),
        )
        self._connection.executemany(
            'INSERT INTO sentences (passage_id, start, "end", text_id, crc)'
            " VALUES (?1, ?2, ?3, ?4, checksum(?1, ?2, ?3, ?4))",
            [
                (passage_id, *span, self._text_id(collection, _said(document, passage, span)))
                for span in passage.sentences
            ],
        )

    def _text_id(self, collection: str, text: str) -> int:
        place = (collection, hashlib.sha256(text.encode()).digest())
        row = self._connection.execute(
            "SELECT id FROM texts WHERE collection = ? AND sha256 = ?", place
        ).fetchone()
        if row is None:
            row = self._connection.execute(
                "INSERT INTO texts (collection, sha256, text) VALUES (?, ?, ?) RETURNING id",
                (*place, text),
            ).fetchone()
        return int(row[0])


def _said(document: Document, passage: Passage, sentence: Span) -> str:
    return passage.said.get(sentence) or document.text[sentence.start : sentence.end]


def _in_steps(passages: Sequence[Passage]) -> Iterator[Sequence[Passage]]:
    """Yield runs of passages for one step each; one that has more rows by itself is one."""
    start = rows = 0
    for position, passage in enumerate(passages):
        of_this = 1 + len(passage.sentences)
        if rows and rows + of_this > steps.ROWS_PER_STEP:
            yield passages[start:position]
            start, rows = position, 0
        rows += of_this
    if rows:
        yield passages[start:]
