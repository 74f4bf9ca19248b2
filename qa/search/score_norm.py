"""What a question's scores are measured against, so that they compare across languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from index.encoders.background_texts import BackgroundVectors
from index.encoders.protocol import Vectors
from index.snapshot import Snapshot
from qa.config import RankingConfig

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
        language: (len(partition), float(partition.mean @ question))
        for language, partition in snapshot.partitions.items()
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
