"""The tables of a page: lines whose parts stand below one another in columns, row by row.

A file says nothing of tables. What is not surely one stays as it is.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import accumulate, chain, pairwise
from statistics import mean
from typing import Final

from corpus.readers.page_layout.directions import IS_TURNED
from corpus.readers.page_layout.rows import SAME_LINE, Cut, Line, Row, joined
from corpus.readers.page_layout.tables.cells import (
    FAR,
    SAME_EDGE,
    Column,
    Table,
    TableRow,
    is_below,
    places_of,
    rows_in,
    text_of,
)
from corpus.text.table_rows import are_names

MIN_ROWS: Final = 3
"""Rows of two cells or more that are a table; fewer may stand beside one another by chance."""

FILLED: Final = 0.6
"""Share of the rows that have two cells or more."""

DENSE: Final = 0.6
"""Share of the cells that have something in them; of a program's lines, set in by so much, most
have nothing."""

GUTTER: Final = 0.5
"""Times the size of print that columns stand apart at least."""

ALIGNED: Final = 0.8
"""Share of a column's cells that begin, end, or have their middle below one another."""

MEAN_CELL: Final = 40
"""Characters of a column's cells on average, from which they are prose in columns, or a list of
explained words."""

CELL_LINES: Final = 12
"""Lines of the first cell at most; longer ones are columns of a page."""

RETRIES: Final = 2
"""Lines from the first of some in columns at which another table is looked for, if that is none: a
heading may stand above."""

MAX_LINES: Final = 300
"""Lines of a table on one page."""

MAX_COLUMNS: Final = 40

MAX_DIGITS: Final = 5
"""Of the number of a line or page."""

_MARKER = re.compile(
    r"[-*•·‣◦▪▫●○■□–—+→⇒▶►✓]|\W{0,2}\w{1,4}[\])}.:]{1,2}|\[[^\]]{1,12}\]|\d+(?:\.\d+)+"
)
_NO_CELL = re.compile(rf"(?:\. ?){{4}}|^\. |(?: \.)++$|…|{IS_TURNED.pattern}")
"""What leads to the pages of a table of contents, and letters from the right, whose columns come
in another order."""


def with_tables(lines: Sequence[Line], cut: Cut) -> list[Row]:
    """Return the lines of a page in their order, each whole; a table's rows as one line each, with
    their cells apart."""
    begins = list(_may_begin(lines))
    if sum(begins) < MIN_ROWS - 1:
        return list(map(joined, lines))
    attempts = _Attempts(lines, begins)
    rows: list[Row] = []
    at = 0
    while at < len(lines):
        below = attempts.table_at(at + 1)
        names = _names_above(below, lines[at], cut) if below else []
        named = Table(below.columns, [*names, *below.rows]) if below and names else None
        table = named or attempts.table_at(at)
        if table and _is_sure(table):
            rows += table.lines()
            at += sum(map(len, table.rows))
        else:
            rows.append(joined(lines[at]))
            at += 1
    return rows


class _Attempts:
    """Looks for tables from a line on, a few times in lines that stand in columns."""

    def __init__(self, lines: Sequence[Line], begins: Sequence[bool]) -> None:
        self._lines, self._begins = lines, begins
        self._has_no_cells = cache(lambda at: _has_no_cells(lines[at]))
        self._end = self._tried = 0
        self.table_at = cache(self._table_at)

    def _table_at(self, at: int) -> Table | None:
        """Return the table that may begin with a line."""
        self._tried = self._tried + 1 if at < self._end else 0
        if self._tried > RETRIES or at >= len(self._lines) or not self._begins[at]:
            return None
        end, columns = _columns(self._lines, at, self._has_no_cells)
        self._end = max(self._end, end)
        return _table_between(self._lines, at, end, columns)


def _names_above(table: Table, line: Line, cut: Cut) -> list[TableRow]:
    """Return the names of a table's columns as its first row, if they are the line above, where
    they stand nearer to one another than what is below them; nothing if they do not, or if a word
    stands between two columns."""
    columns = table.columns
    edges = chain.from_iterable((one.right, other.left) for one, other in pairwise(columns))
    gutters = list(edges)
    parts = list(chain.from_iterable(cut(part, gutters) for part in line))
    first = [text_of(cell) for cell in table.cells(table.rows[0]).values()]
    is_near = 0 < line[0].baseline - table.top <= FAR * line[0].size
    is_parted = len(line) == len(parts)
    if is_parted or not is_near or are_names(first) or not are_names([part.text for part in parts]):
        return []
    over = [bisect_right(gutters, (part.left + part.right) / 2) for part in parts]
    missing = len(columns) - len(parts)
    return [[parts]] if over == list(range(2 * missing, 2 * len(columns), 2)) else []


def may_have_tables(lines: Sequence[Line]) -> bool:
    """Tell whether something stands beside something else on a page."""
    return any(len(line) > 1 for line in lines) or any(_may_begin(lines))


def _may_begin(lines: Sequence[Line]) -> Iterator[bool]:
    """Tell of each line whether it has cells, or begins a cell that one beside it follows."""
    baselines = [line[0].baseline for line in lines]
    # The highest from each line on: most pages go down all the time, and nothing is to be found.
    highest = [*accumulate(reversed(baselines), max)][::-1]
    for at, (first, *others) in enumerate(lines, start=1):
        low = first.baseline - SAME_LINE * first.size
        if others or at == len(lines) or highest[at] <= low:
            yield bool(others)
            continue
        following = range(at, min(at + CELL_LINES, len(lines)))
        beside = next((after for after in following if baselines[after] > low), None)
        yield beside is not None and lines[beside][0].left > first.right


