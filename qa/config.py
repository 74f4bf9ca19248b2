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


@dataclass(frozen=True, slots=True)
class TranslationConfig:
    """When passages are taken for translations of one another."""

    compared: int = 200
    """Ranked passages that are compared with one another, the best ones; some 1.5 ms, and 0.3
    ms for 50."""
    min_similarity: float = 0.70
    """Cosine of two vectors, each seen from its language's mean, from which they may be
    translations. Highest at which 87 % of true pairs are grouped on both development sets; few
    others are, and of documents in one language each hardly any: docs/decisions/0011."""


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
