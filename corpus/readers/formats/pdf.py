"""PDF, page by page; the lines come from pdfium with the place and size they are set in."""

from __future__ import annotations

import ctypes
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import chain, pairwise
from math import hypot
from statistics import median
from typing import TYPE_CHECKING, Final

from corpus.errors import DamagedFile, EncryptedFile, NoText
from corpus.languages import any_of, words_of_all
from corpus.readers.file_metadata import institution, meaningful_title
from corpus.readers.line_blocks import Line, blocks_of, is_sentence_end
from corpus.text.dates import stated_date
from corpus.types import Block, Metadata, RawDocument

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage, PdfTextPage

PARAGRAPH_GAP: Final = 1.35
"""Times the usual distance between lines from which a paragraph ends there; in print, paragraphs
stand half a line to a line apart."""

PROMINENT_SIZE: Final = 1.15
"""Times the size of most of the text from which a line is taken for a heading."""

FULL_LINE: Final = 0.82
"""Share of the column's width that a line must fill to be a full one: 18 % is a long word."""

RUNNING_SHARE: Final = 0.6
"""Share of the pages on which a line must stand to be a running header or footer."""

EDGE_LINES: Final = 2
"""Lines at the top and at the bottom of a page among which headers and footers are looked for."""

_END_OF_FILE = b"%%EOF"
_END_SEARCHED = 4_096  # bytes; some programs write a signature or padding after the mark
_CREATED = re.compile(r"D:(\d{4})(\d\d)(\d\d)")
_HYPHEN_AT_LINE_END = "\x02"  # so pdfium shows a word that it found broken


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of print; lengths in points, from the bottom left corner of the page."""

    text: str
    page: int
    left: float
    right: float
    baseline: float
    size: float


def read_pdf(content: bytes) -> RawDocument:
    """Return the blocks of a PDF with the pages they begin on, and its metadata.

    Running headers and footers and page numbers are left out. The date is the one that the
    text begins with, or else the one of the file's making.

    Raises EncryptedFile if it asks for a password, DamagedFile if it is broken or cut short, and
    NoText if it holds no text, which says so if there are only pictures.
    """
    import pypdfium2

    if _END_OF_FILE not in content[-_END_SEARCHED:]:
        raise DamagedFile("The PDF is incomplete. Download or save it again.")
    try:
        pdf = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD:
            raise EncryptedFile(
                "The file is protected by a password. Save it without one and try again."
            ) from error
        raise DamagedFile("The PDF cannot be opened. Download or save it again.") from error
    try:
        pages = [list(_rows_of_page(pdf, number)) for number in range(len(pdf))]
        if not any(chain.from_iterable(pages)):
            raise _no_text(pdf)
        blocks = tuple(blocks_of(_lines(_without_running_lines(pages))))
        return RawDocument(blocks, _metadata(pdf, blocks))
    except pypdfium2.PdfiumError as error:
        raise DamagedFile(
            "A page of the PDF cannot be read. Download or save the file again."
        ) from error
    finally:
        pdf.close()


def _no_text(pdf: PdfDocument) -> NoText:
    from pypdfium2 import raw

    has_pictures = any(
        any(True for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE])) for page in pdf
    )
    if has_pictures:
        return NoText(
            "The PDF contains only pictures, as from a scanner. Run text recognition (OCR) on it "
            "first."
        )
    return NoText("The PDF contains no text. Check that it is the right file.")


def _rows_of_page(pdf: PdfDocument, number: int) -> Iterator[_Row]:
    page: PdfPage = pdf[number]
    text_page: PdfTextPage = page.get_textpage()
    try:
        characters = _characters(text_page)
        start = 0
        for end, character in enumerate((*characters, "\n")):
            if character in "\r\n":
                row = _row(text_page, characters, range(start, end), number + 1)
                if row:
                    yield row
                start = end + 1
    finally:
        text_page.close()
        page.close()


def _characters(text_page: PdfTextPage) -> list[str]:
    """Return the page's text, one string for each of pdfium's characters."""
    from pypdfium2 import raw

    codes = (raw.FPDFText_GetUnicode(text_page, at) for at in range(text_page.count_chars()))
    return [chr(code) if code <= 0x10FFFF else "\ufffd" for code in codes]


def _row(
    text_page: PdfTextPage, characters: Sequence[str], indices: range, page: int
) -> _Row | None:
    visible = [at for at in indices if not characters[at].isspace()]
    text = "".join(characters[at] for at in indices).replace(_HYPHEN_AT_LINE_END, "-\n").strip()
    if not visible or not text:
        return None
    left, _, _, _ = text_page.get_charbox(visible[0], loose=True)
    _, _, right, _ = text_page.get_charbox(visible[-1])
    return _Row(text, page, left, right, _baseline(text_page, visible[-1]),
                _size(text_page, visible[0]))  # fmt: skip


def _baseline(text_page: PdfTextPage, at: int) -> float:
    from pypdfium2 import raw

    x, y = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(text_page, at, x, y)
    return float(y.value)


def _size(text_page: PdfTextPage, at: int) -> float:
    """Return the size a character is printed in: the font's size, scaled."""
    from pypdfium2 import raw

    matrix = raw.FS_MATRIX()
    has_matrix = raw.FPDFText_GetMatrix(text_page, at, matrix)
    scale = hypot(matrix.c, matrix.d) if has_matrix else 1.0
    return round(float(raw.FPDFText_GetFontSize(text_page, at)) * scale, 1)


