"""Lines of scripts that are written from the right are read as their readers do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from corpus.readers.formats.pdf import read_pdf
from corpus.readers.page_layout.directions import JOINER, Sides, in_direction
from tests.documents import encoded_pdf


def _read(drawn: str, lefts: Sequence[float], rights: Sequence[float] = ()) -> str:
    """Return how characters are read that begin at these places and are ten points wide."""
    ends = rights or [left + 10 for left in lefts]
    return in_direction(drawn, lambda at: Sides(lefts[at], ends[at]), 10)


def _from_the_left(drawn: str) -> str:
    return _read(drawn, [10 * at for at in range(len(drawn))])


def test_a_file_that_draws_hebrew_from_the_left_is_read_from_the_right() -> None:
    letters = {65 + at: f"uni{ord(letter):04X}" for at, letter in enumerate("םולש")}
    (block,) = read_pdf(encoded_pdf(b"ABCD", letters)).blocks
    assert block.text == "שלום"


def test_what_is_drawn_from_the_right_stays_as_it_is() -> None:
    assert _read("שלום", [90, 80, 70, 60]) == "שלום"


def test_words_and_brackets_that_are_drawn_from_the_left_are_turned() -> None:
    assert _from_the_left("(םלוע) םולש") == "שלום (עולם)"


def test_a_number_among_turned_words_keeps_its_digits() -> None:
    assert _from_the_left("ב 12.5 א") == "א 12.5 ב"


def test_words_that_pdfium_ran_together_are_apart() -> None:
    assert _read("בא", [10, 23]) == "א ב"


def test_latin_words_in_a_line_from_the_right_keep_their_order() -> None:
    assert _read("ש thesis-yazd", [90, 85, *range(60, 66), 59, *range(50, 54)]) == "ש yazd-thesis"


def test_a_space_without_room_of_its_own_only_keeps_letters_apart() -> None:
    assert _read("می شود", [20, 12, 13, 8, 4, 0], [24, 20, 17, 12, 8, 4]) == f"می{JOINER}شود"


def test_a_space_with_room_of_its_own_is_one() -> None:
    assert _read("می شود", [30, 22, 16, 8, 4, 0], [34, 30, 22, 12, 8, 4]) == "می شود"


@given(
    st.lists(
        st.tuples(st.sampled_from("אבשي ab1.( "), st.integers(0, 99), st.integers(0, 20)),
        max_size=12,
    )
)
def test_whatever_stands_where_no_sign_is_lost_or_added(
    line: list[tuple[str, int, int]],
) -> None:
    drawn = "".join(each for each, _, _ in line)
    read = _read(drawn, [left for _, left, _ in line], [left + wide for _, left, wide in line])
    plain = str.maketrans(")", "(", f" {JOINER}")
    assert Counter(read.translate(plain)) == Counter(drawn.translate(plain))


@given(st.text("ab1.( é", max_size=12))
def test_a_latin_line_from_left_to_right_is_left_alone(line: str) -> None:
    assert _from_the_left(line) == line