def _table_between(
    lines: Sequence[Line], at: int, end: int, columns: Sequence[Column]
) -> Table | None:
    """Return the table that lines in columns may be."""
    if len(columns) < 2 or end - at < MIN_ROWS:
        return None
    rows, is_cut = rows_in(lines[at:end], columns)
    follower = lines[end][0] if end < len(lines) and not is_cut else None
    if follower and rows and not is_below(follower, rows[-1]):
        rows.pop()  # it goes on with what does not fit
    while rows and len(places_of(rows[-1], columns)) < 2:
        rows.pop()
    return Table(columns, rows) if rows else None


def _columns(
    lines: Sequence[Line], at: int, has_no_cells: Callable[[int], bool]
) -> tuple[int, list[Column]]:
    """Return the columns of what may be a table, and the number of the line behind it: the first
    that reaches over two columns."""
    columns: list[Column] = []
    end = min(len(lines), at + MAX_LINES)
    for number in range(at, end):
        found = None if has_no_cells(number) else _with_line(columns, lines[number])
        if found is None or (len(found) < 2 and number >= at + CELL_LINES):
            return number, columns
        columns = found
    return end, columns


def _with_line(columns: Sequence[Column], line: Line) -> list[Column] | None:
    """Return the columns with the parts of a line; None if it joins two that several lines have.
    One that a single line has may be a gap in a cell."""
    found = list(columns)
    for part in line:
        left, right, gutter = part.left, part.right, GUTTER * part.size
        near = [
            column
            for column in found
            if left < column.right + gutter and right > column.left - gutter
        ]
        if len(near) > 1 and sum(column.lines > 1 for column in near) > 1:
            return None
        several = 0
        for column in near:
            found.remove(column)
            left, right = min(left, column.left), max(right, column.right)
            several = max(several, column.lines)
        found.append(Column(left, right, 1 + several))
    return sorted(found) if len(found) <= MAX_COLUMNS else None


def _has_no_cells(line: Line) -> bool:
    """Tell whether a line is surely none of a table without rules."""
    return len(line) > MAX_COLUMNS or any(
        part.is_row or _NO_CELL.search(part.text) for part in line
    )


def _is_sure(table: Table) -> bool:
    """Tell whether lines in columns surely are a table."""
    rows = [table.cells(row) for row in table.rows]
    filled = sum(len(row) > 1 for row in rows)
    columns = [[row[at] for row in rows if at in row] for at in range(len(table.columns))]
    columns = [column for column in columns if column]
    return (
        filled >= max(MIN_ROWS, FILLED * len(rows))
        and len(rows[0]) > 1
        and sum(map(len, columns)) >= DENSE * len(rows) * len(columns)
        and _is_level(list(rows[0].values()))
        and all(map(_is_column, columns))
        and table.has_words()
        and not _is_list(table, columns)
    )


def _is_column(cells: Sequence[Sequence[Row]]) -> bool:
    """Tell whether the cells of a column stand below one another, and are no prose."""
    lefts = [min(part.left for part in cell) for cell in cells]
    rights = [max(part.right for part in cell) for cell in cells]
    middles = [(left + right) / 2 for left, right in zip(lefts, rights, strict=True)]
    aligned = max(map(_below_one_another, (lefts, rights, middles)))
    others = len(cells) - 1  # a column's name may stand elsewhere
    return aligned >= max(2, ALIGNED * others) and mean(map(len, map(text_of, cells))) <= MEAN_CELL


def _below_one_another(edges: Iterable[float]) -> int:
    """Return how many edges are at the same place, at most."""
    places = sorted(edges)
    return max(bisect_right(places, place + SAME_EDGE) - at for at, place in enumerate(places))


def _is_list(table: Table, columns: Sequence[Sequence[Sequence[Row]]]) -> bool:
    """Tell whether the first column has the marks or numbers of a list or of a program's lines, or
    the second of two the pages of a table of contents."""
    first = list(map(text_of, columns[0]))
    has_names = are_names([text_of(cell) for cell in table.cells(table.rows[0]).values()])
    numbers = _numbers(columns[0])
    counting = sum(after - before == 1 for before, after in pairwise(numbers)) + 1
    if not has_names and counting >= FILLED * len(first):
        return True
    if len(columns) > 2:
        return False
    marks = sum(_MARKER.fullmatch(text) is not None for text in first)
    marks += 0 if has_names else len(numbers)
    pages = _numbers(columns[1])
    return marks >= FILLED * len(first) or (
        len(pages) == len(columns[1]) and pages == sorted(pages)
    )


def _numbers(cells: Sequence[Sequence[Row]]) -> list[int]:
    texts = map(text_of, cells)
    return [int(text) for text in texts if text.isdecimal() and len(text) <= MAX_DIGITS]


def _is_level(cells: Sequence[Sequence[Row]]) -> bool:
    """Tell whether the cells of a row begin on one line, or have their middle there."""
    tops = [cell[0].baseline for cell in cells]
    middles = [(cell[0].baseline + cell[-1].baseline) / 2 for cell in cells]
    apart = min(max(tops) - min(tops), max(middles) - min(middles))
    return apart < SAME_LINE * cells[0][0].size
