from __future__ import annotations

import unicodedata

import pytest

from qa.thanks import is_thanks


@pytest.mark.parametrize(
    "text",
    [
        "merci",
        "Merci !",
        "MERCI BEAUCOUP",
        "Danke schön.",
        "Villmools Merci!",
        "谢谢",
        "شكرا",
        "Thank you :)",
    ],
)
def test_a_thank_you_is_known_whatever_its_case_and_punctuation(text: str) -> None:
    assert is_thanks(text)
    assert is_thanks(unicodedata.normalize("NFD", text))


@pytest.mark.parametrize(
    "text",
    ["", "?", "merci de me dire quand ouvre la piscine", "Wem gilt der Dank?", "Thanksgiving"],
)
def test_what_asks_for_something_is_none(text: str) -> None:
    assert not is_thanks(text)
