"""How likely the best passage answers, and whether that is enough."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean
from typing import NamedTuple

from qa.config import AbstentionConfig
from qa.search.score_norm import ScoreNorm
from qa.types import RankedPassage, Verdict


class Evidence(NamedTuple):
    """How unusual the first passage is."""

    nearness: float
    """How much nearer to the question it is than an ordinary passage on average."""
    lead: float
    """Mean of how much nearer it is than each of the ``runners_up``: the passages, of the others
    and of the ordinary ones, that are nearest. Among a few passages the best is easily far from
    the others."""


def evidence_of(
    ranked: Sequence[RankedPassage], scale: ScoreNorm, config: AbstentionConfig
) -> Evidence:
    """Return the evidence that the first of ``ranked``, at least one, answers."""
    first, *others = ranked
    following = [passage.nearness for passage in others[: config.runners_up]]
    nearest = sorted([*following, *scale.nearest], reverse=True)[: config.runners_up]
    return Evidence(first.nearness, first.nearness - fmean(nearest))


def verdict(confidence: float, config: AbstentionConfig) -> Verdict:
    """Return what a confidence comes to."""
    if confidence < config.min_confidence:
        return Verdict.NOTHING
    return Verdict.ANSWERS if confidence >= config.sure_confidence else Verdict.MAY_ANSWER


def confidence(
    ranked: Sequence[RankedPassage], scale: ScoreNorm, config: AbstentionConfig
) -> float:
    """Return the estimated probability, 0 to 1, that the first passage answers; 0 without one.

    A logistic function of the evidence. Translations of one passage are to be one in ``ranked``,
    however they are shown: else the first would have no lead over its own translations.
    """
    if not ranked:
        return 0.0
    evidence = evidence_of(ranked, scale, config)
    log_odds = config.bias + config.nearness * evidence.nearness + config.lead * evidence.lead
    return 1 / (1 + math.exp(-log_odds))
