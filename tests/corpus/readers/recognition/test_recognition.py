"""Words are recognised in pictures of pages, with the language, the way up and the doubts told."""

from __future__ import annotations

import random

import pytest
from PIL.Image import Image, Transpose, frombytes

from corpus.errors import NoRecognition
from corpus.readers.recognition import allowance, models, pictures
from corpus.readers.recognition.recogniser import RecognisedText, Recogniser
from corpus.sandbox.client import ReadingProcess
from corpus.types import LeftOut, LeftOutReason
from tests.documents import encoded, scan, scanned_pdf

TEXTS = {
    "fr": "La patrouille a été créée après l’été, où les élèves français et belges ont été reçus.",
    "nl": "De patrouille langs de Moezel is na de zomer begonnen, en wordt elke week herhaald.",
    "de": "Die Streife wurde nach dem Sommer eingeführt; für Schüler gibt es größere Führungen.",
    "en": "The patrol along the river was begun after the summer and is repeated every week.",
    "lb": "D’Patrull laanscht d’Musel gëtt no der Vakanz all Woch gemaach, wéi déi Leit wëllen.",
}  # fmt: skip


def read(image: Image, page: int = 1, dpi: int = 200) -> RecognisedText | LeftOut:
    return Recogniser().read(pictures.in_grey(image, dpi), page)


def text_of(found: RecognisedText | LeftOut) -> str:
    assert isinstance(found, RecognisedText)
    return " ".join(row.text for row in found.rows)


@pytest.mark.parametrize("language", TEXTS)
def test_the_letters_of_each_language_are_read(language: str) -> None:
    found = text_of(read(scan(TEXTS[language])))
    expected = TEXTS[language].replace("’", "'")
    assert found.replace("’", "'").replace("‘", "'") == expected


def test_a_page_says_how_sure_its_words_are() -> None:
    found = read(scan(TEXTS["en"]), page=7)
    assert isinstance(found, RecognisedText)
    assert found.facts.page == found.rows[0].page == 7
    assert found.facts.confidence > 0.85
    assert (found.facts.words, found.facts.doubtful) == (15, 0)


@pytest.mark.parametrize(
    "text", ["Полиция двух стран патрулирует.", "Η αστυνομία περιπολεί μαζί στην όχθη."]
)
def test_what_the_installed_models_cannot_read_is_no_text(text: str) -> None:
    nothing = LeftOut(LeftOutReason.UNRECOGNISED, page=1)
    assert read(scan("\n".join([text] * 4))) == nothing


@pytest.mark.parametrize("turn", [Transpose.ROTATE_90, Transpose.ROTATE_180, Transpose.ROTATE_270])
def test_a_page_that_lies_on_its_side_or_head_is_turned(turn: Transpose) -> None:
    text = "\n".join([TEXTS["en"]] * 6)
    assert TEXTS["en"] in text_of(read(scan(text).transpose(turn)))


def test_noise_is_no_text() -> None:
    noise = frombytes("L", (400, 400), random.Random(7).randbytes(400 * 400))
    assert read(noise, page=3) == LeftOut(LeftOutReason.UNRECOGNISED, page=3)


def test_once_the_time_is_used_up_pages_are_left_out() -> None:
    page = scan(TEXTS["en"])
    with allowance.allowed(0.01):
        assert not allowance.is_used_up()
        with allowance.one_page():
            assert isinstance(read(page), RecognisedText)
        assert allowance.is_used_up()
        assert read(page, page=2) == LeftOut(LeftOutReason.UNRECOGNISED, page=2)


def test_a_language_is_read_by_the_best_model_there_is() -> None:
    assert models.for_language("fr") == "fra"
    assert models.for_language("lb") == "Latin", "which reads it better than its own"
    assert models.for_language("pt") == "Latin", "where its own is not installed"
    assert models.for_language("zz") is None
    assert models.for_script("Latin") == "Latin"
    assert models.for_script("Khmer") is None


def test_without_models_a_scan_is_refused_and_what_to_install_named() -> None:
    process = ReadingProcess(server="tests.corpus.readers.recognition.without_models")
    try:
        page = scan(TEXTS["en"])
        for name, content in (
            ("a.pdf", scanned_pdf(page)),
            ("a.png", encoded(page, "PNG")),
        ):
            with pytest.raises(NoRecognition, match="Install tesseract-ocr"):
                process.extract(content, name)
    finally:
        process.close()
