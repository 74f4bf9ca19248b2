"""Questions of a translated guide: its headings, taken out of the text they stand over."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from benchmarks.types import MIN_VERSIONS, Ask, Item
from benchmarks.wording import beginning_of, is_translated, name_of
from training.extract.files import read_each
from training.extract.markup import Element, text_of
from training.types import PIVOT, UNION, language_code

_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})  # over these are chapters: "Chapter 2. …"
_ELEMENTS = (
    f"//*[{' or '.join(f'self::{name}' for name in sorted(_HEADINGS))}"
    # Publican writes paragraphs as <div class="para">, and titles of boxes as paragraphs.
    " or self::p[not(@class = 'title')] or self::div[@class = 'para']]"
    # A box is about something else than the section that it is in.
    "[not(ancestor::div[@class = 'sidebar' or @class = 'footnote' or @class = 'footnotes'])]"
)
_APART = frozenset({"p", "div", "ul", "ol", "dl", "table", "pre"})
_NUMBER = re.compile(r"\w{1,2}(?:\.\d+)*\.\s+")  # 6.2.1. or B.4.
_NUMBERED_ID = re.compile(r"id(?:[mp-]|\d)")  # given by the style sheet, by the place in the page

_MIN_TRANSLATED = 0.7  # share of a section's characters; the rest is taken out
_MIN_TRANSLATED_PAGE = 0.5  # share of a page's characters that are in sections with a translation
_MIN_HEADING = (2, 12)  # words and characters in English: under it, no one knows what is asked
_SECTION = range(200, 6_000)  # characters in English
_PAGE = range(3_000, 30_000)  # characters in English


class _Section(NamedTuple):
    """What stands under one heading, up to the next."""

    anchor: str
    heading: str
    paragraphs: list[str]

    def text(self) -> str:
        return "\n\n".join(self.paragraphs)


_Pages = Mapping[str, Mapping[str, list[_Section]]]
"""Sections by page and language, English first."""


def sections(root: Path, folder: str) -> Iterator[Item]:
    """Return each section of a guide as a document, asked by its heading.

    ``folder``, below the package, holds one folder of pages for each locale.
    """
    for page, versions in _pages(root, folder).items():
        english = versions[PIVOT]
        for section in english:
            if len(section.text()) not in _SECTION or not _tells(section.heading):
                continue
            found = {
                language: version
                for language, parts in versions.items()
                if (version := _counterpart(section, parts, language)) is not None
            }
            if len(found) >= MIN_VERSIONS:
                yield Item(
                    name_of(f"{page}-{section.anchor}"),
                    {language: version.text() for language, version in found.items()},
                    (Ask(_headings(section, found), {}),),
                )


def pages(root: Path, folder: str) -> Iterator[Item]:
    """Return each long page of a guide as a document, asked by its headings.

    A version of the page has the sections that were translated.
    """
    for page, versions in _pages(root, folder).items():
        english = versions[PIVOT]
        length = sum(len(section.text()) for section in english)
        if length not in _PAGE:
            continue
        found = {
            language: translated
            for language, parts in versions.items()
            if (translated := _counterparts(english, parts, language))
            and _length(english, translated) >= _MIN_TRANSLATED_PAGE * length
        }
        texts = {
            language: "\n\n".join(part.text() for part in parts.values())
            for language, parts in found.items()
        }
        asks = tuple(
            ask
            for section in english
            if _tells(section.heading) and (ask := _ask(section, found, texts)) is not None
        )
        if len(texts) >= MIN_VERSIONS and asks:
            yield Item(name_of(page), texts, asks)


def _pages(root: Path, folder: str) -> _Pages:
    found: dict[str, dict[str, list[_Section]]] = {}
    paths = sorted(
        root.glob(f"*/{folder}/*/*.html"), key=lambda path: (path.stem, _order(path), path)
    )
    for path, parts in read_each(paths, lambda path: [_sections(path)]):
        language = language_code(path.parent.name)
        if language in UNION and parts:
            found.setdefault(path.stem, {}).setdefault(language, parts)
    return {page: versions for page, versions in found.items() if PIVOT in versions}


def _order(path: Path) -> bool:
    return language_code(path.parent.name) != PIVOT


def _sections(path: Path) -> list[_Section]:
    root = etree.parse(str(path), etree.HTMLParser(encoding="utf-8")).getroot()
    found: list[_Section] = []
    for element in [] if root is None else root.xpath(_ELEMENTS):
        if element.tag in _HEADINGS:
            anchor = next((a.get("id") or a.get("name") or "" for a in element.iter("a")), "")
            found.append(_Section(anchor, _NUMBER.sub("", text_of(element), count=1), []))
        elif found and (text := text_of(element, _is_apart)):
            found[-1].paragraphs.append(text)
    return found


def _is_apart(element: Element) -> bool:
    return element.tag in _APART


def _tells(heading: str) -> bool:
    words, characters = _MIN_HEADING
    return len(heading.split()) >= words and len(heading) >= characters


def _counterparts(
    english: Sequence[_Section], version: Sequence[_Section], language: str
) -> dict[str, _Section]:
    """Return the sections of ``version`` that say what those of ``english`` do, by anchor."""
    return {
        section.anchor: same
        for section in english
        if (same := _counterpart(section, version, language)) is not None
    }


def _counterpart(section: _Section, version: Sequence[_Section], language: str) -> _Section | None:
    """Return the section without what was left in English; None if that is too much of it."""
    same = _by_anchor(version, section.anchor)
    if same is None or not same.paragraphs:
        return None
    if language == PIVOT:
        return same
    kept = [text for text in same.paragraphs if is_translated(text, section.paragraphs)]
    translated = same._replace(paragraphs=kept)
    enough = len(translated.text()) >= _MIN_TRANSLATED * len(same.text())
    return translated if enough and kept[0] == same.paragraphs[0] else None


def _length(english: Sequence[_Section], anchors: Collection[str]) -> int:
    return sum(len(section.text()) for section in english if section.anchor in anchors)


def _by_anchor(parts: Sequence[_Section], anchor: str) -> _Section | None:
    if not anchor or _NUMBERED_ID.match(anchor):
        return None
    return next((part for part in parts if part.anchor == anchor), None)


def _headings(section: _Section, found: Mapping[str, _Section]) -> dict[str, str]:
    return {
        language: version.heading
        for language, version in found.items()
        if version.heading and (language == PIVOT or version.heading != section.heading)
    }


def _ask(
    section: _Section, versions: Mapping[str, Mapping[str, _Section]], texts: Mapping[str, str]
) -> Ask | None:
    """Return the question that is ``section``'s heading; None where it would not be clear what
    answers.
    """
    found = {
        language: parts[section.anchor]
        for language, parts in versions.items()
        if section.anchor in parts
    }
    snippets = {
        language: beginning_of(version.paragraphs[0]) for language, version in found.items()
    }
    once = all(texts[language].count(snippet) == 1 for language, snippet in snippets.items())
    if len(found) < MIN_VERSIONS or not once:
        return None
    return Ask(_headings(section, found), snippets)
