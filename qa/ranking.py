"""One order for the passages of all languages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

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
    ordinary. Its score is that, less its language's advantage and what its language's runners-up
    are nearer than others', in spreads of the scale, and ``config.exact`` for each unit of exact
    ``evidence`` (by passage id, 0 to 1). One in the question's language gains ``prefer`` or, if
    that is None, ``config.prefer`` and a share of its lead in that language. Ties go to the lower
    passage id, so results repeat everywhere.
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
    exact = np.array([evidence.get(hit.found.passage_id, 0.0) for hit in hits])
    level = near - advantages
    crowding = _crowding(hits, level, config)
    crowds = np.array([crowding.get(hit.language, 0.0) for hit in hits])
    if prefer is None:
        gains = config.prefer * own + config.own_lead * _lead(level, own, config) / scale.spread
    else:
        gains = prefer * own
    scores = (level - crowds) / scale.spread + gains + config.exact * exact
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


def _lead(
    level: NDArray[np.float64], own: NDArray[np.bool_], config: RankingConfig
) -> NDArray[np.float64]:
    """Return how far a passage in the question's language is above its rivals there, else 0.

    What answers in the reader's own language stands out among its passages; a flat bonus would
    lift those that do not answer as well. All arrays have shape (hits,).
    """
    nearest = np.sort(level[own])[::-1]
    rivals = nearest[1 : 1 + config.rivals]
    if not len(rivals):
        return np.zeros_like(level)
    return np.where(own, np.maximum(level - rivals.mean(), 0), 0)


def _crowding(
    hits: Sequence[Hit], level: NDArray[np.float64], config: RankingConfig
) -> dict[str, float]:
    """Return what its language's runners-up take off a passage, by language.

    Where many passages of a language come near a question they do so for what they share, and
    the nearest of them is less remarkable than one that stands alone in its language. ``level``
    has shape (hits,).
    """
    levels: defaultdict[str, list[float]] = defaultdict(list)
    for hit, value in zip(hits, level.tolist(), strict=True):
        levels[hit.language].append(value)
    nearest = {
        language: sorted(values, reverse=True)[: config.candidates]
        for language, values in levels.items()
        if len(values) > 1
    }
    runners_up = {
        language: fmean(values[1 : 1 + config.runners_up]) for language, values in nearest.items()
    }
    everywhere = fmean(runners_up.values()) if runners_up else 0.0
    return {
        language: config.runners_up_share
        * (mean - everywhere)
        * len(nearest[language])
        / (len(nearest[language]) + config.runners_up_prior)
        for language, mean in runners_up.items()
    }
