"""One order for the passages of all languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from index.snapshot import Hit
from qa.config import RankingConfig
from qa.evidence import NO_EVIDENCE
from qa.scale import Scale
from qa.types import RankedPassage, UnderstoodQuestion


def rank(
    hits: Sequence[Hit],
    question: UnderstoodQuestion,
    prefer: float | None,
    scale: Scale,
    config: RankingConfig,
    evidence: Mapping[int, float] = NO_EVIDENCE,
) -> list[RankedPassage]:
    """Return the hits as ranked passages, best first.

    A passage is as near as the weighted mean of its own product with the question and its best
    sentence's, which counts for more where the question asks for a fact, beyond what is
    ordinary. Its score is that, less its language's advantage, in
    spreads of the scale, plus ``prefer`` if it is in the question's language and
    ``config.exact`` for each unit of exact ``evidence`` (by passage id, 0 to 1). Ties go to the
    lower passage id, so results repeat everywhere.
    """
    if not hits:
        return []
    weight = config.fact_weight if question.wanted else config.sentence_weight
    near = np.array(
        [(1 - weight) * hit.found.passage_score + weight * hit.found.sentence_score for hit in hits]
    )
    near -= scale.ordinary
    advantages = np.array([scale.advantages[hit.language] for hit in hits])
    own = np.array([hit.language == question.language for hit in hits])
    bonus = config.prefer if prefer is None else prefer
    exact = np.array([evidence.get(hit.found.passage_id, 0.0) for hit in hits])
    scores = (near - advantages) / scale.spread + bonus * own + config.exact * exact
    ranked = [
        RankedPassage(
            passage_id=hit.found.passage_id,
            document_key=hit.found.document_key,
            language=hit.language,
            score=float(score),
            nearness=float(nearness),
            cosines=hit.found.cosines,
        )
        for hit, score, nearness in zip(hits, scores, near, strict=True)
    ]
    return sorted(ranked, key=lambda passage: (-passage.score, passage.passage_id))
