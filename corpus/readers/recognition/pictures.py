"""Pictures of any kind as what Tesseract reads: shades of grey, upright, not too many pixels."""

from __future__ import annotations

from math import ceil, sqrt
from typing import TYPE_CHECKING, Final, cast

from corpus.errors import TooCostly
from corpus.readers.recognition.tesseract import Picture

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS: Final = 80_000_000
"""Of a picture that is read at all: a page of A3 at 600 dpi has 70 million, in four colours
280 MB."""

READ_PIXELS: Final = 20_000_000
"""Of what Tesseract gets: a page of A3 at 300 dpi has 17 million. More take longer and are read no
better."""

USUAL_DPI: Final = 300
"""What scanners are set to, and what a picture that does not say is taken to have."""

MIN_DPI: Final = 70
"""Pixels an inch, below which what a picture says of itself is not believed."""


def refuse_large(width: int, height: int) -> None:
    """Raise TooCostly if a picture has more pixels than are read."""
    if width * height > MAX_PIXELS:
        raise too_large()


def too_large() -> TooCostly:
    """Return the refusal of a picture that has more pixels than are read."""
    return TooCostly(
        f"The picture has more than {MAX_PIXELS // 10**6} million pixels, which is the limit. Save "
        "it with fewer."
    )


def in_grey(image: Image, dpi: float) -> Picture:
    """Return a picture as Tesseract reads it; what is transparent becomes white."""
    grey = _without_colour(image)
    too_many = ceil(sqrt(max(1, grey.width * grey.height / READ_PIXELS)))
    if too_many > 1:
        grey = grey.reduce(too_many)
    stated = dpi if dpi >= MIN_DPI else USUAL_DPI
    return Picture(grey.tobytes(), grey.width, grey.height, grey.width, round(stated / too_many))


def turned(picture: Picture, degrees: int) -> Picture:
    """Return a picture turned to the left."""
    from PIL import Image

    size = (picture.width, picture.height)
    image = Image.frombytes("L", size, picture.pixels, "raw", "L", picture.bytes_a_line)
    image = image.rotate(degrees, expand=True)
    return Picture(image.tobytes(), image.width, image.height, image.width, picture.dpi)


def _without_colour(image: Image) -> Image:
    from PIL import Image as Images

    if image.mode.startswith(("I", "F")):  # 16 bits and more a pixel; Pillow would cut them off
        low, high = cast(tuple[float, float], image.getextrema())
        scale = 255 / (high - low or 1)
        return image.convert("F").point(lambda shade: shade * scale - low * scale).convert("L")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        white = Images.new("RGBA", image.size, "white")
        return Images.alpha_composite(white, image.convert("RGBA")).convert("L")
    return image.convert("L")
