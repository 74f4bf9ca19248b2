"""Rows of a table: their cells, and what each says by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from corpus.types import Span

CELL_SEPARATOR: Final = " | "

_SEPARATOR = re.compile(r"(?:^|(?<= ))\|(?= |$)")
"""Beside a cell that holds nothing, only one space is left."""

MAX_NAME_LENGTH: Final = 80
"""Characters of a column's name; longer texts are sentences."""


class Row(NamedTuple):
    """A row of a table."""

    is_names: bool
    """Whether it is the first, and has the names of the columns."""
    said: str | None
    """What it says with the names of its columns; None if there are none, or if it has more or
    fewer cells than there are, so that its columns cannot be told."""


def are_names(cells: Sequence[str]) -> bool:
    """Tell names of columns from values, by what tables are: a first row of words.

    An address or a number is a value, so the table has no names then.
    """
    return len(set(cells)) == len(cells) >= 2 and all(map(may_be_name, cells))


def may_be_name(text: str) -> bool:
    """Tell whether a text may name a column."""
    letters = sum(map(str.isalpha, text))
    digits = sum(map(str.isdigit, text))
    return len(text) <= MAX_NAME_LENGTH and letters > digits and "@" not in text


def named(cells: Sequence[str], names: Sequence[str]) -> Iterator[str]:
    """Yield the cells of a row that hold something, each after its column's name."""
    for number, cell in enumerate(cells):
        name = names[number] if number < len(names) else ""
        if cell:
            yield f"{name}: {cell}" if name else cell


def cells_of(row: str) -> Iterator[Span]:
    """Yield where the cells of a row stand in its text; empty ones are empty spans."""
    start = 0
    for end, following in [*(each.span() for each in _SEPARATOR.finditer(row)), (len(row), 0)]:
        cell = row[start:end]
        begin = start + len(cell) - len(cell.lstrip())
        yield Span(begin, begin + len(cell.strip()))
        start = following


def rows_of(texts: Sequence[str]) -> list[Row]:
    """Return the rows of a table, given as their texts, in order."""
    rows = [[text[slice(*cell)] for cell in cells_of(text)] for text in texts]
    if len(rows) < 2 or not are_names(rows[0] if rows[0][0] else rows[0][1:]):
        return [Row(is_names=False, said=None)] * len(texts)
    names, *others = rows
    return [_NAMES, *(_row(cells, names) for cells in others)]


_NAMES: Final = Row(is_names=True, said=None)


def _row(cells: Sequence[str], names: Sequence[str]) -> Row:
    if cells == names:  # as at the top of each page
        return _NAMES
    said = CELL_SEPARATOR.join(named(cells, names)) if len(cells) == len(names) else None
    return Row(is_names=False, said=said)
