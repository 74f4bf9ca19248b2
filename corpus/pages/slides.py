"""A slide, laid out within bounds, with the places of a document's passages on it."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, islice
from math import ceil
from typing import Final

from corpus.pages.alignment import aligned
from corpus.pages.odp_slides import OdpSlides
from corpus.pages.pptx_slides import PptxSlides
from corpus.pages.slide_parts import Drawn, DrawnSlide, Slides
from corpus.pages.types import Box, Shape, Slide
from corpus.readers.media_types import PPTX
from corpus.types import Span

MAX_SHAPES: Final = 300
"""Of one slide, that are laid out; a crowded one has some 60."""

MAX_CELLS: Final = 3_000
"""Of the same: paragraphs and cells of tables."""

MAX_CHARACTERS: Final = 20_000
"""Of the same; a page of small print has 6,000."""

MIN_SIDE, MAX_SIDE = 72.0, 4_032.0
"""Points of a slide: PowerPoint makes them from 1 to 56 inches."""

LARGEST: Final = 1 / 18
"""Of print, as a share of the slide's height: what programs begin with, 30 points of 540."""

SMALLEST: Final = 1 / 60
"""The same of what is hardly read; a text that has no room at that runs over its box."""

LABEL: Final = 1 / 36
"""The same of the word that stands in a picture's place."""

SMALLER: Final = 0.9
"""Times the size that is tried next."""

LETTER: Final = 0.55
"""Width of a letter as a share of its size, a bit more than it is in fonts of screens."""

LINE: Final = 1.3
"""Height of a line in the same way."""

MARGIN: Final = 0.05
"""Share of a slide's width that stays free on both sides of what has no place."""

BANDS: Final = 4
"""Of what has no place, at the least, to the height of a slide."""


def opened(content: bytes, media_type: str) -> Slides:
    """Return a presentation; raises what its reader does."""
    return PptxSlides(content) if media_type == PPTX else OdpSlides(content)


def laid_out(slides: Slides, number: int, text: str, spans: Sequence[Span]) -> Slide:
    """Return a slide that is there, and where ``spans`` of ``text`` stand on it.

    ``text`` is what the document's cleaned text has of the slide, with what stands around it there.

    Raises Refused if it is broken.
    """
    drawn = slides.slide(number)
    width, height = (min(max(side, MIN_SIDE), MAX_SIDE) for side in (drawn.width, drawn.height))
    bounded = list(_bounded(drawn))
    laid = Slide(
        number=number,
        pages=slides.pages,
        width=width,
        height=height,
        shapes=tuple(_placed(bounded, width, height)),
        marks=(),
        is_whole=len(bounded) == len(drawn.shapes),
        is_hidden=drawn.is_hidden,
    )
    return laid._replace(marks=tuple(_marks(list(laid.cells()), text, spans)))


def _bounded(drawn: DrawnSlide) -> Iterator[Drawn]:
    """Yield the first shapes, as many as are laid out."""
    cells = characters = 0
    for shape in islice(drawn.shapes, MAX_SHAPES):
        cells += sum(map(len, shape.rows))
        characters += sum(len(cell) for row in shape.rows for cell in row)
        if cells > MAX_CELLS or characters > MAX_CHARACTERS:
            return
        yield shape


def _placed(shapes: Sequence[Drawn], width: float, height: float) -> Iterator[Shape]:
    """Yield shapes in their boxes; what has none, or stands beside the slide, comes below it."""
    boxes = [_within(shape.box, width, height) for shape in shapes]
    below = boxes.count(None)
    band = height / max(below, BANDS)
    top = height if below < len(boxes) else 0.0
    for shape, box in zip(shapes, boxes, strict=True):
        if box is None:
            box = Box(MARGIN * width, top, (1 - MARGIN) * width, top + band)
            top += band
        yield Shape(box, _fitting(shape, box, height), shape.rows, shape.is_table)


def _within(box: Box | None, width: float, height: float) -> Box | None:
    """Return the part of a box that is on the slide, as large as one letter at least."""
    if box is None or not (box.left < width and box.top < height and box.right >= 0 <= box.bottom):
        return None
    least = height * SMALLEST
    left, top = max(0.0, min(box.left, width - least)), max(0.0, min(box.top, height - least))
    right, bottom = (
        min(width, max(box.right, left + least)),
        min(height, max(box.bottom, top + least)),
    )
    return Box(left, top, right, bottom)


def _fitting(shape: Drawn, box: Box, height: float) -> float:
    """Return the largest size at which a shape's text should have room in its box."""
    size = height * (LARGEST if shape.rows else LABEL)
    columns = max(map(len, shape.rows), default=1) or 1
    across, down = (box.right - box.left) / columns, box.bottom - box.top
    while size > height * SMALLEST and _lines(shape, across / (size * LETTER)) * size * LINE > down:
        size *= SMALLER
    return size


def _lines(shape: Drawn, letters: float) -> int:
    """Return how many lines rows take whose cells are so many letters wide."""
    return sum(max((_height(cell, letters) for cell in row), default=0) for row in shape.rows)


def _height(cell: str, letters: float) -> int:
    return sum(max(1, ceil(_letters(line) / max(letters, 1))) for line in cell.split("\n"))


def _letters(line: str) -> int:
    """Return a line's width in letters; those of East Asia are as wide as two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in line)


def _marks(cells: Sequence[str], text: str, spans: Sequence[Span]) -> Iterator[tuple[Span, ...]]:
    """Yield, for each span of a text, where it stands in the cells, each on a line of its own."""
    shown = "\n".join(cells)
    places = aligned(text, shown)
    by_place = sorted((place, at) for at, place in places.items())
    ends = list(accumulate(len(cell) + 1 for cell in cells))
    lines = [Span(end - len(cell) - 1, end - 1) for cell, end in zip(cells, ends, strict=True)]
    for span in spans:
        first, last = (bisect_left(by_place, (place, 0)) for place in span)
        marked = sorted(at for _, at in by_place[first:last])
        yield tuple(_stretches(lines, marked, shown, places))


def _stretches(
    lines: Sequence[Span], marked: Sequence[int], shown: str, places: Mapping[int, int]
) -> Iterator[Span]:
    """Yield what is marked of each line, with the punctuation after it."""
    for line in lines:
        first, last = (bisect_left(marked, place) for place in line)
        if first < last:
            end = marked[last - 1] + 1
            while end < line.end and end not in places and not shown[end].isspace():
                end += 1
            yield Span(marked[first], end)
