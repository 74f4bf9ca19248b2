"""A number in a font is no letter of a word that is written from the right."""

from __future__ import annotations

import pytest

from corpus.readers.formats.pdf import read_pdf
from tests.documents import numbered_pdf

KNOWN = {1: "ا", 2: "ن", 3: "ظ", 4: "Ω"}
GREEK = 0x396  # the number is that of the letter Zeta


def _read(drawn: bytes, width: int = 300) -> str:
    blocks = read_pdf(numbered_pdf(KNOWN, {GREEK: width}, drawn)).blocks
    return " ".join(block.text for block in blocks)


@pytest.mark.parametrize(
    ("drawn", "read"),
    [
        (b"[<0003> <0002> <0001> 450 <0396>] TJ", "انظ"),
        (b"[<0002> -50 <0396> 350 <0001> <0003>] TJ", "ظان"),
    ],
    ids=["at the word's end", "within the word"],
)
def test_a_mark_that_the_font_does_not_name_leaves_its_letter(drawn: bytes, read: str) -> None:
    assert _read(drawn) == read


def test_a_letter_that_the_font_does_not_name_is_seen_to_be_missing() -> None:
    assert _read(b"[<0003> <0002> <0396> <0001>] TJ", width=500) == "ا\ufffdنظ"


def test_a_greek_letter_that_the_font_names_stays_what_it_is() -> None:
    assert "Ω" in _read(b"[<0003> <0002> <0004> <0001>] TJ")
