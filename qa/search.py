"""From a question to ranked passages: the same steps for one question and for an evaluation."""

from __future__ import annotations

from collections.abc import Sequence

from index.encoder import Encoder, Vectors
from index.neutral import Neutral
from index.snapshot import Hit, Snapshot
from qa.config import RankingConfig
from qa.ranking import rank
from qa.retrieval import retrieve
from qa.scale import scale_of
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

    def found(self, snapshot: Snapshot, question: Question, vector: Vectors) -> list[Hit]:
        """Return the passages in the question's scope nearest to its ``vector``, (dimension,).

        They are ``config.candidates`` from each language, or as many as the question wants.
        """
        return retrieve(snapshot, vector, question, self._config)

    def ranked(
        self,
        snapshot: Snapshot,
        hits: Sequence[Hit],
        question: Question,
        understood: UnderstoodQuestion,
        vector: Vectors,
    ) -> list[RankedPassage]:
        """Return what was found, best first."""
        scale = scale_of(snapshot, vector, self._neutral, self._config)
        return rank(hits, understood.language, question.prefer, scale, self._config)
