"""Every constant of the question path: its name, its unit, and where it was measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

MAX_QUESTION_CHARACTERS = 2_000
"""Code points after trimming; part of the HTTP contract. Some 500 tokens, the model's limit."""

MAX_PASSAGES = 50
"""Passages an answer shows at most; part of the HTTP contract."""

MAX_TERMS = 24
"""Terms of a question that are looked up, exact ones first and then the longest words; a bound on
work. Of 981 development, sample and exact questions none has more than 5 exact ones."""


@dataclass(frozen=True, slots=True)
class RankingConfig:
    """How passages are found and put in order.

    What each is worth: docs/decisions/0035, every step left out in turn over nine sets.
    """

    candidates: int = 50
    """Passages taken from each partition."""
    ranked: int = 200
    """Passages put in order, or as many as the question wants if that is more. Of these at most
    ``TranslationConfig.compared`` are compared with one another, and what is the same in copies is
    left out before."""
    sentence_weight: float = 0.1
    """Share of the best sentence in a passage's nearness; the rest is the passage's own. At 0
    handbook loses .014 at @1 and short_texts .009, at 0.2 debian_faq .014."""
    typical_share: float = 0.3
    """Share of the mean ordinary question that is taken out of a question's vector, so that what
    is near to every question is not near to this one. At 0 coronamelder loses .021 at @1."""
    level_prior: float = 100
    """Passages by whose weight a language's mean nearness is drawn towards that of all: 8 passages
    on one subject are no measure of their language. 150 loses .0075 at @5; without
    it coronamelder loses .016 at @1 and debian_faq .014."""
    own_lead: float = 0.1
    """Share of a passage's lead over its rivals that it gains if it is in the question's own
    language, unless it is asked for another preference. At 0 same-language success@1 falls by .008
    to .027 on four sets, at 0.15 success@1 over all by .007."""
    rivals: int = 6
    """Passages after the nearest of the question's language whose mean the lead is over. 5 gives
    the same within .003; 10 loses debian_faq .0065 at @1."""
    exact: float = 1.0
    """Bonus for a passage that holds all exact terms of the question, in spreads of the score; 0
    looks nothing up. At 0 the exact questions lose .06 at @1."""
    common_share: float = 0.1
    """Share of all passages from which an exact term that they hold says nothing. At 0.003 the
    handbook's same-language success@1 falls by .011."""
    common_passages: int = 1000
    """Passages from which it says nothing however large the collection is; a bound on work."""
    rare_words: float = 0.5
    """What all of a question's words are as evidence, where all of its exact terms are 1. At 0
    coronamelder loses .009 at @1 and handbook .006, same language .028 and .035."""
    rare_share: float = 0.003
    """Share of all passages, three of them at least, from which a word says nothing. At 0.01 the
    handbook loses .014 at @1."""
    names: float = 1.0
    """What all of a question's names are as evidence for all passages of a document that holds
    them. At 0 ``written`` loses .03 at @1 and notes-1 .02, the others nothing beyond chance; at 2
    ``written`` loses as much."""
    named_documents: int = 40
    """Documents from which a word says nothing of any of them, or as many as ``rare_share`` of all
    passages if that is more."""
    strong_evidence: float = 0.3
    """Evidence from which a passage is ranked that is not near: more than half of what the words
    are worth together. Measured at this value only."""


@dataclass(frozen=True, slots=True)
class TranslationConfig:
    """When passages are taken for translations of one another."""

    compared: int = 100
    """Ranked passages that are compared with one another, the best ones: two of every place that
    an answer can have. Some 0.6 ms; 1.5 ms for 200, 0.3 ms for 50."""
    min_similarity: float = 0.70
    """Cosine of two vectors, each seen from its language's mean, from which they may be
    translations. Highest at which 87 % of true pairs are grouped on both development sets; few
    others are, and of documents in one language each hardly any: docs/decisions/0008."""
    min_with_numbers: float = 0.60
    """The same for two that hold the same numbers. On the set ``written`` 2.7 times as many pairs
    come together as without, of Luxembourgish 3.6 times, and no wrong one: docs/decisions/0070."""
    same_numbers: float = 0.5
    """Share of the numbers of the one with fewer, at least one of them, that the other has too."""


class Coefficients(NamedTuple):
    """Of a logistic function of the evidence that the first passage answers."""

    bias: float
    nearness: float
    """By how much it rises with the first passage's nearness, in 1 / cosine."""
    lead: float
    """By how much it rises with its lead over those that come next, in 1 / cosine."""
    reading: float = 0.0
    """By how much it rises with the reader's logit of its best sentence."""


RANKED: Final = Coefficients(bias=-4.1, nearness=11.7, lead=57.6)
READ: Final = Coefficients(bias=-5.7, nearness=2.2, lead=47.8, reading=0.38)


@dataclass(frozen=True, slots=True)
class AbstentionConfig:
    """When a question counts as answered: by how unusual the best passage is, and how it reads.

    Fitted over four sets, each question asked with its documents there and with them taken out,
    and questions about something else; benchmarks/abstention.py, docs/decisions/0049.
    """

    ranked: Coefficients = RANKED
    """Where nothing was read."""
    read: Coefficients = READ
    runners_up: int = 10
    """Passages after the first that its lead is over."""
    min_confidence: float = 0.08
    """Confidence, 0 to 1, from which a question may be answered. At 0.09, of right first passages
    .00 to .04 are refused and .15 on ``written``, and .12 to .18 of questions off the topic are
    not."""
    sure_confidence: float = 0.25
    """From which it is said to be answered, and not only that it may be: .00 to .02 of questions
    off the topic, and .58 to .79 of those whose first passage is right."""


@dataclass(frozen=True, slots=True)
class ReadingConfig:
    """How the first passages are read: docs/decisions/0042."""

    passages: int = 20
    """Ranked passages that are read. The right one is among them 97 times in 100."""
    weight: float = 0.2
    """Share of the reader's logit that is added to a passage's score."""


@dataclass(frozen=True, slots=True)
class SentenceConfig:
    """Which sentence of a passage is marked as the one that answers, with the default model.

    Each is in standard deviations of the cosines of the passage's sentences. Measured with the
    83 answerable questions of corpus/sample and benchmarks/questions/: docs/decisions/0007.
    """

    fragment: float = 1.0
    """Off a heading, a row or a question: what has no full stop. 40 with it as without,
    but 79 right passages of 100 wherever they rank, in place of 78."""
    contact: float = 0.25
    """Off a contact line, which is what some ask for: 11 of 17 such questions on the sample find
    it marked, and 1 of 350 that ask for something else. At 1.0 it is 6 and 1, at 0 12 and 2."""
    address: float = 3.0
    """Off a web address, an e-mail address or a telephone number that stands alone."""
    quotation: float = 0.5
    """Off a sentence that begins with a quotation mark. 41 of 54 with it; at 0.75 no more,
    and 79 of 100 in place of 80."""
    runs_on: float = 0.2
    """How little worse the sentence before or after is that is marked with it. Of the right
    passages of ``written`` and the sample, 6 in 100 have two marked, and of those every second has
    the right one only because of it."""
