from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.text.language_id import SAMPLE_LENGTH, language_of, languages_of

SENTENCES = {
    "fr": "Le ministre de la Sécurité intérieure a participé à la réunion du Conseil.",
    "nl": "De ministers hebben beslist om een werkgroep op te richten tegen terrorisme.",
    "de": "Die Minister haben beschlossen, die Zusammenarbeit der Polizei zu verstärken.",
    "en": "The ministers decided to strengthen the cooperation of the police forces.",
    "lb": "De Minister huet gesot, datt d'Police op der Grenz besser zesummeschaffe soll.",
    "pl": "Ministrowie postanowili wzmocnić współpracę policji na granicach państw.",
    "el": "Οι υπουργοί αποφάσισαν να ενισχύσουν τη συνεργασία της αστυνομίας.",
    "ja": "大臣たちは警察の協力を強化することを決定しました。",
}


@pytest.mark.parametrize(("language", "text"), SENTENCES.items())
def test_languages_are_told_luxembourgish_among_them(language: str, text: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize("text", ["", " ", "12.5 % 2020", "https://example.org/le/ministre",
                                  "a@example.org", "\ud800", "😀 !"])  # fmt: skip
def test_text_without_words_has_no_known_language(text: str) -> None:
    assert language_of(text) == "und"


def test_numbers_in_scripts_without_spaces_do_no_harm() -> None:
    assert language_of("2020年に大臣たちは警察の協力を強化することを決定しました。") == "ja"


def test_long_texts_are_judged_by_all_their_parts() -> None:
    begin = SENTENCES["en"] * (SAMPLE_LENGTH // 200)
    assert language_of(begin + SENTENCES["fr"] * 500) == "fr"


def test_the_blocks_of_a_bilingual_document_are_told_apart() -> None:
    blocks = [SENTENCES["fr"] * 2, "Contexte", SENTENCES["nl"], "Meer informatie hierover"]
    assert languages_of(blocks) == ["fr", "fr", "nl", "nl"]


def test_short_blocks_take_the_language_of_their_document() -> None:
    blocks = [SENTENCES["fr"] * 3, "Annelies Verlinden", "MSI", "12", "Dilan Yeşilgöz"]
    assert languages_of(blocks) == ["fr"] * 5


@pytest.mark.parametrize("blocks", [[], ["12"], ["", "?"]])
def test_blocks_without_words_are_of_no_known_language(blocks: list[str]) -> None:
    assert languages_of(blocks) == ["und"] * len(blocks)


@given(st.lists(st.text(), max_size=5))
def test_every_block_has_a_language(blocks: list[str]) -> None:
    found = languages_of(blocks)
    assert len(found) == len(blocks)
    assert all(language == "und" or len(language) == 2 for language in found)
