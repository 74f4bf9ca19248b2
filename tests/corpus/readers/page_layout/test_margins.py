"""Sentences are not interrupted by what stands beside the text or below it."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from corpus.readers.formats.pdf import read_pdf
from corpus.readers.page_layout.margins import (
    with_footnotes_aside,
    without_line_numbers,
    without_notes,
)
from corpus.readers.page_layout.rows import Row
from corpus.types import LeftOut, LeftOutReason, RawDocument
from tests.documents import printed_pdf

_PROSE = (
    "The council has examined the report of the committee on",
    "the state of the bridges over the river and has found that",
    "three of them must be repaired before the winter comes in,",
    "since their pillars have suffered from the flood of spring",
    "and since no other road leads to the villages behind them,",
    "as the people who live there have told the mayor in a letter.",
)


def _page(texts: Sequence[str], *beside: tuple[float, int, str]) -> list[tuple[float, float, str]]:
    """Return lines 40 mm from the left, and what stands beside some: (mm, number of line, text)."""
    lines = [(40.0, 20.0 + 5 * number, text) for number, text in enumerate(texts)]
    at = {number: [(left, 20.0 + 5 * number, text)] for left, number, text in beside}
    return [each for number, line in enumerate(lines) for each in (*at.get(number, ()), line)]


def _read(*pages: Sequence[tuple[float, float, str]]) -> RawDocument:
    return read_pdf(printed_pdf(pages))


def _texts(document: RawDocument) -> list[str]:
    return [" ".join(block.text.split()) for block in document.blocks]


def test_the_numbers_of_lines_are_no_words_of_them() -> None:
    numbers = [(25, at, str(11 + at)) for at in range(len(_PROSE))]
    document = _read(_page(_PROSE, *numbers))
    assert _texts(document) == [" ".join(_PROSE)]
    assert document.left_out == (LeftOut(LeftOutReason.LINE_NUMBER, "11 12 13 14 15 16", 1),)


def test_numbers_that_do_not_count_the_lines_are_text() -> None:
    numbers = [(25, at, str(11 + at * at)) for at in range(len(_PROSE))]
    assert "36" in " ".join(_texts(_read(_page(_PROSE, *numbers))))


def test_the_numbers_of_the_rows_of_a_table_are_text() -> None:
    rows = ("Bridge", "Road and rail", "School", "Hall", "Library of the town", "Church")
    numbers = [(25, at, str(1 + at)) for at in range(len(rows))]
    document = _read(_page(rows, *numbers))
    assert not document.left_out
    assert "2 Road and rail" in " ".join(_texts(document))


def test_the_numbers_of_chapters_in_a_table_of_contents_are_text() -> None:
    rows = [f"Chapter on the bridges of the river {'. ' * 20}{7 * at}" for at in range(6)]
    numbers = [(25, at, str(1 + at)) for at in range(len(rows))]
    assert not _read(_page(rows, *numbers)).left_out


def test_a_note_in_the_margin_does_not_stand_within_the_sentence_beside_it() -> None:
    document = _read(_page(_PROSE, (10, 2, "Bridges and"), (10, 3, "pillars")))
    assert _texts(document) == [" ".join(_PROSE), "Bridges and pillars"]


def test_a_label_beside_the_beginning_of_its_text_stays_with_it() -> None:
    document = _read(_page(_PROSE, (10, 0, "Bridges")))
    assert _texts(document) == [" ".join(("Bridges", *_PROSE))]


def test_a_sentence_runs_on_over_the_notes_below_it() -> None:
    note = "1 Report of 3 May 2021 on bridges, page 7."
    first = [*_page(_PROSE[:3]), (40.0, 60.0, note)]
    pages = (first, _page(_PROSE[3:]), _page(_PROSE))
    document = read_pdf(printed_pdf(pages, sizes={note: 8}))
    assert _texts(document) == [note, " ".join(_PROSE), " ".join(_PROSE)]
    assert [block.page for block in document.blocks] == [1, 1, 3]


def test_no_note_comes_between_a_heading_and_its_paragraph() -> None:
    note = "1 Report of 3 May 2021 on bridges, page 7."
    heading = (40.0, 10.0, "Bridges")
    pages = ([heading, *_page(_PROSE[:3]), (40.0, 60.0, note)], _page(_PROSE[3:]), _page(_PROSE))
    document = read_pdf(printed_pdf(pages, sizes={note: 8, "Bridges": 16}))
    assert _texts(document)[:3] == [note, "Bridges", " ".join(_PROSE)]


def test_notes_below_text_that_ends_with_its_page_come_after_it() -> None:
    note = "1 Report of 3 May 2021 on bridges, page 7."
    pages = ([*_page(_PROSE), (40.0, 70.0, note)], _page(_PROSE))
    document = read_pdf(printed_pdf(pages, sizes={note: 8}))
    assert _texts(document) == [" ".join(_PROSE), note, " ".join(_PROSE)]


def _rows(*lines: tuple[str, float], page: int = 1) -> list[Row]:
    return [Row(text, page, 40, 300, 700 - 12 * at, size) for at, (text, size) in enumerate(lines)]


def test_notes_are_small_and_begin_with_a_mark() -> None:
    page = _rows(("The court holds that", 10), ("1 Report of 3 May.", 8), ("See page 7.", 8))
    assert [row.is_aside for row in with_footnotes_aside(page, 10)] == [False, True, True]
    page = _rows(("The court holds that", 10), ("Source: the report.", 8))
    assert not any(row.is_aside for row in with_footnotes_aside(page, 10))


_ROWS = st.builds(
    lambda text, left, width, line: Row(text, 1, left, left + width, line * 12, 10),
    st.sampled_from(("1", "2", "17", "the text goes on", "Label", "ends.")),
    st.integers(0, 300),
    st.integers(0, 300),
    st.integers(0, 12),
)


@given(st.lists(st.lists(_ROWS, min_size=1, max_size=3), max_size=15))
def test_no_line_is_lost_or_moved_but_to_the_margin(lines: list[list[Row]]) -> None:
    drawn = [row for line in lines for row in line]
    for parted in (without_line_numbers, without_notes):
        kept, beside = parted(lines)
        rows = [row for line in kept for row in line]
        assert sorted(row.text for row in (*rows, *beside)) == sorted(row.text for row in drawn)
        assert [row for row in drawn if row in rows] == rows or len(set(drawn)) < len(drawn)
