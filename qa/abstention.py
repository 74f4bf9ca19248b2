"""How likely the best passage answers, and whether that is enough."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qa.config import AbstentionConfig
from qa.types import RankedPassage


def confidence(ranked: Sequence[RankedPassage], config: AbstentionConfig) -> float:
    """Return the estimated probability, 0 to 1, that the first passage answers.

    A logistic function of its score; 0 if there is none.
    """
    if not ranked:
        return 0.0
    return 1 / (1 + math.exp(-config.slope * (ranked[0].score - config.even_score)))
