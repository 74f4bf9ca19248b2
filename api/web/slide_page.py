"""How a slide is shown: each text in its box, with the passage and the sentence marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from api.printed_pages import SlidePage
from api.web.viewer import Part, holds, parts
from corpus.pages.types import Shape
from corpus.types import Span


class Cell(NamedTuple):
    """A paragraph, or a cell of a table."""

    parts: tuple[Part, ...]
    is_tinted: bool
    """Whether the passage that the mark is in stands in it."""


class Laid(NamedTuple):
    """A shape where it stands; lengths in points."""

    x: float
    y: float
    width: float
    height: float
    size: float
    rows: tuple[tuple[Cell, ...], ...]
    is_table: bool


class SlideSheet(NamedTuple):
    """What is shown of a slide; lengths in points."""

    width: float
    height: float
    below: float
    """The same, with what stands below the slide."""
    shapes: tuple[Laid, ...]
    is_elsewhere: bool
    """Whether the mark is on another slide."""
    has_below: bool
    has_picture: bool
    is_whole: bool
    is_hidden: bool


def slide_sheet(found: SlidePage, mark: Span) -> SlideSheet:
    """Return how to show a slide."""
    slide = found.slide
    held = (places for passage, places in found.passages if holds(passage.span, mark))
    tinted = next(held, ())
    below = max([slide.height, *(shape.box.bottom for shape in slide.shapes)])
    cells = (
        Cell(tuple(parts(text, place, found.mark)), _touches(tinted, place))
        for text, place in _placed(slide.cells())
    )
    return SlideSheet(
        width=round(slide.width, 1),
        height=round(slide.height, 1),
        below=round(below, 1),
        shapes=tuple(_laid(shape, cells) for shape in slide.shapes),
        is_elsewhere=mark.start < mark.end and not found.mark,
        has_below=below > slide.height,
        has_picture=any(not shape.rows for shape in slide.shapes),
        is_whole=slide.is_whole,
        is_hidden=slide.is_hidden,
    )


def _placed(cells: Iterable[str]) -> Iterator[tuple[str, Span]]:
    """Yield cells with their places in the slide's text, where each is on a line of its own."""
    start = 0
    for cell in cells:
        yield cell, Span(start, start + len(cell))
        start += len(cell) + 1


def _laid(shape: Shape, cells: Iterator[Cell]) -> Laid:
    """Return a shape with the next ``cells``, as many as it has."""
    left, top, right, bottom = (round(side, 1) for side in shape.box)
    width, height = round(right - left, 1), round(bottom - top, 1)
    rows = tuple(tuple(islice(cells, len(row))) for row in shape.rows)
    return Laid(left, top, width, height, round(shape.size, 1), rows, shape.is_table)


def _touches(places: tuple[Span, ...], cell: Span) -> bool:
    return any(place.start < cell.end and cell.start < place.end for place in places)
