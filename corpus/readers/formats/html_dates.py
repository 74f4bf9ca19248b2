"""When a web page says that it was published."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Final

from corpus.text.dates import written_date

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_NAMES: Final = frozenset({
    "article.published", "article:publicationdate", "article:published",
    "article:published_date", "article:published_time", "bt:pubdate", "citation_publication_date",
    "date_published", "datepublished", "dc.date", "dc.date.issued", "dc.date.publication",
    "dc:date", "dcterms.date", "dcterms.issued", "og:article:published_time", "og:pubdate",
    "og:publish_date", "og:published_time", "parsely-pub-date", "pubdate", "publication_date",
    "publish-date", "publish_date", "publishdate", "published-date", "published_date",
    "published_time", "rnews:datepublished", "sailthru.date",
})  # fmt: skip
"""Names of what a head says: those of htmldate's (2.2) that mean a publication, neither a change
nor when a file was made. A plain "date" means either."""

_MARKS: Final = (
    "//*[contains(concat(' ', normalize-space(@itemprop), ' '), ' datePublished ')]"
    " | //time[@pubdate]"
    " | //time[contains(concat(' ', normalize-space(@class), ' '), ' dt-published ')]"
    " | //time[contains(concat(' ', normalize-space(@class), ' '), ' entry-date ')]"
)
"""Microdata, HTML's older attribute, microformats and what WordPress writes."""


def publication_date(page: HtmlElement) -> date | None:
    """Return when a page says that it was published.

    The extractor's own date is not taken: it may be that of a change, of any <time>, of a picture's
    address, or whatever looks like a date. A page with several dates of the kind is a list.
    """
    names = (each for each in page.iter("meta") if _name_of(each) in _NAMES)
    marked = page.xpath(_MARKS)
    for stated in (
        [each.get("content", "") for each in names],
        list(_in_linked_data(page)),
        [_said_by(each) for each in marked],
    ):
        days = {day for day in map(_day, stated) if day}
        if days:
            return days.pop() if len(days) == 1 else None
    return None


def _name_of(meta: HtmlElement) -> str:
    return (meta.get("property") or meta.get("name") or "").strip().lower()


def _said_by(element: HtmlElement) -> str:
    said: str = element.get("datetime") or element.get("content") or element.text_content()
    return said


def _in_linked_data(page: HtmlElement) -> Iterator[str]:
    """Yield what the page's JSON-LD gives as a date of publication (https://schema.org)."""
    for script in page.xpath("//script[@type='application/ld+json']"):
        try:
            found = json.loads(script.text or "")
        except (ValueError, RecursionError):
            continue
        things = found if isinstance(found, list) else [found]
        things += [each for thing in things for each in _graph(thing)]
        for thing in things:
            if isinstance(thing, dict) and isinstance(thing.get("datePublished"), str):
                yield thing["datePublished"]


def _graph(thing: object) -> list[object]:
    graph = thing.get("@graph") if isinstance(thing, dict) else None
    return graph if isinstance(graph, list) else []


def _day(stated: str) -> date | None:
    try:
        return date.fromisoformat(stated.strip()[:10])
    except ValueError:
        return written_date(stated)
