from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.text.cleaning import clean
from corpus.types import Block, BlockKind, Fact, Metadata, Origin, RawDocument

LONG = 50_000
PARAGRAPH, HEADING, ITEM = BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.LIST_ITEM

raw_documents = st.builds(
    lambda blocks: RawDocument(tuple(blocks)),
    st.lists(
        st.builds(
            Block,
            st.sampled_from(BlockKind),
            st.text(st.characters())
            | st.text("ab. -\n\u00ad\u200b\ud83d\ude00\ufb01é", max_size=40),
        ),
        max_size=8,
    ),
)


def cleaned(*texts: str) -> str:
    return clean(RawDocument(tuple(Block(PARAGRAPH, text) for text in texts))).text


def metadata(*blocks: tuple[BlockKind, str], stated: Metadata | None = None) -> Metadata:
    raw = RawDocument(tuple(Block(*block) for block in blocks), stated or Metadata())
    return clean(raw).metadata


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("hard-wrapped \n lines are\r\njoined", "hard-wrapped lines are joined"),
        ("inter\u00adnational co\u00ad\noperation", "international cooperation"),
        ("ofﬁce, aﬄuent, ﬂag", "office, affluent, flag"),
        ("the inter-\nnational police", "the international police"),
        ("a Frans-\nBelgische groep", "a Frans-Belgische groep"),
        ("c'est-à-\ndire que celui-\nci", "c'est-à-dire que celui-ci"),
        ("Ein-\nund Ausfuhr", "Ein- und Ausfuhr"),
        ("le porte-parole, un porte-\nparole", "le porte-parole, un porte-parole"),
        ("jeugdexperts en -professionals", "jeugdexperts en -professionals"),
        ("1 ? We hebben ?beslist? om", "1 ? We hebben ?beslist? om"),
        ("« l’œuvre » – “so” — „so“", "« l’œuvre » – “so” — „so“"),
        ("narrow\u202fand\u00a0wide  spaces\t", "narrow and wide spaces"),
        ("no\0 con\x07trols\u200b or\ufeff marks\u202e", "no controls or marks"),
        ("a lone \ud800 surrogate, a pair \ud83d\ude00", "a lone \ufffd surrogate, a pair 😀"),
        ("e\u0301te\u0301 en NFC, m² et ½ restent", "été en NFC, m² et ½ restent"),
        ("これは\n文です", "これは文です"),
        ("한국어\n문장", "한국어 문장"),
        ("نمی\u200cخواهم", "نمی\u200cخواهم"),
        ("la fin\nDernière mise à jour", "la fin"),
    ],
)
def test_damage_is_mended_and_what_is_said_is_not_changed(raw: str, expected: str) -> None:
    assert cleaned(raw) == expected


@pytest.mark.parametrize(
    "line",
    [
        "Dernière mise à jour", "Dernière mise à jour : 03.02.2022", "Lire aussi :", "À lire aussi",
        "Retour en haut de la page", "Partager sur Facebook", "Accepter les cookies",
        "Ce site utilise des cookies pour vous servir.", "Laatste update: 3 mei 2020", "Lees ook",
        "Terug naar boven", "Deze website maakt gebruik van cookies.", "Alle cookies accepteren",
        "Zuletzt aktualisiert am 3. Mai 2020", "Lesen Sie auch:", "Nach oben", "Seite drucken",
        "Last updated on 3 May 2020", "Read more", "BACK TO TOP", "We use cookies to serve you.",
        "Lescht Aktualiséierung", "Zréck no uewen", "Dës Websäit benotzt Cookien.", "1. ©MSI",
        "Top", "© Reuters", "******", "- ",
    ],
)  # fmt: skip
def test_page_boilerplate_is_dropped(line: str) -> None:
    assert cleaned("What is said.", line, "What follows.") == "What is said.\n\nWhat follows."


@pytest.mark.parametrize(
    "line",
    [
        "Communiqué par le ministère de la Justice",
        "Last updated figures show a rise in thefts.",
        "La dernière mise à jour date de mai.",
        "Il faut lire aussi le second rapport.",
        "Het rapport gaat over cookies.",
    ],
)
def test_the_documents_own_lines_are_kept(line: str) -> None:
    assert cleaned(line) == line


def test_repeated_captions_are_kept_once() -> None:
    caption, other = "The minister with his colleague", "The minister with another colleague"
    assert cleaned(caption, caption, other, "Text.", caption).split("\n\n") == [
        caption, other, "Text.",
    ]  # fmt: skip


def test_headings_items_and_sentences_may_come_again() -> None:
    raw = RawDocument(
        (
            Block(HEADING, "Measures of the ministry"), Block(PARAGRAPH, "Not applicable."),
            Block(HEADING, "Measures of the ministry"), Block(PARAGRAPH, "Not applicable."),
            Block(ITEM, "- all of the member states"), Block(ITEM, "- all of the member states"),
        )
    )  # fmt: skip
    assert len(clean(raw).blocks) == 6


def test_list_items_stand_on_lines_of_their_own() -> None:
    raw = RawDocument((Block(PARAGRAPH, "Two:"), Block(ITEM, "- a"), Block(ITEM, "- b"),
                       Block(PARAGRAPH, "End.", 3)))  # fmt: skip
    document = clean(raw)
    assert document.text == "Two:\n\n- a\n- b\n\nEnd."
    assert document.blocks[-1].page == 3


