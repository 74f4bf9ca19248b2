"""Every constant of the question path: its name, its unit, and where it was measured."""

from __future__ import annotations

from dataclasses import dataclass

MAX_QUESTION_CHARACTERS = 2_000
"""Code points after trimming; part of the HTTP contract. Some 500 tokens, the model's limit."""

MAX_PASSAGES = 50
"""Passages an answer shows at most; part of the HTTP contract."""

FOLLOW_UP_WORDS = 4
"""Words up to which a question is taken to lean on the one before it. "And when was that?" has
four; of 956 development and sample questions, all self-contained, 6 % are as short."""


MAX_EXACT_TERMS = 16
"""Exact terms of a question that are looked up; of 981 development, sample and exact questions none
has more than 5. It bounds the work that a question of nothing but numbers makes."""


@dataclass(frozen=True, slots=True)
class RankingConfig:
    """How passages are found and put in order."""

    candidates: int = 50
    """Passages taken from each partition."""
    sentence_weight: float = 0.25
    """Share of the best sentence's cosine in a passage's score; the rest is the passage's.
    Best of 0, 1/4, 1/2, 3/4 over four sets: docs/decisions/0004."""
    prefer: float = 0.0
    """Bonus for the question's own language, in standard deviations of the scores found."""
    exact: float = 1.0
    """Bonus for a passage that holds all exact terms of the question, in standard deviations of
    the scores found; 0 looks none up. Measured: docs/decisions/0012."""
    casual: float = 0.125
    """What a date, a year or a number of two digits counts beside the other exact terms. At 1/4 and
    above, and with dates at 1, decoys in a larger collection win: docs/decisions/0012."""
    common_share: float = 0.1
    """Share of all passages from which a term that they hold says nothing. 0.02 to 0.3 gave the
    same exact questions."""
    common_passages: int = 1000
    """Passages from which it says nothing however large the collection is; a bound on work."""
    strong_evidence: float = 0.3
    """Evidence from which a passage is ranked that is not near; more than casual terms reach."""


@dataclass(frozen=True, slots=True)
class AbstentionConfig:
    """When a question counts as answered, with the default model.

    Fitted by logistic regression of "the first passage is right" on the score, over the 65
    questions of corpus/sample and benchmarks/questions/press.jsonl, 12 of them unanswerable.
    """

    even_score: float = 0.860
    """Score of the best passage at which it is as likely as not to answer, a cosine."""
    slope: float = 101.0
    """Steepness of the logistic function from score to confidence, in 1 / cosine."""
    min_confidence: float = 0.20
    """Confidence from which a question counts as answered: a score of 0.846, under which lie 10
    of those files' 12 unanswerable questions, and 2 of the 40 whose first passage is right."""
