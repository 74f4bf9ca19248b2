"""From ranked passages to what an answer shows: text, answering sentence, citation."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.store.view import View
from corpus.store.view.passages import StoredPassage
from corpus.types import Span
from qa.answer.answer_sentence import answering
from qa.config import SentenceConfig
from qa.types import Citation, CitedPassage, RankedPassage, Translation


def cite(
    view: View,
    ranked: Sequence[RankedPassage],
    config: SentenceConfig,
) -> tuple[CitedPassage, ...]:
    """Fetch the passages' texts and sources, and where their translations stand, in order.

    In each the sentence that answers is marked.
    """
    shown = [version for passage in ranked for version in (passage, *passage.also_in)]
    passages = view.passages([passage.passage_id for passage in shown])
    documents = view.summaries([passage.document_key for passage in shown])
    copies = view.copies([document.id for document in documents.values()])

    def citation(passage: RankedPassage) -> Citation:
        stored = passages[passage.passage_id]
        document = documents[passage.document_key]
        same = copies.get(document.id, ())
        return Citation(document, stored.span, stored.page, same, stored.recognised)

    return tuple(
        CitedPassage(
            rank=place,
            score=passage.score,
            language=passage.language,
            text=passages[passage.passage_id].text,
            answer=_answer(passages[passage.passage_id], passage.sentences, config),
            citation=citation(passage),
            also_in=tuple(
                Translation(version.language, citation(version)) for version in passage.also_in
            ),
        )
        for place, passage in enumerate(ranked, start=1)
    )


def _answer(
    passage: StoredPassage,
    scores: Sequence[float],
    config: SentenceConfig,
) -> Span:
    sentences = [_within(passage, sentence) for sentence in passage.sentences]
    texts = [passage.text[start:end] for start, end in sentences]
    marked = answering(texts, scores, config)
    return Span(sentences[marked[0]].start, sentences[marked[-1]].end)


def _within(passage: StoredPassage, sentence: Span) -> Span:
    return Span(sentence.start - passage.span.start, sentence.end - passage.span.start)
