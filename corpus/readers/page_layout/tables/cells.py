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
row: 8,000 lines in one frame took 11.7 s."""

WORDED: Final = 0.5
"""Share of the rows that have a word; of a matrix or a diagram none may have any."""

_WORD = re.compile(r"[^\W\d_]{3}")


class Column(NamedTuple):
    """A column of a table, in points from the left."""

    left: float
    right: float
    lines: int = 1
    """How many have something in it."""


TableRow = Sequence[Line]
"""The lines of a row, as they are drawn."""


class Found(NamedTuple):
    """The rows that lines make."""

    rows: list[TableRow]
    is_cut: bool
    """They end before the lines do."""


class _Growing(NamedTuple):
    """A row that further lines may join, with what would take long to find out anew for each."""

    lines: TableRow
    places: frozenset[int]
    bottom: float

    @classmethod
    def of(cls, lines: TableRow, lefts: Sequence[float]) -> _Growing:
        places = {_place(part, lefts) for part in chain.from_iterable(lines)}
        return cls(lines, frozenset(places), _bottom(lines))

    def with_line(self, line: Line, lefts: Sequence[float]) -> _Growing:
        added = self.of([line], lefts)
        lines, places = [*self.lines, line], self.places | added.places
        return _Growing(lines, places, min(self.bottom, added.bottom))

    @property
    def only_place(self) -> int | None:
        """The column of the only cell that it has."""
        (place, *others) = self.places
        return None if others else place


def rows_in(lines: Sequence[Line], columns: Sequence[Column]) -> Found:
    """Return the rows of lines that stand in columns, as far as each is below the one before and
    has no more lines than a row may have."""
    lefts = [column.left for column in columns]
    rows: list[_Growing] = []
    is_cut = False
    for line in lines:
        _join_cell(rows, line[0], lefts)
        is_cut = bool(rows) and len(rows[-1].lines) >= ROW_LINES
        if is_cut:
            break
        goes_on = bool(rows) and _goes_on(rows[-1], line, lefts)
        above = rows[-2:-1] if goes_on else rows[-1:]
        far = inf if goes_on else FAR
        is_cut = not all(_is_below(line[0], row.bottom, far) for row in above)
        if is_cut:
            break
        if goes_on:
            rows[-1] = rows[-1].with_line(line, lefts)
        else:
            rows.append(_Growing.of([line], lefts))
    return Found([row.lines for row in rows], is_cut)


def _join_cell(rows: list[_Growing], part: Row, lefts: Sequence[float]) -> None:
    """Join the last rows to one cell, if what is drawn next stands beside its first line or its
    middle."""
    cell = rows[-1].only_place if rows else None
    if cell is None or _place(part, lefts) <= cell:
        return
    alone = list(takewhile(lambda row: row.only_place == cell, reversed(rows)))
    lines = list(chain.from_iterable(row.lines for row in reversed(alone)))
    beside = next((at for at, line in enumerate(lines) if line[0].is_beside(part)), None)
    if beside is not None:
        start = _start_of_cell(lines, beside)
        parted = [*([line] for line in lines[:start]), lines[start:]]
        rows[len(rows) - len(alone) :] = [_Growing.of(row, lefts) for row in parted]


def _start_of_cell(lines: Sequence[Line], beside: int) -> int:
    """Return the line that a cell begins with, if another cell stands beside this line: the same,
    or as far above it as the cell goes on below it, where its lines are as close there."""
    start = 2 * beside - len(lines) + 1
    steps = [
        above[0].baseline - line[0].baseline for above, line in pairwise(lines[max(0, start) :])
    ]
    is_even = start >= 0 and max(steps, default=0) - min(steps, default=0) < SAME_EDGE
    return start if is_even else beside


def _goes_on(row: _Growing, line: Line, lefts: Sequence[float]) -> bool:
    """Tell whether a row goes on with a line that is drawn after it."""
    above, part = row.lines[-1][-1], line[0]
    last, place, end = (_place(each, lefts) for each in (above, part, line[-1]))
    if place > last:
        return part.baseline > row.bottom - SAME_LINE * part.size
    step = above.baseline - part.baseline
    return place == last == end and SAME_LINE * part.size < step <= CLOSE * part.size


def is_below(part: Row, row: TableRow) -> bool:
    """Tell whether a part stands below a row."""
    return _is_below(part, _bottom(row), inf)


def _is_below(part: Row, bottom: float, far: float) -> bool:
    """Tell whether a part stands below this height, so many times its size at most."""
    step = bottom - part.baseline
    return SAME_LINE * part.size < step <= far * part.size


def _bottom(row: TableRow) -> float:
    return min(part.baseline for part in chain.from_iterable(row))


def places_of(row: TableRow, columns: Sequence[Column]) -> set[int]:
    """Return the numbers of the columns that a row has something in, counted from 0."""
    lefts = [column.left for column in columns]
    return {_place(part, lefts) for part in chain.from_iterable(row)}


def _place(part: Row, lefts: Sequence[float]) -> int:
    """Return the number of the column that a part is in, if they begin at ``lefts``."""
    return bisect_right(lefts, (part.left + part.right) / 2) - 1


class Table(NamedTuple):
    """Lines in columns, row by row."""

    columns: Sequence[Column]
    rows: Sequence[TableRow]

    def cells(self, row: TableRow) -> dict[int, list[Row]]:
        """Return the parts of each cell of a row, by its column."""
        lefts = [column.left for column in self.columns]
        cells: dict[int, list[Row]] = {}
        for part in chain.from_iterable(row):
            cells.setdefault(_place(part, lefts), []).append(part)
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
