"""What a presentation's file says of a slide, before it is laid out."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from corpus.pages.types import Box


class Drawn(NamedTuple):
    """A shape as the file has it."""

    box: Box | None
    """None where the file does not say, or it is no part of the slide: the speaker's notes."""
    rows: tuple[tuple[str, ...], ...]
    """Cells of a table; of a text its paragraphs, one to a row; of a picture none."""
    is_table: bool = False


class DrawnSlide(NamedTuple):
    """A slide as the file has it."""

    width: float
    """Points, as all lengths here, and any number."""
    height: float
    shapes: tuple[Drawn, ...] = ()
    """In the order in which the document's text has them."""
    is_hidden: bool = False


class Slides(Protocol):
    """A presentation."""

    @property
    def pages(self) -> int:
        """How many slides it has."""

    def slide(self, number: int) -> DrawnSlide:
        """Return a slide that is there; the first is 1. Refused if it is broken."""
