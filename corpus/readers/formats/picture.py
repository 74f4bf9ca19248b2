"""PNG, JPEG and TIFF: pages from a scanner or a camera, whose words are recognised."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Final

from corpus.errors import DamagedFile, NoRecognition, NoText
from corpus.readers.line_blocks import blocks_of
from corpus.readers.page_layout.print_lines import print_lines
from corpus.readers.page_layout.running_lines import without_running_lines
from corpus.readers.recognition import allowance, models, pictures
from corpus.readers.recognition.recogniser import RecognisedText, Recogniser
from corpus.types import LeftOut, LeftOutReason, RawDocument

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_FRAMES: Final = 2_000
"""Pages of one TIFF that are read: more than MAX_FILE_BYTES holds of scanned ones."""

_FORMATS: Final = ("PNG", "JPEG", "TIFF")


def read_picture(content: bytes) -> RawDocument:
    """Return the blocks of a picture, or of the pages of a TIFF, as they were recognised.

    Raises NoRecognition if Tesseract is not installed, TooCostly if it has too many pixels,
    DamagedFile if it is broken or cut short, and NoText if no words are recognised.
    """
    if not models.is_installed():
        raise NoRecognition(
            "The file is a picture, and Tesseract, which recognises words in pictures, is not "
            "installed here. Install tesseract-ocr, or run text recognition (OCR) on the file "
            "first."
        )
    found = list(_pages(content))
    texts = [each for each in found if isinstance(each, RecognisedText)]
    if not texts:
        raise NoText("No words are recognised in the picture. Scan it again at 300 dpi or more.")
    by_number = {text.facts.page: text.rows for text in texts}
    rows = [by_number.get(number, []) for number in range(1, len(found) + 1)]
    pages, running = without_running_lines(rows)
    unread = [each for each in found if isinstance(each, LeftOut)]
    return RawDocument(
        tuple(blocks_of(print_lines(pages))),
        left_out=tuple(chain(unread, running)),
        recognised=tuple(text.facts for text in texts),
    )


def _pages(content: bytes) -> Iterator[RecognisedText | LeftOut]:
    """Yield what is on each page of a file."""
    from PIL import Image

    recogniser = Recogniser()
    try:
        with _opened(content) as image:
            number = 0
            for number in _frames(image):
                yield _page(recogniser, image, number)
            further = getattr(image, "n_frames", 1) - number if image.format != "TIFF" else 0
            if further > 0:  # of an animation, or the same picture in other sizes
                yield LeftOut(LeftOutReason.PICTURE, number=further)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise pictures.too_large() from error
    except (OSError, SyntaxError, ValueError, ArithmeticError, LookupError, TypeError) as error:
        raise DamagedFile("The picture cannot be opened. Copy or save it again.") from error


def _opened(content: bytes) -> Image:
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        return Image.open(io.BytesIO(content), formats=_FORMATS)


def _frames(image: Image) -> Iterator[int]:
    """Go through the pages of a picture; only in a TIFF are they pages."""
    for number in range(MAX_FRAMES if image.format == "TIFF" else 1):
        try:
            image.seek(number)
        except EOFError:
            return
        yield number + 1


def _page(recogniser: Recogniser, image: Image, number: int) -> RecognisedText | LeftOut:
    from PIL import ImageOps

    pictures.refuse_large(*image.size)
    if allowance.is_used_up():
        return LeftOut(LeftOutReason.UNRECOGNISED, page=number)
    with allowance.one_page():
        dpi = min(map(float, image.info.get("dpi", (0.0,))))
        picture = pictures.in_grey(ImageOps.exif_transpose(image), dpi)
        return recogniser.read(picture, number)
