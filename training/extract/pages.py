"""Translated pages in Mallard, DocBook or HTML, without ids for their paragraphs.

The translations were made paragraph by paragraph, so a page has the same elements in every
language. Where a section has not, it is of another version, and its paragraphs align with nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from lxml import etree

from training.extract.files import read_each
from training.extract.markup import Element, text_of
from training.types import PIVOT, Extractor, Unit, language_code

_PROSE = frozenset({"p", "para", "simpara", "desc", "li", "dd", "td"})
_HEADINGS = frozenset({"title", "h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _PROSE.union(
    _HEADINGS,
    ("dt", "th", "tr", "ul", "ol", "dl", "table"),
    ("item", "steps", "list", "itemizedlist", "orderedlist", "variablelist", "procedure"),
    ("pre", "screen", "programlisting", "literallayout", "synopsis", "figure", "mediaobject"),
    ("informaltable", "note", "warning", "tip"),
)
_IGNORED = frozenset(
    {"head", "info", "bookinfo", "articleinfo", "credit", "script", "style", "nav"}
)
_NOT_IN_THE_TEXT = frozenset({"guiseq", "menuchoice", "img", "media", "inlinemediaobject"})
_ASIDE = frozenset({"indexterm", "footnote", "remark"})
_ENGLISH = "C"  # the locale of what was not translated
_NUMBERED_ID = re.compile(r"id(?:[mp-]|\d)")  # given by the style sheet, anew in each language


class _Section(NamedTuple):
    """What follows an anchor, up to the next."""

    anchor: str
    blocks: list[Element]

    def shape(self) -> int:
        """Tell sections with the same elements in the same order from others."""
        return crc32(" ".join(map(_name, self.blocks)).encode())


def reader(pattern: str) -> Extractor:
    """Return an extractor for files whose path, below the package, is of ``pattern``.

    Its groups are ``page``, the same in every language, and ``locale``; a file without a locale,
    or with ``C``, is in English.
    """
    return partial(_units, pattern=re.compile(pattern))


def _units(root: Path, pattern: re.Pattern[str]) -> Iterator[Unit]:
    languages: dict[Path, tuple[str, str]] = {}
    for path in root.rglob("*"):
        match = pattern.fullmatch("/".join(path.relative_to(root).parts[1:]))
        if match is not None:
            languages[path] = (match.groupdict().get("locale") or _ENGLISH, match["page"])
    # By locale, so that "pt" comes before "pt-br".
    for path, (id_, *texts) in read_each(sorted(languages, key=languages.__getitem__), _paragraphs):
        locale, page = languages[path]
        if language := PIVOT if locale == _ENGLISH else language_code(locale):
            yield Unit(language, f"{page}#{id_}", *texts)


def _paragraphs(path: Path) -> Iterator[tuple[str, str, str]]:
    heading = ""
    for section in _sections(_body_of(path)):
        for number, block in enumerate(section.blocks):
            if _name(block) in _HEADINGS:
                heading = text_of(block, _is_apart)
            elif _name(block) in _PROSE and not _lacks_text(block):
                id_ = f"{section.anchor}/{section.shape():x}/{number}"
                yield id_, text_of(block, _is_apart), heading
                heading = ""


def _body_of(path: Path) -> Element:
    if path.suffix in {".page", ".docbook", ".xml"}:
        # What an entity stands for is not in the page; better no paragraph than one with a hole.
        parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
        root = etree.parse(str(path), parser).getroot()
    else:
        root = etree.parse(str(path), etree.HTMLParser(encoding="utf-8")).getroot()
    return etree.Element("empty") if root is None else root


def _sections(body: Element) -> Iterator[_Section]:
    section = _Section("", [])
    for element in _walk(body):
        anchor = element.get("id") or ""
        if anchor and not _NUMBERED_ID.match(anchor):
            yield section
            section = _Section(anchor, [])
        if _name(element) in _BLOCKS:
            section.blocks.append(element)
    yield section


def _walk(element: Element) -> Iterator[Element]:
    if not isinstance(element.tag, str) or _name(element) in _IGNORED:
        return
    yield element
    for child in element:
        yield from _walk(child)


def _lacks_text(block: Element) -> bool:
    """Tell whether a menu path's arrows, a picture or what an entity stands for is missing."""
    return any(
        _name(node) in _NOT_IN_THE_TEXT if isinstance(node.tag, str) else node.tag is etree.Entity
        for node in block.iter()
    )


def _is_apart(element: Element) -> bool:
    return _name(element) in _BLOCKS or _name(element) in _ASIDE


def _name(element: Element) -> str:
    name = str(element.tag).rpartition("}")[2]
    # Publican writes paragraphs as <div class="para">.
    return "para" if name == "div" and element.get("class") == "para" else name
