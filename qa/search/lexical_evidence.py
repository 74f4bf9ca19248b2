"""Lexical evidence: what a question names that vectors cannot tell apart.

A vector knows that two by-laws are about terraces, not which of them is 2018/0265, and that a
passage is about a minister, not which one. So exact terms (references, numbers, quotations,
articles of a law) and rare words (names and terms that most languages write alike) are looked up
in the passages' words. A term counts by how rare it is in the collection.

A name counts for all of a document that holds it: the passage that answers seldom says again which
town it is about. What is a name, the other languages tell: a word with a capital that a document in
another language than the question's holds as well. docs/decisions/0068.

Dates, years and numbers of two digits are no terms: they stand in a question by the way ("since
1995", "all 25 members"), and changed no first place in nine sets. docs/decisions/0035.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache
from itertools import pairwise
from types import MappingProxyType
from typing import Final, NamedTuple

from corpus.languages import any_of, words_of_all
from index.snapshot import Snapshot
from qa.config import MAX_TERMS, RankingConfig
from qa.types import UnderstoodQuestion

_LEAST_PASSAGES: Final = 3
"""Passages that a term may be held by and still say something, in the smallest collection."""

_MAX_QUOTED_CHARACTERS = 200

# None of these can backtrack: neighbouring parts share no characters, repeats are bounded.
_QUOTED = re.compile(
    rf'[«»„“”"‹›]([^«»„“”"‹›]{{2,{_MAX_QUOTED_CHARACTERS}}})[«»„“”"‹›]'
    rf"|(?<!\w)['‘‚]((?:[^'‘’‚]|(?<=\w)['’](?=\w)){{2,{_MAX_QUOTED_CHARACTERS}}})['‘’](?!\w)"
)
_NUMERIC_DATE = re.compile(r"(?<![\w./-])(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})(?![\w/-])")
_GROUPED = re.compile(r"(?<![\w.,/-])\d{1,3}(?:[.,'’ \u00a0\u202f]\d{3}){1,5}(?![\w/-])")
_CHUNK = re.compile(r"[^\W_]+(?:[./:,-][^\W_]+)*")
_PIECE = re.compile(r"\d+|[^\W\d_]+")
_TOKEN = re.compile(r"[^\W_]+")
_NAME_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_WORD = re.compile(r"[^\W\d_]{3,}")


class Kind(Enum):
    """What sort of term it is."""

    QUOTATION = "quotation"
    REFERENCE = "reference"
    ARTICLE = "article"
    NUMBER = "number"
    WORD = "word"
    """Or two with a capital side by side, as first name and surname are."""


class Term(NamedTuple):
    """Something a passage holds or does not hold, in any of several spellings."""

    kind: Kind
    forms: tuple[str, ...]
    """Each a phrase of words; what stands between the words does not matter."""


class LexicalEvidence(NamedTuple):
    """How much of what a question names passages hold."""

    passages: Mapping[int, float]
    """By passage id."""
    documents: Mapping[int, float]
    """Of its names, by the key of the document that holds them."""


NO_EVIDENCE: Final = LexicalEvidence(MappingProxyType({}), MappingProxyType({}))


def find_evidence(
    snapshot: Snapshot, question: UnderstoodQuestion, config: RankingConfig
) -> LexicalEvidence:
    """Return how much of what the question names passages and documents hold.

    Of a passage that is 1 for all of its exact terms and ``config.rare_words`` for all of its
    words. A term that one passage holds counts in full, one that a share of all passages hold not
    at all, with the logarithm in between; the share is ``config.common_share`` for an exact term
    and ``config.rare_share`` for a word. Of a document it is ``config.names`` for all of its names.
    Passages and documents that hold no term that counts are left out.
    """
    if not config.exact:
        return NO_EVIDENCE
    evidence: dict[int, float] = defaultdict(float)
    terms = find_terms(question.standalone)[:MAX_TERMS]
    words = [term for term in terms if term.kind is Kind.WORD]
    exact = [term for term in terms if term.kind is not Kind.WORD]
    for some, worth, share in (
        (exact, 1.0, config.common_share),
        (words, config.rare_words, config.rare_share),
    ):
        common = min(max(int(len(snapshot) * share), _LEAST_PASSAGES), config.common_passages)
        for passage, held in _shares(snapshot, some if worth else [], common).items():
            evidence[passage] += worth * held
    return LexicalEvidence(evidence, _named(snapshot, question, config) if config.names else {})


def _named(
    snapshot: Snapshot, question: UnderstoodQuestion, config: RankingConfig
) -> Mapping[int, float]:
    """Return the share of the question's names that a document holds, times what they are worth."""
    held: dict[int, float] = defaultdict(float)
    total = 0.0
    common = max(int(len(snapshot) * config.rare_share), config.named_documents)
    words = (word for word in _WORD.findall(question.standalone) if word[0].isupper())
    for word in list(dict.fromkeys(words))[:MAX_TERMS]:
        documents = snapshot.documents_with(word, config.common_passages)
        if len(documents) > common or not set().union(*documents.values()) - {question.language}:
            continue
        weight = rarity(len(documents), common)
        total += weight
        for document in documents:
            held[document] += weight
    return {key: config.names * weight / max(total, 1.0) for key, weight in held.items()}


