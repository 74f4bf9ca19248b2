"""A name stands in a quotation in another spelling, script or language, or it does not."""

from __future__ import annotations

import pytest

from index.encoders.protocol import Encoder
from qa.writing.names import not_named
from qa.writing.words import are_alike, likeness


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Суворова", "Suvorova"),
        ("Soevorova", "Suvorova"),
        ("Kaliningrado", "Калининграде"),
        ("Lebedev", "Лебедев"),
        ("EU", "UE"),
        ("NATO", "OTAN"),
        ("Бана", "Ban"),
    ],
)
def test_one_name_in_two_spellings_is_alike(one: str, other: str) -> None:
    assert are_alike(one, other)
    assert are_alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Peters", "Reuter"), ("LCGB", "OGBL"), ("Ivanova", "Смирнова"), ("Ban", "Bonn"), ("", "a")],
)
def test_two_names_are_not(one: str, other: str) -> None:
    assert not are_alike(one, other)
    assert likeness(one, other) == likeness(other, one)


@pytest.mark.parametrize(
    ("sentence", "language", "quotation", "of_quotation", "missing"),
    [
        ("Burgemeester Carla Reuter sprak", "nl", "Bürgermeisterin Carla Reuter", "de", []),
        ("Burgemeester Carla Peters sprak", "nl", "Bürgermeisterin Carla Reuter", "de", ["Peters"]),
        ("A driver from Lithuania", "en", "ein Mann aus Litauen", "de", []),
        ("A driver from Latvia", "en", "ein Mann aus Litauen", "de", ["Latvia"]),
        ("Die Schulen in Lüttich schließen", "de", "De scholen in Luik sluiten", "nl", []),
        ("Die Schulen in Namur schließen", "de", "De scholen in Luik sluiten", "nl", ["Namur"]),
        ("Frankreich zahlt", "de", "L'Allemagne paie", "fr", ["Frankreich"]),
        ("The tests are on Monday", "en", "Die Proben sind montags", "de", []),
    ],
)
def test_what_does_not_stand_there_is_told(
    encoder: Encoder,
    sentence: str,
    language: str,
    quotation: str,
    of_quotation: str,
    missing: list[str],
) -> None:
    assert not_named(sentence, language, quotation, of_quotation, encoder) == missing