@pytest.mark.parametrize(
    ("line", "publisher"),
    [
        ("Communiqué par le ministère de la Justice", "Ministère de la Justice"),
        ("Communiqué par l'Office des étrangers.", "Office des étrangers"),
        ("Meegedeeld door de federale politie", "Federale politie"),
        ("Mitgeteilt vom Bundesministerium", "Bundesministerium"),
        ("Published by the Home Office", "Home Office"),
        ("Matgedeelt vum Justizministère", "Justizministère"),
        ("Publié par Ville de Luxembourg", "Ville de Luxembourg"),
        ("Publisher: Ministry of the Interior", "Ministry of the Interior"),
    ],
)
def test_the_publisher_is_taken_from_the_line_that_names_it(line: str, publisher: str) -> None:
    stated = Metadata(publisher="A portal")
    assert metadata((PARAGRAPH, "Text."), (PARAGRAPH, line), stated=stated).publisher == publisher


def test_metadata_win_over_the_text_but_for_the_publisher() -> None:
    stated = Metadata("The  title\n", "Portal", date(2020, 1, 2), "https://example.org")
    found = metadata((HEADING, "Heading"), (PARAGRAPH, "On 3 May 2019."), stated=stated)
    assert found == Metadata("The title", "Portal", date(2020, 1, 2), "https://example.org")


@pytest.mark.parametrize(
    ("blocks", "title"),
    [
        ([(HEADING, "The accord"), (PARAGRAPH, "Text.")], "The accord"),
        ([(PARAGRAPH, "3 May 2020"), (HEADING, "The accord"), (PARAGRAPH, "Text.")], "The accord"),
        ([(PARAGRAPH, "A short first line"), (PARAGRAPH, "Text.")], "A short first line"),
        ([(PARAGRAPH, "A sentence."), (HEADING, "1. A section"), (PARAGRAPH, "Text.")], None),
        ([(ITEM, "- an item"), (PARAGRAPH, "Text.")], None),
        ([(PARAGRAPH, "3 May 2020")], None),
        ([], None),
    ],
)
def test_the_title_is_the_line_above_all_paragraphs(
    blocks: list[tuple[BlockKind, str]], title: str | None
) -> None:
    assert metadata(*blocks).title == title


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("x", "x" * LONG),
        ("a-", "a-" * LONG),
        ("ab'", "ab'" * LONG),
        ("a-\n", "aa- " * (LONG // 2 - 1) + "aa-"),
        ('"', ""),
        (".", ""),
        ("\u00ad", ""),
        ("é ", "é " * (LONG - 1) + "é"),
    ],
)
def test_a_word_of_any_length_is_cleaned(pattern: str, expected: str) -> None:
    """A pattern that looks back over the word at every step would not come to an end here."""
    assert cleaned(pattern * LONG) == expected


@given(raw_documents)
def test_cleaned_text_is_whole_and_encodable(raw: RawDocument) -> None:
    document = clean(raw)
    document.text.encode("utf-8", "strict")
    assert unicodedata.is_normalized("NFC", document.text) or any(
        unicodedata.combining(document.text[block.span.start]) for block in document.blocks
    )
    position, gaps = 0, []
    for block in document.blocks:
        gaps.append(document.text[position : block.span.start])
        text = document.text[block.span.start : block.span.end]
        assert text == " ".join(text.split())
        assert text
        position = block.span.end
    assert position == len(document.text)
    assert "".join(gaps).strip() == ""


@given(raw_documents)
def test_cleaning_cleaned_text_changes_nothing(raw: RawDocument) -> None:
    once = clean(raw)
    again = clean(
        RawDocument(
            tuple(
                Block(block.kind, once.text[block.span.start : block.span.end], block.page)
                for block in once.blocks
            )
        )
    )
    assert again.text == once.text


@pytest.mark.parametrize("heading", ["Contents", "C O N T E N T S", "Inhaltsverzeichnis", "Résumé"])
def test_the_heading_of_a_part_is_no_title(heading: str) -> None:
    above = metadata((HEADING, heading), (HEADING, "The accord"), (PARAGRAPH, "It was signed."))
    assert above.title == "The accord"
    stated = Metadata(title=heading)
    assert metadata((HEADING, "The accord"), (PARAGRAPH, "Signed."), stated=stated) == Metadata(
        title="The accord"
    )


@pytest.mark.parametrize(
    "line",
    [
        "https://example.org/a/b",
        "// No rights reserved",
        "i t e st pa rt",
        "/\\ \\/\\ \\ /' _ `\\ /__",
        "* * *",
    ],
)
def test_an_address_or_a_drawing_is_no_title(line: str) -> None:
    assert metadata((PARAGRAPH, line), (PARAGRAPH, "The text of the note.")).title is None


def test_a_date_of_what_is_told_is_not_the_documents() -> None:
    told = "Die Brücken werden am 3. Mai 2021 gesperrt"
    assert metadata((PARAGRAPH, told), (PARAGRAPH, "Das gilt für alle.")).published is None


def test_each_fact_has_its_origin() -> None:
    found = metadata((HEADING, "The accord"), (PARAGRAPH, "3 May 2021"), (PARAGRAPH, "Signed."))
    assert found.origins == {Fact.TITLE: Origin.HEADING, Fact.PUBLISHED: Origin.TEXT}
    line = metadata((PARAGRAPH, "The accord"), (PARAGRAPH, "It was signed in Brussels on Monday."))
    assert line.origins == {Fact.TITLE: Origin.TEXT}
    said = Metadata("The accord", "A portal", date(2021, 5, 3), "https://example.org")
    stated = metadata((PARAGRAPH, "It was signed."), stated=said)
    assert stated.origins == dict.fromkeys(set(Fact) - {Fact.LANGUAGE}, Origin.METADATA)
