"""Tables with a frame: the rules that part their cells say which words are whose.

What stands between two rules is a row. Where rules part only some of the rows, as below the names
of the columns, the rows between them are told as ``tables`` does.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import chain, groupby, pairwise
from statistics import mean
from typing import Final, NamedTuple

from corpus.readers.page_layout.directions import IS_TURNED
from corpus.readers.page_layout.rows import Cut, Line, Row
from corpus.readers.page_layout.tables.cells import Column, Table, places_of, rows_in, text_of
from corpus.readers.page_layout.tables.rules import Rule, Rules

TOUCHING: Final = 2.5
"""Points within which two rules meet, or are one."""

MIN_ROWS: Final = 2
"""Rows of two cells or more that are a table, if rules part them."""

FILLED: Final = 0.5
"""Share of the rows that have two cells or more."""

MEAN_CELL: Final = 400
"""Characters of a cell on average; with more, a frame has columns of a page in it."""

BY_LINES: Final = 0.6
"""Share of the lines between two rules that have several cells, from which each is a row."""

ABOVE: Final = 0.3
"""Times the size of print above the baseline where the middle of its letters is."""


class _Grid(NamedTuple):
    """What meets of the rules of a page."""

    upright: list[Rule]
    places: list[float]
    """Of the rules that part columns, from the left."""
    heights: list[float]
    """Of those that part rows, from the bottom."""

    @property
    def columns(self) -> list[Column]:
        return [Column(left, right) for left, right in pairwise(self.places)]

    def band(self, part: Row) -> int:
        return bisect_right(self.heights, part.baseline + ABOVE * part.size)

    def has(self, part: Row) -> bool:
        middle, height = (part.left + part.right) / 2, part.baseline + ABOVE * part.size
        return (
            self.places[0] < middle < self.places[-1]
            and self.heights[0] < height < self.heights[-1]
        )

    def cuts(self, part: Row) -> list[float]:
        """Return where rules stand that a part reaches over."""
        height = part.baseline + ABOVE * part.size
        return [
            rule.at
            for rule in self.upright
            if rule.start <= height <= rule.end
            and part.left + TOUCHING < rule.at < part.right - TOUCHING
        ]


def with_grids(lines: Sequence[Line], rules: Rules, cut: Cut) -> list[Line]:
    """Return the lines of a page, each row of a table with a frame as one of them."""
    found = list(lines)
    for grid in _grids(rules):
        within = [at for at, line in enumerate(found) if all(map(grid.has, line))]
        if not within or within[-1] - within[0] >= len(within):
            continue  # nothing, or something else is drawn in between
        start, end = within[0], within[-1] + 1
        parted = [_parted(line, grid, cut) for line in found[start:end]]
        table = _table(parted, grid)
        if _is_sure(table):
            found[start:end] = [[row] for row in table.lines()]
    return found


def _parted(line: Line, grid: _Grid, cut: Cut) -> Line:
    return list(
        chain.from_iterable(
            cut(part, places) if (places := grid.cuts(part)) else (part,) for part in line
        )
    )


def _grids(rules: Rules) -> Iterator[_Grid]:
    """Yield the rules that meet one another, if they part columns and rows."""
    left = set(rules.upright)
    across_left = set(rules.across)
    while left:
        upright, across = [left.pop()], list[Rule]()
        for rule in upright:  # which grows
            met = {each for each in across_left if _meet(each, rule)}
            across_left -= met
            across += met
            found = (
                {each for each in left if any(_meet(other, each) for other in met)}
                if met
                else set()
            )
            left -= found
            upright += found
        places, heights = _distinct(upright, across), _distinct(across, upright)
        if len(places) > 2 and len(heights) > 2:
            yield _Grid(upright, places, heights)


def _meet(across: Rule, upright: Rule) -> bool:
    return (
        across.start - TOUCHING <= upright.at <= across.end + TOUCHING
        and upright.start - TOUCHING <= across.at <= upright.end + TOUCHING
    )


def _distinct(rules: Sequence[Rule], others: Sequence[Rule]) -> list[float]:
    """Return where rules stand, and where those across them end."""
    ends = chain.from_iterable((rule.start, rule.end) for rule in others)
    places: list[float] = []
    for at in sorted([*(rule.at for rule in rules), *ends]):
        if not places or at - places[-1] > TOUCHING:
            places.append(at)
    return places


def _table(lines: Sequence[Line], grid: _Grid) -> Table:
    """Return the table that a grid makes of the lines in it, from the top."""
    columns, rows = grid.columns, list[Sequence[Line]]()
    by_band = sorted(lines, key=lambda line: -grid.band(line[0]))
    for _, band in groupby(by_band, key=lambda line: grid.band(line[0])):
        drawn = list(band)
        several = sum(len(places_of([line], columns)) > 1 for line in drawn)
        found = rows_in(drawn, columns)
        are_rows = several >= BY_LINES * len(drawn) and not found.is_cut
        rows += found.rows if are_rows else [drawn]
    return Table(columns, rows)


def _is_sure(table: Table) -> bool:
    """Tell whether it has cells beside one another, none of them a column of a page."""
    cells = [table.cells(row) for row in table.rows]
    filled = sum(len(row) > 1 for row in cells)
    texts = [text_of(cell) for row in cells for cell in row.values()]
    return (
        filled >= max(MIN_ROWS, FILLED * len(cells))
        and mean(map(len, texts)) <= MEAN_CELL
        and not any(map(IS_TURNED.search, texts))
        and table.has_words()
    )
