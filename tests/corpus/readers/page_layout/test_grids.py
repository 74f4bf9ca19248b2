from __future__ import annotations

from collections import Counter
from itertools import chain

from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.readers.formats.pdf import read_pdf
from corpus.readers.page_layout.rows import Row
from corpus.readers.page_layout.tables.cells import ROW_LINES, Column, rows_in
from corpus.readers.page_layout.tables.grids import with_grids
from corpus.readers.page_layout.tables.rules import Rule, Rules
from corpus.text.cleaning import clean
from corpus.types import BlockKind
from tests.documents import table_pdf

LONG = (
    "Whoever wants to take books home needs a card, which is valid for a year from the day "
    "on which it was made out at the desk."
)
LOST = "Lost card, or one that was damaged so that no machine can read it"
RULES = (("What it is", "What it means", "Who does it"),
         ("Annual card", LONG, "The desk on the ground floor"),
         (LOST, "A fee is due.", ""))  # fmt: skip


def _rows(content: bytes) -> list[str]:
    cleaned = clean(read_pdf(content))
    return [
        cleaned.text[block.span.start : block.span.end]
        for block in cleaned.blocks
        if block.kind is BlockKind.ROW
    ]


def test_rules_part_cells_of_whole_sentences() -> None:
    above, below = "These are the rules of the library.", "They hold until the summer."
    content = table_pdf(RULES, above=above, below=below)
    rows = [" | ".join(row).strip() for row in RULES]
    assert _rows(content) == rows
    assert clean(read_pdf(content)).text.split("\n") == [above, "", *rows, "", below]


def test_two_rows_are_a_table_if_rules_part_them() -> None:
    rows = [("", "Adults", "Children", "Others"), ("Card", "18 euros", "free", "18 euros")]
    assert _rows(table_pdf(rows)) == [
        "| Adults | Children | Others",
        "Card | 18 euros | free | 18 euros",
    ]
    assert _rows(table_pdf(rows, borders="NONE")) == []


def test_a_rule_parts_words_that_nearly_touch_it() -> None:
    wide = "It is thirty-two letters and more"
    rows = [("Long", "Short", "None"), (wide, wide, wide), ("a card", "a fee", "a desk")]
    assert _rows(table_pdf(rows)) == [" | ".join(row) for row in rows]


def test_a_frame_around_text_is_no_table() -> None:
    assert _rows(table_pdf([(LONG,), (LONG,)])) == []


def test_a_cell_as_long_as_a_book_ends_the_rows_so_that_it_is_not_gone_through_for_each_line() -> (
    None
):
    lines = [[Row("word", 1, 10, 20, 500 - 0.2 * at, 0.2)] for at in range(10 * ROW_LINES)]
    rows, is_cut = rows_in(lines, [Column(0, 100), Column(100, 200)])
    assert ([len(row) for row in rows], is_cut) == ([ROW_LINES], True)


places = st.tuples(st.integers(0, 3), st.integers(0, 12))
rules = st.lists(st.builds(Rule, *(st.integers(0, 40).map(lambda at: at * 10.0),) * 3), max_size=9)


@settings(max_examples=30)
@given(st.lists(places, max_size=20), rules, rules)
def test_no_word_is_lost_and_none_comes_twice(
    page: list[tuple[int, int]], across: list[Rule], upright: list[Rule]
) -> None:
    lines = [
        [Row(f"word{at}", 1, 100.0 * left, 100.0 * left + 60, 300.0 - 20 * down, 10)]
        for at, (left, down) in enumerate(page)
    ]
    found = with_grids(lines, Rules(across, upright), lambda row, _: [row])
    words = chain.from_iterable(
        row.text.replace("|", " ").split() for row in chain.from_iterable(found)
    )
    assert Counter(words) == Counter(f"word{at}" for at in range(len(page)))
