from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.text.sentences import MAX_SENTENCE_LENGTH, WINDOW_LENGTH, sentences


def split(text: str, language: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text, language)]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("fr", ["Le 14 déc. 2020, M. Kox a dit oui.", "Mme. Verlinden aussi."]),
        ("fr", ["« Ça va ! », dit-il.", "Il part (voir p. 3).", "Voir art. 5 et no. 6."]),
        ("fr", ["Il dit : « Bon. »", "Elle part.", "Vraiment ?", "Oui."]),
        ("fr", ["Il a écrit à J. R. R. Tolkien.", "Puis rien."]),
        ("nl", ["Dhr. de Vries zei o.a. dat art. 5 geldt.", "Het is bijv. zo.", '"Ja!" zei hij.']),
        ("nl", ["Dit is een ?ministeriële quadripartite? onderzoeken.", "Ja."]),
        ("de", ["Am 3. Mai 2020 war es gut.", "Im 19. Jahrhundert nicht.", "Dr. Müller kam."]),
        ("de", ["Er wurde 15.", "Dann ging er."]),
        ("lb", ["Den 3. Mee 2020 huet den H. Kox gesot, datt et gutt ass.", "Dat ass alles."]),
        (
            "en",
            ["Mr. Smith met him at 5 p.m. today.", '"Fine."', "He left (at once).", "See Fig. 3."],
        ),
        ("en", ["On 18 Mai. 2017 they met.", "It ended."]),
        ("en", ["Contact: Help desk, tel. +41 555 61 07, air@example.org"]),
        ("en", ["Call us (tel. (0)20 555 0107).", "Or write."]),
        ("nl", ["Contact: Steunpunt, tel. +31 555 04 75 of fax. 0800 555 0251."]),
        ("fr", ["Contact : service de presse, tél. +352 555 01 40."]),
        ("lb", ["Kontakt: Sekretariat vun der Schoul, Tel. +32 555 63 12."]),
        ("pl", ["Kontakt: sekretariat, tel. +48 555 63 12, faks. 555 63 13."]),
        ("ja", ["これは文です。", "これも文です！"]),
        ("hi", ["यह एक वाक्य है।", "यह दूसरा है।"]),
        ("ar", ["هل هذا سؤال؟", "نعم هذا سؤال."]),
        ("und", ["One thing.", "Another thing!"]),
    ],
)
def test_sentences_end_where_a_reader_would_say(language: str, expected: list[str]) -> None:
    separator = "" if language == "ja" else " "
    assert split(separator.join(expected), language) == expected


def test_text_without_punctuation_is_cut_at_white_space() -> None:
    text = "mot " * 1_000
    pieces = split(text, "fr")
    assert all(len(piece) <= MAX_SENTENCE_LENGTH for piece in pieces)
    assert set(" ".join(pieces).split()) == {"mot"}


def test_an_endless_word_is_cut_hard() -> None:
    assert [len(piece) for piece in split("x" * 2_500, "fr")] == [1_000, 1_000, 500]


def test_lower_case_text_still_has_sentences() -> None:
    assert len(split("this is said without capitals. " * 60, "en")) > 2


def test_sentences_across_windows_are_whole() -> None:
    sentence = "Une phrase de longueur moyenne se tient ici."
    count = 3 * WINDOW_LENGTH // len(sentence)
    assert split(" ".join([sentence] * count), "fr") == [sentence] * count


@given(
    st.text() | st.text("ab.?! »\"'\n1M\ud800", max_size=80),
    st.sampled_from(["fr", "nl", "de", "en", "lb", "ja", "ar", "und"]),
)
def test_sentences_tile_the_text_apart_from_white_space(text: str, language: str) -> None:
    spans = sentences(text, language)
    assert "".join("".join(text[a:b].split()) for a, b in spans) == "".join(text.split())
    assert all(span.end <= follower.start for span, follower in pairwise(spans))
    assert all(text[a:b] == text[a:b].strip() and 0 < b - a <= 1_000 for a, b in spans)
