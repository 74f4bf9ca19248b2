"""Where the characters of a PDF's page stand, and how large, as pdfium measures them."""

from __future__ import annotations

import ctypes
from math import hypot
from typing import TYPE_CHECKING

from corpus.readers.page_layout.accents import Place
from corpus.readers.page_layout.directions import Sides
from corpus.readers.page_layout.pdfium import unchecked

if TYPE_CHECKING:
    from pypdfium2 import PdfTextPage


class Measures:
    """Measures the characters of a page, while it is open."""

    def __init__(self, text_page: PdfTextPage) -> None:
        self._page = text_page.raw
        self._edges = (ctypes.c_double * 4)()
        width = ctypes.sizeof(ctypes.c_double)
        self._each_edge = [ctypes.byref(self._edges, at * width) for at in range(4)]
        self._x_and_y = self._each_edge[:2]
        self._rectangle = (ctypes.c_float * 4)()
        self._matrix = (ctypes.c_float * 6)()
        self._box = unchecked("FPDFText_GetCharBox")
        self._loose_box = unchecked("FPDFText_GetLooseCharBox")
        self._origin = unchecked("FPDFText_GetCharOrigin")
        self._font_size = unchecked("FPDFText_GetFontSize", ctypes.c_double)
        self._scaling = unchecked("FPDFText_GetMatrix")

    def sides(self, at: int) -> tuple[float, float]:
        """Return where what is printed of a character begins and ends, in points from the left."""
        self._box(self._page, at, *self._each_edge)
        return self._edges[0], self._edges[1]

    def gap(self, before: int, after: int) -> float:
        """Return the space between two characters, whichever stands to the left, in points."""
        box, page, edges = self._box, self._page, self._edges
        box(page, before, *self._each_edge)
        left, right = edges[0], edges[1]
        box(page, after, *self._each_edge)
        return float(max(edges[0] - right, left - edges[1]))

    def room(self, at: int) -> Sides:
        """Return where the room that a character takes begins and ends, in points."""
        if not self._loose_box(self._page, at, self._rectangle):
            return Sides(0.0, 0.0)
        left, _, right, _ = self._rectangle
        return Sides(left, right)

    def baseline(self, at: int) -> float:
        """Return the height that a character stands at, in points from the bottom."""
        self._origin(self._page, at, *self._x_and_y)
        return float(self._edges[1])

    def size(self, at: int) -> float:
        """Return the size in points that a character is printed in: the font's size, scaled."""
        scale = 1.0
        if self._scaling(self._page, at, self._matrix):
            _, _, c, d, _, _ = self._matrix
            scale = hypot(c, d)
        return round(float(self._font_size(self._page, at)) * scale, 1)

    def place(self, at: int) -> Place:
        """Return where a character stands."""
        return Place(*self.sides(at), self.baseline(at))
