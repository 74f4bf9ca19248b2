"""One state of the catalogue, to read from while others write."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, Self

from corpus import database, soundness
from corpus.counts import CollectionCount, Count, LanguageCount
from corpus.filters import DocumentFilter
from corpus.types import (
    Document,
    DocumentFacts,
    Fingerprint,
    PassageVector,
    SentenceVector,
    Span,
    StoredModel,
)

MAX_COPIES = 20
"""Copies of a document that are named; the rest is there as well."""

KEYS_PER_QUERY = 500
"""Parameters of one query; SQLite's own limit was 999 until 3.32."""


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage as an answer shows it; offsets count code points of the cleaned text."""

    id: int
    document_key: int
    span: Span
    page: int | None
    language: str
    text: str
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """A document without its text."""

    id: str
    collection: str
    file: str
    media_type: str
    sha256: str
    language: str
    title: str
    publisher: str | None
    published: date | None
    url: str | None
    passages: int


class _State:
    """A connection in the middle of a transaction, for one thread at a time.

    It closes itself when the last one lets go of it.
    """

    def __init__(self, connection: sqlite3.Connection, folder: Path) -> None:
        self.connection = connection
        self.lock = threading.Lock()
        self.folder = folder
        # SQLite's own lower() knows ASCII only.
        connection.create_function("casefold", 1, str.casefold, deterministic=True)
        # Of what was read before the transaction began; gone with the connection.
        connection.execute("CREATE TEMP TABLE readable (scope INTEGER, collection TEXT)")
        self.close = weakref.finalize(self, connection.close)

    def rows(self, sql: str, parameters: Sequence[object]) -> list[tuple[Any, ...]]:
        with self.lock, database.plain_errors(self.folder):
            return self.connection.execute(sql, parameters).fetchall()


class View(database.Closing):
    """One state of the catalogue. Safe to use from several threads, until it is closed.

    Every query reads documents ``FROM {documents}``, which are those of the collections that
    the view is of: ``within`` makes one that knows of no others.
    """

    def __init__(self, state: _State, documents: str = "documents") -> None:
        self._state = state
        self._documents = documents
        self._within: dict[frozenset[str], View] = {}
        self.folder = state.folder

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Return the present state of the catalogue in ``folder``.

        Raises:
            CatalogueError: there is none, or it cannot be read.
        """
        view = cls(_State(database.connect(folder, write=False), folder))
        # SQLite takes its snapshot at the first read, not at BEGIN.
        view._all("BEGIN")
        view.generation()
        return view

    def within(self, collections: frozenset[str]) -> View:
        """Return this state as it would look if there were only these collections.

        The same view for the same collections; it is closed with this one.
        """
        with self._state.lock, database.plain_errors(self.folder):
            if collections not in self._within:
                scope = len(self._within)
                self._state.connection.executemany(
                    "INSERT INTO temp.readable (scope, collection) VALUES (?, ?)",
                    [(scope, collection) for collection in sorted(collections)],
                )
                documents = (
                    "(SELECT * FROM main.documents WHERE collection IN"  # noqa: S608, a number
                    f" (SELECT collection FROM temp.readable WHERE scope = {scope:d}))"
                )
                self._within[collections] = View(self._state, documents)
            return self._within[collections]

    def close(self) -> None:
        """Let go of the state, so that SQLite can reuse the space of what was replaced."""
        self._state.close()

    def generation(self) -> int:
        """Return the number of times that what can be found had changed."""
        row = self._one("SELECT value FROM settings WHERE name = 'generation'")
        return int(row[0]) if row else 0

    def active_model(self) -> StoredModel | None:
        """Return the model whose vectors are searched; None before the first one."""
        row = self._one(
            "SELECT id, name, revision, sha256 FROM models"
            " WHERE id = (SELECT CAST(value AS INTEGER) FROM settings WHERE name = 'active_model')"
        )
        return StoredModel(*row) if row else None

    def waiting(self) -> int:
        """Return how many documents have a version that is not to be found yet."""
        return int(self._one("SELECT count(*) FROM {documents} WHERE live = 0")[0])

    def documents_by_key(self) -> dict[int, DocumentFacts]:
        """Return every live document by its version's key, which is never used twice."""
        rows = self._all(
            "SELECT key, id, collection, published,"
            " count(*) OVER (PARTITION BY collection, language, title) > 1,"
            " sha256 || ' ' || media_type || ' ' || text_version"
            " FROM {documents} WHERE live = 1"
        )
        return {
            key: DocumentFacts(id_, collection, _date(published), bool(has_common_title), content)
            for key, id_, collection, published, has_common_title, content in rows
        }

    def copies(self, documents: Sequence[str]) -> dict[str, tuple[DocumentSummary, ...]]:
        """Return the other live documents that were read from the same bytes in the same way.

        They come by the id of the document, up to MAX_COPIES of each, by collection and file.
        """
        rows = self._for_each_key(
            f"SELECT one.id, {_FACTS} FROM {{documents}} one JOIN {{documents}} d"  # noqa: S608
            " ON d.sha256 = one.sha256 AND d.media_type = one.media_type"
            " AND d.text_version = one.text_version AND d.key <> one.key AND d.live = 1"
            " WHERE {first} AND one.live = 1 AND one.id IN ({keys})"
            " ORDER BY d.collection, d.file",
            1,
            documents,
        )
        found: dict[str, tuple[DocumentSummary, ...]] = {}
        for document, _key, *row in rows:
            known = found.get(document, ())
            if len(known) < MAX_COPIES:
                found[document] = (*known, _summary(row))
        return found

    def first_passages(self, keys: Sequence[int]) -> dict[int, int]:
        """Return the first passage's id of these document versions; the others follow it."""
        return dict(
            self._for_each_key(
                "SELECT document_key, min(id) FROM passages WHERE {first}"
                " AND document_key IN ({keys}) GROUP BY document_key",
                1,
                keys,
            )
        )

    def fingerprints(self) -> dict[int, Fingerprint]:
        """Return what tells each live document version's passages from others', by its key."""
        rows = self._all(
            "SELECT d.key, checksum(d.id, d.sha256, d.text_version, min(p.id), count(p.id)),"
            " count(p.id) FROM {documents} d JOIN passages p ON p.document_key = d.key"
            " WHERE d.live = 1 GROUP BY d.key"
        )
        return {key: Fingerprint(mark, passages) for key, mark, passages in rows}

    def passage_vectors(self, model: StoredModel, keys: Sequence[int]) -> list[PassageVector]:
        """Return the passages of these document versions with their vectors, by passage id.

        That is document by document, in the order of the text. Where a passage begins with a
        title that is another live document's too, the vector is of what follows it.
        """
        rows = self._for_each_key(
            "SELECT p.id, p.document_key, p.language, v.data FROM passages p"
            " JOIN {documents} d ON d.key = p.document_key"
            " JOIN vectors v ON v.model_id = {first} AND v.text_id ="
            " CASE WHEN p.bare_text_id NOTNULL AND EXISTS ("
            "SELECT 1 FROM {documents} o WHERE o.collection = d.collection"
            " AND o.language = d.language AND o.title = d.title AND o.live = 1 AND o.key <> d.key"
            ") THEN p.bare_text_id ELSE p.text_id END"
            " WHERE p.document_key IN ({keys}) ORDER BY p.id",
            model.id,
            sorted(keys),
        )
        return [PassageVector(*row) for row in rows]

    def sentence_vectors(self, model: StoredModel, keys: Sequence[int]) -> list[SentenceVector]:
        """Return the vectors of the same passages' sentences, in the same order."""
        rows = self._for_each_key(
            "SELECT p.id, v.data FROM passages p JOIN sentences s ON s.passage_id = p.id"
            " JOIN vectors v ON v.text_id = s.text_id AND v.model_id = {first}"
            " WHERE p.document_key IN ({keys}) ORDER BY p.id, s.start",
            model.id,
            sorted(keys),
        )
        return [SentenceVector(*row) for row in rows]

    def passages(self, ids: Sequence[int]) -> dict[int, StoredPassage]:
        """Return passages by id; an id that is not there is left out."""
        sentences: dict[int, list[Span]] = {}
        for passage, start, end in self._for_each_key(
            'SELECT passage_id, start, "end" FROM sentences'
            " WHERE {first} AND passage_id IN ({keys}) ORDER BY passage_id, start",
            1,
            ids,
        ):
            sentences.setdefault(passage, []).append(Span(start, end))
        rows = self._for_each_key(
            'SELECT p.id, p.document_key, p.start, p."end", p.page, p.language, t.text'
            " FROM passages p JOIN texts t ON t.id = p.text_id WHERE {first} AND p.id IN ({keys})",
            1,
            ids,
        )
        return {
            id_: StoredPassage(
                id_, key, Span(start, end), page, language, text, tuple(sentences.get(id_, ()))
            )
            for id_, key, start, end, page, language, text in rows
        }

    def passages_with(self, phrases: Sequence[str], limit: int) -> dict[int, str]:
        """Return the languages of live passages that hold one of these phrases, by their ids.

        They are ``limit`` at most. A phrase is its words in their order, whatever else stands
        between them; neither case nor accents matter.
        """
        rows = self._all(
            "SELECT p.id, p.language FROM passage_words"
            " JOIN passages p ON p.id = passage_words.rowid"
            " JOIN {documents} d ON d.key = p.document_key AND d.live = 1"
            " WHERE passage_words MATCH ? LIMIT ?",
            (" OR ".join(_quoted(phrase) for phrase in phrases), limit),
        )
        return dict(rows)

    def passages_of(self, document: str) -> list[StoredPassage]:
        """Return a live document's passages in the order of its text."""
        ids = self._all(
            "SELECT p.id FROM passages p JOIN {documents} d ON d.key = p.document_key"
            " WHERE d.id = ? AND d.live = 1 ORDER BY p.start",
            (document,),
        )
        passages = self.passages([id_ for (id_,) in ids])
        return [passages[id_] for (id_,) in ids]

    def document(self, document: str) -> Document | None:
        """Return a live document by its id."""
        row = self._one(
            "SELECT id, collection, file, root, media_type, sha256, language, title, publisher,"
            " published, url, text FROM {documents} WHERE id = ? AND live = 1",
            (document,),
        )
        if row is None:
            return None
        return Document(*[*row[:9], _date(row[9]), *row[10:]])

    def summaries(self, keys: Sequence[int]) -> dict[int, DocumentSummary]:
        """Return live documents by their version's key, without their texts."""
        rows = self._for_each_key(_SUMMARY + " WHERE {first} AND d.key IN ({keys})", 1, keys)
        return {key: _summary(row) for key, *row in rows}

    def summary(self, document: str) -> DocumentSummary | None:
        """Return a live document by its id, without its text."""
        row = self._one(f"{_SUMMARY} WHERE d.id = ? AND d.live = 1", (document,))
        return _summary(row[1:]) if row else None

    def list_documents(
        self, wanted: DocumentFilter, offset: int, limit: int
    ) -> tuple[int, list[DocumentSummary]]:
        """Return how many documents are wanted, and a page of them by collection and file."""
        where, parameters = wanted.condition()
        total = self._one(f"SELECT count(*) FROM {{documents}} d WHERE {where}", parameters)  # noqa: S608
        rows = self._all(
            f"{_SUMMARY} WHERE {where} ORDER BY d.collection, d.file LIMIT ? OFFSET ?",
            (*parameters, limit, offset),
        )
        return int(total[0]), [_summary(row) for _key, *row in rows]

    def languages(self) -> list[LanguageCount]:
        """Return how much there is in each language, most passages first."""
        rows = self._all(
            "SELECT p.language, count(DISTINCT p.document_key), count(*) FROM passages p"
            " JOIN {documents} d ON d.key = p.document_key AND d.live = 1"
            " GROUP BY p.language ORDER BY count(*) DESC, p.language"
        )
        return [LanguageCount(*row) for row in rows]

    def count_documents(self, by: Literal["language", "collection", "year"]) -> list[Count]:
        """Return how many live documents there are of each kind, by the kind's name.

        Those that bear no date come first by year.
        """
        column = "substr(published, 1, 4)" if by == "year" else by
        rows = self._all(
            f"SELECT {column}, count(*) FROM {{documents}}"  # noqa: S608
            " WHERE live = 1 GROUP BY 1 ORDER BY 1"
        )
        return [Count(*row) for row in rows]

    def collections(self) -> list[CollectionCount]:
        """Return how much there is in each collection, by name."""
        rows = self._all(
            "SELECT collection, count(*), sum(passage_count) FROM {documents} WHERE live = 1"
            " GROUP BY collection ORDER BY collection"
        )
        return [CollectionCount(*row) for row in rows]

    def has_original(self, document: str) -> bool:
        """Tell whether the bytes that a live document was read from are kept."""
        sql = "SELECT 1 FROM {documents} d JOIN originals USING (sha256) WHERE id = ? AND live = 1"
        return self._one(sql, (document,)) is not None

    def original(self, document: str) -> bytes | None:
        """Return the bytes that a live document was read from, if they are kept."""
        row = self._one(
            "SELECT o.data FROM {documents} d JOIN originals o ON o.sha256 = d.sha256"
            " WHERE d.id = ? AND d.live = 1",
            (document,),
        )
        return bytes(row[0]) if row else None

    def problems(self) -> list[str]:
        """Return what is wrong with the catalogue; empty if it is sound."""
        with self._state.lock, database.plain_errors(self.folder):
            return soundness.problems(self._state.connection)

    def _for_each_key(
        self, sql: str, first: int, keys: Sequence[int] | Sequence[str]
    ) -> Iterator[tuple[Any, ...]]:
        for start in range(0, len(keys), KEYS_PER_QUERY):
            some = keys[start : start + KEYS_PER_QUERY]
            marks = ",".join("?" * len(some))
            yield from self._all(
                sql.format(first="?", keys=marks, documents="{documents}"), (first, *some)
            )

    def _one(self, sql: str, parameters: Sequence[object] = ()) -> Any:
        rows = self._all(sql, parameters)
        return rows[0] if rows else None

    def _all(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return self._state.rows(sql.format(documents=self._documents), parameters)


_FACTS = (
    "d.key, d.id, d.collection, d.file, d.media_type, d.sha256, d.language, d.title,"
    " d.publisher, d.published, d.url, d.passage_count"
)
_SUMMARY = f"SELECT {_FACTS} FROM {{documents}} d"  # noqa: S608


def _summary(row: Sequence[Any]) -> DocumentSummary:
    return DocumentSummary(*[*row[:8], _date(row[8]), *row[9:]])


def _quoted(phrase: str) -> str:
    """Return ``phrase`` as a string of FTS5's query language, where nothing in it is syntax."""
    return '"' + phrase.replace('"', '""') + '"'


def _date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
