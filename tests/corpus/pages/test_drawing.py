"""A picture of a page is in bounds, whatever the page says of its size."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from corpus.pages.drawing import MAX_PIXELS, MAX_SIDE, PER_POINT, drawn, scale_of
from corpus.pages.types import Box
from corpus.readers.page_layout.pdf_file import opened
from tests.documents import pdf

NOTE = pdf(["La police patrouille le long de la Moselle."])


@given(st.floats(0, 1e9), st.floats(0, 1e9), st.sampled_from([1.0, 1.5, 2.0]))
def test_no_size_makes_a_picture_out_of_bounds(width: float, height: float, zoom: float) -> None:
    scale = scale_of(width, height, zoom)
    assert 0 < scale <= PER_POINT * zoom
    assert width * height * scale**2 <= MAX_PIXELS * 1.001
    assert max(width, height) * scale <= MAX_SIDE * 1.001


@pytest.mark.parametrize(("width", "height"), [(60_000, 60_000), (60_000, 3), (595, 60_000)])
def test_a_page_as_large_as_a_field_is_drawn_small(width: float, height: float) -> None:
    with opened(NOTE) as document:
        document[0].set_mediabox(0, 0, width, height)
        picture = drawn(document, 1, 2)
    assert picture.width * picture.height <= MAX_PIXELS * 1.01
    assert max(picture.width, picture.height) <= MAX_SIDE + 1


def test_what_is_marked_is_tinted_and_its_letters_stay_black() -> None:
    mark = Box(100, 400, 200, 450)
    with opened(NOTE) as document:
        plain, tinted = drawn(document, 1, 1), drawn(document, 1, 1, [mark])
        everywhere = drawn(document, 1, 1, [Box(-1e6, -1e6, 1e6, 1e6), Box(9e5, 0, 9e6, 1)])
    image = Image.open(io.BytesIO(tinted.png))
    assert image.size == (tinted.width, tinted.height) == (1191, 1684)
    assert image.getpixel((300, 850)) == (255, 233, 130)
    assert image.getpixel((300, 790)) == (255, 255, 255)
    assert plain.png != tinted.png
    colours = Image.open(io.BytesIO(everywhere.png)).getextrema()
    assert colours == ((0, 255), (0, 233), (0, 130))
