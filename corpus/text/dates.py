"""Dates as they are written, and the one that a document gives itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from operator import attrgetter
from typing import Final, NamedTuple

from corpus.languages import Dates, any_of, language, languages, words_of_all
from corpus.text.language_id import language_of

DATELINE_LENGTH: Final = 400
"""Characters from the beginning in which a document's own date is looked for: a title, a line with
place and date, and the first sentence."""

MAX_DATE_LINE: Final = 40
"""Characters of a line that is a date and nothing else, but perhaps a weekday and a place."""

MAX_WRITTEN_DATE: Final = 24
"""Characters of a date in words: "30 de septiembre de 2021"."""

MAX_BYLINE: Final = 60
"""Characters that may follow "Published on 3 May 2021" in its line: by whom, at what time."""

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
_TIME = r"(?:T|,?\s+(?:[^\W\d_]{1,3}\s+)?)\d{1,2}\s?[:.h]\s?\d\d\S*(?:\s+[^\W\d_]{1,5})?"
_END = re.compile(rf"(?:{_TIME})?\s*(?:$|\.(?=\s|$))")
_DASH = re.compile(r"\s*(?:\([^()]{1,30}\)\s*)?[–—:-]\s*(?=\S)")


class _Found(NamedTuple):
    """A date, and what stands before and after it in its line."""

    day: date
    before: str
    after: str


def stated_date(text: str) -> date | None:
    """Return the date that a text gives itself within DATELINE_LENGTH of its beginning.

    It does in a line that says so ("Published on 3 May 2021"), that is a dateline ("Luxembourg,
    3 May 2021 – The minister"), or in which the date stands alone. Every other date is that of
    something it tells of: "from 1 March 2024 the library closes". Two days in lines of their own
    are a list, and neither is taken.
    """
    dates = list(_dates(text[:DATELINE_LENGTH], text))
    said = next(filter(_is_said, dates), None)
    if said is not None:
        return said.day
    own = {found.day for found in dates if _is_dateline(found)}
    return own.pop() if len(own) == 1 else None


def written_date(field: str) -> date | None:
    """Return the first full date in what is known to be one.

    Understood are ISO dates, day.month.year with dots or slashes, and dates in words in the
    language of the text or in one that is read everywhere (English, French, German, Dutch,
    Luxembourgish), with the month before or after the day. Of days that share a month and a
    year ("2 and 3 May 2020") the last is taken. ``5/6/2020`` says nothing certain in English
    and is passed over there; elsewhere the day comes first.
    """
    return next((found.day for found in _dates(field[:DATELINE_LENGTH], field)), None)


def is_date(line: str) -> bool:
    """Tell whether ``line`` is a date and nothing else, but perhaps a weekday or a place."""
    return len(line) <= MAX_DATE_LINE and stated_date(line) is not None


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


def _is_said(found: _Found) -> bool:
    """Tell "Published on 3 May 2021 by the ministry" from a sentence that begins so."""
    is_sentence = len(found.after) > MAX_BYLINE or re.search(r"\w.*[.!?]\W*$", found.after)
    return _label().fullmatch(found.before) is not None and not is_sentence


def _is_dateline(found: _Found) -> bool:
    opening = _opening().fullmatch(found.before)
    if opening is None:
        return False
    dash = _DASH.match(found.after) if opening["place"] is not None else None
    # "3 May – 5 May" is when something takes place.
    if dash and written_date(found.after[dash.end() :][:MAX_WRITTEN_DATE]) is None:
        return True
    return _END.match(found.after) is not None


@cache
def _label() -> re.Pattern[str]:
    words = _words(attrgetter("published"))
    return re.compile(rf"\W*{words}(?!\w)[\s:|(–—-]*{_weekday()}", re.IGNORECASE)


@cache
def _opening() -> re.Pattern[str]:
    """What may go before a date in a line that is the document's: a place, a weekday.

    A place is one word with a capital letter, or has a part that places' names have: of all that
    is written with capital letters, few other things have a comma and a date behind them.
    """
    begins = rf"(?:(?i:{_words(attrgetter('begins_places'))})[\s-]+)?"
    name = r"(?:[’']\w-)?(?![a-zß-öø-ÿ])[^\W\d_]+(?:[’'.-][^\W\d_]+)*"
    inside = rf"(?:[\s-]+(?i:{_words(attrgetter('inside_places'))})[\s-]+{name})?"
    country = rf"(?:,?\s+(?:{name}|(?:[A-Z]\.){{2,3}}))?"
    place = rf"(?P<place>{begins}{name}{inside}{country}(?:,|\s+[–—-])\s*)?"
    return re.compile(rf"[\s*_#>•·–—-]*{place}{_weekday()}")


def _weekday() -> str:
    weekdays = _words(attrgetter("weekdays"))
    return rf"(?i:(?:{weekdays}[.,]*\s+)?(?:{_words(attrgetter('before_date'))}\s+)?)"


def _words(of: Callable[[Dates], Iterable[str]]) -> str:
    """Return the pattern of any of these words of all languages, spaces as wide as they may be."""
    return any_of(words_of_all(lambda each: of(each.dates))).replace(r"\ ", r"\s+")


@cache
def _known_months(code: str) -> Mapping[str, int]:
    return {**dict(months_read_everywhere()), **months_of(code)}


def _dates(head: str, text: str) -> Iterator[_Found]:
    """Yield the dates in the beginning of a text, in their order."""
    if not _ANY_YEAR.search(head):
        return  # spares telling the language
    language = language_of(text)
    found = (*_numeric_dates(head, language), *_worded_dates(head, language))
    for match, day in sorted(found, key=lambda each: each[0].start()):
        line_end = head.find("\n", match.end())
        yield _Found(
            day,
            before=head[head.rfind("\n", 0, match.start()) + 1 : match.start()],
            after=head[match.end() : line_end if line_end >= 0 else len(head)],
        )


def _numeric_dates(text: str, language: str) -> Iterator[tuple[re.Match[str], date]]:
    for match in _NUMERIC.finditer(text):
        if match["year"]:
            year, month, day = match["year"], match["month"], match["day"]
        else:
            year, month, day = match["year2"], match["month2"], match["day2"]
            if match["mark"] == "/" and language == "en" and int(day) <= 12 and day != month:
                continue
        yield from _valid(match, int(year), int(month), int(day))


def _worded_dates(text: str, language: str) -> Iterator[tuple[re.Match[str], date]]:
    months = _known_months(language)
    for match in _worded(tuple(sorted(months))).finditer(text):
        month = months.get((match["month"] or match["month2"]).casefold(), 0)
        day, year = match["day"] or match["day2"], match["year"] or match["year2"]
        yield from _valid(match, int(year), month, int(day))


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


def _valid(
    match: re.Match[str], year: int, month: int, day: int
) -> Iterator[tuple[re.Match[str], date]]:
    if year in _YEARS:
        try:
            yield match, date(year, month, day)
        except ValueError:
            return
