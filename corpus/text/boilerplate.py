"""Lines that belong to the page and not to the document, and lines that name the publisher."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from corpus.languages import any_of, languages, words_of_all

MAX_LINE_LENGTH: Final = 300
"""Characters. Cookie banners are the longest boilerplate, at two or three short sentences."""

MAX_DATE_LENGTH: Final = 40
"""Characters after "last updated": a date, perhaps with weekday and time."""


def is_boilerplate(line: str) -> bool:
    """Tell whether a whole line, white space collapsed, belongs to the page around the text."""
    if len(line) > MAX_LINE_LENGTH:
        return False
    matches = (pattern.fullmatch(line) for pattern in _boilerplate())
    return any(match is not None and _is_dated(match) for match in matches)


def is_part_heading(heading: str) -> bool:
    """Tell a heading that any document may have from one that can be its title.

    Letters may be set wide: "C O N T E N T S".
    """
    return "".join(heading.casefold().split()) in _part_headings()


def publisher_in(line: str) -> str | None:
    """Return the publisher that a line such as "Communiqué par le ministère de ..." names."""
    match = _published_by().fullmatch(line)
    if match is None:
        return None
    name = match["publisher"].strip()
    article = _article().match(name)
    name = name[article.end() :] if article else name
    return name[:1].upper() + name[1:] or None


def _is_dated(match: re.Match[str]) -> bool:
    """Tell "Last updated on 3 May" from "Last updated figures show ..."."""
    rest = match.groupdict().get("date") or ""
    return len(rest) <= MAX_DATE_LENGTH and _opens_a_date().match(rest) is not None


@cache
def _boilerplate() -> tuple[re.Pattern[str], ...]:
    on = any_of(words_of_all(lambda language: language.boilerplate.on))
    networks = any_of(words_of_all(lambda language: language.boilerplate.networks))
    patterns = [
        pattern
        for each in (language.boilerplate for language in languages().values())
        for pattern in (
            *each.lines,
            *(f"(?:{updated})(?P<date>.*)" for updated in each.updated),
            *(f"(?:{shared})(?: {on} {networks})?" for shared in each.shared),
        )
    ]
    # Whole lines only: inside a sentence the same words are the document's.
    return tuple(re.compile(rf"(?:{pattern}) ?[:.>»↑›]*", re.IGNORECASE) for pattern in patterns)


@cache
def _part_headings() -> frozenset[str]:
    return frozenset(
        "".join(words.split()) for words in words_of_all(lambda language: language.files.parts)
    )


@cache
def _opens_a_date() -> re.Pattern[str]:
    before = any_of(words_of_all(lambda language: language.dates.before_date))
    return re.compile(rf"\s*(?:$|:|\d|{before} )", re.IGNORECASE)


@cache
def _published_by() -> re.Pattern[str]:
    introductions = words_of_all(lambda language: language.publishers.introductions)
    return re.compile(
        rf"(?:{'|'.join(introductions)}) (?P<publisher>[^.:;!?]{{2,120}})\.?", re.IGNORECASE
    )


@cache
def _article() -> re.Pattern[str]:
    articles = words_of_all(lambda language: language.publishers.articles)
    elided = [article for article in articles if article.endswith("'")]
    apart = [f"{article} " for article in articles if not article.endswith("'")]
    return re.compile(f"{any_of(elided)}|{any_of(apart)}".replace("'", "['’]"), re.IGNORECASE)
