"""What a question asks for, and whether a sentence holds it: a date, a number, a name ..."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from typing import Final

from corpus.text.dates import months_of
from qa.answer.question_words import ASKING, CURRENCIES, NUMBERS, PARTICLES, UNITS_OF_TIME
from qa.types import AnswerType

_BEGINNING: Final = 2
"""Words of a question of which a single one asks. Later it mostly is a relative pronoun ("a patrol
of officers who"), while several words ("how long") ask wherever they stand."""

_LONG_MONTH: Final = 4
"""Letters from which a month's name needs no number beside it; "may" is a verb as well."""

_YEAR = re.compile(r"(?<![\d.,])(?:1[89]|20)\d\d(?![.,]?\d)")
_MARKS = ".,;:!?()\"'„“”«»"
_CLOCK = (
    r"(?<![\d.,])(?:[01]?\d|2[0-4])"
    r"(?:[.:h][0-5]\d(?!\d)|\s?(?:heures?|uur|uhr|auer|[ap]\.?m|o'clock|h)(?!\w))"
)
_NEVER = r"(?!)"


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
    words = [word for word in sentence.split()[1:] if word not in PARTICLES]
    return any(
        one[0].isupper() and one[-1].isalnum() and other[0].isupper()
        for one, other in pairwise(words)
    )


@cache
def _phrases(language: str) -> dict[str, tuple[AnswerType, ...]]:
    return {
        phrase: kinds
        for kinds, phrases in ASKING.get(language, {}).items()
        for phrase in _listed(phrases)
    }


@cache
def _asking(language: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){_any_of(_phrases(language))}(?!\w)")


@cache
def _pattern(kind: AnswerType, language: str) -> re.Pattern[str]:
    """Return what to look for in a sentence; dates and names are told otherwise."""
    number = rf"(?:\d|(?<!\w){_any_of(_listed(NUMBERS.get(language, '')))})"
    match kind:
        case AnswerType.TIME:
            found = _CLOCK
        case AnswerType.DURATION:
            unit = _any_of(_listed(UNITS_OF_TIME.get(language, "")))
            found = rf"{number}[\w-]{{0,20}}\s(?:\w{{1,20}}\s)?{unit}\w{{0,2}}(?!\w)"
        case AnswerType.MONEY:
            found = rf"[€$£]|(?<!\w){_any_of(_listed(CURRENCIES))}(?!\w)"
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


def _listed(phrases: str) -> list[str]:
    return [phrase.strip().casefold() for phrase in phrases.split(",") if phrase.strip()]


def _any_of(words: Iterable[str]) -> str:
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return f"(?:{'|'.join(map(re.escape, longest_first))})" if longest_first else _NEVER
