from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from training.cleaning import MAX_LENGTH, clean, counts, is_prose, is_translation
from training.types import Paragraph

ENGLISH = "The page margins are kept when you change the paper format of a document."
FRENCH = "Les marges de la page sont conservées lorsque le format du papier change."
GERMAN = "Die Seitenränder bleiben erhalten, wenn Sie das Papierformat ändern."


def test_whole_sentences_are_prose() -> None:
    assert is_prose(ENGLISH)


@pytest.mark.parametrize(
    "text",
    [
        "Page margins",
        "Page margins and other things that a document may have, without a full stop",
        "To see the margins, choose Tools - Options - Writer - View and tick the box.",
        "Choose Format - Page style and then the tab for the margins of the page.",
        "Open the menu File > Print and choose the printer that you want to use.",
        "Call the function margins(left, right) to set both margins of the page.",
        "The setting is kept in the file /etc/papersize until you change it again.",
        "Run the program with --margins to see what the margins of the page are.",
        "1.2 3.4 5.6 7.8 9.0 1.2 3.4 5.6 7.8 9.0 are some of the margins there are.",
        "The margins. " * 40,
    ],
)
def test_labels_menu_paths_and_code_are_not(text: str) -> None:
    assert not is_prose(text)


def test_a_translation_is_one() -> None:
    assert is_translation(FRENCH, "fr", ENGLISH)


@pytest.mark.parametrize(
    "text",
    [
        ENGLISH,
        ENGLISH.replace("document", "file"),
        "Les marges.",
        FRENCH * 3,
        "Les marges de la {{PLURAL:$1|page|pages}} sont conservées lorsque le format change.",
        "En 1998 et en 2003, les marges de la page ont été de 25 et de 30 millimètres.",
    ],
)
def test_what_is_still_english_or_says_less_more_or_other_is_none(text: str) -> None:
    assert not is_translation(text, "fr", ENGLISH)


def test_chinese_says_it_in_fewer_characters() -> None:
    assert is_translation("更改文档的纸张格式时，将保留页边距。", "zh", ENGLISH)


def test_a_text_that_was_there_is_left_out_even_with_another_number() -> None:
    pages = [
        Paragraph(
            "x", str(number), {"en": f"{ENGLISH} Step {number}.", "fr": f"{FRENCH} {number}."}
        )
        for number in (1, 2)
    ]
    assert [page.id for page in clean(pages)] == ["1"]


def test_a_paragraph_loses_the_language_that_was_not_translated() -> None:
    [kept] = clean([Paragraph("x", "1", {"de": ENGLISH, "en": ENGLISH, "fr": FRENCH})])
    assert list(kept.texts) == ["en", "fr"]


def test_a_paragraph_left_in_english_only_goes() -> None:
    assert list(clean([Paragraph("x", "1", {"de": ENGLISH, "en": ENGLISH})])) == []


def test_counts_name_the_languages_with_most_text_first() -> None:
    paragraphs = [
        Paragraph("x", "1", {"de": GERMAN, "en": ENGLISH}),
        Paragraph("x", "2", {"en": ENGLISH, "fr": FRENCH}),
    ]
    assert list(counts(paragraphs).items()) == [("en", 2), ("de", 1), ("fr", 1)]


SAID = st.sampled_from([ENGLISH, FRENCH, GERMAN, f"{ENGLISH} {ENGLISH}", ENGLISH * 9])


@given(
    st.lists(
        st.dictionaries(st.sampled_from(["en", "fr", "zh"]), SAID | st.text(max_size=400)),
        max_size=9,
    )
)
@example([{"en": ENGLISH, "fr": FRENCH}])
@example([{"en": ENGLISH}, {"en": ENGLISH, "fr": FRENCH}])
def test_what_stays_is_in_two_languages_and_short_enough(texts: list[dict[str, str]]) -> None:
    kept = list(clean(Paragraph("x", str(id_), each) for id_, each in enumerate(texts)))
    assert kept or {"en": ENGLISH, "fr": FRENCH} not in texts
    for paragraph in kept:
        assert "en" in paragraph.texts
        assert len(paragraph.texts) > 1
        assert all(len(text) <= MAX_LENGTH for text in paragraph.texts.values())


HEADED = Paragraph("x", "1", {"en": ENGLISH, "fr": FRENCH, "de": GERMAN})


def test_a_heading_stays_that_a_reader_could_ask_for_in_the_languages_of_the_texts() -> None:
    headings = {"en": "Keeping page margins", "fr": "Conserver les marges", "nl": "Marges houden"}
    [kept] = clean([HEADED._replace(headings={**headings, "de": ""})])
    assert kept.headings == {"en": headings["en"], "fr": headings["fr"]}


def test_a_heading_loses_its_number_and_what_it_is_linked_by() -> None:
    headings = {"en": "6.2.5. Keeping page margins¶", "fr": "6.2.5 Conserver les marges ¶"}
    [kept] = clean([HEADED._replace(headings=headings)])
    assert kept.headings == {"en": "Keeping page margins", "fr": "Conserver les marges"}


@pytest.mark.parametrize("english", ["Overview", "", "margins(left, right) and how", "To C:\\ now"])
def test_a_label_or_code_for_a_heading_goes_in_every_language(english: str) -> None:
    [kept] = clean([HEADED._replace(headings={"en": english, "fr": "Conserver les marges"})])
    assert kept.headings == {}


def test_a_heading_that_is_still_english_goes() -> None:
    headings = {"en": "Keeping page margins", "fr": "Keeping page margins"}
    [kept] = clean([HEADED._replace(headings=headings)])
    assert kept.headings == {"en": headings["en"]}
