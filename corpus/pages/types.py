"""What is said of a page of print, a slide, or the head of a message. Lengths are in points, from
the top left corner of a page as it is shown: turned and cropped as the file says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from corpus.readers.media_types import MAIL, MSG, ODP, PDF, PPTX
from corpus.types import Span

PRINTED: Final = PDF
"""Media type of what is drawn."""

SLIDES: Final = frozenset({PPTX, ODP})
"""Media types of what is laid out."""

WITH_PAGES: Final = SLIDES | {PRINTED}
"""Media types of what can be shown page by page."""

MESSAGES: Final = frozenset({MAIL, MSG})
"""Media types of what has a sender."""


class Box(NamedTuple):
    """A rectangle on a page."""

    left: float
    top: float
    right: float
    bottom: float

    def joined(self, other: Box) -> Box:
        """Return the rectangle around both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


class Word(NamedTuple):
    """What stands between two spaces of a line."""

    text: str
    box: Box


class PageText(NamedTuple):
    """The words of a page, and where spans of the document's text stand on it."""

    number: int
    """Counted from 1."""
    pages: int
    """How many the file has."""
    width: float
    height: float
    lines: tuple[tuple[Word, ...], ...]
    marks: tuple[tuple[Box, ...], ...]
    """For each span that was asked for, its boxes, a line or part of one each; none where it
    stands on another page."""
    is_whole: bool = True
    """Whether all characters were looked at: a page may hold any number."""


class Picture(NamedTuple):
    """A page, drawn."""

    width: int
    """Pixels."""
    height: int
    png: bytes


class Shape(NamedTuple):
    """What stands in one place of a slide."""

    box: Box
    size: float
    """Of its print, so that it fits."""
    rows: tuple[tuple[str, ...], ...]
    """Cells of a table; of a text its paragraphs, one to a row; of a picture none."""
    is_table: bool = False


class Slide(NamedTuple):
    """A slide, laid out by what its file says, and where spans of the document's text stand."""

    number: int
    """Counted from 1."""
    pages: int
    """How many the file has."""
    width: float
    height: float
    """Of the slide itself; what has no place on it stands below."""
    shapes: tuple[Shape, ...]
    marks: tuple[tuple[Span, ...], ...]
    """For each span that was asked for, its places in ``text``, a cell or part of one each; none
    where it stands on another slide."""
    is_whole: bool = True
    """Whether all of it is laid out: a slide may hold any number of shapes."""
    is_hidden: bool = False
    """By its author; nothing of it is told then."""

    @property
    def text(self) -> str:
        """All cells, each on a line of its own."""
        return "\n".join(self.cells())

    def cells(self) -> Iterator[str]:
        """Yield all cells, in the order of the shapes."""
        return (cell for shape in self.shapes for row in shape.rows for cell in row)


class Letterhead(NamedTuple):
    """The head of a message; empty where it does not say, and without signs that are not seen."""

    sender: str = ""
    to: str = ""
    copied: str = ""
    sent: datetime | None = None
    """In UTC."""
    subject: str = ""
