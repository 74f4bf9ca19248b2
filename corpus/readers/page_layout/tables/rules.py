"""The rules that are drawn on a page, upright and across: a table's frame among others."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from corpus.readers.page_layout.pdfium import unchecked

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

THIN: Final = 3.0
"""Points that a rule is wide at most."""

LONG: Final = 6.0
"""Points that it is long at least: less is a dash, or a part of a drawing."""

MAX_OBJECTS: Final = 5_000
"""Objects of a page that are looked at: more are a map's or a drawing's."""

MAX_RULES: Final = 600
"""Of a page, upright or across; a table of 60 rows and ten columns that draws a frame around each
cell has no more."""

_RECTANGLE: Final = (4, 5)  # segments of its path


class Rule(NamedTuple):
    """A rule, in points from the left or the bottom of the page."""

    at: float
    start: float
    end: float


class Rules(NamedTuple):
    """Those of a page."""

    across: list[Rule]
    """From the left to the right, each at its height."""
    upright: list[Rule]


def rules_of(page: PdfPage) -> Rules:
    """Return the rules of a page, and the edges of rectangles, those that are drawn twice once;
    none where there are very many."""
    across: dict[tuple[int, ...], Rule] = {}
    upright: dict[tuple[int, ...], Rule] = {}
    for (left, bottom, right, top), is_rectangle in _drawn(page):
        width, height = right - left, top - bottom
        middle, centre = (bottom + top) / 2, (left + right) / 2
        if height <= THIN:
            _add(across, [middle] if width >= LONG else [], left, right)
        elif width <= THIN:
            _add(upright, [centre] if height >= LONG else [], bottom, top)
        elif is_rectangle:
            _add(across, [bottom, top], left, right)
            _add(upright, [left, right], bottom, top)
    if max(len(across), len(upright)) > MAX_RULES:
        return Rules([], [])
    return Rules(list(across.values()), list(upright.values()))


def _add(
    rules: dict[tuple[int, ...], Rule], places: Sequence[float], start: float, end: float
) -> None:
    for at in places:
        rules.setdefault((round(at), round(start), round(end)), Rule(at, start, end))


def _drawn(page: PdfPage) -> Iterator[tuple[tuple[float, ...], bool]]:
    """Yield the bounds of each path of a page, and whether it may be a rectangle."""
    from pypdfium2 import raw

    bounds = (ctypes.c_float * 4)()
    width = ctypes.sizeof(ctypes.c_float)
    edges = [ctypes.byref(bounds, at * width) for at in range(4)]
    object_of = unchecked("FPDFPage_GetObject", ctypes.c_void_p)
    type_of, bounds_of = unchecked("FPDFPageObj_GetType"), unchecked("FPDFPageObj_GetBounds")
    segments_of = unchecked("FPDFPath_CountSegments")
    count = raw.FPDFPage_CountObjects(page)
    for number in range(count if count <= MAX_OBJECTS else 0):
        drawn = ctypes.c_void_p(object_of(page.raw, number))
        if type_of(drawn) == raw.FPDF_PAGEOBJ_PATH and bounds_of(drawn, *edges):
            yield tuple(bounds), segments_of(drawn) in _RECTANGLE
