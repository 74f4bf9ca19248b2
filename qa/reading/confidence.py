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
    """How unusual the first passage is, and how it reads."""

    nearness: float
    """How much nearer to the question the first of the ranked is than an ordinary passage."""
    lead: float
    """Mean of how much nearer it is than each of the ``runners_up``: the passages, of the others
    and of the ordinary ones, that are nearest. Among a few passages the best is easily far from
    the others."""
    reading: float | None
    """The reader's logit of the best sentence of the first of those read; None if none were."""


def evidence_of(
    ranked: Sequence[RankedPassage],
    read: Sequence[RankedPassage] | None,
    scale: ScoreNorm,
    config: AbstentionConfig,
) -> Evidence:
    """Return the evidence that the first of ``ranked``, at least one, or of ``read`` answers."""
    first, *others = ranked
    following = [passage.nearness for passage in others[: config.runners_up]]
    nearest = sorted([*following, *scale.nearest], reverse=True)[: config.runners_up]
    reading = max(read[0].sentences) if read else None
    return Evidence(first.nearness, first.nearness - fmean(nearest), reading)


def verdict(confidence: float, config: AbstentionConfig) -> Verdict:
    """Return what a confidence comes to."""
    if confidence < config.min_confidence:
        return Verdict.NOTHING
    return Verdict.ANSWERS if confidence >= config.sure_confidence else Verdict.MAY_ANSWER


def confidence(
    ranked: Sequence[RankedPassage],
    read: Sequence[RankedPassage] | None,
    scale: ScoreNorm,
    config: AbstentionConfig,
) -> float:
    """Return the estimated probability, 0 to 1, that the first passage answers; 0 without one.

    A logistic function of the evidence: the ranking's, and the reader's where it has ``read`` the
    passages. Translations of one passage are to be one in ``ranked``, however they are shown:
    else the first would have no lead over its own translations.
    """
    if not ranked:
        return 0.0
    evidence = evidence_of(ranked, read, scale, config)
    of = config.ranked if evidence.reading is None else config.read
    log_odds = of.bias + of.nearness * evidence.nearness + of.lead * evidence.lead
    log_odds += of.reading * (evidence.reading or 0.0)
    return 1 / (1 + math.exp(-log_odds))
