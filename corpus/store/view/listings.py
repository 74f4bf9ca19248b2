"""Documents: one by its id, pages of a listing, and how much there is of what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from corpus.errors import OriginalGone
from corpus.store import ids
from corpus.store.corrections import tag_of
from corpus.store.originals import Original
from corpus.store.view.facets import CollectionCount, CollectionOverview, Count, LanguageCount
from corpus.store.view.filters import DocumentFilter
from corpus.store.view.read_transaction import ReadTransaction, as_date
from corpus.types import (
    Document,
    DocumentFacts,
    Fact,
    LeftOut,
    LeftOutReason,
    Origin,
    RecognisedPage,
)

MAX_COPIES = 20
"""Copies of a document that are named; the rest is there as well."""

MAX_BELOW = 2_000
"""Documents below a file's name that are named; a message has 1,000 attachments at most."""

_ALL = 2**62


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

    @property
    def tag(self) -> str:
        """Another word as soon as one of its facts is another."""
        facts = (self.title, self.publisher, self.published, self.language, self.url)
        return tag_of((*facts, self.collection))


class DocumentQueries(ReadTransaction):
    """What a view tells of documents."""

    def waiting(self) -> int:
        """Return how many documents have a version that is not to be found yet."""
        return int(self._row("SELECT count(*) FROM {documents} WHERE live = 0")[0])

    def meant(self, document: str) -> str:
        """Return the id that an id stands for, which may be one that an older release gave."""
        return ids.meant(document, self.query)

    def documents_by_key(self) -> dict[int, DocumentFacts]:
        """Return every live document by its version's key, which is never used twice."""
        rows = self.query(
            "SELECT key, id, collection, published,"
            " count(*) OVER (PARTITION BY collection, language, title) > 1,"
            " sha256 || ' ' || media_type || ' ' || text_version"
            " FROM {documents} WHERE live = 1"
        )
        return {
            key: DocumentFacts(id_, collection, as_date(published), bool(has_common_title), content)
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
            " WHERE {first} = 1 AND one.live = 1 AND one.id IN ({keys})"
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

    def translations(self, documents: Sequence[str]) -> dict[str, tuple[DocumentSummary, ...]]:
        """Return the other live documents that are pages of the web in other languages, of which
        each names the other as its translation.

        They come by the id of the document, by language and file.
        """
        rows = self._for_each_key(
            f"SELECT DISTINCT one.id, {_FACTS} FROM {{documents}} one"  # noqa: S608
            " JOIN web_documents w ON w.document = one.id"
            " JOIN web_alternates a ON a.source = w.source AND a.url = w.url"
            " JOIN web_documents o ON o.url = a.alternate AND o.document <> one.id"
            " JOIN web_alternates b ON b.source = o.source AND b.url = o.url"
            " JOIN web_documents back ON back.url = b.alternate AND back.document = one.id"
            " JOIN {documents} d ON d.id = o.document AND d.live = 1"
            " WHERE {first} = 1 AND one.live = 1 AND one.id IN ({keys})"
            " ORDER BY d.language, d.collection, d.file",
            1,
            documents,
        )
        found: dict[str, tuple[DocumentSummary, ...]] = {}
        for document, _key, *row in rows:
            found[document] = (*found.get(document, ()), _summary(row))
        return found

    def below(self, collection: str, file: str) -> list[DocumentSummary]:
        """Return the live documents whose files stand below a file's name, as what is attached to a
        message does, by file, up to MAX_BELOW."""
        rows = self.query(
            f"{_SUMMARY} WHERE d.collection = ? AND d.file > ? AND d.file < ? AND d.live = 1"
            " ORDER BY d.file LIMIT ?",
            (collection, f"{file}/", f"{file}0", MAX_BELOW),  # 0 comes after /
        )
        return [_summary(row) for _key, *row in rows]

    def document(self, document: str) -> Document | None:
        """Return a live document by its id."""
        row = self._row(
            "SELECT id, collection, file, root, media_type, sha256, language, title, publisher,"
            " published, url, text FROM {documents} WHERE id = ? AND live = 1",
            (document,),
        )
        if row is None:
            return None
        return Document(*[*row[:9], as_date(row[9]), *row[10:]])

    def left_out(self, document: str) -> list[LeftOut]:
        """Return what a live document's file shows and its text leaves out, in its order."""
        rows = self.query(
            "SELECT l.reason, l.text, l.page, l.number FROM left_out l"
            " JOIN {documents} d ON d.key = l.document_key WHERE d.id = ? AND d.live = 1"
            " ORDER BY l.position",
            (document,),
        )
        return [LeftOut(LeftOutReason(reason), *row) for reason, *row in rows]

    def origins(self, document: str) -> dict[Fact, Origin]:
        """Return where each fact about a live document was found, as far as that is known."""
        found = self.query(
            "SELECT o.fact, o.origin FROM origins o JOIN {documents} d ON d.key = o.document_key"
            " WHERE d.id = ? AND d.live = 1",
            (document,),
        )
        corrected = self.query(
            "SELECT c.fact FROM corrections c JOIN {documents} d ON d.id = c.document"
            " WHERE d.id = ? AND d.live = 1",
            (document,),
        )
        by_fact = {Fact(fact): Origin(origin) for fact, origin in found}
        return by_fact | {Fact(fact): Origin.PERSON for (fact,) in corrected}

    def recognised(self, document: str) -> list[RecognisedPage]:
        """Return the pages of a live document whose text was recognised in pictures, in order."""
        rows = self.query(
            "SELECT r.page, r.confidence, r.words, r.doubtful FROM recognised_pages r"
            " JOIN {documents} d ON d.key = r.document_key WHERE d.id = ? AND d.live = 1"
            " ORDER BY r.page",
            (document,),
        )
        return [RecognisedPage(*row) for row in rows]

    def summaries(self, keys: Sequence[int]) -> dict[int, DocumentSummary]:
        """Return live documents by their version's key, without their texts."""
        rows = self._for_each_key(_SUMMARY + " WHERE {first} = 1 AND d.key IN ({keys})", 1, keys)
        return {key: _summary(row) for key, *row in rows}

    def summary(self, document: str) -> DocumentSummary | None:
        """Return a live document by its id, without its text."""
        row = self._row(f"{_SUMMARY} WHERE d.id = ? AND d.live = 1", (document,))
        return _summary(row[1:]) if row else None

    def list_documents(
        self, wanted: DocumentFilter, offset: int, limit: int
    ) -> tuple[int, list[DocumentSummary]]:
        """Return how many documents are wanted, and a page of them by collection and file.

        A negative ``limit`` stands for all."""
        where, parameters = wanted.condition()
        total = self._row(f"SELECT count(*) FROM {{documents}} d WHERE {where}", parameters)  # noqa: S608
        rows = self.query(
            f"{_SUMMARY} WHERE {where} ORDER BY d.collection, d.file LIMIT ? OFFSET ?",
            (*parameters, limit if limit >= 0 else _ALL, offset),
        )
        return int(total[0]), [_summary(row) for _key, *row in rows]

    def languages(self) -> list[LanguageCount]:
        """Return how much there is in each language, most passages first."""
        rows = self.query(
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
        rows = self.query(
            f"SELECT {column}, count(*) FROM {{documents}}"  # noqa: S608
            " WHERE live = 1 GROUP BY 1 ORDER BY 1"
        )
        return [Count(*row) for row in rows]

    def collections(self) -> list[CollectionCount]:
        """Return how much there is in each collection, by name."""
        rows = self.query(
            "SELECT collection, count(*), sum(passage_count) FROM {documents} WHERE live = 1"
            " GROUP BY collection ORDER BY collection"
        )
        return [CollectionCount(*row) for row in rows]

    def collection_overviews(self) -> list[CollectionOverview]:
        """Return what each collection holds, by name."""
        languages: dict[str, list[Count]] = {}
        for collection, language, number in self.query(
            "SELECT collection, language, count(*) FROM {documents} WHERE live = 1"
            " GROUP BY collection, language ORDER BY collection, count(*) DESC, language"
        ):
            languages.setdefault(collection, []).append(Count(language, number))
        rows = self.query(
            "SELECT collection, count(*), sum(passage_count), substr(min(published), 1, 4),"
            " substr(max(published), 1, 4) FROM {documents} WHERE live = 1"
            " GROUP BY collection ORDER BY collection"
        )
        return [
            CollectionOverview(name, documents, passages, first, last, tuple(languages[name]))
            for name, documents, passages, first, last in rows
        ]

    def has_original(self, document: str) -> bool:
        """Tell whether the bytes that a live document was read from are kept."""
        sql = (
            "SELECT 1 FROM {documents} JOIN originals USING (collection, sha256)"
            " WHERE id = ? AND live = 1"
        )
        return self._row(sql, (document,)) is not None

    def original(self, document: str) -> Original | None:
        """Return the bytes that a live document was read from, if the catalogue has them now.

        They may be gone from it since this state. The caller closes what is returned.
        """
        sql = "SELECT collection, sha256 FROM {documents} WHERE id = ? AND live = 1"
        row = self._row(sql, (document,))
        try:
            return Original(self._state.original(*row), row[1]) if row else None
        except OriginalGone:
            return None


_FACTS = (
    "d.key, d.id, d.collection, d.file, d.media_type, d.sha256, d.language, d.title,"
    " d.publisher, d.published, d.url, d.passage_count"
)
_SUMMARY = f"SELECT {_FACTS} FROM {{documents}} d"  # noqa: S608


def _summary(row: Sequence[Any]) -> DocumentSummary:
    return DocumentSummary(*[*row[:8], as_date(row[8]), *row[9:]])
