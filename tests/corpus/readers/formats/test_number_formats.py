"""A sheet's numbers are read as whoever opens it sees them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.readers import media_type_of, read
from corpus.readers.formats.office.number_formats import shown

from .test_sheets import saved, workbook


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (1234.5, "#,##0.00", "1234.50"),
        (0.30000000000000004, "0.##", "0.3"),
        (2.5, "0", "3"),
        (-3.456, "0.00", "-3.46"),
        (-0.001, "0.0", "0.0"),
        (0.1927, "0.0%", "19.3 %"),
        (1234, "00000", "01234"),
        (5, '0.00\\ "€"', "5.00 €"),
        (5, "[$CHF-807] #,##0.00", "CHF 5.00"),
        (-5, "#,##0.00;[Red](#,##0.00)", "(5.00)"),
        (-5, '_-* #,##0.00\\ "€"_-;-* #,##0.00\\ "€"_-', "-5.00 €"),
        (3, '"Raum "0', "Raum 3"),
    ],
)
def test_a_number_is_as_its_format_shows_it(value: float, number_format: str, text: str) -> None:
    assert shown(value, number_format) == text


@pytest.mark.parametrize(
    "number_format",
    ["General", "", "@", "yyyy-mm-dd", "h:mm", "0.00E+00", "# ?/?", "#,##0,", "[<5]0", "0" * 99],
)
def test_a_format_that_does_more_is_left_to_others(number_format: str) -> None:
    assert shown(3.5, number_format) is None


@given(st.floats(-1e14, 1e14), st.integers(0, 9))
def test_what_is_shown_is_the_number_to_so_many_decimals(value: float, decimals: int) -> None:
    text = shown(value, "0." + "0" * decimals)
    assert text is not None
    assert abs(Decimal(text) - Decimal(repr(value))) <= Decimal("0.5").scaleb(-decimals)


@given(st.floats(), st.text('0#?.,%;\\"[]()$€_* -EehmysRd@G<5', max_size=12))
def test_whatever_the_format_a_number_is_read(value: float, number_format: str) -> None:
    assert shown(value, number_format) != ""


def test_a_workbooks_cells_are_as_shown() -> None:
    book = workbook(Preise=[["Ware", "Preis"], ["Brot", 3.14159]])
    book["Preise"]["B2"].number_format = '#,##0.00 "€"'
    document = read(saved(book), media_type_of("a.xlsx", saved(book)))
    assert document.blocks[-1].text == "Ware: Brot | Preis: 3.14 €"
