from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from corpus.readers.page_layout.accents import REMOVED, Place, with_accents


def _seen(text: str, places: dict[int, Place] | None = None) -> str:
    """Return how a text is read whose characters are ten points wide, or as ``places`` says."""

    def place(at: int) -> Place:
        return (places or {}).get(at, Place(10 * at, 10 * at + 10, 0))

    found = with_accents(text, place)
    assert len(found) == len(text)
    return found.replace(REMOVED, "")


def test_an_accent_drawn_over_the_letter_after_it_is_put_upon_it() -> None:
    assert _seen("f¨ur", {1: Place(22, 28, 1)}) == "für"


def test_the_space_that_an_accent_seems_to_have_before_it_goes() -> None:
    places = {2: Place(11, 11, 0), 3: Place(12, 18, 0), 4: Place(10, 20, 0)}
    assert _seen("ko ´ncze", places | {1: Place(5, 10, 0)}) == "kończe"


def test_an_accent_at_the_end_of_a_line_finds_its_letter() -> None:
    assert _seen("fur Sie ¨\r\nx", {8: Place(12, 18, 0)}).split() == ["für", "Sie", "x"]


def test_a_dotless_i_becomes_a_letter() -> None:
    assert _seen("cos`ı", {3: Place(42, 48, 0)}) == "così"


def test_an_accent_beside_a_letter_stays_by_itself() -> None:
    assert _seen("a ` b") == "a ` b"
    assert _seen("x˜y") == "x˜y"


def test_an_accent_of_another_line_is_left_alone() -> None:
    assert _seen("fur ¨", {4: Place(12, 18, -40)}) == "fur ¨"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_letters_are_neither_lost_nor_moved(text: str) -> None:
    kept = [each for each in _seen(text) if each.isalnum()]
    before = [each for each in text if each.isalnum() and each != REMOVED]
    assert [unicodedata.normalize("NFD", each)[0] for each in kept] == [
        unicodedata.normalize("NFD", each)[0] for each in before
    ]
