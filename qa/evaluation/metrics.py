"""The measures of a ranking; each is a mean over cases.

Definitions as in Manning, Raghavan and Schütze, Introduction to Information Retrieval,
chapter 8, with relevance either 0 or 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from qa.evaluation.bootstrap import Interval, interval

DEPTH = 10
"""Rank down to which recall, MRR and nDCG look."""


@dataclass(frozen=True, slots=True)
class Case:
    """One ranking judged for one question."""

    pool: str
    """Which documents were asked (``pools``)."""
    question: str
    """The question's id."""
    question_language: str
    document: str | None
    """File of the relevant document; None where any of several counts."""
    document_language: str | None
    """Language of the relevant document; None where several languages count."""
    ranks: tuple[int, ...]
    """Where each relevant one that was found stands first, from 1, ascending."""
    relevant: int
    """How many relevant ones there are, at least 1."""

    @property
    def same_language(self) -> bool:
        """Tell whether the question's own language is the document's."""
        return self.question_language == self.document_language


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over ``cases`` cases."""

    cases: int
    success_at_1: float
    success_at_5: float
    recall_at_10: float
    mrr_at_10: float
    ndcg_at_10: float
    intervals: dict[str, Interval]
    """For each of the measures by name, where 95 % of resampled questions' means lie."""


def figures(cases: Sequence[Case]) -> Figures:
    """Return the means over ``cases``, of which there must be one at least."""
    values = measured(cases)
    intervals = interval(values, [case.question for case in cases])
    means = dict(zip(MEASURES, values.mean(axis=0).tolist(), strict=True))
    return Figures(len(cases), **means, intervals=dict(zip(MEASURES, intervals, strict=True)))


def measured(cases: Sequence[Case]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return every measure of every case, shape (cases, measures), float64."""
    return np.array([[measure(case) for measure in MEASURES.values()] for case in cases])


def success(case: Case, depth: int) -> float:
    """Return 1 if a relevant one is among the first ``depth``, else 0."""
    return float(any(rank <= depth for rank in case.ranks))


def recall(case: Case) -> float:
    """Return the share of the relevant ones that are among the first 10."""
    return sum(rank <= DEPTH for rank in case.ranks) / case.relevant


def reciprocal_rank(case: Case) -> float:
    """Return 1 / rank of the first relevant one, 0 if it is not among the first 10."""
    first = min(case.ranks, default=DEPTH + 1)
    return 1 / first if first <= DEPTH else 0.0


def ndcg(case: Case) -> float:
    """Return the discounted gain over the best there could be, both down to rank 10.

    Relevant ones that share a hit are taken one after another, as trec_eval takes ties.
    """
    places = accumulate(case.ranks, lambda before, rank: max(rank, before + 1))
    return _gain(places) / _gain(range(1, case.relevant + 1))


def _gain(places: Iterable[int]) -> float:
    return sum(1 / math.log2(place + 1) for place in places if place <= DEPTH)


MEASURES: dict[str, Callable[[Case], float]] = {
    "success_at_1": lambda case: success(case, 1),
    "success_at_5": lambda case: success(case, 5),
    "recall_at_10": recall,
    "mrr_at_10": reciprocal_rank,
    "ndcg_at_10": ndcg,
}


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Return the chance that a positive's score is above a negative's, ties counting half.

    Both must hold one score at least. Hanley and McNeil 1982, Radiology 143(1).
    """
    wins = sum((high > low) + 0.5 * (high == low) for high in positive for low in negative)
    return wins / (len(positive) * len(negative))
