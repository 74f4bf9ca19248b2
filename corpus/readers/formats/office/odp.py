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
    count_of,
    opened,
    said,
)
from corpus.readers.formats.office.pptx import MAX_SLIDES, too_many_slides
from corpus.text.table_rows import CELL_SEPARATOR
from corpus.types import Block, BlockKind, LeftOutReason, RawDocument

if TYPE_CHECKING:
    from lxml.etree import _Element


_LINES = frozenset({f"{TEXT}p", f"{TEXT}h"})
_LEFT_OUT = frozenset({f"{OFFICE}annotation", f"{OFFICE}forms"})
_AROUND = frozenset({"date-time", "footer", "header", "page-number", "page"})
"""Classes of frames for what is the same on every slide."""


def read_odp(content: bytes) -> RawDocument:
    """Return a presentation slide by slide, each a page: title, texts, tables, speaker's notes.

    Hidden slides, comments and what is no text are left out.

    Raises DamagedFile if it is broken or cut short, EncryptedFile if behind a password, and
    TooCostly if it has more than MAX_SLIDES.
    """
    document = opened(content, "presentation")
    slides = document.body.findall(f"{DRAW}page")
    if len(slides) > MAX_SLIDES:
        raise too_many_slides(len(slides))
    hidden = _hidden_styles(document.root)
    blocks: list[Block] = []
    left_out = {
        LeftOutReason.HIDDEN: 0,
        LeftOutReason.COMMENT: count_of(document.body, f"{OFFICE}annotation"),
    }
    for page, slide in enumerate(counted(slides), 1):
        if slide.get(f"{DRAW}style-name") in hidden:
            left_out[LeftOutReason.HIDDEN] += 1
        else:
            blocks += _slide(slide, page)
    return RawDocument(tuple(blocks), document.metadata(), left_out=document.left_out(left_out))


def _hidden_styles(root: _Element) -> frozenset[str | None]:
    return frozenset(
        style.get(f"{STYLE}name")
        for style in root.iter(f"{STYLE}style")
        if any(each.get(f"{PRESENTATION}visibility") == "hidden" for each in style)
    )


def _slide(slide: _Element, page: int) -> Iterator[Block]:
    """Yield a slide's title, wherever it is drawn, then all else; its notes come last in it."""
    found = list(_blocks(slide, page))
    for is_title in (True, False):
        yield from (block for block in found if (block.kind is BlockKind.HEADING) is is_title)


def _blocks(slide: _Element, page: int) -> Iterator[Block]:
    """Yield blocks in order; the stack is ours, so that depth does no harm."""
    stack = [(iter(slide), BlockKind.PARAGRAPH)]
    while stack:
        elements, kind = stack[-1]
        element = next(elements, None)
        if element is None:
            stack.pop()
        elif element.tag in _LINES:
            mark = "- " if kind is BlockKind.LIST_ITEM else ""
            yield Block(kind, f"{mark}{text}" if (text := said(element)) else "", page)
        elif element.tag == f"{TABLE}table-row":
            cells = (said(cell) for cell in element.iter(f"{TABLE}table-cell"))
            yield Block(BlockKind.ROW, CELL_SEPARATOR.join(filter(None, cells)), page)
        elif element.tag not in _LEFT_OUT and not _is_around(element):
            stack.append((iter(element), _kind_in(element, kind)))


def _is_around(element: _Element) -> bool:
    return element.get(f"{PRESENTATION}class") in _AROUND


def _kind_in(element: _Element, kind: BlockKind) -> BlockKind:
    if element.get(f"{PRESENTATION}class") == "title":
        return BlockKind.HEADING
    is_item = element.tag == f"{TEXT}list-item" and kind is BlockKind.PARAGRAPH
    return BlockKind.LIST_ITEM if is_item else kind
