"""Where the shapes of a PowerPoint slide stand (ECMA-376, 19.3 and 20.1.7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from corpus.pages.slide_parts import Drawn, DrawnSlide
from corpus.pages.types import Box
from corpus.readers.formats.office import pptx
from corpus.readers.formats.office.pptx import (
    NO_DIAGRAMS,
    PLACEHOLDER,
    A,
    Diagrams,
    P,
    Presentation,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

PER_POINT: Final = 12_700
"""English metric units."""

USUAL: Final = (9_144_000, 6_858_000)
"""Size of a slide that says nothing of it."""

_PICTURE = f"{P}pic"
_FRAME = f"{P}xfrm"
_GROUP = f"{P}grpSp"
_PLACE = f"{P}spPr/{A}xfrm"
_QUARTER = 5_400_000
"""A right angle."""

_AS_MASTER = {"ctrTitle": "title", "subTitle": "body", "obj": "body", "": "body"}
"""What a placeholder follows on the master, where there is none of its own kind."""


class PptxSlides:
    """A PowerPoint presentation."""

    def __init__(self, content: bytes) -> None:
        """Open it; raises what ``read_pptx`` does."""
        self._presentation = pptx.opened(content)
        self.pages = len(self._presentation.slides)

    def slide(self, number: int) -> DrawnSlide:
        """Return a slide that is there, with its notes; DamagedFile if it is broken."""
        presentation = self._presentation
        name = presentation.slides[number - 1]
        slide = presentation.slide(name)
        stated = presentation.main.find(f"{P}sldSz")
        size = _pair(stated, "cx", "cy") if stated is not None else USUAL
        width, height = (length / PER_POINT for length in size)
        if pptx.is_hidden(slide):
            return DrawnSlide(width, height, is_hidden=True)
        models, diagrams = list(_models(presentation, name)), presentation.diagrams(name)
        shapes = [
            drawn._replace(box=_box(shape, models))
            for shape in pptx.shapes_of(slide, [_PICTURE])
            if (drawn := _content(shape, number, diagrams)).rows or shape.tag != f"{P}sp"
        ]
        notes = [
            drawn
            for root in presentation.notes(name)
            for shape in pptx.shapes_of(root)
            if (drawn := _content(shape, number)).rows
        ]
        return DrawnSlide(width, height, (*shapes, *notes))


def _content(shape: _Element, number: int, diagrams: Diagrams = NO_DIAGRAMS) -> Drawn:
    """Return a shape without its place."""
    table, blocks = pptx.table_of(shape), pptx.blocks_of(shape, number, diagrams)
    rows = table or [[block.text] for block in blocks if block.text]
    return Drawn(None, tuple(map(tuple, rows)), bool(table))


def _models(presentation: Presentation, name: str) -> Iterator[_Element]:
    """Yield a slide's layout, and the layout's master."""
    for kind in ("slideLayout", "slideMaster"):
        related = presentation.package.related(name).values()
        name = next((other for found, other in related if found == kind), "")
        if name not in presentation.package.names:
            return
        yield presentation.package.xml(name)


def _box(shape: _Element, models: Sequence[_Element]) -> Box | None:
    """Return where a shape stands, itself or as its placeholder does on the slide's models."""
    if (place := _place(shape)) is None:
        follows = (_followed(shape, model) for model in models)
        found = (_place(each) for each in follows if each is not None)
        place = next((each for each in found if each is not None), None)
        return place and _in_points(place)
    for group in shape.iterancestors(_GROUP):
        place = _out_of(group, place)
    return _in_points(place)


class _Place(NamedTuple):
    """In the file's own units."""

    x: float
    y: float
    width: float
    height: float


def _place(shape: _Element) -> _Place | None:
    found = shape.find(_PLACE)
    found = shape.find(_FRAME) if found is None else found
    if found is None or (stated := _rectangle(found, "off", "ext")) is None:
        return None
    angle = _pair(found, "rot", "rot")[0] % (2 * _QUARTER)
    if not _QUARTER / 2 <= angle < 1.5 * _QUARTER:
        return stated
    x, y, width, height = stated  # of a shape that lies on its side, before it was turned
    return _Place(x + (width - height) / 2, y + (height - width) / 2, height, width)


def _rectangle(place: _Element, offset: str, extent: str) -> _Place | None:
    corner, size = place.find(f"{A}{offset}"), place.find(f"{A}{extent}")
    if corner is None or size is None:
        return None
    return _Place(*_pair(corner, "x", "y"), *_pair(size, "cx", "cy"))


def _out_of(group: _Element, place: _Place) -> _Place:
    """Return a place inside a group as it is outside."""
    stated = group.find(f"{P}grpSpPr/{A}xfrm")
    inner = _rectangle(stated, "chOff", "chExt") if stated is not None else None
    outer = _rectangle(stated, "off", "ext") if stated is not None else None
    if inner is None or outer is None:
        return place
    across = outer.width / inner.width if inner.width else 1.0
    down = outer.height / inner.height if inner.height else 1.0
    return _Place(
        outer.x + (place.x - inner.x) * across,
        outer.y + (place.y - inner.y) * down,
        place.width * across,
        place.height * down,
    )


def _followed(shape: _Element, model: _Element) -> _Element | None:
    """Return the placeholder of a layout or master that a shape follows: of the same number, or
    else of the same kind."""
    holder = shape.find(PLACEHOLDER)
    if holder is None:
        return None
    number, kind = holder.get("idx"), holder.get("type", "")
    shapes = [(each, each.find(PLACEHOLDER)) for each in model.iter(f"{P}sp")]
    holders = [(each, found) for each, found in shapes if found is not None]
    is_layout = model.tag == f"{P}sldLayout"
    if is_layout and number is not None:
        return next((each for each, found in holders if found.get("idx") == number), None)
    kinds = (kind, _AS_MASTER.get(kind, kind))
    by_kind = {found.get("type", ""): each for each, found in reversed(holders)}
    return next((by_kind[each] for each in kinds if each in by_kind), None)


def _pair(element: _Element, first: str, second: str) -> tuple[float, float]:
    return _number(element.get(first)), _number(element.get(second))


def _number(stated: str | None) -> float:
    try:
        return float(int(stated or 0))
    except (ValueError, OverflowError):
        return 0.0


def _in_points(place: _Place) -> Box:
    left, top, width, height = (each / PER_POINT for each in place)
    return Box(left, top, left + width, top + height)
