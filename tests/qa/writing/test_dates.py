"""Months and weekdays are found in every form that a sentence gives them."""

from __future__ import annotations

import pytest

from qa.writing.dates import dates_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("am 3. März 2019", "de"),
        ("le 3 mars 2019", "fr"),
        ("on March 3, 2019", "en"),
        ("3 de marzo de 2019", "es"),
        ("3 марта 2019 года", "ru"),
        ("2019-03-03", "en"),
        ("3.3.2019", "de"),
        ("3/03/2019", "fr"),
    ],
)
def test_a_day_is_found_however_it_is_written(text: str, language: str) -> None:
    found = dates_of(text, language)
    assert found.months == {3}
    assert found.days == {(3, 3)}


@pytest.mark.parametrize(
    ("text", "language", "weekday"),
    [
        ("le mardi", "fr", 2),
        ("dienstags", "de", 2),
        ("all Dënschdeger", "lb", 2),
        ("по средам и вечером", "ru", 3),
        ("w każdą sobotę", "pl", 6),
        ("los domingos", "es", 7),
    ],
)
def test_a_weekday_is_found_in_its_forms(text: str, language: str, weekday: int) -> None:
    assert dates_of(text, language).weekdays == {weekday}


@pytest.mark.parametrize(
    ("text", "language"),
    [("sept hommes sur mer", "fr"), ("среди бананов", "ru"), ("he may march", "zz")],
)
def test_what_only_looks_like_one_is_none(text: str, language: str) -> None:
    assert dates_of(text, language) == (frozenset(), frozenset(), frozenset())


def test_months_are_known_by_their_cases() -> None:
    assert dates_of("w czerwcu", "pl").months == {6}
    assert dates_of("в июне", "ru").months == {6}
