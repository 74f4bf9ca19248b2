"""Where things stand on a page of print, in the contract's shape."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.contract import examples
from corpus.pages.types import Box, PageText
from corpus.types import Span

Sides = Annotated[list[float], Field(min_length=4, max_length=4)]

POINT_DIGITS = 2
"""Of a point: a hundredth of a millimetre is a third of one."""


class WordOut(BaseModel):
    """A word of the page."""

    text: str
    box: Sides


class PlacedOut(BaseModel):
    """A span of the cleaned text, and its boxes, one for each line or part of one."""

    start: int
    end: int
    boxes: list[Sides]


class PageOut(BaseModel):
    """A page of print, and what stands on it. A box is left, top, right and bottom in points (72 to
    an inch), from the top left corner of the page as it is shown."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.PAGE]})

    page: int = Field(description="Its number, from 1.")
    pages: int = Field(description="How many the file has.")
    width: float
    height: float
    passages: list[PlacedOut] = Field(description="The document's passages on this page.")
    mark: PlacedOut | None = Field(None, description="The span that was asked for.")
    words: list[WordOut]
    complete: bool = Field(
        description="`false`: the page has more characters than are looked at, and the last of "
        "them are not among the words."
    )


def page(
    text: PageText,
    passages: Iterable[tuple[Span, Iterable[Box]]],
    mark: tuple[Span, Iterable[Box]] | None,
) -> PageOut:
    """Return a page in its shape."""
    return PageOut(
        page=text.number,
        pages=text.pages,
        width=_points(text.width),
        height=_points(text.height),
        passages=[_placed(*each) for each in passages],
        mark=_placed(*mark) if mark else None,
        words=[
            WordOut(text=word.text, box=_sides(word.box)) for line in text.lines for word in line
        ],
        complete=text.is_whole,
    )


def _placed(span: Span, boxes: Iterable[Box]) -> PlacedOut:
    return PlacedOut(start=span.start, end=span.end, boxes=[_sides(box) for box in boxes])


def _sides(box: Box) -> Sides:
    return [_points(side) for side in box]


def _points(length: float) -> float:
    return round(length, POINT_DIGITS)
