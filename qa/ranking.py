"""One order for the passages of all languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from index.snapshot import Hit
from qa.config import RankingConfig
from qa.evidence import NO_EVIDENCE
from qa.types import RankedPassage


def rank(
    hits: Sequence[Hit],
    question_language: str,
    prefer: float | None,
    config: RankingConfig,
    evidence: Mapping[int, float] = NO_EVIDENCE,
) -> list[RankedPassage]:
    """Return the hits as ranked passages, best first.

    A score is the weighted mean of the passage's cosine and its best sentence's, plus
    ``prefer`` standard deviations of all those means if the passage is in the question's
    language, plus ``config.exact`` of them for each unit of exact ``evidence`` (by passage id,
    0 to 1). Ties go to the lower passage id, so results repeat everywhere.
    """
    if not hits:
        return []
    weight = config.sentence_weight
    scores = np.array(
        [(1 - weight) * hit.found.passage_score + weight * hit.found.sentence_score for hit in hits]
    )
    own = np.array([hit.language == question_language for hit in hits])
    bonus = config.prefer if prefer is None else prefer
    exact = np.array([evidence.get(hit.found.passage_id, 0.0) for hit in hits])
    scores += (bonus * own + config.exact * exact) * scores.std()
    ranked = [
        RankedPassage(
            passage_id=hit.found.passage_id,
            document_key=hit.found.document_key,
            language=hit.language,
            score=float(score),
            sentence=hit.found.sentence,
        )
        for hit, score in zip(hits, scores, strict=True)
    ]
    return sorted(ranked, key=lambda passage: (-passage.score, passage.passage_id))
