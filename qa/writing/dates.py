"""Months and weekdays that a text names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple

from babel import Locale, UnknownLocaleError

from corpus.languages import language as data_of
from corpus.text.dates import months_of
from qa.writing.words import words_of

_NUMERIC = re.compile(
    r"(?<![\d.])(?:(?P<day>\d{1,2})[./](?P<month>\d{1,2})[./]\d{2,4}"
    r"|\d{4}-(?P<month2>\d{1,2})-(?P<day2>\d{1,2}))(?!\d)"
)
_DAY_BEFORE = re.compile(r"(?<!\d)(\d{1,2})(?:\.|er|º|st|nd|rd|th)?\s(?:de\s|d[’'])?$")
_DAY_BEHIND = re.compile(r"^\.?\s(\d{1,2})(?!\d)")

_SURE_LETTERS: Final = 4
"""Of a month's name; a shorter one counts beside a day only."""


class Dates(NamedTuple):
    """What a text names of the calendar."""

    months: frozenset[int]
    days: frozenset[tuple[int, int]]
    """Day and month where they stand together."""
    weekdays: frozenset[int]
    """From 1, a Monday."""


def dates_of(text: str, language: str) -> Dates:
    """Return the months, days and weekdays in a text, in figures or as CLDR has their names."""
    names, numbers = _month_names(language), data_of(language).numbers
    months: set[int] = set()
    days: set[tuple[int, int]] = set()
    for match in _NUMERIC.finditer(text):
        day, month = int(match["day"] or match["day2"]), int(match["month"] or match["month2"])
        months.add(month)
        days.add((day, month))
    for word in words_of(text):
        month = names.get(word.text.casefold(), 0)
        is_doubtful = len(word.text) < _SURE_LETTERS or word.text.casefold() in numbers
        if not month or (is_doubtful and not _stands_by_day(text, word.start, word.text)):
            continue
        months.add(month)
        before = _DAY_BEFORE.search(text[: word.start])
        behind = _DAY_BEHIND.search(text[word.start + len(word.text) :])
        if found := before or behind:
            days.add((int(found[1]), month))
    return Dates(frozenset(months), frozenset(days), _weekdays_in(text, language))


def is_calendar(word: str, language: str) -> bool:
    """Tell whether a word is a month or a weekday."""
    return word.casefold() in _month_names(language) or _weekday(word, language) is not None


def _month_names(language: str) -> Mapping[str, int]:
    return {**months_of(language), **data_of(language).month_forms}


def _stands_by_day(text: str, start: int, word: str) -> bool:
    """Tell the month from a short word that is something else too: "mar", "sept"."""
    behind = text[start + len(word) :]
    return bool(_DAY_BEFORE.search(text[:start]) or re.match(r"\.?\s\d", behind))


def _weekdays_in(text: str, language: str) -> frozenset[int]:
    found = (_weekday(word.text, language) for word in words_of(text))
    return frozenset(day for day in found if day is not None)


def _weekday(word: str, language: str) -> int | None:
    return _weekday_names(language).get(word.lower())


@cache
def _weekday_names(language: str) -> Mapping[str, int]:
    forms = dict(data_of(language).weekdays)
    try:
        names = Locale.parse(language).days["format"]["wide"]
    except (UnknownLocaleError, ValueError):
        return forms
    return forms | {str(name).lower(): int(day) + 1 for day, name in names.items()}
