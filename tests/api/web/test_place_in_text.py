"""A citation names the numbers that the document itself gives, and no others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.web.place_in_text import NOWHERE, Place, place_in

LAW = (
    "Artikel 5. Waarborgen\n\n(1) Wie wordt aangehouden, krijgt een tolk.\n\n"
    "(2) De tolk is gratis.\n\nDit geldt niet in spoedgevallen."
)
REPORT = (
    "3.2 Kosten\n\nDas Vorhaben kostete 68.000 Euro.\n\n3.3 Ausblick\n\nEs geht weiter.\n\n"
    "12 Personen wurden kontrolliert."
)


@pytest.mark.parametrize(
    ("text", "words", "place"),
    [
        (LAW, "Wie wordt", Place(None, "Artikel 5", "1")),
        (LAW, "gratis", Place(None, "Artikel 5", "2")),
        (LAW, "spoedgevallen", Place(None, "Artikel 5", None)),
        (REPORT, "68.000", Place("3.2", None, None)),
        (REPORT, "weiter", Place("3.3", None, None)),
        (REPORT, "Personen", Place("3.3", None, None)),
        ("§ 12a (3) Der Zug hält.", "hält", Place(None, "§ 12a", "3")),
        ("Art. 7 bis Le train s’arrête.", "train", Place(None, "Art. 7 bis", None)),
        ("4 Results\n\nWe found three.", "three", Place("4", None, None)),
        ("In 2019 the train was late. Article 5 says so.", "says", NOWHERE),
        ("2019 war der Zug pünktlich.", "Zug", NOWHERE),
    ],
)
def test_a_place_has_the_numbers_before_it(text: str, words: str, place: Place) -> None:
    assert place_in(text, text.index(words)) == place


@given(st.text(), st.integers(0, 100))
def test_any_text_has_a_place(text: str, at: int) -> None:
    place = place_in(text, at)
    assert place.section is None or place.section in text
