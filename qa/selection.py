"""From ranked passages to what an answer shows: text, answering sentence, citation."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.types import Span
from corpus.view import DocumentSummary, StoredPassage, View
from qa.types import Citation, CitedPassage, RankedPassage


def cite(view: View, ranked: Sequence[RankedPassage]) -> tuple[CitedPassage, ...]:
    """Fetch the passages' texts and sources, in the order given."""
    passages = view.passages([passage.passage_id for passage in ranked])
    documents = view.summaries([passage.document_key for passage in ranked])
    return tuple(
        _cited(place, passage, passages[passage.passage_id], documents[passage.document_key])
        for place, passage in enumerate(ranked, start=1)
    )


def _cited(
    place: int, ranked: RankedPassage, stored: StoredPassage, document: DocumentSummary
) -> CitedPassage:
    return CitedPassage(
        rank=place,
        score=ranked.score,
        language=ranked.language,
        text=stored.text,
        answer=_within(stored, stored.sentences[ranked.sentence]),
        citation=Citation(document=document, span=stored.span, page=stored.page),
    )


def _within(passage: StoredPassage, sentence: Span) -> Span:
    return Span(sentence.start - passage.span.start, sentence.end - passage.span.start)
