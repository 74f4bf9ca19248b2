"""Score normalisation: scores of passages in different languages are made to compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.encoders.background_texts import BackgroundVectors
from index.encoders.protocol import Vectors
from index.snapshot import Hits, Snapshot
from qa.config import RankingConfig

Levels = NDArray[np.float64]
"""One number a hit, shape (hits,)."""

MIN_SPREAD = 1e-3
"""Of the scores, where the ordinary passages' are all but equal: a model that tells nothing apart.
The default model's is some 30 times that."""


@dataclass(frozen=True, slots=True)
class ScoreNorm:
    """How near passages are to a question that do not answer it."""

    ordinary: float
    """Mean score of the ordinary passages."""
    nearest: tuple[float, ...]
    """By how much each ordinary passage is above that mean, most first."""
    spread: float
    """Standard deviation of their scores, MIN_SPREAD at least."""
    advantages: Mapping[str, float]
    """By language: how much nearer to this question its passages are on average than those of all
    languages, as if there were ``config.level_prior`` more of it that are no nearer."""


def score_norm(
    snapshot: Snapshot, question: Vectors, neutral: BackgroundVectors, config: RankingConfig
) -> ScoreNorm:
    """Return the scale of a question's vector, shape (dimension,).

    The means are those of whole partitions, whatever the question's scope, and exact at any size:
    the mean of products is the product with the mean.
    """
    ordinary = neutral.passages @ question
    means = {
        language: (passages, float(mean @ question))
        for language, (passages, mean) in snapshot.levels().items()
    }
    everywhere = sum(count * mean for count, mean in means.values()) / max(1, len(snapshot))
    return ScoreNorm(
        ordinary=float(ordinary.mean()),
        nearest=tuple(np.sort(ordinary - ordinary.mean())[::-1].tolist()),
        spread=max(float(np.std(ordinary)), MIN_SPREAD),
        advantages={
            language: count * (mean - everywhere) / (count + config.level_prior)
            for language, (count, mean) in means.items()
        },
    )


def normalised(
    near: Levels, hits: Hits, own: NDArray[np.bool_], scale: ScoreNorm, rivals: int, share: float
) -> Levels:
    """Return the passages' nearness without the languages' bias, the one normalisation there is.

    What a language's passages are nearer on average is taken off them. A passage in the question's
    ``own`` language gains a ``share`` of its lead over its ``rivals``, the next of that language:
    what answers in the reader's own language stands out among its passages, while a flat bonus
    would lift those that do not answer as well.
    """
    advantages = np.array([scale.advantages[language] for language in hits.languages])
    level: Levels = near - advantages[hits.language_numbers]
    following = np.sort(level[own])[::-1][1 : 1 + rivals]
    if not len(following):
        return level
    lead = np.maximum(level - following.mean(), 0)
    return level + share * np.where(own, lead, 0)
