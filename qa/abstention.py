"""How likely the best passage answers, and whether that is enough."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from qa.config import AbstentionConfig
from qa.types import RankedPassage


class Evidence(NamedTuple):
    """How unusual the first passage is."""

    nearness: float
    """How much nearer to the question it is than an ordinary passage."""
    lead: float
    """Mean of how much nearer it is than each of the ``runners_up``. One that is not there is no
    lead: among a few passages the best is easily far from the others."""


def evidence_of(ranked: Sequence[RankedPassage], config: AbstentionConfig) -> Evidence:
    """Return the evidence that the first of ``ranked``, at least one, answers."""
    first, *others = ranked
    following = others[: config.runners_up]
    lead = sum(first.nearness - other.nearness for other in following) / config.runners_up
    return Evidence(first.nearness, lead)


def confidence(ranked: Sequence[RankedPassage], config: AbstentionConfig) -> float:
    """Return the estimated probability, 0 to 1, that the first passage answers; 0 without one.

    A logistic function of the evidence.
    """
    if not ranked:
        return 0.0
    evidence = evidence_of(ranked, config)
    log_odds = config.bias + config.nearness * evidence.nearness + config.lead * evidence.lead
    return 1 / (1 + math.exp(-log_odds))
