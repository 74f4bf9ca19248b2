"""A sentence denies by its words, whatever the language."""

from __future__ import annotations

import pytest

from qa.writing.negation import is_known, is_negated


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Nobody was hurt", "en"),
        ("They don't pay", "en"),
        ("Verletzt wurde niemand", "de"),
        ("Aucun mort", "fr"),
        ("Personne ne paie", "fr"),
        ("Keen Hond", "lb"),
        ("Er is geen hond", "nl"),
        ("Nunca llega", "es"),
        ("Nie ma go", "pl"),
        ("Собак проводить нельзя", "ru"),
        ("Dogs are forbidden", "en"),
    ],
)
def test_it_denies(text: str, language: str) -> None:
    assert is_negated(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Everybody was hurt", "en"),
        ("Not only dogs bark", "en"),
        ("Dogs are not forbidden", "en"),
        ("Nicht nur Hunde bellen", "de"),
        ("Il y a l'internet sans fil", "fr"),
        ("Notation and another", "en"),
    ],
)
def test_it_does_not(text: str, language: str) -> None:
    assert not is_negated(text, language)


def test_of_a_language_without_data_nothing_is_known() -> None:
    assert is_known("lb")
    assert not is_known("zh")
    assert not is_known("../fr")
