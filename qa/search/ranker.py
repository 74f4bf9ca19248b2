"""One order for the passages of all languages."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from index.snapshot import Hits
from index.vectors.columns import Integers
from qa.config import RankingConfig
from qa.search.lexical_evidence import NO_EVIDENCE
from qa.search.score_norm import Scale
from qa.types import RankedPassage, UnderstoodQuestion

Levels = NDArray[np.float64]
"""One number a hit, shape (hits,)."""


def rank(
    hits: Hits,
    question: UnderstoodQuestion,
    prefer: float | None,
    scale: Scale,
    config: RankingConfig,
    evidence: Mapping[int, float] = NO_EVIDENCE,
    limit: int | None = None,
) -> list[RankedPassage]:
    """Return the ``limit`` best hits as ranked passages, or all of them, best first.

    A passage is as near as the weighted mean of its own product with the question and its best
    sentence's, which counts for more where the question asks for a fact, beyond what is
    ordinary. Its score is that, less its language's advantage and what its language's runners-up
    are nearer than others', in spreads of the scale, and ``config.exact`` for each unit of
    ``evidence`` (by passage id). One in the question's language gains ``prefer`` or, if that is
    None, ``config.prefer`` and a share of its lead in that language. Ties go to the lower passage
    id, so results repeat everywhere.
    """
    found, numbers = hits.found, hits.language_numbers
    weight = config.fact_weight if question.wanted else config.sentence_weight
    passages, sentences = np.array([found.scores, found.best_sentences], np.float64)
    near = (1 - weight) * passages + weight * sentences - scale.ordinary
    advantages = np.array([scale.advantages[language] for language in hits.languages])
    is_own = np.array([language == question.language for language in hits.languages], np.bool_)
    own = is_own[numbers]
    level = near - advantages[numbers]
    scores = (level - _crowding(level, numbers, config)[numbers]) / scale.spread
    scores += (config.prefer if prefer is None else prefer) * own
    if prefer is None:
        scores += config.own_lead * _lead(level, own, config) / scale.spread
    if evidence:
        scores += config.exact * np.array([evidence.get(id_, 0.0) for id_ in found.ids.tolist()])
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
        RankedPassage(id_, key, hits.languages[number], score, nearness, cosines)
        for id_, key, number, score, nearness, cosines in columns
    ]


def _lead(level: Levels, own: NDArray[np.bool_], config: RankingConfig) -> Levels:
    """Return how far a passage in the question's language is above its rivals there, else 0.

    What answers in the reader's own language stands out among its passages; a flat bonus would
    lift those that do not answer as well.
    """
    nearest = np.sort(level[own])[::-1]
    rivals = nearest[1 : 1 + config.rivals]
    if not len(rivals):
        return np.zeros_like(level)
    return np.where(own, np.maximum(level - rivals.mean(), 0), 0)


def _crowding(level: Levels, language_numbers: Integers, config: RankingConfig) -> Levels:
    """Return what its language's runners-up take off a passage, by language number.

    Where many passages of a language come near a question they do so for what they share, and
    the nearest of them is less remarkable than one that stands alone in its language.
    """
    counts = np.minimum(np.bincount(language_numbers), config.candidates)
    means = np.zeros(len(counts))
    crowded = np.flatnonzero(counts > 1)
    for number in crowded:
        nearest = np.sort(level[language_numbers == number])[::-1]
        means[number] = nearest[1 : min(1 + config.runners_up, counts[number])].mean()
    if len(crowded):
        means[crowded] -= means[crowded].mean()
    return config.runners_up_share * means * counts / (counts + config.runners_up_prior)
