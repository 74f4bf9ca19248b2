"""From ranked passages to what an answer shows: text, answering sentence, citation."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.types import Span
from corpus.view import StoredPassage, View
from qa.types import Citation, CitedPassage, RankedPassage, Translation


def cite(view: View, ranked: Sequence[RankedPassage]) -> tuple[CitedPassage, ...]:
    """Fetch the passages' texts and sources, and where their translations stand, in order."""
    shown = [version for passage in ranked for version in (passage, *passage.also_in)]
    passages = view.passages([passage.passage_id for passage in shown])
    documents = view.summaries([passage.document_key for passage in shown])

    def citation(passage: RankedPassage) -> Citation:
        stored = passages[passage.passage_id]
        return Citation(documents[passage.document_key], stored.span, stored.page)

    return tuple(
        CitedPassage(
            rank=place,
            score=passage.score,
            language=passage.language,
            text=passages[passage.passage_id].text,
            answer=_within(passages[passage.passage_id], passage.sentence),
            citation=citation(passage),
            also_in=tuple(
                Translation(version.language, citation(version)) for version in passage.also_in
            ),
        )
        for place, passage in enumerate(ranked, start=1)
    )


def _within(passage: StoredPassage, number: int) -> Span:
    """Return a sentence as offsets into the passage's text."""
    sentence = passage.sentences[number]
    return Span(sentence.start - passage.span.start, sentence.end - passage.span.start)
