"""From a question to ranked passages: the same steps for one question and for an evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from index.encoders.background_texts import Neutral
from index.encoders.protocol import Encoder, Vectors
from index.snapshot import Hits, Snapshot
from qa.config import RankingConfig
from qa.search.candidates import retrieve
from qa.search.lexical_evidence import find_evidence
from qa.search.ranker import rank
from qa.search.score_norm import Scale, scale_of
from qa.types import Question, RankedPassage, UnderstoodQuestion


class Search:
    """Finds passages in any snapshot whose vectors the encoder made."""

    def __init__(
        self, encoder: Encoder, neutral: Neutral, config: RankingConfig = RankingConfig()
    ) -> None:
        self._encoder = encoder
        self._neutral = neutral
        self._config = config

    def vectors(self, questions: Sequence[UnderstoodQuestion]) -> Vectors:
        """Encode questions, shape (questions, dimension), without a part of what all share.

        They are not of unit length.
        """
        vectors = self._encoder.questions([question.standalone for question in questions])
        shared: Vectors = self._config.typical_share * self._neutral.question
        return vectors - shared

    def evidence(self, snapshot: Snapshot, understood: UnderstoodQuestion) -> Mapping[int, float]:
        """Return how much of what the question names a passage holds, by the passage's id."""
        return find_evidence(snapshot, understood.standalone, self._config)

    def scale(self, snapshot: Snapshot, vector: Vectors) -> Scale:
        """Return what scores of the question's vector, shape (dimension,), are measured against."""
        return scale_of(snapshot, vector, self._neutral, self._config)

    def found(
        self,
        snapshot: Snapshot,
        question: Question,
        vector: Vectors,
        evidence: Mapping[int, float],
    ) -> Hits:
        """Return the passages in the question's scope nearest to its ``vector``, (dimension,).

        They are ``config.candidates`` from each language, or as many as the question wants, and
        those for which there is strong ``evidence``.
        """
        return retrieve(snapshot, vector, question, self._config, evidence)

    def ranked(
        self,
        hits: Hits,
        question: Question,
        understood: UnderstoodQuestion,
        scale: Scale,
        evidence: Mapping[int, float],
    ) -> list[RankedPassage]:
        """Return what was found, best first: ``config.ranked``, or as many as are wanted."""
        limit = max(self._config.ranked, question.limit)
        return rank(hits, understood, question.prefer, scale, self._config, evidence, limit)

    def best(
        self,
        snapshot: Snapshot,
        question: Question,
        understood: UnderstoodQuestion,
        vector: Vectors,
        scale: Scale,
    ) -> list[RankedPassage]:
        """Return the passages nearest to the question's ``vector``, (dimension,), best first."""
        evidence = self.evidence(snapshot, understood)
        found = self.found(snapshot, question, vector, evidence)
        return self.ranked(found, question, understood, scale, evidence)
