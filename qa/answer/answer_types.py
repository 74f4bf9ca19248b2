"""What a question asks for, and whether a sentence holds it: a date, a number, a name ..."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from typing import Final

from corpus.languages import any_of, words_of_all
from corpus.languages import language as data_of
from corpus.text.dates import months_of
from qa.types import AnswerType

_BEGINNING: Final = 2
"""Words of a question of which a single one asks. Later it mostly is a relative pronoun ("a patrol
of officers who"), while several words ("how long") ask wherever they stand."""

_LONG_MONTH: Final = 4
"""Letters from which a month's name needs no number beside it; "may" is a verb as well."""

_YEAR = re.compile(r"(?<![\d.,])(?:1[89]|20)\d\d(?![.,]?\d)")
_MARKS = ".,;:!?()\"'„“”«»"


def asked_for(question: str, language: str) -> frozenset[AnswerType]:
    """Return the kinds of which any would answer; empty if nothing in particular is asked for."""
    phrases = _phrases(language)
    text = question.replace("’", "'").casefold()
    return frozenset(
        kind
        for match in _asking(language).finditer(text)
        if " " in match[0] or len(text[: match.start()].split()) < _BEGINNING
        for kind in phrases[match[0]]
    )


def holds(sentence: str, language: str, wanted: Iterable[AnswerType]) -> bool:
    """Tell whether ``sentence``, in ``language``, holds anything that is ``wanted``."""
    text = sentence.casefold()
    return any(_holds(kind, sentence, text, language) for kind in wanted)


def _holds(kind: AnswerType, sentence: str, text: str, language: str) -> bool:
    match kind:
        case AnswerType.NAME:
            return _holds_name(sentence)
        case AnswerType.DATE:
            return _holds_date(text, language)
        case _:
            return _pattern(kind, language).search(text) is not None


def _holds_name(sentence: str) -> bool:
    """Tell whether two words with capitals stand together: one alone may be a German noun.

    The first word does not count, as every sentence begins with a capital.
    """
    words = [word for word in sentence.split()[1:] if word not in _particles()]
    return any(
        one[0].isupper() and one[-1].isalnum() and other[0].isupper()
        for one, other in pairwise(words)
    )


@cache
def _phrases(language: str) -> dict[str, tuple[AnswerType, ...]]:
    words = data_of(language).question_words
    phrases: dict[str, tuple[AnswerType, ...]] = {}
    for kind in AnswerType:
        for phrase in _folded(getattr(words, kind.name.lower())):
            phrases[phrase] = (*phrases.get(phrase, ()), kind)
    return phrases


@cache
def _asking(language: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of(_phrases(language))}(?!\w)")


@cache
def _pattern(kind: AnswerType, language: str) -> re.Pattern[str]:
    """Return what to look for in a sentence; dates and names are told otherwise."""
    data = data_of(language)
    number = rf"(?:\d|(?<!\w){any_of(_folded(data.numbers.words))})"
    match kind:
        case AnswerType.TIME:
            clock = any_of(_folded(words_of_all(lambda each: each.units_of_time.clock)))
            found = rf"(?<![\d.,])(?:[01]?\d|2[0-4])(?:[.:h][0-5]\d(?!\d)|\s?{clock}(?!\w))"
        case AnswerType.DURATION:
            unit = any_of(_folded(data.units_of_time.beginnings))
            found = rf"{number}[\w-]{{0,20}}\s(?:\w{{1,20}}\s)?{unit}\w{{0,2}}(?!\w)"
        case AnswerType.MONEY:
            currency = any_of(_folded(words_of_all(lambda each: each.currencies.words)))
            found = rf"[€$£]|(?<!\w){currency}(?!\w)"
        case _:
            found = number
    return re.compile(found)


def _holds_date(text: str, language: str) -> bool:
    """Tell whether there is a year, a weekday, or a month: a short name only beside a number."""
    if _YEAR.search(text):
        return True
    months, weekdays = months_of(language), _weekdays(language)
    words = ["", *(word.strip(_MARKS) for word in text.split()), ""]
    return any(
        word in weekdays
        or (
            word in months
            and (len(word) >= _LONG_MONTH or before[:1].isdigit() or after[:1].isdigit())
        )
        for before, word, after in zip(words, words[1:], words[2:], strict=False)
    )


@cache
def _weekdays(language: str) -> frozenset[str]:
    from babel import Locale, UnknownLocaleError

    try:
        names = Locale.parse(language).days["format"]["wide"].values()
    except (UnknownLocaleError, ValueError):
        return frozenset()
    return frozenset(name.casefold() for name in names)


@cache
def _particles() -> frozenset[str]:
    return frozenset(words_of_all(lambda each: each.names.particles))


def _folded(words: Iterable[str]) -> list[str]:
    return [word.casefold() for word in words]
