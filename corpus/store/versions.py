"""Document versions: their rows, with those of their passages, sentences and texts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from sqlite3 import Connection
from typing import NamedTuple

from corpus.errors import IdTaken
from corpus.store import sqlite
from corpus.store.blobs import Blobs
from corpus.types import Document, LeftOut, Passage


class Sender(NamedTuple):
    """Who sent a version of a document."""

    owner: str
    """The id of a key; empty for who needed none."""
    job: int | None
    """Number of the job that brought it."""


COMMAND_LINE = Sender("", None)


class Versions(sqlite.Store):
    """The document versions of a catalogue. Its transactions are the catalogue's."""

    def __init__(self, folder: Path, connection: Connection, blobs: Blobs) -> None:
        super().__init__(folder, connection)
        self._blobs = blobs

    def put(
        self,
        document: Document,
        passages: Sequence[Passage],
        text_version: int,
        original: bytes | None,
        left_out: Sequence[LeftOut],
        sender: Sender,
    ) -> None:
        """Insert a version that waits, in place of the one that waited before.

        Raises:
            IdTaken: its id is that of another file's document; nothing is changed.
        """
        self._refuse_taken(document)
        self.drop("id = ? AND live = 0", (document.id,))
        if original is not None:
            self._blobs.keep(document.collection, original)
        key = self._insert_document(
            document, text_version, len(passages), len(original or b""), sender
        )
        for passage in passages:
            self._insert_passage(key, document, passage)
        self._connection.executemany(
            "INSERT INTO left_out (document_key, position, reason, text, page, number, crc)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, checksum(?1, ?2, ?3, ?4, ?5, ?6))",
            ((key, position, *each) for position, each in enumerate(left_out)),
        )

    def drop(self, where: str, parameters: tuple[object, ...]) -> int:
        """Delete document versions, and the texts that nothing else holds; return how many."""
        versions = self._connection.execute(
            f"SELECT key, collection, sha256 FROM documents WHERE {where}",  # noqa: S608
            parameters,
        ).fetchall()
        for key, collection, sha256 in versions:
            texts = self._connection.execute(
                "SELECT text_id FROM passages WHERE document_key = ?1 UNION"
                " SELECT bare_text_id FROM passages"
                " WHERE document_key = ?1 AND bare_text_id NOTNULL UNION"
                " SELECT s.text_id FROM sentences s JOIN passages p ON p.id = s.passage_id"
                " WHERE p.document_key = ?1",
                (key,),
            ).fetchall()
            self._connection.execute("DELETE FROM documents WHERE key = ?", (key,))
            self._connection.executemany(
                "DELETE FROM texts WHERE id = ?1"
                " AND NOT EXISTS (SELECT 1 FROM passages WHERE text_id = ?1)"
                " AND NOT EXISTS (SELECT 1 FROM passages WHERE bare_text_id = ?1)"
                " AND NOT EXISTS (SELECT 1 FROM sentences WHERE text_id = ?1)",
                texts,
            )
            self._blobs.release(collection, sha256)
        return len(versions)

    def _refuse_taken(self, document: Document) -> None:
        if self._one(
            "SELECT 1 FROM documents WHERE id = ? AND (collection, file) <> (?, ?)",
            (document.id, document.collection, document.file),
        ):
            raise IdTaken(
                f"Another document has the id {document.id}, which this file's name gives. Rename "
                "the file."
            )

    def _insert_document(
        self,
        document: Document,
        text_version: int,
        passage_count: int,
        size: int,
        sender: Sender,
    ) -> int:
        key = self._connection.execute(
            "INSERT INTO documents (id, live, collection, file, root, media_type, sha256,"
            " text_version, language, title, publisher, published, url, text, passage_count, bytes,"
            " owner, job, crc)"
            " VALUES (?1, 0, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,"
            " ?17, checksum(?1, ?2, ?3, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?14, ?13))",
            (
                document.id,
                document.collection,
                document.file,
                document.root,
                document.media_type,
                document.sha256,
                text_version,
                document.language,
                document.title,
                document.publisher,
                document.published.isoformat() if document.published else None,
                document.url,
                document.text,
                passage_count,
                size,
                *sender,
            ),
        ).lastrowid
        assert key is not None
        return key

    def _insert_passage(self, key: int, document: Document, passage: Passage) -> None:
        bare = passage.text_under(document.title)
        collection = document.collection
        text_ids = (
            self._text_id(collection, passage.text),
            self._text_id(collection, bare) if bare else None,
        )
        passage_id = self._connection.execute(
            'INSERT INTO passages (document_key, start, "end", page, language, text_id,'
            " bare_text_id, crc)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, checksum(?1, ?2, ?3, ?4, ?5, ?6, ?7))",
            (key, *passage.span, passage.page, passage.language, *text_ids),
        ).lastrowid
        self._connection.executemany(
            'INSERT INTO sentences (passage_id, start, "end", text_id, crc)'
            " VALUES (?1, ?2, ?3, ?4, checksum(?1, ?2, ?3, ?4))",
            [
                (passage_id, start, end, self._text_id(collection, document.text[start:end]))
                for start, end in passage.sentences
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
