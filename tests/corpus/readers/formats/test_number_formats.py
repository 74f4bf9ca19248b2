"""A sheet's numbers are read as whoever opens it sees them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.readers import media_type_of, read
from corpus.readers.formats.office.number_formats import (
    MAX_FORMAT,
    MAX_SHOWN,
    is_share,
    shown,
)

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
        (12, '0"%"', "12%"),
        (12, "0\\%", "12%"),
        (12, '"100%" 0', "100% 12"),
        (0.12, '0%" von 5%"', "12 % von 5%"),
        (5, "0;;0", "5"),
        (-5, ";0", "5"),
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


@pytest.mark.parametrize(
    ("value", "number_format"),
    [(-5, "0;;0"), (-5, "0;"), (5, ";0"), (5, ";;0"), (0.12, "0%%")],
)
def test_a_section_that_shows_nothing_or_more_than_a_number_is_left_to_others(
    value: float, number_format: str
) -> None:
    assert shown(value, number_format) is None


def test_a_format_that_is_longer_than_any_is_not_looked_through() -> None:
    assert shown(3.5, "0" + "_-" * (MAX_FORMAT // 2)) == "4"
    assert shown(3.5, "0" + "_-" * (MAX_FORMAT // 2 + 1)) is None
    assert not is_share(3.5, "0%" + "_-" * (MAX_FORMAT // 2))


@given(st.floats(-1e14, 1e14), st.integers(0, 30), st.integers(1, 30))
def test_however_many_digits_a_format_asks_for_a_number_is_read(
    value: float, decimals: int, whole: int
) -> None:
    for share in ("", "%"):
        number_format = "0" * whole + "." + "0" * decimals + share
        text = shown(value, number_format)
        if len(number_format + share) > MAX_SHOWN:  # a space is before the sign
            assert text is None
        else:
            assert text is not None
            assert len(text.removesuffix(" %").partition(".")[2]) == decimals


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


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (123456789012, "0." + "0" * 20, "123456789012." + "0" * 20),
        (-5, "0;;0%", "-5"),
        (3.5, '[<5]0"%"', "3.5"),
        (0.12, "[<5]0%", "12 %"),
        (0.5, "0%%", "50 %"),
        (0.12, "0%" + '"' * 300, "0.12"),
    ],
)
def test_a_format_that_does_more_costs_no_workbook_and_multiplies_by_no_mark_of_its_text(
    value: float, number_format: str, text: str
) -> None:
    book = workbook(Preise=[["Ware", "Anteil"], ["Brot", value]])
    book["Preise"]["B2"].number_format = number_format
    document = read(saved(book), media_type_of("a.xlsx", saved(book)))
    assert document.blocks[-1].text == f"Ware: Brot | Anteil: {text}"
