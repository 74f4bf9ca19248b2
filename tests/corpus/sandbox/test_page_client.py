"""Pages are drawn in a process apart, with the errors of reading and no others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from corpus.errors import DamagedFile, EncryptedFile, NoSuchPage
from corpus.pages.drawing import drawn
from corpus.pages.marks import page_text
from corpus.pages.types import Box
from corpus.readers.page_layout.pdf_file import opened
from corpus.sandbox.page_client import PageProcess
from corpus.types import Span
from tests.documents import pdf, picture_pdf

TEXT = "La police patrouille le long de la Moselle."
NOTE = pdf([TEXT, "Une autre page."])


@pytest.fixture(scope="module")
def process() -> Iterator[PageProcess]:
    opened = PageProcess()
    yield opened
    opened.close()


def test_a_page_is_what_it_would_be_here(process: PageProcess) -> None:
    spans, marks = [Span(3, 9), Span(0, 0)], [Box(1.5, 2, 3, 4)]
    with opened(NOTE) as document:
        assert process.page_text(NOTE, 1, TEXT, spans) == page_text(document, 1, TEXT, spans)
        assert process.drawn(NOTE, 2, 1.5, marks) == drawn(document, 2, 1.5, marks)


def test_fonts_that_are_not_in_the_file_are_drawn_with_others(process: PageProcess) -> None:
    missing = (
        b"%PDF-1.4\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n"
        b"2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj\n"
        b"3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 300 100]/Contents 4 0 R/Resources "
        b"<</Font<</F <</Type/Font/Subtype/TrueType/BaseFont/Nowhere>>>>>>>> endobj\n"
        b"4 0 obj <</Length 36>> stream\nBT /F 12 Tf 50 50 Td (Moselle) Tj ET\nendstream endobj\n"
        b"trailer <</Root 1 0 R>>\n%%EOF\n"
    )
    assert process.page_text(missing, 1, "", []).lines[0][0].text == "Moselle"
    assert (
        process.drawn(missing, 1, 1).png != process.drawn(missing.replace(b"Mo", b"Bu"), 1, 1).png
    )


def test_a_scan_is_drawn_and_has_no_words(process: PageProcess) -> None:
    assert process.page_text(picture_pdf(), 1, "", []).lines == ()
    assert process.drawn(picture_pdf(), 1, 1).width == 1191


@pytest.mark.parametrize("number", [-1, 0, 3, 10**9])
def test_a_page_that_is_not_there_is_refused(process: PageProcess, number: int) -> None:
    with pytest.raises(NoSuchPage, match=f"no page {number}. Its last one is 2"):
        process.drawn(NOTE, number, 1)


def test_what_cannot_be_opened_is_refused_as_in_reading(process: PageProcess) -> None:
    with pytest.raises(EncryptedFile):
        process.drawn(pdf([TEXT], password="secret"), 1, 1)
    with pytest.raises(DamagedFile):
        process.page_text(b"%PDF-1.4\nnothing\n%%EOF\n", 1, "", [])
