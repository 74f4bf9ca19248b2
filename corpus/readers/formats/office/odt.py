"""OpenDocument texts (.odt)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from corpus.readers.formats.office.opendocument import (
    DRAW,
    OFFICE,
    TABLE,
    TEXT,
    count_of,
    margins_of,
    notes_in,
    opened,
    said,
)
from corpus.text.table_rows import CELL_SEPARATOR
from corpus.types import Block, BlockKind, LeftOutReason, RawDocument

if TYPE_CHECKING:
    from lxml.etree import _Element


_CHANGES = f"{TEXT}tracked-changes"
_PARAGRAPHS = frozenset({f"{TEXT}p", f"{TEXT}h"})


def read_odt(content: bytes) -> RawDocument:
    """Return the blocks and metadata of an OpenDocument text; a table's row is one line.

    Notes and text boxes follow the paragraph that they belong to, headers and footers of the pages
    the whole text, each once. Comments, deleted text and
    pictures are left out.

    Raises DamagedFile if it is broken or cut short, EncryptedFile if behind a password.
    """
    document = opened(content, "text")
    margins = (Block(BlockKind.PARAGRAPH, line) for line in margins_of(document))
    blocks = (*_blocks(document.body), *margins)
    left_out = document.left_out(
        {
            LeftOutReason.COMMENT: count_of(document.body, f"{OFFICE}annotation"),
            LeftOutReason.DELETED: count_of(document.body, f"{TEXT}deletion"),
        }
    )
    metadata = document.metadata()
    return RawDocument(blocks, metadata, left_out=left_out)


def _blocks(parent: _Element) -> Iterator[Block]:
    """Yield blocks in order; the stack is ours, so that depth does no harm."""
    stack = [iter(parent)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
            continue
        block = _block(element)
        if block is not None:
            yield block
            yield from _asides(element)
        elif element.tag != _CHANGES:
            stack.append(iter(element))


def _block(element: _Element) -> Block | None:
    match element.tag.removeprefix(TEXT) if isinstance(element.tag, str) else "":
        case "h":
            return Block(BlockKind.HEADING, said(element))
        case "p":
            return Block(BlockKind.PARAGRAPH, said(element))
        case "list-item" | "list-header":
            return Block(BlockKind.LIST_ITEM, f"- {said(element)}")
    if element.tag == f"{TABLE}table-row":
        cells = (said(cell) for cell in element.iter(f"{TABLE}table-cell"))
        return Block(BlockKind.ROW, CELL_SEPARATOR.join(cell for cell in cells if cell))
    return None


def _asides(element: _Element) -> Iterator[Block]:
    """Yield what stands beside an element's text: text boxes and notes."""
    for box in element.iter(f"{DRAW}text-box"):
        for paragraph in box.iter(*_PARAGRAPHS):
            yield Block(BlockKind.PARAGRAPH, said(paragraph))
    for note in notes_in(element):
        yield Block(BlockKind.PARAGRAPH, note)
