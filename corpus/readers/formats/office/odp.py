"""OpenDocument presentations (.odp)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from corpus.progress import counted
from corpus.readers.formats.office.opendocument import (
    DRAW,
    OFFICE,
    PRESENTATION,
    STYLE,
    TABLE,
    TEXT,
    OpenDocument,
    count_of,
    opened,
    said,
)
from corpus.readers.formats.office.pptx import MAX_SLIDES, too_many_slides
from corpus.text.table_rows import CELL_SEPARATOR
from corpus.types import Block, BlockKind, LeftOut, LeftOutReason, RawDocument

if TYPE_CHECKING:
    from lxml.etree import _Element


_LINES = frozenset({f"{TEXT}p", f"{TEXT}h"})
_LEFT_OUT = frozenset({f"{OFFICE}annotation", f"{OFFICE}forms"})
_AROUND = frozenset({"date-time", "footer", "header", "page-number", "page"})
"""Classes of frames for what is the same on every slide."""
_DECLARED = tuple(f"{PRESENTATION}{name}-decl" for name in ("header", "footer", "date-time"))


def read_odp(content: bytes) -> RawDocument:
    """Return a presentation slide by slide, each a page: title, texts, tables, speaker's notes.

    Hidden slides, comments and what is no text are left out.

    Raises DamagedFile if it is broken or cut short, EncryptedFile if behind a password, and
    TooCostly if it has more than MAX_SLIDES.
    """
    document = opened(content, "presentation")
    slides = slides_of(document)
    hidden = hidden_styles(document.root)
    blocks: list[Block] = []
    around = [*_declared(document.body)]
    left_out = {
        LeftOutReason.HIDDEN: 0,
        LeftOutReason.COMMENT: count_of(document.body, f"{OFFICE}annotation"),
    }
    for page, slide in enumerate(counted(slides), 1):
        if slide.get(f"{DRAW}style-name") in hidden:
            left_out[LeftOutReason.HIDDEN] += 1
        else:
            blocks += _slide(slide, page)
            around += _around(slide, page)
    return RawDocument(
        tuple(blocks), document.metadata(), left_out=(*around, *document.left_out(left_out))
    )


def _declared(body: _Element) -> Iterator[LeftOut]:
    """Yield the heads, feet and dates that slides may name."""
    for text in dict.fromkeys(map(said, body.iter(*_DECLARED))):
        if text:
            yield LeftOut(LeftOutReason.RUNNING_LINE, text)


def _around(slide: _Element, page: int) -> Iterator[LeftOut]:
    """Yield what stands around a slide: its number, its date, its foot."""
    for frame in slide.iter(f"{DRAW}frame"):
        text = " ".join(filter(None, map(said, frame.iter(*_LINES)))) if is_around(frame) else ""
        if text:
            is_number = frame.get(f"{PRESENTATION}class") == "page-number"
            reason = LeftOutReason.PAGE_NUMBER if is_number else LeftOutReason.RUNNING_LINE
            yield LeftOut(reason, text, page)


def slides_of(document: OpenDocument) -> list[_Element]:
    """Return the slides of a presentation; TooCostly if it has more than MAX_SLIDES."""
    slides: list[_Element] = document.body.findall(f"{DRAW}page")
    if len(slides) > MAX_SLIDES:
        raise too_many_slides(len(slides))
    return slides


def hidden_styles(root: _Element) -> frozenset[str | None]:
    """Return the names of the styles whose slides their author has hidden."""
    return frozenset(
        style.get(f"{STYLE}name")
        for style in root.iter(f"{STYLE}style")
        if any(each.get(f"{PRESENTATION}visibility") == "hidden" for each in style)
    )


def _slide(slide: _Element, page: int) -> Iterator[Block]:
    """Yield a slide's title, wherever it is drawn, then all else; its notes come last in it."""
    found = list(blocks_in(slide, page))
    for is_title in (True, False):
        yield from (block for block in found if (block.kind is BlockKind.HEADING) is is_title)


def blocks_in(drawn: _Element, page: int) -> Iterator[Block]:
    """Yield the text of a slide, or of a shape on it, in order.

    The stack is ours, so that depth does no harm.
    """
    stack = [(iter(drawn), _kind_in(drawn, BlockKind.PARAGRAPH))]
    while stack:
        elements, kind = stack[-1]
        element = next(elements, None)
        if element is None:
            stack.pop()
        elif element.tag in _LINES:
            mark = "- " if kind is BlockKind.LIST_ITEM else ""
            yield Block(kind, f"{mark}{text}" if (text := said(element)) else "", page)
        elif element.tag == f"{TABLE}table-row":
            cells = filter(None, cells_of(element))
            yield Block(BlockKind.ROW, CELL_SEPARATOR.join(cells), page)
        elif element.tag not in _LEFT_OUT and not is_around(element):
            stack.append((iter(element), _kind_in(element, kind)))


def cells_of(row: _Element) -> list[str]:
    """Return the texts of a row's cells."""
    return [said(cell) for cell in row.iter(f"{TABLE}table-cell")]


def is_around(element: _Element) -> bool:
    """Tell whether a frame is for what is the same on every slide."""
    return element.get(f"{PRESENTATION}class") in _AROUND


def _kind_in(element: _Element, kind: BlockKind) -> BlockKind:
    if element.get(f"{PRESENTATION}class") == "title":
        return BlockKind.HEADING
    is_item = element.tag == f"{TEXT}list-item" and kind is BlockKind.PARAGRAPH
    return BlockKind.LIST_ITEM if is_item else kind
