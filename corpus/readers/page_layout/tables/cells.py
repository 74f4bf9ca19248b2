"""Lines that stand in columns, as the cells of rows.

Some files draw a table line by line, most cell by cell, each cell from its first line to its last.
So the order in which it is drawn says which lines are of one cell: a row ends where the drawing
goes back to a column further left, below all that stands in the row.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import chain, groupby, pairwise, takewhile
from math import inf
from typing import Final, NamedTuple

from corpus.readers.page_layout.rows import SAME_LINE, Line, Row, joined
from corpus.text.table_rows import CELL_SEPARATOR

CLOSE: Final = 1.5
"""Times the size of print within which lines of one cell follow one another."""

FAR: Final = 3.0
"""Times the size of print from which what stands below a row is no longer of its table."""

SAME_EDGE: Final = 2.0
"""Points within which they do."""

ROW_LINES: Final = 200
"""Lines of a row at most, some 20 in each of ten cells. Each further one is held against all of a
row, so a page of 24,000 lines in two cells took minutes."""

WORDED: Final = 0.5
"""Share of the rows that have a word; of a matrix or a diagram none may have any."""

_WORD = re.compile(r"[^\W\d_]{3}")


class Column(NamedTuple):
    """A column of a table, in points from the left."""

    left: float
    right: float
    lines: int = 1
    """How many have something in it."""

    def is_near(self, other: Column | Row, gutter: float) -> bool:
        """Tell whether something stands nearer to it than this many points."""
        return other.left < self.right + gutter and other.right > self.left - gutter


TableRow = Sequence[Line]
"""The lines of a row, as they are drawn."""


class Found(NamedTuple):
    """The rows that lines make."""

    rows: list[TableRow]
    is_cut: bool
    """They end before the lines do."""


def rows_in(lines: Sequence[Line], columns: Sequence[Column]) -> Found:
    """Return the rows of lines that stand in columns, as far as each is below the one before and
    has no more lines than a row may have."""
    rows: list[TableRow] = []
    for line in lines:
        _join_cell(rows, line[0], columns)
        if rows and len(rows[-1]) >= ROW_LINES:
            return Found(rows, True)
        goes_on = bool(rows) and _goes_on(rows[-1], line, columns)
        above = rows[-2:-1] if goes_on else rows[-1:]
        far = inf if goes_on else FAR
        if not all(is_below(line[0], row, far) for row in above):
            return Found(rows, True)
        if goes_on:
            rows[-1] = [*rows[-1], line]
        else:
            rows.append([line])
    return Found(rows, False)


def _join_cell(rows: list[TableRow], part: Row, columns: Sequence[Column]) -> None:
    """Join the last rows to one cell, if what is drawn next stands beside its first line or its
    middle."""
    cell = _cell_of(rows[-1], columns) if rows else None
    if cell is None or _place(part, columns) <= cell:
        return
    alone = list(takewhile(lambda row: _cell_of(row, columns) == cell, reversed(rows)))
    lines = list(chain.from_iterable(reversed(alone)))
    beside = next((at for at, line in enumerate(lines) if line[0].is_beside(part)), None)
    if beside is not None:
        start = _start_of_cell(lines, beside)
        rows[len(rows) - len(alone) :] = [*([line] for line in lines[:start]), lines[start:]]


def _cell_of(row: TableRow, columns: Sequence[Column]) -> int | None:
    """Return the column of the only cell that a row has."""
    places = places_of(row, columns)
    return places.pop() if len(places) == 1 else None


def _start_of_cell(lines: Sequence[Line], beside: int) -> int:
    """Return the line that a cell begins with, if another cell stands beside this line: the same,
    or as far above it as the cell goes on below it, where its lines are as close there."""
    start = 2 * beside - len(lines) + 1
    steps = [
        above[0].baseline - line[0].baseline for above, line in pairwise(lines[max(0, start) :])
    ]
    is_even = start >= 0 and max(steps, default=0) - min(steps, default=0) < SAME_EDGE
    return start if is_even else beside


def _goes_on(row: TableRow, line: Line, columns: Sequence[Column]) -> bool:
    """Tell whether a row goes on with a line that is drawn after it."""
    above, part = row[-1][-1], line[0]
    last, place, end = (_place(each, columns) for each in (above, part, line[-1]))
    if place > last:
        return part.baseline > _bottom(row) - SAME_LINE * part.size
    step = above.baseline - part.baseline
    return place == last == end and SAME_LINE * part.size < step <= CLOSE * part.size


def is_below(part: Row, row: TableRow, far: float = inf) -> bool:
    """Tell whether a part stands below a row, so many times its size at most."""
    step = _bottom(row) - part.baseline
    return SAME_LINE * part.size < step <= far * part.size


def _bottom(row: TableRow) -> float:
    return min(part.baseline for part in chain.from_iterable(row))


def places_of(row: TableRow, columns: Sequence[Column]) -> set[int]:
    """Return the numbers of the columns that a row has something in, counted from 0."""
    return {_place(part, columns) for part in chain.from_iterable(row)}


def _place(part: Row, columns: Sequence[Column]) -> int:
    middle = (part.left + part.right) / 2
    return bisect_right(columns, middle, key=lambda column: column.left) - 1


class Table(NamedTuple):
    """Lines in columns, row by row."""

    columns: Sequence[Column]
    rows: Sequence[TableRow]

    def cells(self, row: TableRow) -> dict[int, list[Row]]:
        """Return the parts of each cell of a row, by its column."""
        cells: dict[int, list[Row]] = {}
        for part in chain.from_iterable(row):
            cells.setdefault(_place(part, self.columns), []).append(part)
        return cells

    @property
    def top(self) -> float:
        """The height of its first line, in points."""
        return max(part.baseline for part in chain.from_iterable(self.rows[0]))

    def has_words(self) -> bool:
        """Tell whether enough of its rows have a word."""
        rows = (self.cells(row).values() for row in self.rows)
        worded = sum(any(_WORD.search(text_of(cell)) for cell in cells) for cells in rows)
        return worded >= WORDED * len(self.rows)

    def lines(self) -> Iterator[Row]:
        """Yield its rows as lines."""
        rows = [self.cells(row) for row in self.rows]
        used = sorted(set(chain.from_iterable(rows)))
        for row, cells in zip(self.rows, rows, strict=True):
            whole = joined(list(chain.from_iterable(row)))
            places = used if len(cells) > 1 else list(cells)
            text = CELL_SEPARATOR.join(text_of(cells.get(place, ())) for place in places)
            yield whole._replace(text=text, baseline=_bottom(row), is_row=True)


def text_of(cell: Sequence[Row]) -> str:
    """Return the text of a cell, line by line."""
    lines = groupby(cell, key=lambda part: part.baseline)
    return "\n".join(" ".join(part.text for part in line) for _, line in lines)
