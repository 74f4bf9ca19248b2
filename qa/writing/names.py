"""Names of people, places and bodies in a sentence, and what stands for them in a quotation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from babel import Locale, UnknownLocaleError

from corpus.languages import language as data_of
from corpus.types import UNKNOWN_LANGUAGE
from index.encoders.protocol import Encoder, Vectors
from qa.writing.dates import is_calendar
from qa.writing.words import Word, are_alike, likeness, words_of

NOUNS_ARE_CAPITAL: Final = frozenset({"de", "lb"})
"""Languages that write every noun with a capital, so that one does not tell a name."""

NOUN: Final = 0.80
"""Cosine of a noun of such a language and a word of the quotation from which one translates the
other. Of the pairs for choosing, 104 of 105 nouns are over it, and 2 of 11 names under."""

UNSURE_NOUN: Final = 0.84
"""The same behind a preposition without an article, as names of places stand: three such names in
the pairs have .81 and .82."""

TITLE: Final = 0.88
"""The same beside a name that is there: it is a title, or another first name."""

SPELT: Final = 0.86
"""Cosine from which words that are spelt somewhat alike (SPELT_ALIKE) are one name. Of the pairs,
7 of 9 such names are over both and no other."""

SPELT_ALIKE: Final = 60.0
"""Likeness of those, as ``qa.writing.words`` has it."""

COMMON_NOUN: Final = 0.885
"""Cosine from which a word with a capital, part of a body's name, translates a word without."""

NEVER: Final = 2.0
"""A cosine that there is not: what is a name for certain is not looked for by meaning."""

_LEAST_LETTERS: Final = 4
_BEFORE_PLACES: Final = frozenset({"aus", "bei", "in", "nach", "no", "op", "von", "vun", "zu"})


def not_named(
    sentence: str, language: str, quotation: str, of_quotation: str, encoder: Encoder
) -> list[str]:
    """Return the names of a sentence that do not stand in a quotation.

    A name stands there in its spelling, in that of another script or language, or as CLDR has it.
    Where nouns are written as names are, the encoder says which are translated.
    """
    others = _others(quotation)
    codes = {other: _codes(other, of_quotation) for other in others}

    def is_there(word: str) -> bool:
        of_word = _codes(word, language)
        return any(are_alike(word, other) or of_word & codes[other] for other in others)

    words = words_of(sentence)
    there = [word.is_capital and is_there(word.text) for word in words]
    missing = [
        (word, _needs(words, there, place, language))
        for place, word in enumerate(words)
        if not there[place] and _may_be_name(word, language)
    ]
    if not missing:
        return []
    cosines = _cosines([word.text for word, _ in missing], others, encoder)
    return [
        word.text
        for (word, needed), row in zip(missing, cosines, strict=True)
        if row.max(initial=-1) < needed and not _is_spelt(word.text, others, row, language)
    ]


def _may_be_name(word: Word, language: str) -> bool:
    if not word.is_capital or len(word.text) == 1 or is_calendar(word.text, language):
        return False
    return not word.begins or word.text.casefold() in _cldr_names(language)


def _needs(words: Sequence[Word], there: Sequence[bool], place: int, language: str) -> float:
    """Return the cosine from which a word counts as translated; NEVER for what is a name."""
    word, before = words[place], words[place - 1] if place else None
    if language not in NOUNS_ARE_CAPITAL or word.text.isupper() or _codes(word.text, language):
        return NEVER
    if before and there[place - 1] and len(before.text) > 1 and _is_next(before, word):
        return TITLE if before.begins else NEVER  # a surname
    if there[place + 1 : place + 2] == [True] and _is_next(word, words[place + 1]):
        return TITLE
    is_behind = before is not None and before.text.lower() in _BEFORE_PLACES
    return UNSURE_NOUN if is_behind else NOUN


def _is_next(first: Word, second: Word) -> bool:
    return first.start + len(first.text) + 1 == second.start


def _is_spelt(name: str, others: Sequence[str], cosines: Vectors, language: str) -> bool:
    """Tell whether one of ``others`` is a name in another spelling, or a noun inside of it."""
    if name.isupper() or _codes(name, language):
        return False
    for other, cosine in zip(others, cosines.tolist(), strict=True):
        if cosine >= SPELT and likeness(name, other) >= SPELT_ALIKE:
            return True
        is_noun = other.islower() and other.isalpha() and len(other) >= _LEAST_LETTERS
        if cosine >= COMMON_NOUN and is_noun:
            return True
    return False


def _cosines(words: Sequence[str], others: Sequence[str], encoder: Encoder) -> Vectors:
    """Return the cosines of words with ``others``, shape (words, others)."""
    vectors = encoder.passages([*words, *others])
    return vectors[: len(words)] @ vectors[len(words) :].T


def _others(quotation: str) -> list[str]:
    """Return what a word may stand for: words, their parts, and words that are side by side."""
    words = [word.text for word in words_of(quotation)]
    parts = (part for word in words if "-" in word for part in word.split("-") if part)
    pairs = (f"{first} {second}" for first, second in pairwise(words))
    return list(dict.fromkeys([*words, *parts, *pairs]))


def _codes(name: str, language: str) -> frozenset[str]:
    """Return what CLDR knows a name for, its ending aside."""
    known = _cldr_names(language)
    if exact := known.get(name.casefold()):
        return exact
    if len(name) <= _LEAST_LETTERS or not name[0].isupper():
        return frozenset()
    inflected = (codes for other, codes in known.items() if _is_form(name, other))
    return frozenset().union(*inflected)


def _is_form(name: str, other: str) -> bool:
    return name[:3].casefold() == other[:3] and are_alike(name, other)


@cache
def _cldr_names(language: str) -> Mapping[str, frozenset[str]]:
    """Return the codes of countries, languages, and cities with a time zone, by their names."""
    try:
        locale = Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return MappingProxyType({})
    named: dict[str, set[str]] = {}
    for code, name in (*_places(locale), *_other_places()):
        named.setdefault(name.casefold(), set()).add(code)
    return MappingProxyType({name: frozenset(codes) for name, codes in named.items()})


def _places(locale: Locale) -> Iterator[tuple[str, str]]:
    yield from ((code, str(name)) for code, name in locale.territories.items() if code.isalpha())
    yield from (
        (f"language {code}", str(name)) for code, name in locale.languages.items() if len(code) == 2
    )
    cities = ((code, zone.get("city")) for code, zone in locale.time_zones.items())
    yield from ((code, str(city)) for code, city in cities if city)


def _other_places() -> Iterator[tuple[str, str]]:
    for spellings in data_of(UNKNOWN_LANGUAGE).places.spellings:
        names = spellings.split("|")
        yield from ((f"place {names[0]}", name) for name in names)