def _shares(snapshot: Snapshot, terms: list[Term], common: int) -> Mapping[int, float]:
    """Return the share of the terms that a passage holds, each weighing by its rarity."""
    held: dict[int, float] = defaultdict(float)
    total = 0.0
    for term in terms:
        passages = snapshot.passages_with(term.forms, common)
        weight = rarity(len(passages), common)
        total += weight
        for passage in passages if weight else ():
            held[passage] += weight
    return {passage: weight / max(total, 1.0) for passage, weight in held.items()}


def rarity(passages: int, common: int) -> float:
    """Return 1 for a term that one passage holds, 0 for one that ``common`` or none do."""
    return 1 - math.log(passages) / math.log(common) if passages else 0.0


def find_terms(question: str) -> list[Term]:
    """Return the terms of a question, each once: exact ones, names, then words, longest first.

    A stretch of the question is part of one exact term only, so ``1 234 500`` is one number and
    not three.
    """
    terms: list[Term] = []
    rest = question
    for reader in (_quotations, _articles, _dates, _grouped, _chunks):
        found = list(reader(rest))
        terms += [Term(term.kind, tuple(dict.fromkeys(term.forms))) for term, _, _ in found if term]
        for _, start, end in found:
            rest = rest[:start] + "\n" * (end - start) + rest[end:]
    terms += _names(question)
    words = sorted({word.casefold() for word in _WORD.findall(question)})
    terms += [Term(Kind.WORD, (word,)) for word in sorted(words, key=len, reverse=True)]
    return list(dict.fromkeys(terms))


_Found = tuple[Term | None, int, int]
"""A term, or None for what is no term, and where in the question it begins and ends."""


def _quotations(text: str) -> Iterator[_Found]:
    for match in _QUOTED.finditer(text):
        if words := _TOKEN.findall(match[1] or match[2]):
            yield Term(Kind.QUOTATION, (" ".join(words),)), *match.span()


def _articles(text: str) -> Iterator[_Found]:
    for match in _article().finditer(text):
        forms = [f"{word} {match[1]}" for word in (*_article_words(), "§")]
        yield Term(Kind.ARTICLE, (*forms, f"§{match[1]}")), *match.span()


def _dates(text: str) -> Iterator[_Found]:
    """Find dates in figures, which would look like references."""
    for match in _NUMERIC_DATE.finditer(text):
        day, month, year = int(match[1]), int(match[3]), int(match[4])
        if day > 31:
            day, year = year, day
        if 1 <= day <= 31 and 1 <= month <= 12 and _is_year(year):
            yield None, *match.span()


def _grouped(text: str) -> Iterator[_Found]:
    for match in _GROUPED.finditer(text):
        digits = "".join(re.findall(r"\d", match[0]))
        yield Term(Kind.NUMBER, _number_forms(digits)), *match.span()


def _chunks(text: str) -> Iterator[_Found]:
    """Find plain numbers and references."""
    for match in _CHUNK.finditer(text):
        chunk = match[0]
        if any(character.isdecimal() for character in chunk):
            for term in _with_digits(chunk):
                yield term, *match.span()


def _names(text: str) -> Iterator[Term]:
    """Find words with a capital that stand side by side, as first name and surname do.

    One alone says little: in German every noun has one.
    """
    words = [
        match
        for match in _NAME_WORD.finditer(text)
        if match[0][0].isupper() and not _begins_sentence(text, match)
    ]
    for first, second in pairwise(words):
        if text[first.end() : second.start()] == " ":
            yield Term(Kind.WORD, (f"{first[0]} {second[0]}",))


def _begins_sentence(text: str, word: re.Match[str]) -> bool:
    before = text[: word.start()].rstrip(' «»„“”"‘(')
    return not before or before[-1] in ".?!:\n"


def _with_digits(chunk: str) -> Iterator[Term]:
    words, pieces = _TOKEN.findall(chunk), _PIECE.findall(chunk)
    letters = [piece for piece in pieces if not piece.isdecimal()]
    if any(len(piece) > 1 and not piece.isupper() for piece in letters):  # "25-jährig", "12th"
        for piece in pieces:
            yield from _plain_number(piece)
    elif len(pieces) == 1:
        yield from _plain_number(chunk)
    else:
        joined = ["".join(pieces)] if letters else []
        yield Term(Kind.REFERENCE, (" ".join(words), " ".join(pieces), *joined))


def _plain_number(digits: str) -> Iterator[Term]:
    """Find a number of three digits or more that is no year."""
    is_year = len(digits) == 4 and digits.isdecimal() and _is_year(int(digits))
    if digits.isdecimal() and len(digits) >= 3 and not is_year:
        yield Term(Kind.NUMBER, _number_forms(digits))


def _number_forms(digits: str) -> tuple[str, ...]:
    return digits, f"{int(digits):,}".replace(",", " ") if len(digits) <= 18 else digits


def _is_year(number: int) -> bool:
    return 1800 <= number <= 2100


@cache
def _article_words() -> tuple[str, ...]:
    """Return words that mean the same before the number of an article of a law."""
    return words_of_all(lambda language: language.article_words.words)


@cache
def _article() -> re.Pattern[str]:
    return re.compile(
        rf"(?:\b{any_of(_article_words())}\.?\s{{1,3}}|§\s{{0,3}})(\d{{1,5}}[a-z]?)\b",
        re.IGNORECASE,
    )
