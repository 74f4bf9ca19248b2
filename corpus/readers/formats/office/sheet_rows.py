"""Rows of a sheet to blocks: each says by itself what its cells are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from typing import Final, NamedTuple

from corpus.errors import TooCostly
from corpus.readers.file_metadata import meaningful_title
from corpus.text.table_rows import CELL_SEPARATOR, are_names, may_be_name, named
from corpus.types import Block, BlockKind

MAX_ROWS: Final = 50_000
"""Rows with something in them, of all sheets of a file; as many as of a table in CSV."""

MAX_SHEET_NAME_LENGTH: Final = 80
"""Characters of a sheet's name in an error."""

Row = Sequence[str]
"""The cells of a row as texts, "" where there is nothing."""


class _Line(NamedTuple):
    """A row that is not empty, and what stands around it."""

    cells: Row
    after_gap: bool
    """An empty row goes before it, or none at all."""
    is_above_values: bool
    """In the row right below it there is something that is no name."""

    @property
    def said(self) -> list[str]:
        return [cell for cell in self.cells if cell]


def blocks_of_sheets(sheets: Iterable[tuple[str, Iterable[Row]]]) -> Iterator[Block]:
    """Yield the blocks of sheets, each by its name and rows, under a heading each.

    The names of a table's columns are repeated in every row below them. They are its first row
    of at least two texts, all of which may be names. A table ends at an empty row if below it
    stands one text alone, or such a row above values.

    Raises TooCostly if there are more than MAX_ROWS rows.
    """
    left = MAX_ROWS
    for name, rows in sheets:
        if heading := meaningful_title(name):  # "Sheet1" says nothing
            yield Block(BlockKind.HEADING, heading)
        for block in _blocks(_lines(rows)):
            if not left:
                raise TooCostly(
                    f"The sheets have more than {MAX_ROWS:,} rows; the limit is reached in "
                    f"“{name[:MAX_SHEET_NAME_LENGTH]}”. Split the file, or save that sheet as CSV."
                )
            left -= 1
            yield block


def _lines(rows: Iterable[Row]) -> Iterator[_Line]:
    after_gap = True
    for row, below in pairwise(chain(rows, ((),))):
        if any(row):
            yield _Line(row, after_gap, not all(may_be_name(cell) for cell in below if cell))
        after_gap = not any(row)


def _blocks(lines: Iterable[_Line]) -> Iterator[Block]:
    names: Row | None = None
    """Of the columns of the table that is under way, if any is."""
    for line in lines:
        said = line.said
        if len(said) == 1 and (names is None or line.after_gap):
            names = None
            yield Block(BlockKind.PARAGRAPH, said[0])
            continue
        if names is not None and line.after_gap and line.is_above_values and are_names(said):
            names = None
        yield Block(BlockKind.LIST_ITEM, CELL_SEPARATOR.join(named(line.cells, names or ())))
        if names is None:
            names = line.cells if are_names(said) else ()
