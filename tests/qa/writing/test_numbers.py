"""Numbers are found in figures and in words, whatever commas and points mean."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.writing.numbers import mentions, values


def is_there(sentence: str, language: str, quotation: str, of_quotation: str) -> bool:
    there = values(quotation, of_quotation)
    found = mentions(sentence, language)
    assert found, sentence
    return all(any(reading <= there for reading in each.readings) for each in found)


@pytest.mark.parametrize(
    ("sentence", "language", "quotation", "of_quotation"),
    [
        ("1,234 people", "en", "1.234 Leute", "de"),
        ("1 234 personnes", "fr", "1’234 Leute", "de"),
        ("8.6 million", "en", "8,6 millions", "fr"),
        ("390 tysięcy", "pl", "390.000 Euro", "de"),
        ("10 000 złotych", "pl", "10 tysięcy złotych", "pl"),
        ("at 21.47", "en", "à 21 h 47", "fr"),
        ("à 21 h 47", "fr", "at 21:47", "en"),
        ("vierunddreißig", "de", "thirty-four", "en"),
        ("vierendertig", "nl", "34", "en"),
        ("soixante-quatre", "fr", "sixty-four", "en"),
        ("soixante-quatorze", "fr", "74", "de"),
        ("treinta y cuatro", "es", "тридцать четыре", "ru"),
        ("dräianzwanzeg", "lb", "двадцати трёх", "ru"),
        ("three hundred and twelve", "en", "312", "de"),
        ("deux mille", "fr", "2.000", "nl"),
        ("el cuarto acusado", "es", "a fourth defendant", "en"),
        ("40 pour cent", "fr", "40 %", "de"),
        ("٣٤ شخصا", "ar", "34 people", "en"),
    ],
)
def test_one_number_is_found_again_in_another_language(
    sentence: str, language: str, quotation: str, of_quotation: str
) -> None:
    assert is_there(sentence, language, quotation, of_quotation)


@pytest.mark.parametrize(
    ("sentence", "language", "quotation", "of_quotation"),
    [
        ("421 people", "en", "412 Leute", "de"),
        ("4.2 million", "en", "2,4 Millionen", "de"),
        ("thirty-four", "en", "vierzig", "de"),
        ("30 million", "en", "300 Millionen", "de"),
        ("à 21 h 17", "fr", "at 21.47", "en"),
        ("drei Jahre", "de", "deux ans", "fr"),
        ("veintiocho", "es", "dix-huit", "fr"),
    ],
)
def test_another_number_is_not(
    sentence: str, language: str, quotation: str, of_quotation: str
) -> None:
    assert not is_there(sentence, language, quotation, of_quotation)


def test_an_article_is_no_number() -> None:
    assert not mentions("Une maison, ein Haus, a house", "fr")


@given(st.integers(0, 10**12), st.sampled_from([",", ".", " ", "'", "\u202f"]))
def test_a_number_is_the_same_however_it_is_grouped(number: int, mark: str) -> None:
    grouped = f"{number:,}".replace(",", mark)
    assert is_there(f"x {grouped} x", "en", str(number), "de")
    assert Decimal(number) in values(grouped, "de")


@given(st.text(), st.sampled_from(["de", "en", "es", "fr", "lb", "nl", "pl", "ru", "zh"]))
def test_every_text_holds_its_own_numbers(text: str, language: str) -> None:
    there = values(text, language)
    for each in mentions(text, language):
        assert 0 <= each.start < each.end <= len(text)
        assert all(reading <= there for reading in each.readings)
