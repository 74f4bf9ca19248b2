"""A snapshot that PostgreSQL searches: one transaction that only reads, for text and vectors."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, Final

import numpy as np

from corpus.store.postgres.reading import in_collections
from corpus.store.view import View
from corpus.types import DocumentFacts
from index.encoders.protocol import Vectors
from index.pgvector.searched import as_text
from index.pgvector.words import all_of, any_of
from index.snapshot import EVERYTHING, Extent, Hits, Level, Scope
from index.vectors.columns import Integers, Sentences
from index.vectors.found import Found
from index.vocabulary import Place

EXACT: Final = 20_000
"""Passages of a language up to which all of those in a scope are compared, in place of a walk
through the graph: some 15 ms. The graph would miss some of what a narrow scope leaves."""

_Row = tuple[Any, ...]


class PgSnapshot:
    """What is searched in one state of the database, for the readers of some collections."""

    def __init__(self, view: View, collections: frozenset[str] | None = None) -> None:
        self.view = view
        self._collections = collections

    @cached_property
    def generation(self) -> int:
        """How often what can be found had changed by then."""
        return self.view.generation()

    def __len__(self) -> int:
        return sum(level.passages for level in self.levels().values())

    def within(self, collections: frozenset[str] | None) -> PgSnapshot:
        """Return this snapshot as it would be if there were only these collections; None: all."""
        if collections is None:
            return self
        seen = collections if self._collections is None else collections & self._collections
        return PgSnapshot(self.view.within(collections), seen)

    def search(self, question: Vectors, limit: int, scope: Scope = EVERYTHING) -> Hits:
        """Return each language's ``limit`` passages nearest to ``question``."""
        where, parameters = self._condition(scope)
        vector = f"(vector::halfvec({self._dimension:d}) <#> CAST(?1 AS halfvec))"
        return self._hits(
            question,
            scope,
            lambda language: (
                f"{where} ORDER BY {vector}{self._exactly(language, scope, where, parameters)}"
                f" LIMIT {limit:d}"
            ),
            parameters,
        )

    def scored(
        self, question: Vectors, passages: Collection[int], scope: Scope = EVERYTHING
    ) -> Hits:
        """Return those of ``passages`` (ids) that are in the scope, however near they are."""
        where, parameters = self._condition(scope)
        listed = ",".join(str(int(passage)) for passage in sorted(passages))
        named = f"{where} AND passage = ANY (ARRAY[{listed}]::bigint[]) ORDER BY passage"
        return self._hits(question, scope, lambda _: named, parameters)

    def count(self, scope: Scope) -> int:
        """Return how many passages there are to search."""
        where, parameters = self._condition(scope)
        languages = [language for language in self.levels() if _is_in(language, scope)]
        rows = self.view.query(
            f"SELECT count(*) FROM searched WHERE language = ANY (?1) AND {where}",  # noqa: S608
            (languages, *parameters),
        )
        return int(rows[0][0])

    def levels(self) -> Mapping[str, Level]:
        """Return how many passages there are of each language, and their mean."""
        return self._levels

    @cached_property
    def _levels(self) -> dict[str, Level]:
        sums: dict[str, tuple[int, Any]] = {}
        for language, passages, total in self.view.query(
            "SELECT language, passages, total FROM searched_levels"  # noqa: S608
            f" WHERE {self._readable} ORDER BY language, collection"
        ):
            before = sums.get(language, (0, 0.0))
            sums[language] = before[0] + passages, before[1] + np.array(total)
        return {
            language: Level(passages, (total / passages).astype(np.float32))
            for language, (passages, total) in sums.items()
        }

    def vectors(self, languages: Sequence[str], passages: Integers) -> Vectors:
        """Return the vectors of passages, in their order."""
        rows = self.view.query(
            "SELECT passage, CAST(vector AS real[]) FROM searched"
            " WHERE language = ANY (?1) AND passage = ANY (?2)",
            (sorted(set(languages)), passages.tolist()),
        )
        found = dict(rows)
        return np.array([found[passage] for passage in passages.tolist()], np.float32)

    def facts(self, keys: Collection[int]) -> dict[int, DocumentFacts]:
        """Return what is known of these document versions by key, as far as they are here."""
        rows = self.view.query(
            "SELECT d.key, d.id, d.collection, d.published, s.common,"
            " d.sha256 || ' ' || d.media_type || ' ' || d.text_version"
            " FROM {documents} d JOIN searched_documents s ON s.key = d.key"
            " WHERE d.live = 1 AND d.key = ANY (?1)",
            (list(keys),),
        )
        return {
            key: DocumentFacts(id_, collection, _day(published), common, content)
            for key, id_, collection, published, common, content in rows
        }

    def extent(self, scope: Scope) -> Extent:
        """Return how many documents are in a scope, whatever its languages, and their dates."""
        where, parameters = self._condition(scope, 1, "id", "CAST(published AS date)")
        rows = self.view.query(
            "SELECT count(*), min(published), max(published) FROM {documents} d"  # noqa: S608
            f" WHERE live = 1 AND {where}",
            parameters,
        )
        number, first, last = rows[0]
        return Extent(number, _day(first), _day(last))

    def passages_with(self, phrases: Sequence[str], limit: int) -> dict[int, str]:
        """Return the languages of passages that hold one of these phrases, by passage id."""
        return dict(self._looked_up("passage, language", any_of(phrases), limit))

    def documents_with(self, word: str, limit: int) -> dict[int, frozenset[str]]:
        """Return the languages of the passages that hold a word, by their documents' keys."""
        rows = self._looked_up("document_key, language", any_of([word]), limit)
        if len(rows) == limit:
            return {}
        languages: dict[int, set[str]] = {}
        for document, language in rows:
            languages.setdefault(document, set()).add(language)
        return {document: frozenset(found) for document, found in languages.items()}

    def places_of(self, words: Sequence[str], limit: int) -> list[Place]:
        """Return passages that all of the folded ``words`` are in, the oldest first."""
        rows = self._looked_up("passage, document_key, language", all_of(words), limit, "passage")
        return [Place(*row) for row in rows]

    def words_from(self, prefix: str) -> list[str]:
        """Return every word of the whole collection that begins with ``prefix``."""
        rows = self.view.query(
            "SELECT word FROM searched_words WHERE word >= ?1 AND word < ?2",
            (prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1)),
        )
        return [word for (word,) in rows]

    def _looked_up(self, columns: str, query: str, limit: int, order: str = "") -> list[_Row]:
        if not query:
            return []
        ordered = f"ORDER BY {order}" if order else ""
        return self.view.query(
            f"SELECT {columns} FROM searched"  # noqa: S608
            f" WHERE words @@ CAST(?1 AS tsquery) AND {self._readable} {ordered} LIMIT ?2",
            (query, limit),
        )

    @property
    def _readable(self) -> str:
        """A condition in SQL for what the readers may know of."""
        return "true" if self._collections is None else in_collections(self._collections)

    @cached_property
    def _dimension(self) -> int:
        rows = self.view.query("SELECT dimension FROM searched_model")
        return int(rows[0][0]) if rows else 1

    def _condition(
        self,
        scope: Scope,
        first: int = 2,
        document: str = "document",
        published: str = "published",
    ) -> tuple[str, tuple[object, ...]]:
        """Return a condition in SQL for what of the scope may be read, and its parameters, which
        are numbered from ``first`` on. Languages are not in it."""
        clauses = [self._readable]
        parameters: list[object] = []
        if scope.collections:
            clauses.append(in_collections(scope.collections))
        for column, sign, value in (
            (published, ">=", scope.published_from),
            (published, "<=", scope.published_to),
        ):
            if value is not None:
                parameters.append(value)
                clauses.append(f"{column} {sign} ?{len(parameters) + first - 1}")
        if scope.documents is not None:
            parameters.append(sorted(scope.documents))
            clauses.append(f"{document} = ANY (?{len(parameters) + first - 1})")
        return " AND ".join(clauses), tuple(parameters)

    def _exactly(
        self, language: str, scope: Scope, where: str, parameters: tuple[object, ...]
    ) -> str:
        """Return what keeps the graph out of it where all passages are to be compared."""
        if self.levels()[language].passages <= EXACT:
            return " + 0"
        if not scope.narrows_documents():
            return ""
        rows = self.view.query(
            f"SELECT count(*) FROM (SELECT 1 FROM searched WHERE language = ?1 AND {where}"  # noqa: S608
            f" LIMIT {EXACT + 1:d}) those",
            (language, *parameters),
        )
        return " + 0" if rows[0][0] <= EXACT else ""

    def _hits(
        self,
        question: Vectors,
        scope: Scope,
        condition: Any,
        parameters: tuple[object, ...],
    ) -> Hits:
        languages = tuple(sorted(self.levels()))
        searched = [language for language in languages if _is_in(language, scope)]
        if not searched:
            return Hits(languages, np.empty(0, np.int64), Found.joined([]))
        rows = self.view.query(
            " UNION ALL ".join(
                f"(SELECT {languages.index(language):d} AS language, passage, document_key,"  # noqa: S608
                f" -(vector::halfvec({self._dimension:d}) <#> CAST(?1 AS halfvec)) AS score,"
                " sentence_count, sentences FROM searched"
                f" WHERE language = {_literal(language)} AND {condition(language)})"
                for language in searched
            ),
            (as_text(question), *parameters),
        )
        return Hits(
            languages,
            np.array([row[0] for row in rows], np.int64),
            _found(rows, question),
        )


def _found(rows: Sequence[_Row], question: Vectors) -> Found:
    if not rows:
        return Found.joined([])
    counts = np.array([row[4] for row in rows], np.int64)
    return Found(
        np.array([row[1] for row in rows], np.int64),
        np.array([row[2] for row in rows], np.int64),
        np.array([row[3] for row in rows], np.float32),
        counts,
        _sentences([(row[4], row[5]) for row in rows], len(question)).products(question),
    )


def _sentences(kept: Sequence[tuple[int, bytes]], dimension: int) -> Sentences:
    """Return the sentence vectors of passages, as ``index.pgvector.searched`` wrote them."""
    codes = [
        np.frombuffer(data, np.int8, count * dimension).reshape(count, dimension)
        for count, data in kept
    ]
    scales = [np.frombuffer(data, np.float32, count, count * dimension) for count, data in kept]
    return Sentences(np.concatenate(codes), np.concatenate(scales))


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None


def _is_in(language: str, scope: Scope) -> bool:
    return not scope.languages or language in scope.languages


def _literal(language: str) -> str:
    """Return a language's code in SQL, in which nothing is syntax."""
    return f"convert_from('\\x{language.encode().hex()}', 'UTF8')"