def _without_running_lines(pages: Sequence[Sequence[_Row]]) -> list[list[_Row]]:
    """Drop the page numbers at the edges of pages and the lines that most pages have there."""
    edges = [_edges(rows) for rows in pages]
    counts = Counter(chain.from_iterable({_running(row) for row in edge} for edge in edges))
    often = max(2, RUNNING_SHARE * len(pages))

    def stays(row: _Row) -> bool:
        return (
            counts[_running(row)] < often
            and not _page_number().fullmatch(row.text)
            and not _page_of_pages().search(row.text)
        )

    return [
        [row for row in rows if row not in edge or stays(row)]
        for rows, edge in zip(pages, edges, strict=True)
    ]


def _edges(rows: Sequence[_Row]) -> list[_Row]:
    by_height = sorted(rows, key=lambda row: row.baseline)
    return by_height[:EDGE_LINES] + by_height[-EDGE_LINES:]


def _running(row: _Row) -> tuple[str, int]:
    """Return what a running line has in common from page to page: place, and text but for the
    number at its beginning or end.
    """
    return re.sub(r"^\d+\b|\b\d+$", "", row.text).strip(), round(row.baseline)


def _lines(pages: Sequence[Sequence[_Row]]) -> Iterator[Line]:
    rows = list(chain.from_iterable(pages))
    if not rows:
        return
    body_size = _body_size(rows)
    pitch = _pitch(rows)
    rights: defaultdict[int, float] = defaultdict(float)
    for row in rows:
        rights[_column(row)] = max(rights[_column(row)], row.right)
    previous: _Row | None = None
    for row in rows:
        yield Line(
            row.text,
            after_gap=previous is None or _is_gap(previous, row, pitch),
            prominent=row.size >= body_size * PROMINENT_SIZE,
            page=row.page,
            is_full=row.right - row.left >= (rights[_column(row)] - row.left) * FULL_LINE,
        )
        previous = row


def _column(row: _Row) -> int:
    return round(row.left / 10)


def _body_size(rows: Sequence[_Row]) -> float:
    lengths: Counter[float] = Counter()
    for row in rows:
        lengths[row.size] += len(row.text)
    return max(lengths, key=lambda size: lengths[size])


def _pitch(rows: Sequence[_Row]) -> float:
    """Return the usual distance from one line to the next, in times their size."""
    distances = [
        (row.baseline - below.baseline) / row.size
        for row, below in pairwise(rows)
        if row.page == below.page and row.size > 0 and row.baseline > below.baseline
    ]
    tight = sorted(distances)[: len(distances) // 2 + 1]
    return median(tight) if tight else 1.2


def _is_gap(row: _Row, below: _Row, pitch: float) -> bool:
    """Tell whether a paragraph ends between two lines by the space or indent between them.

    From one column or page to the next there is no space to judge by.
    """
    is_indented = below.left - row.left > below.size
    if row.page != below.page or below.baseline >= row.baseline:
        return False
    distance = (row.baseline - below.baseline) / (max(row.size, below.size) or 1)
    return distance > pitch * PARAGRAPH_GAP or (is_indented and is_sentence_end(row.text))


def _metadata(pdf: PdfDocument, blocks: Sequence[Block]) -> Metadata:
    try:
        stated = pdf.get_metadata_dict()
    except UnicodeDecodeError:  # the properties are not what they should be; the text may be
        stated = {}
    head = "\n".join(block.text for block in blocks[:20])
    return Metadata(
        title=meaningful_title(stated.get("Title", "")),
        publisher=institution(stated.get("Author", "")),
        published=stated_date(head) or _created(stated.get("CreationDate", "")),
    )


def _created(stamp: str) -> date | None:
    match = _CREATED.match(stamp)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


@cache
def _page_number() -> re.Pattern[str]:
    words = words_of_all(lambda language: (*language.files.pages, *language.files.short_pages))
    page = any_of({word.rstrip(".") for word in words})
    return re.compile(
        rf"{page}?\.? ?[-–—]? ?\d{{1,4}} ?[-–—]?(?: ?{_of()} ?\d{{1,4}})?", re.IGNORECASE
    )


@cache
def _page_of_pages() -> re.Pattern[str]:
    page = any_of(words_of_all(lambda language: language.files.pages))
    return re.compile(rf"\b{page} ?\d{{1,4}} ?{_of()} ?\d{{1,4}}$", re.IGNORECASE)


def _of() -> str:
    return any_of(("/", *words_of_all(lambda language: language.files.of)))
