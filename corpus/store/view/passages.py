"""Passages and their sentences, by their ids or their document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.store.view.read_transaction import ReadTransaction
from corpus.types import RecognisedPage, Span


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
    recognised: RecognisedPage | None = None
    """How well its page was, if its words were recognised in a picture."""


class PassageQueries(ReadTransaction):
    """What a view tells of passages."""

    def passages(self, ids: Sequence[int]) -> dict[int, StoredPassage]:
        """Return passages by id; an id that is not there is left out."""
        sentences: dict[int, list[Span]] = {}
        for passage, start, end in self._for_each_key(
            'SELECT passage_id, start, "end" FROM sentences'
            " WHERE {first} = 1 AND passage_id IN ({keys}) ORDER BY passage_id, start",
            1,
            ids,
        ):
            sentences.setdefault(passage, []).append(Span(start, end))
        rows = self._for_each_key(
            'SELECT p.id, p.document_key, p.start, p."end", p.page, p.language, t.text,'
            " r.page, r.confidence, r.words, r.doubtful"
            " FROM passages p JOIN texts t ON t.id = p.text_id LEFT JOIN recognised_pages r"
            " ON r.document_key = p.document_key AND r.page = p.page"
            " WHERE {first} = 1 AND p.id IN ({keys})",
            1,
            ids,
        )
        return {
            id_: StoredPassage(
                id_,
                key,
                Span(start, end),
                page,
                language,
                text,
                tuple(sentences.get(id_, ())),
                RecognisedPage(*facts) if facts[0] else None,
            )
            for id_, key, start, end, page, language, text, *facts in rows
        }

    def passages_of(self, document: str) -> list[StoredPassage]:
        """Return a live document's passages in the order of its text."""
        ids = self.query(
            "SELECT p.id FROM passages p JOIN {documents} d ON d.key = p.document_key"
            " WHERE d.id = ? AND d.live = 1 ORDER BY p.start",
            (document,),
        )
        passages = self.passages([id_ for (id_,) in ids])
        return [passages[id_] for (id_,) in ids]

    def first_passages(self, keys: Sequence[int]) -> dict[int, int]:
        """Return the first passage's id of these document versions; the others follow it."""
        return dict(
            self._for_each_key(
                "SELECT document_key, min(id) FROM passages WHERE {first} = 1"
                " AND document_key IN ({keys}) GROUP BY document_key",
                1,
                keys,
            )
        )
