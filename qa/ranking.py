"""One order for the passages of all languages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.snapshot import Hit
from qa.config import RankingConfig
from qa.types import RankedPassage


def rank(
    hits: Sequence[Hit], question_language: str, prefer: float | None, config: RankingConfig
) -> list[RankedPassage]:
    """Return the hits as ranked passages, best first.

    A score is the weighted mean of the passage's cosine and its best sentence's, plus
    ``prefer`` standard deviations of all those means if the passage is in the question's
    language. Ties go to the lower passage id, so results repeat everywhere.
    """
    if not hits:
        return []
    weight = config.sentence_weight
    scores = np.array(
        [(1 - weight) * hit.found.passage_score + weight * hit.found.sentence_score for hit in hits]
    )
    own = np.array([hit.language == question_language for hit in hits])
    bonus = config.prefer if prefer is None else prefer
    scores += np.where(own, bonus * scores.std(), 0.0)
    ranked = [
        RankedPassage(
            passage_id=hit.found.passage_id,
            document_key=hit.found.document_key,
            language=hit.language,
            score=float(score),
            cosines=hit.found.cosines,
        )
        for hit, score in zip(hits, scores, strict=True)
    ]
    return sorted(ranked, key=lambda passage: (-passage.score, passage.passage_id))
