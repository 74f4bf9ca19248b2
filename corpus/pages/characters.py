"""Where the characters of a PDF's page stand, as it is shown."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator, Sequence
from math import hypot
from typing import TYPE_CHECKING, Final, NamedTuple

from corpus.pages.types import Box
from corpus.readers.page_layout.drawn_text import characters_of

if TYPE_CHECKING:
    from pypdfium2 import PdfPage, PdfTextPage

MAX_CHARACTERS: Final = 50_000
"""Of one page, that are looked at; a newspaper's page has 25,000. It takes a second."""

PRECISION: Final = 1_000
"""Parts of a point to which places are known."""

_LINE = re.compile("[^\r\n\x02\ufffe]+[\x02\ufffe]?")
"""A hyphen that pdfium found a word broken at stands for the line's end too."""
_WORD = re.compile(r"\S+")


class PrintedWord(NamedTuple):
    """A word by the numbers of its characters."""

    start: int
    end: int


class Print(NamedTuple):
    """The characters of a page. Boxes reach from the font's descent to its ascent."""

    characters: str
    boxes: Sequence[Box]
    is_whole: bool

    def lines(self) -> Iterator[list[PrintedWord]]:
        """Yield the words of each line, in the order in which they are drawn."""
        for line in _LINE.finditer(self.characters):
            words = _WORD.finditer(self.characters, *line.span())
            if found := [PrintedWord(*word.span()) for word in words]:
                yield found

    def box(self, start: int, end: int) -> Box:
        """Return the rectangle around some characters, of which there is one at least."""
        boxes = self.boxes[start:end]
        return Box(
            min(box.left for box in boxes),
            min(box.top for box in boxes),
            max(box.right for box in boxes),
            max(box.bottom for box in boxes),
        )


def print_of(page: PdfPage) -> Print:
    """Return the characters of a page, up to MAX_CHARACTERS.

    Raises PdfiumError if they cannot be read.
    """
    text_page = page.get_textpage()
    try:
        characters = characters_of(text_page)
        measure = _Measure(page, text_page)
        shown = characters[:MAX_CHARACTERS]
        boxes = [measure.box(at) for at in range(len(shown))]
        return Print(shown, boxes, len(shown) == len(characters))
    finally:
        text_page.close()


class _Measure:
    """Finds the boxes of characters: pdfium's own across the line, the font's along it."""

    def __init__(self, page: PdfPage, text_page: PdfTextPage) -> None:
        from pypdfium2 import raw

        self._raw = raw
        self._text_page = text_page
        self._shown = _shown(page)
        self._rectangle = raw.FS_RECTF()
        self._matrix = raw.FS_MATRIX()
        self._heights: dict[tuple[int, float], tuple[float, float]] = {}

    def box(self, at: int) -> Box:
        """Return the box of a character, as the page is shown."""
        raw, rectangle = self._raw, self._rectangle
        raw.FPDFText_GetLooseCharBox(self._text_page, at, rectangle)
        left, bottom, right, top = (
            rectangle.left,
            rectangle.bottom,
            rectangle.right,
            rectangle.top,
        )
        matrix = self._matrix
        if raw.FPDFText_GetMatrix(self._text_page, at, matrix) and matrix.d > 0 and not matrix.b:
            # Upright. pdfium makes the box as high as the print is large, whatever the font.
            ascent, descent = self._height(at, hypot(matrix.c, matrix.d))
            if ascent > descent:
                x, y = ctypes.c_double(), ctypes.c_double()
                raw.FPDFText_GetCharOrigin(self._text_page, at, x, y)
                bottom, top = y.value + descent, y.value + ascent
        return self._shown.box(left, bottom, right, top)

    def _height(self, at: int, scale: float) -> tuple[float, float]:
        """Return how far the font of a character reaches above and below its baseline."""
        raw = self._raw
        drawn = raw.FPDFText_GetTextObject(self._text_page, at)
        font = raw.FPDFTextObj_GetFont(drawn) if drawn else None
        if not font:
            return 0.0, 0.0
        size = raw.FPDFText_GetFontSize(self._text_page, at) * scale
        key = ctypes.cast(font, ctypes.c_void_p).value or 0, size
        if key not in self._heights:
            ascent, descent = ctypes.c_float(), ctypes.c_float()
            raw.FPDFFont_GetAscent(font, size, ascent)
            raw.FPDFFont_GetDescent(font, size, descent)
            self._heights[key] = ascent.value, descent.value
        return self._heights[key]


class _Shown(NamedTuple):
    """Leads from a place in the file's coordinates to that on the page as it is shown."""

    x: tuple[float, float, float]
    y: tuple[float, float, float]

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        one, other = self._point(left, bottom), self._point(right, top)
        return Box(
            min(one[0], other[0]),
            min(one[1], other[1]),
            max(one[0], other[0]),
            max(one[1], other[1]),
        )

    def _point(self, x: float, y: float) -> tuple[float, float]:
        return (
            self.x[0] + self.x[1] * x + self.x[2] * y,
            self.y[0] + self.y[1] * x + self.y[2] * y,
        )


def _shown(page: PdfPage) -> _Shown:
    """Ask pdfium where three points come to stand: it knows how a page is turned and cropped."""
    from pypdfium2 import raw

    width, height = (round(length * PRECISION) for length in page.get_size())
    far = 1_000.0

    def place(x: float, y: float) -> tuple[float, float]:
        across, down = ctypes.c_int(), ctypes.c_int()
        raw.FPDF_PageToDevice(page, 0, 0, width, height, 0, x, y, across, down)
        return across.value / PRECISION, down.value / PRECISION

    zero, one, other = place(0, 0), place(far, 0), place(0, far)
    return _Shown(
        (zero[0], (one[0] - zero[0]) / far, (other[0] - zero[0]) / far),
        (zero[1], (one[1] - zero[1]) / far, (other[1] - zero[1]) / far),
    )
