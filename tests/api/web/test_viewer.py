from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.web.viewer import NOTHING, Part, Quoted, Row, pieces, quoted, span
from corpus.store.view.passages import StoredPassage
from corpus.types import Document, Span

TEXT = "Title\n\nOne. Two.\n\nThree."
SENTENCES = ((7, 11), (12, 16), (18, 24))


def document(text: str = TEXT) -> Document:
    return Document(
        id="d-0000000000000000", collection="c", file="f", root="/", media_type="text/plain",
        sha256="", language="en", title="Title", publisher=None, published=None, url=None,
        text=text,
    )  # fmt: skip


def passage(start: int, end: int, page: int | None = None, language: str = "en") -> StoredPassage:
    sentences = tuple(Span(*each) for each in SENTENCES if start <= each[0] and each[1] <= end)
    return StoredPassage(start, 1, Span(start, end), page, language, TEXT[start:end], sentences)


def text_of(paragraph: Quoted) -> str:
    return "".join(part.text for part in paragraph.parts)


def marked_in(paragraph: Quoted) -> list[str]:
    return [part.text for part in paragraph.parts if part.is_marked]


def test_a_piece_is_a_passage_with_its_paragraphs() -> None:
    (piece,) = pieces(document(), [passage(0, len(TEXT))])
    assert piece.anchor == f"0-{len(TEXT)}"
    assert [text_of(paragraph) for paragraph in piece.paragraphs] == [
        "Title",
        "One. Two.",
        "Three.",
    ]


def test_a_paragraph_without_a_sentence_is_a_heading() -> None:
    (piece,) = pieces(document(), [passage(0, len(TEXT))])
    assert [part.is_heading for part in piece.paragraphs] == [True, False, False]


def test_what_is_marked_is_told_by_its_place_in_the_document() -> None:
    found = list(pieces(document(), [passage(0, 11), passage(12, len(TEXT))], Span(12, 16)))
    assert [[marked_in(paragraph) for paragraph in piece.paragraphs] for piece in found] == [
        [[], []], [["Two."], []],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "written", ["", "12", "12-", "-1-2", "a-b", "٣-٤", "1-2-3", "1" * 20 + "-2"]
)
def test_what_is_no_span_marks_nothing(written: str) -> None:
    assert span(written) == NOTHING


def test_a_mark_that_ends_before_it_begins_changes_no_text() -> None:
    (paragraph,) = quoted("One. Two.", [Span(5, 2)])
    assert paragraph.parts == (Part("One. Two."),)


def test_a_passage_that_begins_inside_a_paragraph_goes_on() -> None:
    found = list(pieces(document(), [passage(0, 11), passage(12, 16), passage(18, len(TEXT))]))
    assert [piece.goes_on for piece in found] == [False, True, False]


def test_a_page_is_told_where_it_changes() -> None:
    found = pieces(document(), [passage(0, 5, 1), passage(7, 11, 1), passage(12, 16, 2)])
    assert [piece.page for piece in found] == [1, None, 2]


def test_an_unknown_language_is_written_as_html_does() -> None:
    (piece,) = pieces(document(), [passage(0, 5, language="und")])
    assert piece.language == ""


def test_a_quote_is_its_paragraphs_with_the_sentence_marked() -> None:
    assert list(quoted(TEXT, [Span(12, 16)])) == [
        Quoted((Part("Title"),)),
        Quoted((Part("One. "), Part("Two.", is_marked=True))),
        Quoted((Part("Three."),)),
    ]


def test_several_words_are_marked_in_one_paragraph() -> None:
    found = list(quoted(TEXT, [Span(0, 5), Span(7, 10), Span(12, 15)]))
    assert list(map(marked_in, found)) == [["Title"], ["One", "Two"], []]
    assert "\n\n".join(map(text_of, found)) == TEXT


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30))))
def test_whatever_is_marked_no_text_is_changed(marks: list[tuple[int, int]]) -> None:
    found = quoted(TEXT, [Span(*mark) for mark in sorted(marks)])
    assert "\n\n".join(map(text_of, found)) == TEXT


def test_the_documents_title_is_a_heading_in_a_quote() -> None:
    assert [part.is_heading for part in quoted(TEXT, [], "Title")] == [True, False, False]


def test_a_mark_over_several_paragraphs_is_in_each() -> None:
    found = quoted(TEXT, [Span(3, 20)])
    assert list(map(marked_in, found)) == [["le"], ["One. Two."], ["Th"]]


FEES = "Service | Adults\nNew card | 2 euros\nLost card | 5 euros"


def cells_of(row: Row) -> list[str]:
    return ["".join(part.text for part in cell) for cell in row.cells]


def test_lines_of_cells_are_a_table_whose_first_row_names_the_columns() -> None:
    text, table = quoted(f"Fees.\n\n{FEES}", [])
    assert not text.rows
    assert list(map(cells_of, table.rows)) == [
        ["Service", "Adults"], ["New card", "2 euros"], ["Lost card", "5 euros"],
    ]  # fmt: skip
    assert [row.is_names for row in table.rows] == [True, False, False]


def test_in_a_table_the_marked_row_is_marked_cell_by_cell() -> None:
    start = FEES.index("Lost")
    (table,) = quoted(FEES, [Span(start, len(FEES))])
    marked = [[all(part.is_marked for part in cell) for cell in row.cells] for row in table.rows]
    assert marked == [[False, False], [False, False], [True, True]]


@pytest.mark.parametrize(
    "text",
    ["Yes | no", "One | two\nThree.", "True ||| false", "a|b|c\nd|e|f", ""],
    ids=["two in one line", "a line without cells", "no spaces", "glued", "empty"],
)
def test_what_may_be_anything_is_no_table(text: str) -> None:
    assert not any(paragraph.rows for paragraph in quoted(text, []))


def test_a_row_of_three_cells_is_a_table_by_itself() -> None:
    (row,) = next(iter(quoted("Metz | 6 | 2", []))).rows
    assert cells_of(row) == ["Metz", "6", "2"]


def test_a_sheets_rows_leave_the_names_of_columns_to_the_row_of_names() -> None:
    text = "Service | Adults\nService: Lost card | Adults: 5 euros\nFrom: May"
    (table,) = quoted(f"{text} | Adults:", [Span(text.index("Lost"), text.index("5") + 1)])
    assert list(map(cells_of, table.rows)) == [
        ["Service", "Adults"], ["Lost card", "5 euros"], ["From: May", "Adults:"],
    ]  # fmt: skip
    assert [part.is_marked for cell in table.rows[1].cells for part in cell] == [True, True, False]


@given(st.lists(st.text("1b |\n", max_size=30)), st.integers(0, 40), st.integers(0, 40))
def test_a_table_holds_all_that_its_paragraph_does(
    texts: list[str], start: int, length: int
) -> None:
    for paragraph in quoted("\n\n".join(texts), [Span(start, start + length)]):
        if paragraph.rows:
            shown = " | ".join(cell for row in paragraph.rows for cell in cells_of(row))
            assert _letters(shown) == _letters(text_of(paragraph))


def _letters(text: str) -> str:
    return "".join(each for each in text if each.isalnum())
