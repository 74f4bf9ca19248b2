"""Letters that a file only has by name are read; those that it does not name are seen to be so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.readers.formats.pdf import read_pdf
from corpus.readers.page_layout.glyph_names import MAX_WALKS
from tests.documents import encoded_pdf, volume_pdf


def _read(text: bytes, glyphs: dict[int, str]) -> str:
    blocks = read_pdf(encoded_pdf(text, glyphs)).blocks
    return " ".join(" ".join(block.text for block in blocks).split())


@pytest.mark.parametrize(
    ("name", "spelt"), [("f_i", "fi"), ("f_f_l", "ffl"), ("Q_u", "Qu"), ("f_t.alt", "ft")]
)
def test_a_ligature_is_the_letters_that_its_name_joins(name: str, spelt: str) -> None:
    assert _read(b"Is a de\x1bnition.", {27: name}) == f"Is a de{spelt}nition."


@pytest.mark.parametrize("number", [10, 12, 13, 28])
def test_the_number_of_a_letter_ends_no_line(number: int) -> None:
    assert _read(b"Is speci" + bytes([number]) + b"c.", {number: "f_i"}) == "Is specific."


def test_a_letter_of_which_the_file_does_not_say_which_it_is_leaves_a_mark() -> None:
    assert _read(b"Is a de\x1bnition.", {27: "g27"}) == "Is a de\ufffdnition."


def test_a_sign_without_a_name_leaves_nothing_where_no_word_is() -> None:
    assert _read(b"All \x1b 1990.", {27: "g27"}) == "All 1990."


@pytest.mark.parametrize("pages", [2, MAX_WALKS])
def test_the_names_are_those_of_the_part_that_a_page_is_in(pages: int) -> None:
    """Fonts of one name, one for each part; those of many pages are read at once."""
    parts = [{27: "f_i"}, {27: "f_l"}, {27: "f_f"}]
    blocks = read_pdf(volume_pdf(b"Is a de\x1bnition.", parts, pages)).blocks
    spelt = [line for block in blocks for line in block.text.split("\n")]
    assert spelt == [f"Is a de{two}nition." for two in ("fi", "fl", "ff") for _ in range(pages)]


@given(st.text("abcfi_./\x00é", max_size=9))
def test_whatever_a_glyph_is_called_the_other_letters_are_read(name: str) -> None:
    glyphs = {27: "".join(f"#{byte:02x}" for byte in name.encode() if byte) or "x"}
    found = _read(b"Is a de\x1bnition.", glyphs)
    assert found.startswith("Is a de")
    assert found.endswith("nition.")


def test_a_file_that_another_program_cannot_open_is_read_all_the_same() -> None:
    whole = encoded_pdf(b"Is a de\x1bnition.", {27: "f_i"})
    broken = whole.replace(b"/Differences[", b"/Differences<").replace(b"startxref", b"startxxxx")
    assert "nition." in " ".join(block.text for block in read_pdf(broken).blocks)
