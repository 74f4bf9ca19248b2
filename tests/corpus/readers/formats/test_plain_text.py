from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import EmptyFile
from corpus.readers.formats.plain_text import read_text
from corpus.types import BlockKind


def blocks(text: str) -> list[tuple[str, str]]:
    return [(block.kind.value, block.text) for block in read_text(text.encode()).blocks]


PARAGRAPH = (
    "The ministers met in the capital and spoke for some hours about the border and\n"
    "the police. They will meet again in the spring, when the treaty is to be signed\n"
    "by all of them.\n"
)


def test_hard_wrapped_lines_are_one_block() -> None:
    assert len(blocks(PARAGRAPH)) == 1


def test_a_new_sentence_after_a_short_line_is_a_new_block() -> None:
    text = (
        PARAGRAPH + "A new paragraph begins after the short line, though no blank line is there.\n"
    )
    assert len(blocks(text)) == 2


def test_each_long_line_is_a_paragraph() -> None:
    line = "Un paragraphe entier tient sur une seule ligne, comme dans bien des exports. " * 5
    assert len(blocks(f"{line}\n{line}\n{line}")) == 3


def test_a_short_line_apart_above_a_paragraph_is_a_heading() -> None:
    text = f"A title\n\n{PARAGRAPH}\nTerrorism\n\n{PARAGRAPH}\nIssued by the ministry\n"
    kinds = [kind for kind, _ in blocks(text)]
    assert kinds == ["heading", "paragraph", "heading", "paragraph", "paragraph"]


def test_a_numbered_heading_may_run_over_two_lines() -> None:
    text = (
        f"{PARAGRAPH}\n1 ? We hebben beslist om een werkgroep op te richten in verband met de\n"
        f"strafvordering tegen de criminaliteit en terrorisme \n\n{PARAGRAPH}"
        f"\n2. Migration\n\n{PARAGRAPH}"
    )
    found = blocks(text)
    assert [kind for kind, _ in found] == ["paragraph", "heading", "paragraph", "heading",
                                           "paragraph"]  # fmt: skip
    assert found[1][1].endswith("terrorisme")


def test_lists_are_told_from_headings() -> None:
    text = f"{PARAGRAPH}\n1. One thing\n\n2. Another thing\n\n{PARAGRAPH}\n- a\n* b\n• c\n"
    kinds = [kind for kind, _ in blocks(text)]
    assert kinds == ["paragraph", *["list item"] * 2, "paragraph", *["list item"] * 3]


def test_a_bullet_on_its_own_line_belongs_to_the_next() -> None:
    assert blocks("The choices:\n\n-\n\nThe first.\n\n-\n\nThe second.\n\n-")[1:3] == [
        ("list item", "- The first."),
        ("list item", "- The second."),
    ]


def test_captions_below_a_list_item_are_no_headings() -> None:
    text = f"A title\n\n{PARAGRAPH}\n  1. ©ABC\n\n    The minister\n\nBorder\n\n{PARAGRAPH}"
    found = {block: kind for kind, block in blocks(text)}
    assert found["The minister"] == "paragraph"
    assert found["Border"] == "heading"


def test_a_date_line_and_an_initial_are_neither_heading_nor_list_item() -> None:
    found = blocks(f"18 Mai. 2017\n{'Une longue ligne de texte. ' * 9}\n\nM. Kox est parti.\n")
    assert [kind for kind, _ in found] == ["paragraph"] * 3


def test_a_wrapped_date_is_no_list_item() -> None:
    text = (
        "Die Minister trafen sich in der Hauptstadt und sprachen über die Grenze am Tag\n"
        "12. Dezember und über vieles andere, das sie in der nächsten Zeit tun wollten, und\n"
        "sie kamen überein, das weiter zu tun, was sie schon begonnen hatten in dem Jahr.\n"
    )
    assert [kind for kind, _ in blocks(text)] == ["paragraph"]


def test_form_feeds_and_old_line_ends_part_paragraphs() -> None:
    assert len(blocks("Here is one.\r\rHere is two.\x0cHere is three.")) == 3


@given(st.text())
def test_no_visible_character_is_lost(text: str) -> None:
    try:
        document = read_text(text.encode("utf-8", "replace"))
    except EmptyFile:
        return
    kept = "".join("".join(block.text.split()) for block in document.blocks)
    assert all(block.kind in BlockKind for block in document.blocks)
    expected = text.encode("utf-8", "replace").decode("utf-8-sig")
    if "\0" not in expected:
        assert kept == "".join(expected.split())
