"""Which section and paragraph a place is in, by the numbers that its document gives."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple

from api.web.viewer import paragraphs
from corpus.languages import any_of, words_of_all

MAX_HEADING: Final = 150
"""Characters of a line that may be a numbered heading."""

_NUMBERED_HEADING = re.compile(r"(\d{1,3}(?:\.\d{1,3})+)\.?\s+\S|(\d{1,3})\.?\s+[^\W\d_]")
_NUMBERED_PARAGRAPH = re.compile(r"\((\d{1,3})\)\s")
_ENDS_SENTENCE = re.compile(r"[.!?:;,…][\"'»”’)\]]*$")


class Place(NamedTuple):
    """Where something stands in its document; None where that gives no number."""

    section: str | None
    """Of a numbered heading: ``3.2``."""
    article: str | None
    """As the document writes it: ``Artikel 5``, ``§ 12a``."""
    paragraph: str | None


NOWHERE: Final = Place(None, None, None)


def place_in(text: str, at: int) -> Place:
    """Return where ``at`` stands in a passage, by what stands before it there and at the beginning
    of its own paragraph. A number in a passage before is not known."""
    place = NOWHERE
    for paragraph, span in paragraphs(text):
        if span.start > at:
            break
        place = _after(place, paragraph)
    return place


def _after(place: Place, paragraph: str) -> Place:
    """Return the place of a paragraph that stands after ``place``."""
    if article := _article().match(paragraph):
        inside = _NUMBERED_PARAGRAPH.match(paragraph, article.end())
        words = " ".join(article["article"].split())
        return Place(place.section, words, inside[1] if inside else None)
    if numbered := _NUMBERED_PARAGRAPH.match(paragraph):
        return place._replace(paragraph=numbered[1])
    if len(paragraph) <= MAX_HEADING and not _ENDS_SENTENCE.search(paragraph):
        heading = _NUMBERED_HEADING.match(paragraph)
        return Place(heading[1] or heading[2], None, None) if heading else place
    return place._replace(paragraph=None)


@cache
def _article() -> re.Pattern[str]:
    words = any_of(words_of_all(lambda language: language.article_words.words))
    return re.compile(
        rf"(?P<article>(?:{words}\b\.?|§§?)\s*\d{{1,4}}\s?(?:[a-z]\b|bis\b|ter\b|quater\b)?)[.:]?\s*",
        re.IGNORECASE,
    )
