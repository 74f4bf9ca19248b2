"""Ask every question of a file and judge what comes back.

Three ways, as one collection in several languages can be asked:

whole      every version of a document is in, and any of them may answer;
look-up    the same rankings, but each relevant document is judged as if the question's other
           relevant documents were not there: whether one language finds another;
scattered  each document is kept in one language only (``pools.scattered``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from corpus.view import DocumentFilter, DocumentSummary
from index.encoder import Encoder
from index.snapshot import EVERYTHING, Scope, Snapshot
from qa.abstention import confidence
from qa.answering import understand
from qa.config import AbstentionConfig, RankingConfig
from qa.evaluation.metrics import Case
from qa.evaluation.pools import scattered
from qa.evaluation.questions import JudgedQuestion, Relevant
from qa.ranking import rank
from qa.retrieval import retrieve
from qa.types import Question, RankedPassage

DEPTH = 200
"""Passages ranked for a question. Look-up passes over the versions in other languages, of
which the development sets have up to 6 with some 5 passages each."""

BATCH_QUESTIONS = 64


@dataclass(frozen=True, slots=True)
class Judged:
    """One question with what was found for it."""

    question: JudgedQuestion
    confidence: float
    answered: bool
    first_language: str | None
    """Language of the first passage; None if nothing was found."""
    whole: Case | None
    """Any relevant document counts; None if none is in the pool."""
    lookup: tuple[Case, ...]
    """One for each relevant document in the pool."""


class _Pool:
    """The documents that are asked, and how to recognize a relevant passage."""

    def __init__(self, snapshot: Snapshot, seed: int | None) -> None:
        self.snapshot = snapshot
        _, documents = snapshot.view.list_documents(DocumentFilter(), 0, -1)
        kept = None if seed is None else scattered(documents, seed)
        self.scope = EVERYTHING if kept is None else Scope(documents=kept)
        self.by_id = {
            document.id: document for document in documents if kept is None or document.id in kept
        }
        self.files = {document.file: document for document in self.by_id.values()}
        self._texts: dict[int, str] = {}

    def relevant_in(self, question: JudgedQuestion) -> list[Relevant]:
        return [relevant for relevant in question.relevant if relevant.file in self.files]

    def language_of(self, relevant: Relevant) -> str:
        return self.files[relevant.file].language

    def matches(self, passage: RankedPassage, relevant: Relevant) -> bool:
        if self._document(passage).file != relevant.file:
            return False
        return relevant.contains is None or relevant.contains in self._text(passage.passage_id)

    def _document(self, passage: RankedPassage) -> DocumentSummary:
        return self.by_id[self.snapshot.documents[passage.document_key].id]

    def _text(self, passage: int) -> str:
        if passage not in self._texts:
            stored = self.snapshot.view.passages([passage])[passage]
            self._texts[passage] = " ".join(stored.text.split())
        return self._texts[passage]


def evaluate(
    snapshot: Snapshot,
    encoder: Encoder,
    questions: Sequence[JudgedQuestion],
    *,
    scatter: int | None = None,
    ranking: RankingConfig = RankingConfig(),
    abstention: AbstentionConfig = AbstentionConfig(),
    progress: Callable[[int], None] = lambda _: None,
) -> list[Judged]:
    """Judge every question; ``scatter`` is the seed of a scattered pool, None for the whole.

    Questions whose relevant documents are all outside the pool are left out.
    """
    pool = _Pool(snapshot, scatter)
    asked = [
        question for question in questions if not question.relevant or pool.relevant_in(question)
    ]
    judged: list[Judged] = []
    for start in range(0, len(asked), BATCH_QUESTIONS):
        batch = asked[start : start + BATCH_QUESTIONS]
        wanted = [
            Question(item.text, limit=DEPTH, scope=pool.scope, conversation=item.conversation)
            for item in batch
        ]
        understood = [understand(question) for question in wanted]
        vectors = encoder.questions([question.standalone for question in understood])
        for item, question, meaning, vector in zip(batch, wanted, understood, vectors, strict=True):
            hits = retrieve(snapshot, vector, question, ranking)
            ranked = rank(hits, meaning.language, question.prefer, ranking)
            judged.append(_judge(pool, item, ranked, confidence(ranked, abstention), abstention))
            progress(1)
    return judged


def _judge(
    pool: _Pool,
    question: JudgedQuestion,
    ranked: Sequence[RankedPassage],
    sure: float,
    abstention: AbstentionConfig,
) -> Judged:
    relevant = pool.relevant_in(question)
    return Judged(
        question=question,
        confidence=sure,
        answered=sure >= abstention.min_confidence,
        first_language=ranked[0].language if ranked else None,
        whole=_whole(pool, question, relevant, ranked) if relevant else None,
        lookup=tuple(_lookup(pool, question, one, relevant, ranked) for one in relevant),
    )


def _whole(
    pool: _Pool,
    question: JudgedQuestion,
    relevant: Sequence[Relevant],
    ranked: Sequence[RankedPassage],
) -> Case:
    firsts = (_first(pool, one, ranked) for one in relevant)
    languages = {pool.language_of(one) for one in relevant}
    return Case(
        question=question.id,
        question_language=question.language,
        document_language=languages.pop() if len(languages) == 1 else None,
        ranks=tuple(sorted(first for first in firsts if first is not None)),
        relevant=len(relevant),
    )


def _lookup(
    pool: _Pool,
    question: JudgedQuestion,
    one: Relevant,
    relevant: Sequence[Relevant],
    ranked: Sequence[RankedPassage],
) -> Case:
    others = [other for other in relevant if other != one]
    left = [
        passage for passage in ranked if not any(pool.matches(passage, other) for other in others)
    ]
    first = _first(pool, one, left)
    return Case(
        question=question.id,
        question_language=question.language,
        document_language=pool.language_of(one),
        ranks=() if first is None else (first,),
        relevant=1,
    )


def _first(pool: _Pool, relevant: Relevant, ranked: Sequence[RankedPassage]) -> int | None:
    """Return the rank of the first passage that is right; two relevant ones may share it."""
    return next(
        (place for place, passage in enumerate(ranked, 1) if pool.matches(passage, relevant)), None
    )
