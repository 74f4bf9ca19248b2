"""A picture of a PDF's page, whatever size the page says it is."""

from __future__ import annotations

import io
from collections.abc import Sequence
from math import ceil, sqrt
from typing import TYPE_CHECKING, Final

from corpus.pages.types import Box, Picture

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

PER_POINT: Final = 2.0
"""Pixels for a point at zoom 1, which is 144 to the inch: two for each of a screen's that shows the
page at its own size, as fine displays have them."""

MAX_PIXELS: Final = 9_000_000
"""Of one picture: A4 at zoom 2 is 8 million. Drawing takes 36 MB, and packing them a second."""

MAX_SIDE: Final = 16_000
"""Pixels of the longer side; browsers show none from 16,384 on."""

TINT: Final = (255, 233, 130)
"""What a mark lets through of red, green and blue: a marker's yellow, on which black has 17:1."""


def scale_of(width: float, height: float, zoom: float) -> float:
    """Return the pixels for a point of a page of this size, so that the picture stays in bounds."""
    area, side = max(width * height, 1.0), max(width, height, 1.0)
    return min(PER_POINT * zoom, sqrt(MAX_PIXELS / area), MAX_SIDE / side)


def drawn(pdf: PdfDocument, number: int, zoom: float, marks: Sequence[Box] = ()) -> Picture:
    """Return the picture of a page that is there, with ``marks`` tinted.

    Raises PdfiumError if it cannot be drawn.
    """
    from PIL import Image, ImageChops

    page = pdf[number - 1]
    try:
        width, height = page.get_size()
        scale = scale_of(width, height, zoom)
        bitmap = page.render(scale=scale, rev_byteorder=True)
        image = bitmap.to_pil().convert("RGB")
        bitmap.close()
    finally:
        page.close()
    for mark in marks:
        area = (
            max(0, int(mark.left * scale)),
            max(0, int(mark.top * scale)),
            min(image.width, ceil(mark.right * scale)),
            min(image.height, ceil(mark.bottom * scale)),
        )
        if area[0] < area[2] and area[1] < area[3]:
            part = image.crop(area)
            image.paste(ImageChops.multiply(part, Image.new("RGB", part.size, TINT)), area)
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=4)
    return Picture(image.width, image.height, file.getvalue())
