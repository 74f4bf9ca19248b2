"""PDF, page by page; the lines come from pdfium with the place and size they are set in."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Final

from corpus import progress
from corpus.errors import NoRecognition, NoText
from corpus.readers.file_metadata import institution, meaningful_title
from corpus.readers.formats.scanned_pages import is_drawn_on, scanned_pages
from corpus.readers.line_blocks import blocks_of
from corpus.readers.page_layout.columns import in_reading_order
from corpus.readers.page_layout.drawn_text import DrawnText, characters_of
from corpus.readers.page_layout.glyph_names import UNKNOWN, GlyphNames
from corpus.readers.page_layout.layers import Layers
from corpus.readers.page_layout.margins import (
    with_footnotes_aside,
    without_line_numbers,
    without_notes,
)
from corpus.readers.page_layout.pdf_file import opened
from corpus.readers.page_layout.print_lines import largest_heading, print_lines
from corpus.readers.page_layout.rows import Row, body_size
from corpus.readers.page_layout.running_lines import without_running_lines
from corpus.readers.page_layout.tables.aligned import may_have_tables
from corpus.readers.page_layout.tables.grids import with_grids
from corpus.readers.page_layout.tables.rules import rules_of
from corpus.readers.recognition import models
from corpus.readers.recognition.recogniser import RecognisedText
from corpus.types import Fact, LeftOut, LeftOutReason, Metadata, Origin, RawDocument

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage, PdfTextPage


LEGIBLE: Final = 0.3
"""Share of a page's signs of which the file does not say what they are, from which it is recognised
as a picture is. It was .006 where only ligatures are such, and .92 where all letters are."""

_NO_LETTERS = frozenset({"Cc", "Cn", "Co"})  # controls, unassigned, and private to a font


def read_pdf(content: bytes) -> RawDocument:
    """Return the blocks of a PDF with the pages they begin on, and its metadata.

    Running heads and feet and page numbers are kept apart from the text. The words of pages that
    have only pictures are recognised, where Tesseract is installed. The title is the one that the
    file states, or else its largest heading on the first page.

    Raises EncryptedFile if it asks for a password, DamagedFile if it is broken or cut short, and
    NoText if it holds no text; NoRecognition if there are only pictures and no Tesseract.
    """
    with opened(content) as pdf:
        names, layers = GlyphNames(content), Layers(content)
        numbers = range(len(pdf))
        read = [_page(pdf, number, names, layers) for number in progress.counted(numbers)]
        pages = [rows for rows, _ in read]
        without_text = [number for number, rows in enumerate(pages, start=1) if not rows]
        scanned = list(scanned_pages(pdf, without_text))
        recognised = [each for each in scanned if isinstance(each, RecognisedText)]
        for rows, facts in recognised:
            pages[facts.page - 1] = rows
        if not any(pages):
            raise _no_text(pdf)
        pages, running = without_running_lines(pages)
        size = body_size(chain.from_iterable(pages))
        pages = [with_footnotes_aside(rows, size) for rows in pages]
        blocks = tuple(blocks_of(print_lines(pages)))
        left_out = [
            *(each for each in scanned if isinstance(each, LeftOut)),
            *running,
            *chain.from_iterable(numbers for _, numbers in read),
        ]
        return RawDocument(
            blocks,
            _metadata(pdf, pages[0], size),
            left_out=tuple(sorted(left_out, key=lambda each: each.page or 0)),
            recognised=tuple(text.facts for text in recognised),
        )


def _no_text(pdf: PdfDocument) -> NoText | NoRecognition:
    if not any(map(is_drawn_on, pdf)):
        return NoText("The PDF contains no text. Check that it is the right file.")
    if models.is_installed():
        return NoText(
            "The PDF contains only pictures, and no words are recognised in them. Scan it again at "
            "300 dpi or more."
        )
    return NoRecognition(
        "The PDF contains only pictures, as from a scanner, and Tesseract, which recognises words "
        "in them, is not installed here. Install tesseract-ocr, or run text recognition (OCR) on "
        "the file first."
    )


def _page(
    pdf: PdfDocument, number: int, names: GlyphNames, layers: Layers
) -> tuple[list[Row], Sequence[LeftOut]]:
    """Return the lines of a page, counted from 0, in the order in which they are read, notes in the
    margin last; and what is left out: text that is not shown, and the numbers of the lines."""
    page: PdfPage = pdf[number]
    text_page: PdfTextPage = page.get_textpage()
    try:
        characters = characters_of(text_page)
        hidden = layers.hidden(text_page, characters)
        drawn = DrawnText(text_page, characters, number + 1, names, hidden)
        lines, numbers = without_line_numbers(list(drawn.lines()))
        if may_have_tables(lines):
            lines = with_grids(lines, rules_of(page), drawn.cut)
        lines, notes = without_notes(lines)
        rows = [*in_reading_order(lines, drawn.cut), *notes]
        if not _is_legible(rows):
            return [], ()
        left_out = {
            LeftOutReason.HIDDEN: "".join(characters[at] for at in hidden),
            LeftOutReason.LINE_NUMBER: " ".join(row.text for row in numbers),
        }
        return rows, [LeftOut(why, text, number + 1) for why, text in left_out.items() if text]
    finally:
        text_page.close()
        page.close()


def _is_legible(rows: Sequence[Row]) -> bool:
    """Tell whether the file says which letters a page's signs are; some programs leave that out."""
    text = "".join(row.text for row in rows)
    unknown = [sign for sign in set(text) if sign == UNKNOWN or _is_no_letter(sign)]
    if not unknown:
        return True
    visible = sum(not sign.isspace() for sign in text)
    return sum(text.count(sign) for sign in unknown) <= LEGIBLE * visible


def _is_no_letter(sign: str) -> bool:
    return unicodedata.category(sign) in _NO_LETTERS and not sign.isspace()


def _metadata(pdf: PdfDocument, first_page: Sequence[Row], size: float) -> Metadata:
    """Return what the PDF says of itself. When the file was made is not when it was published."""
    try:
        stated = pdf.get_metadata_dict()
    except UnicodeDecodeError:  # the properties are not what they should be; the text may be
        stated = {}
    title = meaningful_title(stated.get("Title", ""))
    return Metadata(
        title=title or largest_heading(first_page, size),
        publisher=institution(stated.get("Author", "")),
        origins={} if title else {Fact.TITLE: Origin.HEADING},
    )
