"""Exact terms: what a question names that vectors cannot tell apart.

A vector knows that two by-laws are about terraces, not which of them is 2018/0265. So terms
that say exactly what is meant (references, numbers, dates, quotations, names) are looked up in
the passages' words. A term counts by how rare it is in the collection.
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
from typing import NamedTuple

from corpus.languages import any_of, languages, words_of_all
from corpus.text.dates import months_read_everywhere
from index.lexical import passages_with
from index.snapshot import Snapshot
from qa.config import MAX_EXACT_TERMS, RankingConfig

NO_EVIDENCE: Mapping[int, float] = MappingProxyType({})

_MAX_QUOTED_CHARACTERS = 200
_MAX_LINK_CHARACTERS = 2
"""Of what may stand between a day and its month: "1er", "12th of", "3 de"."""

# None of these can backtrack: neighbouring parts share no characters, repeats are bounded.
_QUOTED = re.compile(
    rf'[«»„“”"‹›]([^«»„“”"‹›]{{2,{_MAX_QUOTED_CHARACTERS}}})[«»„“”"‹›]'
    rf"|(?<!\w)['‘‚]((?:[^'‘’‚]|(?<=\w)['’](?=\w)){{2,{_MAX_QUOTED_CHARACTERS}}})['‘’](?!\w)"
)
_NUMERIC_DATE = re.compile(r"(?<![\w./-])(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})(?![\w/-])")
_GROUPED = re.compile(r"(?<![\w.,/-])\d{1,3}(?:[.,'’ \u00a0\u202f]\d{3}){1,5}(?![\w/-])")
_CHUNK = re.compile(r"[^\W_]+(?:[./:,-][^\W_]+)*")
_PIECE = re.compile(r"\d+|[^\W\d_]+")
_WORD = re.compile(r"[^\W_]+")
_NAME_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


class Kind(Enum):
    """What sort of term it is."""

    QUOTATION = "quotation"
    REFERENCE = "reference"
    ARTICLE = "article"
    NUMBER = "number"
    NAME = "name"
    DATE = "date"
    YEAR = "year"
    COUNT = "number of two digits"


CASUAL = frozenset({Kind.NAME, Kind.DATE, Kind.YEAR, Kind.COUNT})
"""What often stands in a question by the way: "since 1995", "on 5 November", "all 25 members",
"in Debian GNU/Linux"."""


class Term(NamedTuple):
    """Something a passage holds or does not hold, in any of several spellings."""

    kind: Kind
    forms: tuple[str, ...]
    """Each a phrase of words; what stands between the words does not matter."""


def find_evidence(snapshot: Snapshot, question: str, config: RankingConfig) -> Mapping[int, float]:
    """Return how much of the question's exact terms a passage holds, over 0 to 1, by passage id.

    A term that one passage holds counts 1, one that ``config.common_share`` of all hold
    nothing, with the logarithm in between; a casual one ``config.casual`` of that. Passages
    that hold no term that counts are left out.
    """
    if not config.exact:
        return NO_EVIDENCE
    common = min(max(int(len(snapshot) * config.common_share), 3), config.common_passages)
    shares: dict[int, float] = defaultdict(float)
    total = 0.0
    for term in exact_terms(question)[:MAX_EXACT_TERMS]:
        held_by = passages_with(snapshot.view, term.forms, common)
        weight = rarity(len(held_by), common) * (config.casual if term.kind in CASUAL else 1)
        total += weight
        if weight:
            for passage in held_by:
                shares[passage] += weight
    return {passage: share / max(total, 1.0) for passage, share in shares.items()}


def rarity(passages: int, common: int) -> float:
    """Return 1 for a term that one passage holds, 0 for one that ``common`` or none do."""
    return 1 - math.log(passages) / math.log(common) if passages else 0.0


def exact_terms(question: str) -> list[Term]:
    """Return the exact terms of a question, each once, those that are least by chance first.

    A stretch of the question is part of one term only, so ``12 March 2021`` is a date and not
    two numbers as well.
    """
    terms: list[Term] = []
    rest = question
    for reader in (
        _quotations,
        _articles,
        _numeric_dates,
        _worded_dates,
        _grouped,
        _chunks,
        _names,
    ):
        found = list(reader(rest))
        terms += [Term(term.kind, tuple(dict.fromkeys(term.forms))) for term, _, _ in found]
        for _, start, end in found:
            rest = rest[:start] + "\n" * (end - start) + rest[end:]
    return sorted(dict.fromkeys(terms), key=lambda term: term.kind in CASUAL)


_Found = tuple[Term, int, int]
"""A term, and where in the question it begins and ends."""


def _quotations(text: str) -> Iterator[_Found]:
    for match in _QUOTED.finditer(text):
        if words := _WORD.findall(match[1] or match[2]):
            yield Term(Kind.QUOTATION, (" ".join(words),)), *match.span()


def _articles(text: str) -> Iterator[_Found]:
    for match in _article().finditer(text):
        forms = [f"{word} {match[1]}" for word in (*_article_words(), "§")]
        yield Term(Kind.ARTICLE, (*forms, f"§{match[1]}")), *match.span()


def _numeric_dates(text: str) -> Iterator[_Found]:
    for match in _NUMERIC_DATE.finditer(text):
        day, month, year = int(match[1]), int(match[3]), int(match[4])
        if day > 31:
            day, year = year, day
        if 1 <= day <= 31 and 1 <= month <= 12 and _is_year(year):
            yield Term(Kind.DATE, _date_forms(day, month, year)), *match.span()


def _worded_dates(text: str) -> Iterator[_Found]:
    """Find a month's name with its day, its year or both beside it."""
    pieces = list(_PIECE.finditer(text))
    numbers = [int(piece[0]) if piece[0].isdecimal() else -1 for piece in pieces]
    if max(numbers, default=-1) < 0:
        return
    for place, piece in enumerate(pieces):
        month = _month_numbers().get(piece[0].casefold())
        if month is None:
            continue
        first = last = place
        day = year = None
        for before in range(place - 1, max(place - 4, -1), -1):
            if 1 <= numbers[before] <= 31:
                day, first = numbers[before], before
            if day or len(pieces[before][0]) > _MAX_LINK_CHARACTERS:
                break
        after = place + 1
        if day is None and after < len(pieces) and 1 <= numbers[after] <= 31:
            day, last, after = numbers[after], after, after + 1
        for later in range(after, min(after + 2, len(pieces))):
            if year is None and _is_year(numbers[later]):
                year, last = numbers[later], later
        if day or year:
            yield (
                Term(Kind.DATE, _date_forms(day, month, year)),
                pieces[first].start(),
                pieces[last].end(),
            )


