"""One order for the passages of all languages."""

from __future__ import annotations

import numpy as np

from index.snapshot import Hits
from qa.config import RankingConfig
from qa.search.lexical_evidence import NO_EVIDENCE, LexicalEvidence
from qa.search.score_norm import Levels, ScoreNorm, normalised
from qa.types import RankedPassage, UnderstoodQuestion


def rank(
    hits: Hits,
    question: UnderstoodQuestion,
    prefer: float | None,
    scale: ScoreNorm,
    config: RankingConfig,
    evidence: LexicalEvidence = NO_EVIDENCE,
    limit: int | None = None,
) -> list[RankedPassage]:
    """Return the ``limit`` best hits as ranked passages, or all of them, best first.

    A passage is as near as the weighted mean of its own product with the question and its best
    sentence's, beyond what is ordinary. Its score is that made comparable across languages, in
    spreads of the scale, and ``config.exact`` for each unit of the ``evidence`` that it or its
    document holds. One in the question's language gains ``prefer``, if that is asked for. Ties go
    to the lower passage id, so results repeat everywhere.
    """
    found = hits.found
    passages, sentences = np.array([found.scores, found.best_sentences], np.float64)
    weight = config.sentence_weight
    near = (1 - weight) * passages + weight * sentences - scale.ordinary
    is_own = np.array([language == question.language for language in hits.languages], np.bool_)
    own = is_own[hits.language_numbers]
    share = config.own_lead if prefer is None else 0.0
    scores = normalised(near, hits, own, scale, config.rivals, share) / scale.spread
    if prefer is not None:
        scores += prefer * own
    for held, keys in (
        (evidence.passages, found.ids),
        (evidence.documents, found.document_keys),
    ):
        if held:
            scores += config.exact * np.array([held.get(key, 0.0) for key in keys.tolist()])
    return _best(hits, scores, near, limit)


def _best(hits: Hits, scores: Levels, near: Levels, limit: int | None) -> list[RankedPassage]:
    order = np.lexsort((hits.found.ids, -scores))[:limit]
    found = hits.found.at(order)
    columns = zip(
        found.ids.tolist(),
        found.document_keys.tolist(),
        hits.language_numbers[order].tolist(),
        scores[order].tolist(),
        near[order].tolist(),
        found.sentences(),
        strict=True,
    )
    return [
        RankedPassage(id_, key, hits.languages[number], score, nearness, products)
        for id_, key, number, score, nearness, products in columns
    ]
