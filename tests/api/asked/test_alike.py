from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.asked.alike import MAX_CHARACTERS, folded


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Wann fährt der Zug?", "  wann   fährt\tder ZUG ?!"),
        ("Où est l’école ?", unicodedata.normalize("NFD", "où est l'ÉCOLE")),
        ("STRASSE", "Straße"),
        ("\u202eWéi vill?\u200b", "wéi vill"),
        ("l’E34", "l'e34"),
        ("‘E34’?", "e34"),
        ("E34: hoeveel?", "« E34 » hoeveel"),
    ],
)
def test_what_differs_in_case_accents_spaces_or_punctuation_only_is_alike(
    one: str, other: str
) -> None:
    assert folded(one) == folded(other) != ""


@pytest.mark.parametrize(("one", "other"), [("35 °C?", "35 °F?"), ("a+b", "a-b"), ("été", "ete")])
def test_other_words_are_not_alike(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_of_a_long_question_no_words_are_kept() -> None:
    assert folded("a" * MAX_CHARACTERS)
    assert folded("a" * (MAX_CHARACTERS + 1)) == ""
    assert folded("ΐ" * MAX_CHARACTERS) != folded("ﬃ" * MAX_CHARACTERS) == ""


@given(st.text(max_size=30))
def test_words_are_one_line_that_stays_as_it_is_and_hides_nothing(question: str) -> None:
    words = folded(question)
    assert words == " ".join(words.split())
    assert all(unicodedata.category(each)[0] in "LMNSZ" for each in words)
    assert words == folded(f" ({question}?!)")
