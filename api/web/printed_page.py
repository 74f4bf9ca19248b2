"""How a page of print is laid out: its picture, the marks on it, and its words to be selected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from api.printed_pages import ZOOMS, PrintedPage
from api.web.viewer import holds
from corpus.pages.drawing import PER_POINT, scale_of
from corpus.pages.types import Box, Word
from corpus.types import Span

MAX_WORDS: Final = 8_000
"""Words that are laid over a page, of some 80 bytes each; a page of a newspaper has 4,000."""

MAX_BOXES: Final = 1_000
"""Boxes that are shown; of more, one around them all."""

LEGIBLE: Final = 0.7
"""Share of the usual pixels to the inch below which print is hard to read."""

DESCENT: Final = 0.22
"""Share of a word's height that stands below its baseline, about, in all fonts of text."""


class Laid(NamedTuple):
    """A word where it stands, in points."""

    text: str
    x: float
    y: float
    """Of the baseline."""
    width: float


class Line(NamedTuple):
    """The words of a line."""

    size: float
    words: tuple[Laid, ...]


class Sheet(NamedTuple):
    """What is shown of a page; lengths in points, but for those of the picture."""

    width: float
    height: float
    pixels: tuple[int, int]
    """Size of the picture at the first zoom, which sets its shape before it is there."""
    passage: tuple[Box, ...]
    """Boxes of the passage that the mark is in."""
    mark: tuple[Box, ...]
    lines: tuple[Line, ...]
    is_elsewhere: bool
    """Whether the mark is on another page."""
    is_reduced: bool
    """Whether it is drawn smaller than it can well be read."""
    has_all_words: bool


class Zoom(NamedTuple):
    """How closely a page is looked at."""

    now: str
    smaller: str | None
    """The next to look less closely; None where this is the last."""
    larger: str | None


def zoom_at(asked: str) -> Zoom:
    """Return a zoom that was asked for, or the first where there is no such zoom."""
    zooms = [f"{each:g}" for each in ZOOMS]
    at = zooms.index(asked) if asked in zooms else 0
    around = [None, *zooms, None]
    return Zoom(zooms[at], around[at], around[at + 2])


def sheet(printed: PrintedPage, mark: Span) -> Sheet:
    """Return how to show a page."""
    text = printed.text
    scale = scale_of(text.width, text.height, ZOOMS[0])
    words = sum(map(len, text.lines))
    held = (boxes for passage, boxes in printed.passages if holds(passage.span, mark))
    return Sheet(
        width=round(text.width, 1),
        height=round(text.height, 1),
        pixels=(max(1, round(text.width * scale)), max(1, round(text.height * scale))),
        passage=_few(next(held, ())),
        mark=_few(printed.mark),
        lines=tuple(_lines(text.lines)) if words <= MAX_WORDS else (),
        is_elsewhere=mark.start < mark.end and not printed.mark,
        is_reduced=scale < PER_POINT * LEGIBLE,
        has_all_words=text.is_whole and words <= MAX_WORDS,
    )


def _few(boxes: tuple[Box, ...]) -> tuple[Box, ...]:
    if len(boxes) > MAX_BOXES:
        sides = list(zip(*boxes, strict=True))
        boxes = (Box(min(sides[0]), min(sides[1]), max(sides[2]), max(sides[3])),)
    return tuple(Box(*(round(side, 1) for side in box)) for box in boxes)


def _lines(lines: tuple[tuple[Word, ...], ...]) -> Iterator[Line]:
    for line in lines:
        words = tuple(_laid(word) for word in line if _has_room(word.box))
        if words:
            heights = sorted(word.box.bottom - word.box.top for word in line)
            yield Line(round(heights[len(heights) // 2] * (1 - DESCENT), 1), words)


def _laid(word: Word) -> Laid:
    box = word.box
    baseline = box.bottom - DESCENT * (box.bottom - box.top)
    printable = "".join(each if each.isprintable() else "-" for each in word.text)
    return Laid(printable, round(box.left, 1), round(baseline, 1), round(box.right - box.left, 1))


def _has_room(box: Box) -> bool:
    return box.right - box.left >= 0.1 and box.bottom > box.top
