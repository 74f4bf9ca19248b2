"""From ranked passages to what an answer shows: text, answering sentence, citation."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from corpus.types import Span
from corpus.view import DocumentSummary, StoredPassage, View
from qa.config import SentenceConfig
from qa.interrogatives import Kind
from qa.sentence import answering
from qa.types import Citation, CitedPassage, RankedPassage


def cite(
    view: View,
    ranked: Sequence[RankedPassage],
    wanted: Collection[Kind],
    config: SentenceConfig,
) -> tuple[CitedPassage, ...]:
    """Fetch the passages' texts and sources, in the order given, and mark in each the sentence
    that answers; ``wanted`` is what the question asks for."""
    passages = view.passages([passage.passage_id for passage in ranked])
    documents = view.summaries([passage.document_key for passage in ranked])
    return tuple(
        _cited(
            place,
            passage,
            passages[passage.passage_id],
            documents[passage.document_key],
            _answer(passages[passage.passage_id], passage.cosines, wanted, config),
        )
        for place, passage in enumerate(ranked, start=1)
    )


def _answer(
    passage: StoredPassage,
    cosines: Sequence[float],
    wanted: Collection[Kind],
    config: SentenceConfig,
) -> Span:
    sentences = [_within(passage, sentence) for sentence in passage.sentences]
    texts = [passage.text[start:end] for start, end in sentences]
    return sentences[answering(texts, cosines, passage.language, wanted, config)]


def _cited(
    place: int,
    ranked: RankedPassage,
    stored: StoredPassage,
    document: DocumentSummary,
    answer: Span,
) -> CitedPassage:
    return CitedPassage(
        rank=place,
        score=ranked.score,
        language=ranked.language,
        text=stored.text,
        answer=answer,
        citation=Citation(document=document, span=stored.span, page=stored.page),
    )


def _within(passage: StoredPassage, sentence: Span) -> Span:
    return Span(sentence.start - passage.span.start, sentence.end - passage.span.start)
