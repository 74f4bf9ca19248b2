"""How far a figure would move with other questions of the same kind.

The percentile bootstrap (Efron and Tibshirani 1993, chapter 13), over questions rather than
cases: one question asked of six languages is not six questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2_000
"""Draws of as many questions as there are; the ends then move by some 0.001."""

LEVEL = 0.95

_SEED = 2_026


class Interval(NamedTuple):
    """Where LEVEL of the resampled means lie."""

    low: float
    high: float


def interval(values: NDArray[np.float64], questions: Sequence[str]) -> list[Interval]:
    """Return the interval of each column's mean, the same every time.

    ``values`` has shape (cases, measures), with one case at least; ``questions`` says which
    question each case belongs to.
    """
    _, owners = np.unique(np.array(questions), return_inverse=True)
    cases = np.bincount(owners)
    sums = np.zeros((len(cases), values.shape[1]))
    np.add.at(sums, owners, values)
    draw = np.random.default_rng(_SEED)
    drawn = draw.multinomial(len(cases), np.full(len(cases), 1 / len(cases)), size=RESAMPLES)
    means = (drawn @ sums) / (drawn @ cases)[:, None]
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(means, (tail, 1 - tail), axis=0)
    return [Interval(*ends) for ends in zip(low.tolist(), high.tolist(), strict=True)]
