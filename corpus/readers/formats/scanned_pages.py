"""Pages of a PDF that show text and have none: their pictures are drawn, and recognised."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import sqrt
from typing import TYPE_CHECKING, Final

from corpus.errors import TooCostly
from corpus.progress import counted
from corpus.readers.recognition import allowance, pictures
from corpus.readers.recognition.recogniser import POINTS_AN_INCH, RecognisedText, Recogniser
from corpus.types import LeftOut, LeftOutReason

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

NESTED: Final = 3
"""Forms in one another that are looked into for pictures."""


def scanned_pages(pdf: PdfDocument, numbers: Sequence[int]) -> Iterator[RecognisedText | LeftOut]:
    """Yield what is on the pages of these numbers, counted from 1; nothing of one that is blank."""
    recogniser = Recogniser()
    for number in counted(numbers):
        page: PdfPage = pdf[number - 1]
        try:
            if is_drawn_on(page):
                yield _recognised(recogniser, page, number)
        finally:
            page.close()


def is_drawn_on(page: PdfPage) -> bool:
    """Tell whether there are pictures or drawings, which may be of letters, on a page."""
    from pypdfium2 import raw

    return bool(raw.FPDFPage_CountObjects(page) > 0)


def _recognised(recogniser: Recogniser, page: PdfPage, number: int) -> RecognisedText | LeftOut:
    unread = LeftOut(LeftOutReason.UNRECOGNISED, page=number)
    if allowance.is_used_up() or _is_too_large(page):
        return unread
    with allowance.one_page():
        width, height = page.get_size()
        inches = max(1.0, width * height) / POINTS_AN_INCH**2
        dpi = min(pictures.USUAL_DPI, sqrt(pictures.READ_PIXELS / inches))
        bitmap = page.render(scale=dpi / POINTS_AN_INCH, grayscale=True)
        try:
            return recogniser.read(pictures.in_grey(bitmap.to_pil(), dpi), number)
        finally:
            bitmap.close()


def _is_too_large(page: PdfPage) -> bool:
    """Tell whether a picture on the page has more pixels than are read."""
    from pypdfium2 import raw

    for each in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=NESTED):
        try:
            pictures.refuse_large(*each.get_px_size())
        except TooCostly:
            return True
    return False
