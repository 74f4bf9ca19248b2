"""Scans: PDF pages without text, and the pictures that scanners and cameras make."""

from __future__ import annotations

import struct
import zlib

import pytest
from fpdf import FPDF
from PIL import Image, PngImagePlugin

from corpus.errors import DamagedFile, NoText, Refused, TooCostly
from corpus.readers.formats.pdf import read_pdf
from corpus.readers.formats.picture import read_picture
from corpus.types import LeftOut, LeftOutReason, RawDocument
from tests.documents import encoded, scan, scanned_pdf

FIRST = "The patrol along the river was begun after the summer."
SECOND = "It is repeated every week by the police of both countries."


@pytest.fixture(scope="module")
def page() -> Image.Image:
    return scan(FIRST)


def texts(document: RawDocument) -> list[tuple[int | None, str]]:
    return [(block.page, " ".join(block.text.split())) for block in document.blocks]


def test_pages_of_pictures_are_recognised_and_those_with_text_are_not(page: Image.Image) -> None:
    document = FPDF()
    document.set_font("helvetica", size=11)
    document.add_page()
    document.cell(text=SECOND)
    document.add_page()
    document.image(page, x=0, y=0, w=210)
    document.add_page()
    found = read_pdf(bytes(document.output()))
    assert texts(found) == [(1, SECOND), (2, FIRST)]
    assert [facts.page for facts in found.recognised] == [2]
    assert found.left_out == ()


def test_a_page_of_a_picture_without_words_is_counted() -> None:
    document = FPDF()
    document.set_font("helvetica", size=11)
    document.add_page()
    document.cell(text=SECOND)
    document.add_page()
    document.image(Image.new("L", (300, 300), 128), w=150)
    found = read_pdf(bytes(document.output()))
    assert texts(found) == [(1, SECOND)]
    assert found.left_out == (LeftOut(LeftOutReason.UNRECOGNISED, page=2),)


def test_a_page_whose_letters_the_file_does_not_name_is_recognised(page: Image.Image) -> None:
    document = FPDF()
    document.set_font("helvetica", size=11)
    document.add_page()
    document.image(page, x=0, y=50, w=200)
    document.text(20, 20, "\x04\x05\x06 \x07\x08\x0b\x0c \x0e\x0f\x10\x11")
    found = read_pdf(bytes(document.output()))
    assert texts(found) == [(1, FIRST)]
    assert [facts.page for facts in found.recognised] == [1]


def test_a_scanned_pdf_has_the_pages_of_its_text(page: Image.Image) -> None:
    found = read_pdf(scanned_pdf(page, scan(SECOND)))
    assert texts(found) == [(1, FIRST), (2, SECOND)]
    assert [facts.page for facts in found.recognised] == [1, 2]


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("PNG", "L", {}),
        ("PNG", "1", {}),
        ("PNG", "P", {}),
        ("PNG", "I;16", {}),
        ("JPEG", "RGB", {"dpi": (200, 200)}),
        ("JPEG", "CMYK", {"quality": 80}),
        ("TIFF", "1", {"compression": "group4"}),
        ("TIFF", "CMYK", {"compression": "tiff_lzw"}),
        ("TIFF", "RGB", {"compression": "jpeg"}),
    ],
)
def test_pictures_of_all_kinds_are_read(
    page: Image.Image, kind: str, mode: str, options: dict[str, object]
) -> None:
    content = encoded(page.convert(mode), kind, **options)
    assert texts(read_picture(content)) == [(1, FIRST)]


def test_what_is_transparent_is_white() -> None:
    ink = scan(FIRST).point(lambda shade: 255 - shade)
    black = Image.new("L", ink.size, 0)
    picture = Image.merge("LA", (black, ink))
    assert texts(read_picture(encoded(picture, "PNG"))) == [(1, FIRST)]


def test_a_picture_is_turned_as_its_camera_says(page: Image.Image) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # Orientation: to be turned by 90 degrees to the right
    content = encoded(page.rotate(90, expand=True), "JPEG", exif=exif)
    assert texts(read_picture(content)) == [(1, FIRST)]


def test_every_page_of_a_tiff_is_read_and_of_an_animation_the_first(page: Image.Image) -> None:
    second = scan(SECOND)
    content = encoded(page, "TIFF", save_all=True, append_images=[second])
    assert texts(read_picture(content)) == [(1, FIRST), (2, SECOND)]
    animated = read_picture(encoded(page, "PNG", save_all=True, append_images=[second] * 2))
    assert texts(animated) == [(1, FIRST)]
    assert animated.left_out == (LeftOut(LeftOutReason.PICTURE, number=2),)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
@pytest.mark.parametrize("kept", [0.02, 0.5, 0.95])
def test_a_picture_cut_short_is_damaged(page: Image.Image, kind: str, kept: float) -> None:
    content = encoded(page, kind)
    with pytest.raises(DamagedFile, match="again"):
        read_picture(content[: int(len(content) * kept)])


@pytest.mark.parametrize(("width", "height"), [(60_000, 60_000), (9_000, 9_000), (9_500, 9_500)])
def test_a_picture_of_too_many_pixels_is_refused_by_its_size(width: int, height: int) -> None:
    with pytest.raises(TooCostly, match="80 million pixels"):
        read_picture(png(width, height, b""))


def test_a_picture_that_unpacks_to_more_than_it_says_is_bounded() -> None:
    with pytest.raises(Refused):
        read_picture(png(100, 100, bytes(2**26)))
    texts_of_it = PngImagePlugin.PngInfo()
    texts_of_it.add_text("a", "b" * 2**23, zip=True)
    with pytest.raises(Refused):
        read_picture(encoded(Image.new("L", (9, 9)), "PNG", pnginfo=texts_of_it))


def test_a_pdf_whose_picture_has_too_many_pixels_is_not_drawn() -> None:
    content = pdf_of_picture(65_500, 65_500)
    with pytest.raises(NoText, match="no words"):
        read_pdf(content)


def png(width: int, height: int, pixels: bytes) -> bytes:
    head = struct.pack("!IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(pixels, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack("!I", len(data)) + name + data + struct.pack("!I", zlib.crc32(name + data))
        for name, data in parts
    )


def pdf_of_picture(width: int, height: int) -> bytes:
    document = FPDF()
    document.add_page()
    document.image(Image.new("L", (10, 10)), w=100)
    content = bytes(document.output())
    return content.replace(b"/Width 10", b"/Width %d" % width).replace(
        b"/Height 10", b"/Height %d" % height
    )
