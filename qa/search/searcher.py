"""From a question to ranked passages: the same steps for one question and for an evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from index.encoders.background_texts import BackgroundVectors
from index.encoders.protocol import Encoder, States, Vectors
from index.snapshot import Hits, Snapshot
from qa.config import RankingConfig
from qa.search.candidates import retrieve
from qa.search.follow_ups import FollowUps
from qa.search.lexical_evidence import LexicalEvidence, find_evidence
from qa.search.ranker import rank
from qa.search.score_norm import ScoreNorm, score_norm
from qa.types import Question, RankedPassage, UnderstoodQuestion


class EncodedQuestion(NamedTuple):
    """A question as the model sees it."""

    vector: Vectors
    """Shape (dimension,), not of unit length: a part of what all questions share is taken out."""
    states: States
    """Of its tokens, shape (tokens, hidden size)."""


class Signals(NamedTuple):
    """What a snapshot says of a question, whatever part of it is then searched."""

    vector: Vectors
    """The question's, shape (dimension,)."""
    evidence: LexicalEvidence
    """How much of what the question names passages and documents hold."""
    scale: ScoreNorm
    """What scores are measured against."""


class Search:
    """Finds passages in any snapshot whose vectors the encoder made."""

    def __init__(
        self,
        encoder: Encoder,
        background: BackgroundVectors,
        config: RankingConfig = RankingConfig(),
    ) -> None:
        self._encoder = encoder
        self._background = background
        self._config = config
        self.follow_ups = FollowUps(encoder, background)
        """Tells what a question takes from the ones before it."""

    def encode(self, questions: Sequence[UnderstoodQuestion]) -> list[EncodedQuestion]:
        """Encode questions."""
        texts = [question.standalone for question in questions]
        vectors, states = self._encoder.questions_by_token(texts)
        shared: Vectors = self._config.typical_share * self._background.question
        return [EncodedQuestion(*each) for each in zip(vectors - shared, states, strict=True)]

    def signals(
        self, snapshot: Snapshot, understood: UnderstoodQuestion, vector: Vectors
    ) -> Signals:
        """Return what the snapshot says of a question and its vector, shape (dimension,)."""
        evidence = find_evidence(snapshot, understood, self._config)
        return Signals(
            vector, evidence, score_norm(snapshot, vector, self._background, self._config)
        )

    def candidates(self, snapshot: Snapshot, question: Question, signals: Signals) -> Hits:
        """Return the passages in the question's scope that are worth ranking.

        They are the ``config.candidates`` nearest of each language, or as many as the question
        wants, and those for which there is strong lexical evidence.
        """
        return retrieve(snapshot, signals.vector, question, self._config, signals.evidence.passages)

    def rank(
        self, hits: Hits, question: Question, understood: UnderstoodQuestion, signals: Signals
    ) -> list[RankedPassage]:
        """Return candidates, best first: ``config.ranked``, or as many as are wanted."""
        limit = max(self._config.ranked, question.limit)
        return rank(
            hits,
            understood,
            question.prefer,
            signals.scale,
            self._config,
            signals.evidence,
            limit,
        )

    def best(
        self,
        snapshot: Snapshot,
        question: Question,
        understood: UnderstoodQuestion,
        signals: Signals,
    ) -> list[RankedPassage]:
        """Return the passages in the question's scope, best first."""
        hits = self.candidates(snapshot, question, signals)
        return self.rank(hits, question, understood, signals)