def _grouped(text: str) -> Iterator[_Found]:
    for match in _GROUPED.finditer(text):
        yield Term(Kind.NUMBER, _number_forms("".join(re.findall(r"\d", match[0])))), *match.span()


def _chunks(text: str) -> Iterator[_Found]:
    """Find plain numbers and references."""
    for match in _CHUNK.finditer(text):
        chunk = match[0]
        if any(character.isdecimal() for character in chunk):
            for term in _with_digits(chunk):
                yield term, *match.span()


def _names(text: str) -> Iterator[_Found]:
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
            pair = f"{first[0]} {second[0]}"
            yield Term(Kind.NAME, (pair,)), first.start(), second.end()


def _begins_sentence(text: str, word: re.Match[str]) -> bool:
    before = text[: word.start()].rstrip(' «»„“”"‘(')
    return not before or before[-1] in ".?!:\n"


def _with_digits(chunk: str) -> Iterator[Term]:
    words, pieces = _WORD.findall(chunk), _PIECE.findall(chunk)
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
    if digits.isdecimal() and len(digits) >= 2:
        yield Term(_number_kind(digits), _number_forms(digits))


def _number_kind(digits: str) -> Kind:
    if len(digits) == 2:
        return Kind.COUNT
    return Kind.YEAR if len(digits) == 4 and _is_year(int(digits)) else Kind.NUMBER


def _number_forms(digits: str) -> tuple[str, ...]:
    return digits, f"{int(digits):,}".replace(",", " ") if len(digits) <= 18 else digits


def _is_year(number: int) -> bool:
    return 1800 <= number <= 2100


def _date_forms(day: int | None, month: int, year: int | None) -> tuple[str, ...]:
    names = _month_names()[month]
    if day is None:
        return (*(f"{name} {year}" for name in names), f"{month:02} {year}", f"{month} {year}")
    days = (f"{day}", f"{day:02}", *_ordinals(day))
    if year is None:
        return (
            *(f"{written} {name}" for name in names for written in days),
            *(f"{name} {written}" for name in names for written in days),
        )
    return (
        *(f"{written} {name} {year}" for name in names for written in days),
        *(f"{name} {written} {year}" for name in names for written in days),
        f"{day} {month} {year}",
        f"{day:02} {month:02} {year}",
        f"{year} {month:02} {day:02}",
    )


@cache
def _ordinals(day: int) -> tuple[str, ...]:
    """As English writes a day, and French the first."""
    dates = (language.dates for language in languages().values())
    endings = (each.ordinals.get(day, each.ordinal) for each in dates)
    return tuple(f"{day}{ending}" for ending in endings if ending)


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


@cache
def _month_names() -> Mapping[int, tuple[str, ...]]:
    names: dict[int, dict[str, None]] = defaultdict(dict)
    for name, number in months_read_everywhere():
        names[number][name] = None
    return {number: tuple(some) for number, some in names.items()}


@cache
def _month_numbers() -> Mapping[str, int]:
    return {name: number for number, names in _month_names().items() for name in names}
