"""Rows of print as the lines that blocks are made of."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain, takewhile
from typing import Final

from corpus.readers.line_blocks import MAX_HEADING_LENGTH, Line, is_sentence_end
from corpus.readers.page_layout.rows import Row, body_size, pitch

PARAGRAPH_GAP: Final = 1.35
"""Times the usual distance between lines from which a paragraph ends there; in print, paragraphs
stand half a line to a line apart."""

PROMINENT_SIZE: Final = 1.15
"""Times the size of most of the text from which a line is taken for a heading."""

FULL_LINE: Final = 0.82
"""Share of the column's width that a line must fill to be a full one: 18 % is a long word."""

MIN_LETTERS: Final = 3
"""Letters that a heading has at least; a number or an initial may be set larger than the title."""

MAX_ABOVE: Final = 60
"""Characters of a line above a title that ends as a sentence does: "Ministry of Justice, Dept."."""

_LETTERS = re.compile(r"[^\W\d_]")
_COLUMN: Final = 10  # points within which lines begin in the same column


def print_lines(pages: Sequence[Sequence[Row]]) -> Iterator[Line]:
    """Yield the lines of a document with what their size and place say."""
    rows = list(chain.from_iterable(pages))
    if not rows:
        return
    prominent = body_size(rows) * PROMINENT_SIZE
    usual = pitch(rows)
    rights: defaultdict[int, float] = defaultdict(float)
    columns = [_column(row) for row in rows]
    for row, column in zip(rows, columns, strict=True):
        rights[column] = max(rights[column], row.right)
    previous: dict[bool, Row] = {}  # of the text, and of what stands beside it
    for row, column in zip(rows, columns, strict=True):
        above = previous.get(row.is_aside)
        yield Line(
            row.text,
            after_gap=above is None or _is_gap(above, row, usual),
            prominent=row.size >= prominent,
            page=row.page,
            is_full=row.width >= (rights[column] - row.left) * FULL_LINE,
            is_aside=row.is_aside,
            is_row=row.is_row,
        )
        previous[row.is_aside] = row


def largest_heading(page: Sequence[Row], size: float) -> str | None:
    """Return what is set largest on a page, if that is a heading over text of this ``size``."""
    rows = [row for row in page if len(_LETTERS.findall(row.text)) >= MIN_LETTERS]
    largest = max((row.size for row in rows), default=0.0)
    if largest < size * PROMINENT_SIZE:
        return None
    first = next(at for at, row in enumerate(rows) if row.size == largest)
    if any(is_sentence_end(row.text) and len(row.text) > MAX_ABOVE for row in rows[:first]):
        return None  # text stands above it
    lines = takewhile(lambda row: row.size == largest, rows[first:])
    title = " ".join(" ".join(line.text for line in lines).split())
    return title if len(title) <= MAX_HEADING_LENGTH else None


def _column(row: Row) -> int:
    return round(row.left / _COLUMN)


def _is_gap(row: Row, below: Row, usual: float) -> bool:
    """Tell whether a paragraph ends between two lines by the space or indent between them.

    From one column or page to the next there is no space to judge by.
    """
    is_indented = below.left - row.left > below.size
    if row.page != below.page or below.baseline >= row.baseline:
        return False
    distance = (row.baseline - below.baseline) / (max(row.size, below.size) or 1)
    return distance > usual * PARAGRAPH_GAP or (is_indented and is_sentence_end(row.text))
