from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.text.table_rows import CELL_SEPARATOR, Row, rows_of

cells = st.text("abcdefgh 019@", max_size=6)
tables = st.lists(st.lists(cells, min_size=1, max_size=4).map(CELL_SEPARATOR.join), max_size=6)


def test_a_row_says_what_its_cells_are() -> None:
    assert rows_of(["Train | Leaves | Days", "Steam 101 | 10:35 | Sundays"]) == [
        Row(is_names=True, said=None),
        Row(is_names=False, said="Train: Steam 101 | Leaves: 10:35 | Days: Sundays"),
    ]


def test_an_empty_cell_keeps_the_columns_behind_it_in_place() -> None:
    assert rows_of(["| Adults | Children", "Lost card | | 2 euros"])[1] == Row(
        is_names=False, said="Lost card | Children: 2 euros"
    )


@pytest.mark.parametrize(
    "first", ["Annual card | 18", "a@example.org | Desk", "Desk | Desk", "Desk", "x" * 81 + " | y"]
)
def test_a_table_that_names_no_columns_says_what_it_says(first: str) -> None:
    assert rows_of([first, "Lost card | 5"]) == [Row(is_names=False, said=None)] * 2


def test_names_that_come_again_on_the_next_page_are_names() -> None:
    rows = rows_of(["Card | Price", "Lost | 5", "Card | Price", "New | 18"])
    assert rows[2] == Row(is_names=True, said=None)
    assert rows[3] == Row(is_names=False, said="Card: New | Price: 18")


def test_a_row_of_other_cells_says_what_it_says() -> None:
    assert rows_of(["Card | Price | Note", "All of it is free"])[1] == Row(False, None)


def test_names_alone_are_a_row() -> None:
    assert rows_of(["Card | Price"]) == [Row(is_names=False, said=None)]


@given(tables)
def test_no_cell_is_lost(texts: list[str]) -> None:
    rows = rows_of(texts)
    assert len(rows) == len(texts)
    for text, row in zip(texts, rows, strict=True):
        assert row.said is None or all(
            cell.strip() in row.said for cell in text.split(CELL_SEPARATOR)
        )
