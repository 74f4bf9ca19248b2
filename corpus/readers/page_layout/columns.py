"""The order in which the lines of a page are read.

A file gives its text in the order in which it is drawn. Most draw one column after the other, and
then that order is kept: it is right for formulas and notes, where places on the page are not. Some
draw line by line across the columns; here they are read one after the other.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import Final, NamedTuple

from corpus.readers.page_layout.rows import Cut, Line, Row, joined
from corpus.readers.page_layout.tables.aligned import with_tables

MIN_LINES: Final = 4
"""Lines that must stand beside others, both full, to be columns: fewer are a table or a chance."""

FULL: Final = 0.8
"""Share of its column's width that a line of prose fills: the rest has room for a long word."""

FULL_SHARE: Final = 0.5
"""Share of the lines beside each other that are full, in either column, from which they are prose.
Cells of a table are of all lengths."""

PROSE_WIDTH: Final = 8
"""Times the size of print from which a line may be prose: three words."""

SPANNING: Final = 0.15
"""Share of either column that a line covers which runs over both; less is a line too long."""


class _Columns(NamedTuple):
    gutter: float
    """The middle of the space between them, in points from the left."""
    left: float
    right: float
    """Where the first begins and the second ends."""
    from_the_right: bool


def in_reading_order(lines: Sequence[Line], cut: Cut) -> Iterator[Row]:
    """Yield the lines of a page, each column from top to bottom, lines across both in between,
    and tables row by row."""
    columns = _columns(lines)
    if columns is None:
        yield from with_tables(lines, cut)
        return
    band: list[Line] = []
    for line in lines:
        if any(_spans(part, columns) for part in line):
            yield from _one_after_the_other(band, columns, cut)
            yield joined(line)
            band = []
        else:
            band.append(line)
    yield from _one_after_the_other(band, columns, cut)


def _one_after_the_other(band: Sequence[Line], columns: _Columns, cut: Cut) -> Iterator[Row]:
    for is_left in (False, True) if columns.from_the_right else (True, False):
        side = [[part for part in line if _is_left(part, columns) is is_left] for line in band]
        yield from in_reading_order([line for line in side if line], cut)


def _is_left(part: Row, columns: _Columns) -> bool:
    return (part.left + part.right) / 2 < columns.gutter


def _spans(part: Row, columns: _Columns) -> bool:
    before, after = columns.gutter - columns.left, columns.right - columns.gutter
    return (
        part.left < columns.gutter - SPANNING * before
        and part.right > columns.gutter + SPANNING * after
    )


def _columns(lines: Sequence[Line]) -> _Columns | None:
    """Return the two columns that the lines are drawn across, if they are."""
    pairs = [
        (one, other) if one.left < other.left else (other, one)
        for one, other in pairwise(chain.from_iterable(lines))
        if one.is_beside(other) and _is_wide(one) and _is_wide(other)
    ]
    pairs = [(left, right) for left, right in pairs if left.right < right.left]
    if len(pairs) < MIN_LINES:
        return None
    gutter = max(
        (right.left for _, right in pairs),
        key=lambda x: sum(left.right < x <= right.left for left, right in pairs),
    )
    pairs = [(left, right) for left, right in pairs if left.right < gutter <= right.left]
    lefts, rights = [left for left, _ in pairs], [right for _, right in pairs]
    if len(pairs) < MIN_LINES or not (_is_prose(lefts) and _is_prose(rights)):
        return None
    return _Columns(
        gutter=(max(row.right for row in lefts) + gutter) / 2,
        left=min(row.left for row in lefts),
        right=max(row.right for row in rights),
        from_the_right=_is_from_the_right(lefts + rights),
    )


def _is_wide(row: Row) -> bool:
    return row.width >= PROSE_WIDTH * row.size


def _is_prose(rows: Sequence[Row]) -> bool:
    width = max(row.right for row in rows) - min(row.left for row in rows)
    return sum(row.width >= FULL * width for row in rows) >= FULL_SHARE * len(rows)


def _is_from_the_right(rows: Sequence[Row]) -> bool:
    letters = [each for row in rows for each in row.text if each.isalpha()]
    turned = sum(unicodedata.bidirectional(each) in ("R", "AL") for each in letters)
    return 2 * turned > len(letters)
