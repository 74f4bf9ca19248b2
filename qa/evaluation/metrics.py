"""The measures of a ranking; each is a mean over cases.

Definitions as in Manning, Raghavan and Schütze, Introduction to Information Retrieval,
chapter 8, with relevance either 0 or 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

DEPTH = 10
"""Rank down to which recall, MRR and nDCG look."""


@dataclass(frozen=True, slots=True)
class Case:
    """One ranking judged for one question."""

    question: str
    question_language: str
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


def figures(cases: Sequence[Case]) -> Figures:
    """Return the means over ``cases``, of which there must be one at least."""
    return Figures(
        cases=len(cases),
        success_at_1=fmean(success(case, 1) for case in cases),
        success_at_5=fmean(success(case, 5) for case in cases),
        recall_at_10=fmean(recall(case) for case in cases),
        mrr_at_10=fmean(reciprocal_rank(case) for case in cases),
        ndcg_at_10=fmean(ndcg(case) for case in cases),
    )


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
    """Return the discounted gain over the best there could be, both down to rank 10."""
    gain = sum(1 / math.log2(rank + 1) for rank in case.ranks if rank <= DEPTH)
    best = sum(1 / math.log2(rank + 1) for rank in range(1, min(case.relevant, DEPTH) + 1))
    return gain / best


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Return the chance that a positive's score is above a negative's, ties counting half.

    Both must hold one score at least. Hanley and McNeil 1982, Radiology 143(1).
    """
    wins = sum((high > low) + 0.5 * (high == low) for high in positive for low in negative)
    return wins / (len(positive) * len(negative))
