"""HTML: the main content of a page, without its menus, banners and footers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING, Final

from corpus.errors import DamagedFile, EmptyFile, NoText
from corpus.readers.encoding import decode
from corpus.readers.formats.html_dates import publication_date
from corpus.text.table_rows import CELL_SEPARATOR
from corpus.types import Block, BlockKind, Metadata, RawDocument

if TYPE_CHECKING:
    from lxml.html import HtmlElement


KEPT_SHARE: Final = 0.6
"""Share of a page's prose, its text outside links, that the extractor must have kept to be
believed. On small pages, like a note of three paragraphs, it may drop most of it."""

MENU_LENGTH: Final = 3
"""Blocks in a row that are links only, from which they are a menu."""

_HEADING_LINK: Final = re.compile(r"\s*[\N{PILCROW SIGN}#]$")
"""What manuals made by programs write behind a heading, to link to it by."""

_TITLE_END: Final = re.compile(r"[\s:|·–—-]+$")

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_DECLARED = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_DECLARED_XML = re.compile(rb"""^\s*<\?xml[^>]+encoding\s*=\s*["']([\w.:-]+)""", re.IGNORECASE)
_DECLARATION_WITHIN = 2_048  # bytes; browsers look no further than 1,024

_AROUND_THE_CONTENT = (
    "//nav | //footer[not(ancestor::article)] | //aside | //script | //style | //noscript"
    " | //template | //button | //label | //textarea | //select | //iframe | //svg | //dialog"
    " | //head"
    " | //header[not(ancestor::article) and not(ancestor::main) and not(.//h1)]"
    " | //*[@hidden or @aria-hidden='true']"
    " | //*[@role='navigation' or @role='banner' or @role='contentinfo' or @role='search'"
    " or @role='complementary' or @role='dialog']"
)
_NOT_SHOWN = (
    "//script | //style | //noscript | //template | //iframe | //svg | //head"
    " | //*[@hidden] | //nav[contains(@*[local-name()='type'], 'toc')]"
)
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6", "head"])
_ITEMS = frozenset(["li", "item", "dt", "dd"])
_LISTS = frozenset({"ol", "ul", "list"})
_ROWS = frozenset({"tr", "row"})
_CELLS = frozenset({"td", "th", "cell"})
_BREAKS = frozenset({"br", "lb"})
_LINKS = frozenset({"a", "ref"})
_BLOCKS = _HEADINGS | _ITEMS | _LISTS | _ROWS | frozenset({
    "address", "article", "aside", "blockquote", "body", "caption", "center", "code", "comments",
    "details", "div", "dl", "fieldset", "figcaption", "figure", "footer", "header", "hr", "main",
    "p", "pre", "quote", "section", "summary", "table", "tbody", "tfoot", "thead",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Found:
    """A block, and whether it is nothing but links."""

    block: Block
    is_link: bool


@dataclass(slots=True)
class _Walk:
    """Where a walk through the elements of a page stands."""

    parts: list[str] = field(default_factory=list)
    link_length: int = 0
    open_links: int = 0
    open_rows: int = 0
    open_headings: int = 0
    cells: int = 0
    numbers: list[int | None] = field(default_factory=list)
    """Of the last item of each open list, None in a list without numbers."""
    markers: list[str] = field(default_factory=list)
    """Of each open list item, empty once it has been put before a block."""
    found: list[_Found] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.parts.append(re.sub(r"\s+", " ", text))
        if self.open_links:
            self.link_length += len(text.strip())

    def finish_block(self) -> None:
        """Whatever has been said since the last block becomes one."""
        text = "".join(self.parts).strip()
        if text:
            self.found.append(_Found(self._block(text), self.link_length >= len(text) * 0.9))
        self.parts, self.link_length = [], 0

    def next_marker(self) -> str:
        """Return what goes before the next item of the innermost list."""
        number = self.numbers[-1] if self.numbers else None
        if number is None:
            return "- "
        self.numbers[-1] = number + 1
        return f"{number + 1}. "

    def _block(self, text: str) -> Block:
        if self.open_headings:
            return Block(BlockKind.HEADING, _HEADING_LINK.sub("", text))
        if self.open_rows:
            return Block(BlockKind.ROW, text)
        if self.markers and self.markers[-1]:
            marker, self.markers[-1] = self.markers[-1], ""
            return Block(BlockKind.LIST_ITEM, marker + text)
        return Block(BlockKind.PARAGRAPH, text)


def read_html(content: bytes) -> RawDocument:
    """Return the main content of a page and what its metadata say.

    Raises EmptyFile if there is nothing but white space in it, NoText if it has no element, and
    DamagedFile if its elements lie too deep inside one another to be read.
    """
    text = decoded(content)
    if not text.strip("\ufeff\x00 \t\r\n"):
        raise EmptyFile("The file contains only white space. Add the text, or leave the file out.")
    page = parsed(text)
    if page is None:
        raise NoText("The page contains no text. Check that it was saved completely.")
    metadata = _metadata(page)
    head = _TITLE_END.sub("", " ".join((page.findtext(".//head/title") or "").split()))
    for element in page.xpath(_AROUND_THE_CONTENT):
        element.drop_tree()
    blocks = tuple(_main_content(page))
    return RawDocument(blocks, replace(metadata, title=_title(head, blocks, metadata.title)))


def _title(head: str, blocks: Sequence[Block], stated: str | None) -> str | None:
    """Return the first heading of the content if the page's ``head`` begins with it, else what
    is ``stated``.

    "Scope | Manual" over the heading "Scope": what stands around the content may have a heading of
    its own, which says what the site is.
    """
    first = next((each.text for each in blocks if each.kind is BlockKind.HEADING), "")
    title = " ".join(first.split())
    is_meant = title and head.startswith(title) and not (stated or "").startswith(title)
    return title if is_meant else stated


def read_all(content: bytes) -> tuple[Block, ...]:
    """Return all that a page says, as ``blocks_of`` does; nothing if there is no element in it.

    Raises DamagedFile if its elements lie too deep inside one another to be read.
    """
    page = parsed(decoded(content))
    return () if page is None else blocks_of(page)


def blocks_of(page: HtmlElement) -> tuple[Block, ...]:
    """Return all that a page says, where nothing stands around its content: a message's text, or
    a chapter of a book, whose notes may be marked as asides."""
    for element in page.xpath(_NOT_SHOWN):
        element.drop_tree()
    return tuple(each.block for each in _walked(page))


def decoded(content: bytes) -> str:
    """Return a page's source as text, in the encoding that it declares or that it looks like."""
    return decode(content, _declared_encoding(content))


def _declared_encoding(content: bytes) -> str | None:
    head = content[:_DECLARATION_WITHIN]
    match = _DECLARED.search(head) or _DECLARED_XML.search(head)
    return match[1].decode("ascii", "replace") if match else None


def parsed(text: str) -> HtmlElement | None:
    """Return a page's root element, None if there is no element in it.

    Raises DamagedFile if its elements lie too deep inside one another to be read.
    """
    from lxml import etree
    from lxml.html import HTMLParser, document_fromstring

    # "Huge" allows 2,048 elements inside one another in place of 256; past that text is lost.
    parser = HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    # A NUL would end the text for the parser, and other control characters cannot be set again.
    content = _CONTROLS.sub("", text).encode("utf-8", "replace")
    try:
        page = document_fromstring(content, parser=parser)
    except etree.ParserError:  # there is no element in it
        return None
    if any("depth" in error.message.lower() for error in parser.error_log):
        raise DamagedFile("The page's elements are nested too deeply. Save the page as plain text.")
    return page


def _main_content(page: HtmlElement) -> list[Block]:
    """Return what the extractor finds, or all of the page's own content if that is too little."""
    marked = page.xpath("//main | //*[@role='main']") or page.xpath("//article") or [page]
    found = [each for element in marked for each in _without_menus(_walked(element))]
    prose = sum(len(each.block.text) for each in found if not each.is_link)
    extracted = [each.block for each in _extracted(page)]
    if sum(len(block.text) for block in extracted) < prose * KEPT_SHARE:
        return [each.block for each in found]
    return _with_first_heading(extracted, found)


def _extracted(page: HtmlElement) -> list[_Found]:
    from lxml import etree
    from trafilatura import bare_extraction

    page = deepcopy(page)
    # The extractor would drop a <time> with the date in it.
    etree.strip_tags(page, "time")
    # Precision, because otherwise small pages come as one paragraph, menus included.
    document = bare_extraction(
        page, include_comments=False, include_tables=True, favor_precision=True, fast=True
    )
    body = getattr(document, "body", None)
    return [] if body is None else _walked(body)


def _with_first_heading(extracted: list[Block], found: Iterable[_Found]) -> list[Block]:
    """Put back the page's own heading, which the extractor often takes for metadata."""
    first = next((each.block for each in found if each.block.kind is BlockKind.HEADING), None)
    if first is None or first.text.split() in [block.text.split() for block in extracted]:
        return extracted
    return [first, *extracted]


def _without_menus(found: Iterable[_Found]) -> Iterator[_Found]:
    for is_link, run in groupby(found, key=lambda each: each.is_link):
        together = list(run)
        if not is_link or len(together) < MENU_LENGTH:
            yield from together


def _walked(root: HtmlElement) -> list[_Found]:
    """Return the blocks of an element in reading order."""
    from lxml import etree

    walk = _Walk()
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            _enter(walk, tag, element)
            walk.say(element.text or "")
        else:
            _leave(walk, tag)
            if element is not root:
                walk.say(element.tail or "")
    walk.finish_block()
    return walk.found


def _enter(walk: _Walk, tag: str, element: HtmlElement) -> None:
    if tag in _BLOCKS and not walk.open_rows:
        walk.finish_block()
    if tag in _BREAKS:
        walk.parts.append("\n")
    elif tag in _HEADINGS:
        walk.open_headings += 1
    elif tag in _ITEMS:
        walk.markers.append("" if tag in {"dt", "dd"} else walk.next_marker())
    elif tag in _LISTS:
        walk.numbers.append(0 if tag == "ol" or element.get("rend") == "ol" else None)
    elif tag in _ROWS:
        walk.open_rows += 1
        walk.cells = 0
    elif tag in _CELLS:
        walk.parts += [CELL_SEPARATOR] if walk.cells else []
        walk.cells += 1
    elif tag in _LINKS:
        walk.open_links += 1
    elif tag in _BLOCKS and walk.open_rows:
        walk.parts.append(" ")


def _leave(walk: _Walk, tag: str) -> None:
    if tag in _BLOCKS and (not walk.open_rows or (tag in _ROWS and walk.open_rows == 1)):
        walk.finish_block()
    if tag in _HEADINGS:
        walk.open_headings -= 1
    elif tag in _ITEMS:
        walk.markers.pop()
    elif tag in _LISTS:
        walk.numbers.pop()
    elif tag in _ROWS:
        walk.open_rows -= 1
    elif tag in _LINKS:
        walk.open_links -= 1


def _metadata(page: HtmlElement) -> Metadata:
    from trafilatura.metadata import extract_metadata

    stated = extract_metadata(deepcopy(page), extensive=False)
    url = stated.url or ""
    headings = [_HEADING_LINK.sub("", each.text_content()).strip() for each in page.iter("h1")]
    title = _TITLE_END.sub("", _HEADING_LINK.sub("", stated.title or ""))
    if len(headings) > 1 and title in headings:  # the first of them, for want of a better one
        title = page.findtext(".//head/title") or title
    site = stated.sitename or ""
    return Metadata(
        title=title or None,
        publisher=None if site in title else site,  # guessed from the title's own parts
        published=publication_date(page),
        url=url if url.startswith(("http://", "https://")) else None,
    )
