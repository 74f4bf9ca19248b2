"""How likely the best passage answers, and whether that is enough."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qa.config import AbstentionConfig
from qa.types import RankedPassage


def confidence(ranked: Sequence[RankedPassage], config: AbstentionConfig) -> float:
    """Return the estimated probability, 0 to 1, that the first passage answers; 0 without one.

    A logistic function of how unusual it is: how much nearer to the question than an ordinary
    passage, and by what lead over the ``config.runners_up`` that come next. One that is not
    there is no lead: among a few passages the best is easily far from the others.
    """
    if not ranked:
        return 0.0
    first, *others = ranked
    following = others[: config.runners_up]
    lead = sum(first.nearness - other.nearness for other in following) / config.runners_up
    evidence = config.bias + config.nearness * first.nearness + config.lead * lead
    return 1 / (1 + math.exp(-evidence))
