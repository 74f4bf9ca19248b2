"""What is said of a page of print. Lengths are in points, from its top left corner as it is shown:
turned and cropped as the file says."""

from __future__ import annotations

from typing import NamedTuple


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
