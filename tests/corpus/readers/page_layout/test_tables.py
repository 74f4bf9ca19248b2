from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.readers.formats.pdf import read_pdf
from corpus.readers.page_layout.rows import Row
from corpus.readers.page_layout.tables.aligned import with_tables
from corpus.text.chunking import segment
from corpus.text.cleaning import clean
from corpus.types import BlockKind
from tests.documents import printed_pdf

FEES = (("Service", "Adults", "Children"),
        ("Annual card", "18 euros", "free"),
        ("Lost card", "5 euros", "2 euros"),
        ("Copy of a page", "0.10 euros", "0.10 euros"))  # fmt: skip
LEFTS = (20.0, 80.0, 130.0)


def _line(at: int) -> float:
    return 40.0 + 5 * at


def _drawn(
    rows: Sequence[Sequence[str]], lefts: Sequence[float] = LEFTS, first: int = 0
) -> list[tuple[float, float, str]]:
    return [
        (left, _line(at), cell)
        for at, row in enumerate(rows, first)
        for left, cell in zip(lefts, row, strict=False)
        if cell
    ]


def _rows(drawn: Sequence[tuple[float, float, str]]) -> list[str]:
    cleaned = clean(read_pdf(printed_pdf([drawn])))
    return [
        cleaned.text[block.span.start : block.span.end]
        for block in cleaned.blocks
        if block.kind is BlockKind.ROW
    ]


def test_a_table_is_read_row_by_row_and_each_row_says_the_names_of_its_columns() -> None:
    cleaned = clean(read_pdf(printed_pdf([_drawn(FEES)])))
    (passage,) = segment(cleaned)
    assert passage.text.split("\n") == [" | ".join(row) for row in FEES]
    assert (
        list(passage.said.values())[1] == "Service: Lost card | Adults: 5 euros | Children: 2 euros"
    )


def test_the_lines_of_a_cell_are_one_cell() -> None:
    rows = [*FEES[:2], ("Lost card, or one that", "5 euros", "2 euros"), FEES[3]]
    drawn = _drawn(rows)
    under = drawn.index((20.0, _line(2), rows[2][0])) + 1
    drawn.insert(under, (20.0, _line(2) + 4.5, "no machine can read"))
    assert _rows([*drawn[:-3], *_drawn([FEES[3]], first=4)]) == [
        *(" | ".join(row) for row in FEES[:2]),
        "Lost card, or one that no machine can read | 5 euros | 2 euros",
        " | ".join(FEES[3]),
    ]


def test_a_cell_that_is_empty_keeps_its_column() -> None:
    rows = [("", *FEES[0][1:]), FEES[1], ("Lost card", "", "2 euros"), FEES[3]]
    drawn = printed_pdf([_drawn(rows)])
    said = segment(clean(read_pdf(drawn)))[0].said
    assert list(said.values())[1] == "Lost card | Children: 2 euros"


TRAINS = (("S 101", "10:35", "Sundays"),
          ("S 201", "12:35", "weekdays"),
          ("S 17", "17:05", "daily"))  # fmt: skip


@pytest.mark.parametrize("lefts", [(20.0, 30.0, 47.5), (20.0, 30.0, 50.0)])
def test_names_that_stand_closer_than_their_columns_are_names(lefts: Sequence[float]) -> None:
    names = _drawn([("Train", "Departure", "Day")], lefts)
    assert _rows([*names, *_drawn(TRAINS, (20.0, 36.0, 50.0), first=1)]) == [
        "Train | Departure | Day",
        *(" | ".join(row) for row in TRAINS),
    ]


def test_a_line_with_words_between_the_columns_is_no_names() -> None:
    above = (20.0, _line(0), "Train of the day and hour of it")
    drawn = [above, *_drawn(TRAINS, (20.0, 36.0, 52.0), first=1)]
    assert _rows(drawn) == [" | ".join(row) for row in TRAINS]


@pytest.mark.parametrize(
    "rows",
    [
        [("1", "let us begin"), ("2", "ask the machine"), ("3", "and stop here"), ("4", "end")],
        [
            ("(a)", "apples from the garden"),
            ("(b)", "pears"),
            ("(c)", "plums"),
            ("(d)", "cherries"),
        ],
        [("Foreword", "3"), ("The first years", "7"), ("The bridge", "12"), ("Index", "90")],
        [
            ("Bread . . . . . . . .", "3 euros"),
            ("Milk . . . . .", "1 euro"),
            ("Eggs . . .", "2 euros"),
        ],
        [("0", "1", "0"), ("1", "0", "0"), ("0", "0", "1"), ("1", "1", "1")],
        [("Annual card", "18 euros"), ("Lost card", "5 euros")],
    ],
    ids=["program", "list", "contents", "leaders", "matrix", "two lines"],
)
def test_what_is_not_surely_a_table_stays_as_it_is(rows: list[tuple[str, ...]]) -> None:
    assert _rows(_drawn(rows)) == []


def test_cells_that_do_not_stand_below_one_another_are_no_table() -> None:
    lefts = (80.0, 93.0, 71.0, 104.0)
    drawn = [
        cell
        for at, (row, left) in enumerate(zip(FEES, lefts, strict=True))
        for cell in ((20.0, _line(at), row[0]), (left, _line(at), row[1]))
    ]
    assert _rows(drawn) == []


def test_text_around_a_table_stays_in_its_place() -> None:
    above, below = "The council has decided that these fees are due:", "They hold until the summer."
    drawn = [(20.0, 30.0, above), *_drawn(FEES), (20.0, 80.0, below)]
    text = clean(read_pdf(printed_pdf([drawn]))).text
    assert text.split() == [
        *above.split(), *" | ".join(FEES[0]).split(), *" | ".join(FEES[1]).split(),
        *" | ".join(FEES[2]).split(), *" | ".join(FEES[3]).split(), *below.split(),
    ]  # fmt: skip


places = st.tuples(st.integers(0, 3), st.integers(0, 12), st.integers(1, 2))
pages = st.lists(places, max_size=30)


@settings(max_examples=50)
@given(pages)
def test_no_word_is_lost_and_none_comes_twice(page: list[tuple[int, int, int]]) -> None:
    lines = [
        [Row(f"word{at}", 1, 100.0 * left, 100.0 * left + 80 * width, 700.0 - 12 * down, 10)]
        for at, (left, down, width) in enumerate(page)
    ]
    rows = with_tables(lines, lambda row, _: [row])
    words = chain.from_iterable(row.text.replace("|", " ").split() for row in rows)
    assert Counter(words) == Counter(f"word{at}" for at in range(len(page)))
