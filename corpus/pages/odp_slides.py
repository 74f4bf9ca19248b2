"""Where the shapes of an OpenDocument slide stand (OpenDocument 1.3, part 3, 10 and 19.228)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import cos, sin
from typing import TYPE_CHECKING, Final

from corpus.pages.slide_parts import Drawn, DrawnSlide
from corpus.pages.types import Box
from corpus.readers.formats.office import odp
from corpus.readers.formats.office.opendocument import (
    DRAW,
    PRESENTATION,
    STYLE,
    TABLE,
    opened,
    styles_of,
)
from corpus.types import BlockKind

if TYPE_CHECKING:
    from lxml.etree import _Element

USUAL: Final = (793.7, 595.3)
"""Points of a slide that says nothing of its size: 28 by 21 cm."""

_SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
_FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
_AROUND_SHAPES = frozenset({f"{DRAW}g", f"{DRAW}a"})
_IMAGE = f"{DRAW}image"
_NOTES = f"{PRESENTATION}notes"
_LENGTH = re.compile(r"(-?\d{1,9}(?:\.\d{1,9})?)(cm|mm|in|pt|pc)")
_POINTS = {"cm": 72 / 2.54, "mm": 7.2 / 2.54, "in": 72.0, "pt": 1.0, "pc": 12.0}
_TURN = re.compile(r"rotate\s*\(\s*(-?\d{1,3}(?:\.\d{1,20})?)\s*\)")
_SHIFT = re.compile(r"translate\s*\(\s*(\S{1,30})\s+([^\s)]{1,30})\s*\)")


class OdpSlides:
    """An OpenDocument presentation."""

    def __init__(self, content: bytes) -> None:
        """Open it; raises what ``read_odp`` does."""
        self._document = opened(content, "presentation")
        self._slides = odp.slides_of(self._document)
        self._styles = styles_of(content) if "styles.xml" in self._document.names else None
        self.pages = len(self._slides)

    def slide(self, number: int) -> DrawnSlide:
        """Return a slide that is there, with its notes."""
        slide = self._slides[number - 1]
        width, height = USUAL if self._styles is None else _size(self._styles, slide)
        if slide.get(f"{DRAW}style-name") in odp.hidden_styles(self._document.root):
            return DrawnSlide(width, height, is_hidden=True)
        shapes = list(_shapes(slide, number))
        shapes.sort(key=lambda each: each[0])  # titles first, as in the text
        return DrawnSlide(width, height, tuple(shape for _, shape in shapes))


def _shapes(slide: _Element, number: int) -> Iterator[tuple[bool, Drawn]]:
    """Yield shapes in order, each after whether it is another than a title; the stack is ours, so
    that depth does no harm."""
    stack = [(iter(slide), False)]
    while stack:
        elements, is_note = stack[-1]
        element = next(elements, None)
        if element is None:
            stack.pop()
        elif element.tag in _AROUND_SHAPES or element.tag == _NOTES:
            stack.append((iter(element), is_note or element.tag == _NOTES))
        elif isinstance(element.tag, str) and element.tag.startswith(DRAW):
            is_other, drawn = _shape(element, number)
            if not odp.is_around(element) and (drawn.rows or element.find(_IMAGE) is not None):
                yield is_other, drawn._replace(box=None) if is_note else drawn


def _shape(element: _Element, number: int) -> tuple[bool, Drawn]:
    rows = [odp.cells_of(row) for row in element.iter(f"{TABLE}table-row")]
    blocks = [block for block in odp.blocks_in(element, number) if block.text]
    is_title = any(block.kind is BlockKind.HEADING for block in blocks)
    cells = rows or [[block.text] for block in blocks]
    return not is_title, Drawn(_box(element), tuple(map(tuple, cells)), bool(rows))


def _size(styles: _Element, slide: _Element) -> tuple[float, float]:
    """Return the size that a slide's master page says."""
    masters = {each.get(f"{STYLE}name"): each for each in styles.iter(f"{STYLE}master-page")}
    layouts = {each.get(f"{STYLE}name"): each for each in styles.iter(f"{STYLE}page-layout")}
    master = masters.get(slide.get(f"{DRAW}master-page-name"))
    layout = layouts.get(master.get(f"{STYLE}page-layout-name")) if master is not None else None
    stated = layout.find(f"{STYLE}page-layout-properties") if layout is not None else None
    if stated is None:
        return USUAL
    width, height = (_points(stated.get(f"{_FO}page-{side}")) for side in ("width", "height"))
    return width or USUAL[0], height or USUAL[1]


def _box(element: _Element) -> Box | None:
    """Return where a shape stands, also if it is turned."""
    x, y, width, height = (
        _points(element.get(f"{_SVG}{name}")) for name in ("x", "y", "width", "height")
    )
    stated = element.get(f"{DRAW}transform", "")
    shift, turn = _SHIFT.search(stated), _TURN.search(stated)
    if shift:
        x, y = _points(shift[1]), _points(shift[2])
    if x is None or y is None or width is None or height is None:
        return None
    angle = float(turn[1]) if turn else 0.0
    along, aside = cos(angle), sin(angle)
    corners = [(0.0, 0.0), (width, 0.0), (0.0, height), (width, height)]
    across = [a * along + b * aside for a, b in corners]
    down = [b * along - a * aside for a, b in corners]
    return Box(x + min(across), y + min(down), x + max(across), y + max(down))


def _points(stated: str | None) -> float | None:
    found = _LENGTH.fullmatch(stated or "")
    return float(found[1]) * _POINTS[found[2]] if found else None
