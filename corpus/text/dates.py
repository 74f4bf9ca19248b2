"""The date a document gives itself near its beginning."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from operator import itemgetter
from typing import Final

from corpus.languages import any_of, language, languages, words_of_all
from corpus.text.language_id import language_of

DATELINE_LENGTH: Final = 400
"""Characters from the beginning in which a date is taken for the document's own: a title, a
line with place and date, and the first sentence. Later dates are mostly what the text tells of."""

DATELINE_INDENT: Final = 40
"""Characters of its line that may go before the date: a place, a weekday, "The ministers met on".
It spares some wrong guesses: of a public FAQ's 46 answers, which have no dates of their own, three
seem to have one with it, four without; all press notes seen that begin with a date keep theirs."""

_YEARS = range(1900, 2101)
_SEPARATOR = r"(?:\s+|\s*[./-]\s*)"
_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_ANY_YEAR = re.compile(r"(?:19|20)\d\d")
_NUMERIC = re.compile(
    rf"(?<![\w./-])(?:{_YEAR}-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])(?=T|(?![\w-]))"
    r"|(?P<day2>0?[1-9]|[12]\d|3[01])(?P<mark>[./])(?P<month2>0?[1-9]|1[0-2])(?P=mark)"
    r"(?P<year2>(?:19|20)\d\d)(?![\w/-]))"
)


def stated_date(text: str) -> date | None:
    """Return the first full date within DATELINE_LENGTH of the beginning of ``text`` and within
    DATELINE_INDENT of the beginning of its line.

    Understood are ISO dates, day.month.year with dots or slashes, and dates in words in the
    language of the text or in one that is read everywhere (English, French, German, Dutch,
    Luxembourgish), with the month before or after the day. Of days that share a month and a
    year ("2 and 3 May 2020") the last is taken. ``5/6/2020`` says nothing certain in English
    and is passed over there; elsewhere the day comes first. So is a date that bounds what the
    text tells of ("since 1 January 2025").
    """
    head = text[:DATELINE_LENGTH]
    if not _ANY_YEAR.search(head):
        return None  # spares telling the language
    language = language_of(text)
    dates = (*_numeric_dates(head, language), *_worded_dates(head, language))
    return min(
        (found for found in dates if _is_own(head[head.rfind("\n", 0, found[0]) + 1 : found[0]])),
        default=(0, None),
        key=itemgetter(0),
    )[1]


def _is_own(before: str) -> bool:
    """Tell by what goes before a date in its line whether it may be the document's own.

    "Since 1 January 2025" says when something began that the text tells of.
    """
    return len(before) < DATELINE_INDENT and _bound().search(before) is None


@cache
def _bound() -> re.Pattern[str]:
    words = any_of(words_of_all(lambda each: each.dates.bounds))
    return re.compile(rf"(?<!\w){words}\s+$", re.IGNORECASE)


def is_date(line: str) -> bool:
    """Tell whether ``line`` is a date and nothing else, but perhaps a weekday or a place."""
    return len(line) <= DATELINE_INDENT and stated_date(line) is not None


def months_of(code: str) -> Mapping[str, int]:
    """Return the month's number by its names, lower case and without full stop.

    Full and abbreviated names, as the Unicode locale data have them; empty for a language
    that has none.
    """
    return language(code).months


def is_month(word: str, code: str) -> bool:
    """Tell whether ``word`` is a month's name or abbreviation, in this language or everywhere."""
    return word.casefold().rstrip(".") in _known_months(code)


def months_read_everywhere() -> Iterator[tuple[str, int]]:
    """Yield the months' names, and their numbers, that are read whatever the language is."""
    for each in languages().values():
        if each.dates.everywhere:
            yield from each.months.items()


@cache
def _known_months(code: str) -> Mapping[str, int]:
    return {**dict(months_read_everywhere()), **months_of(code)}


def _numeric_dates(text: str, language: str) -> Iterator[tuple[int, date]]:
    for match in _NUMERIC.finditer(text):
        if match["year"]:
            year, month, day = match["year"], match["month"], match["day"]
        else:
            year, month, day = match["year2"], match["month2"], match["day2"]
            if match["mark"] == "/" and language == "en" and int(day) <= 12 and day != month:
                continue
        yield from _valid(match.start(), int(year), int(month), int(day))


def _worded_dates(text: str, language: str) -> Iterator[tuple[int, date]]:
    months = _known_months(language)
    for match in _worded(tuple(sorted(months))).finditer(text):
        month = months.get((match["month"] or match["month2"]).casefold(), 0)
        day, year = match["day"] or match["day2"], match["year"] or match["year2"]
        yield from _valid(match.start(), int(year), month, int(day))


@cache
def _worded(months: tuple[str, ...]) -> re.Pattern[str]:
    month = any_of(months)
    ending = any_of([".", *words_of_all(lambda each: each.dates.day_endings)])
    ending_behind = any_of(
        words_of_all(lambda each: each.dates.day_endings if each.dates.month_first else ())
    )
    before_month = any_of(words_of_all(lambda each: each.dates.before_month))
    before_year = any_of(words_of_all(lambda each: each.dates.before_year))
    day_first = (
        rf"(?<!\d){_DAY}{ending}?{_SEPARATOR}(?:{before_month}\s+)?"
        rf"(?P<month>{month})\.?,?{_SEPARATOR}(?:{before_year}\s+)?{_YEAR}(?!\d)"
    )
    month_first = (
        rf"(?<!\w)(?P<month2>{month})\.?\s+(?P<day2>0?[1-9]|[12]\d|3[01]){ending_behind}?,?\s+"
        r"(?P<year2>(?:19|20)\d\d)(?!\d)"
    )
    return re.compile(f"{day_first}|{month_first}", re.IGNORECASE)


def _valid(position: int, year: int, month: int, day: int) -> Iterator[tuple[int, date]]:
    if year in _YEARS:
        try:
            yield position, date(year, month, day)
        except ValueError:
            return
