"""Holds what a machine wrote against its quotations, without trust; the order of the steps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from typing import Final

from corpus.text.language_id import STRONG_CONFIDENCE, language_of
from corpus.types import UNKNOWN_LANGUAGE, Span
from index.encoders.protocol import Encoder
from qa.writing.dates import dates_of
from qa.writing.names import not_named
from qa.writing.negation import is_known, is_negated
from qa.writing.numbers import mentions, values
from qa.writing.support import Rivals, Support
from qa.writing.types import Claim, Fault, Given, Held, LeftOut

MIN_QUOTATION: Final = 10
"""Characters of a quotation; of less nobody can tell what it says."""

_MARKUP = re.compile(r"://|www\.|\]\(|!\[|<[/!a-z]|```|&\w+;|&#", re.IGNORECASE)


class Checker:
    """Tells what of a machine's sentences stands. Safe to use from several threads."""

    def __init__(self, encoder: Encoder) -> None:
        """Check with ``encoder``, the default model.

        Raises:
            WritingError: it is another one.
        """
        self._encoder = encoder
        self._support = Support(encoder)

    def among(self, passages: Sequence[Given], language: str) -> Checking:
        """Return what checks sentences in ``language`` that were written from ``passages``."""
        return Checking(self._encoder, self._support, passages, language)

    def check(
        self, claims: Sequence[Claim], passages: Sequence[Given], language: str
    ) -> list[Held | LeftOut]:
        """Return of each claim, which ought to be in ``language``, whether it stands."""
        return self.among(passages, language).check(claims)


class Checking:
    """Checks what is written from some passages, one sentence after another."""

    def __init__(
        self, encoder: Encoder, support: Support, passages: Sequence[Given], language: str
    ) -> None:
        self._encoder = encoder
        self._support = support
        self._passages = passages
        self._language = language

    @cached_property
    def _rivals(self) -> Rivals:
        return self._support.rivals(self._passages)

    def check(self, claims: Sequence[Claim]) -> list[Held | LeftOut]:
        """Return of each claim whether it stands."""
        quotes = [quote_of(claim, self._passages) for claim in claims]
        faults = [self._fault(claim, quote) for claim, quote in zip(claims, quotes, strict=True)]
        left = [claim for claim, fault in zip(claims, faults, strict=True) if fault is None]
        near = iter(self._support.are_near(left, self._rivals) if left else ())
        outcome: list[Held | LeftOut] = []
        for claim, quote, fault in zip(claims, quotes, faults, strict=True):
            if fault is None and quote is not None and next(near):
                outcome.append(Held(claim, quote))
            else:
                outcome.append(LeftOut(claim, fault or Fault.PASSAGE))
        return outcome

    def _fault(self, claim: Claim, quote: Span | None) -> Fault | None:
        """Return what the words alone show to be wrong."""
        if _MARKUP.search(claim.text):
            return Fault.MARKUP
        if quote is None:
            return Fault.QUOTATION
        passage, language = self._passages[claim.place], self._language
        quoted = passage.text[slice(*quote)]
        if not _is_in(claim.text, language) or not (
            is_known(language) and is_known(passage.language)
        ):
            return Fault.LANGUAGE
        sides = (claim.text, language, quoted, passage.language)
        if not _has_numbers(*sides):
            return Fault.NUMBER
        if not _has_dates(*sides):
            return Fault.DATE
        if not_named(*sides, self._encoder):
            return Fault.NAME
        if is_negated(claim.text, language) != is_negated(quoted, passage.language):
            return Fault.NEGATION
        return None


def quote_of(claim: Claim, passages: Sequence[Given]) -> Span | None:
    """Return where the quotation stands in its passage, white space aside; None if it does not."""
    words = claim.quotation.split()
    if not 0 <= claim.place < len(passages) or sum(map(len, words)) < MIN_QUOTATION:
        return None
    found = re.search(r"\s+".join(map(re.escape, words)), passages[claim.place].text)
    return Span(*found.span()) if found else None


def _is_in(text: str, language: str) -> bool:
    return language_of(text, min_confidence=STRONG_CONFIDENCE) in (language, UNKNOWN_LANGUAGE)


def _has_numbers(sentence: str, language: str, quotation: str, of_quotation: str) -> bool:
    there = values(quotation, of_quotation)
    # "Drei Jahre" does not rest on "le 3 mars".
    days = {Decimal(day) for day, _ in dates_of(quotation, of_quotation).days}
    return all(
        any(
            reading <= (there - days if mention.in_words else there) for reading in mention.readings
        )
        for mention in mentions(sentence, language)
    )


def _has_dates(sentence: str, language: str, quotation: str, of_quotation: str) -> bool:
    said, there = dates_of(sentence, language), dates_of(quotation, of_quotation)
    moved = any(
        day not in there.days and any(day[0] == other[0] for other in there.days)
        for day in said.days
    )
    return said.months <= there.months and said.weekdays <= there.weekdays and not moved
