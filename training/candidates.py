"""What the reader learns from: questions, and the passages that the ranking puts first for them.

The documents of a set are ingested, encoded and asked as the product does it, each document in one
language (``qa.evaluation.pools``), so that what is learnt on is what will be met.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.encoders.background_texts import BackgroundVectors
from index.encoders.protocol import Encoder
from index.snapshot import Snapshot
from index.snapshot_builder import load_snapshot
from qa.answering import understand
from qa.config import ReadingConfig, TranslationConfig
from qa.evaluation.pools import Pool
from qa.evaluation.qrels import JudgedQuestion, Relevant
from qa.evaluation.question_sets import QuestionSet, ensure_index
from qa.evaluation.run import Asked, Collection
from qa.search.searcher import Search
from qa.search.translation_groups import group_translations
from qa.types import Question, RankedPassage

_LEAST_OVERLAP = 0.6
"""Share of its words that a sentence has in common with the one that answers, to be taken for it:
sentences are not always cut as their writer did."""

Mask = NDArray[np.bool_]


class Candidate(NamedTuple):
    """A passage that the ranking put among the first."""

    sentences: tuple[str, ...]
    answers: Mask
    """Shape (sentences,): which of them answer; none of a passage that does not."""
    score: float
    nearness: float
    products: tuple[float, ...]
    """Of the sentences' vectors with the question's."""


class Example(NamedTuple):
    """A question and its candidates, best first."""

    question: str
    candidates: tuple[Candidate, ...]


def examples(
    one: QuestionSet,
    encoder: Encoder,
    background: BackgroundVectors,
    cache: Path,
    seeds: Sequence[int] = (1,),
) -> Iterator[Example]:
    """Ask a set's questions, of its documents in one language each, drawn by each of ``seeds``.

    Yielded are those with an answer among their candidates, and anything else beside it.
    """
    snapshot = load_snapshot(ensure_index(one, encoder, cache), encoder.identity)
    search = Search(encoder, background)
    collection = Collection(snapshot)
    for seed in seeds:
        pool = Asked(collection, Pool(seed))
        for question in one.questions:
            if relevant := pool.relevant_in(question):
                example = _asked(question, relevant, pool, snapshot, search)
                hold = [bool(each.answers.any()) for each in example.candidates]
                if any(hold) and not all(hold):
                    yield example
    snapshot.view.close()


def _asked(
    question: JudgedQuestion,
    relevant: Sequence[Relevant],
    pool: Asked,
    snapshot: Snapshot,
    search: Search,
) -> Example:
    wanted = Question(question.text, scope=pool.scope(question), conversation=question.conversation)
    asked = understand(wanted, search.follow_ups)
    (encoded,) = search.encode([asked])
    signals = search.signals(snapshot, asked, encoded.vector)
    ranked = search.best(snapshot, wanted, asked, signals)
    grouped = group_translations(snapshot, ranked, asked.language, TranslationConfig())
    first = grouped[: ReadingConfig().passages]
    return Example(
        asked.standalone,
        tuple(_candidate(passage, relevant, pool, snapshot) for passage in first),
    )


def _candidate(
    passage: RankedPassage, relevant: Sequence[Relevant], pool: Asked, snapshot: Snapshot
) -> Candidate:
    stored = snapshot.view.passages([passage.passage_id])[passage.passage_id]
    begin = stored.span.start
    sentences = tuple(stored.text[start - begin : end - begin] for start, end in stored.sentences)
    answers = np.zeros(len(sentences), np.bool_)
    for each in relevant:
        if pool.matches(passage, each):
            answers |= which_answer(sentences, each.contains)
    return Candidate(sentences, answers, passage.score, passage.nearness, passage.sentences)


def which_answer(sentences: Sequence[str], snippet: str | None) -> Mask:
    """Return which sentences of a passage that answers do: those that hold ``snippet``.

    Where none holds it or is part of it, the one that has most words in common with it; where that
    has few, or there is no snippet, any of them may.
    """
    every = np.ones(len(sentences), np.bool_)
    if not snippet:
        return every
    texts = [" ".join(sentence.split()) for sentence in sentences]
    held = np.array([snippet in text or (text and text in snippet) for text in texts], np.bool_)
    if held.any():
        return held
    words = set(snippet.split())
    shares = [len(words & set(text.split())) / max(1, len(set(text.split()))) for text in texts]
    if not shares or max(shares) < _LEAST_OVERLAP:
        return every
    best: Mask = np.arange(len(sentences)) == int(np.argmax(shares))
    return best
