"""What stands beside the text of a page: the numbers of its lines, notes, and notes below it.

Drafts of laws and judgments number their lines; read with the text, a number would stand in the
midst of each sentence. So would a note in the margin, beside a line that goes on.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, pairwise
from statistics import median
from typing import Final, NamedTuple

from corpus.readers.line_blocks import is_sentence_end
from corpus.readers.page_layout.rows import Line, Row

MIN_NUMBERS: Final = 5
"""Numbers below one another, beside lines of prose, that are those of the lines."""

MAX_DIGITS: Final = 4
"""Of the number of a line."""

COUNTING: Final = 0.9
"""Share of the numbers that must count on from the one above; a title may have none."""

WIDE: Final = 0.5
"""Share of the widest line's width from which a line shows where the text begins and ends."""

FULL: Final = 0.8
"""Share of the text's width from which a line goes on; the rest has room for a long word."""

GOING_ON: Final = 0.3
"""Share of the lines with a number that are full and begin with a small letter, from which they are
prose: it is half in German, and none in a table of contents."""

NARROW: Final = 0.4
"""Share of the text's width that a note in the margin has at most."""

SAME_EDGE: Final = 3.0
"""Points within which numbers that stand below one another begin, or end."""

SMALL: Final = 0.93
"""Times the size of most of the text that notes below it are set in at most, and numbers that are
surely not of the text."""

_MARK = re.compile(r"(?:\d{1,3}|[*†‡§¶]+|[a-z])(?:[ .)\]]|(?<=\d)(?=[^\W\d])|(?<=[*†‡§¶])(?=\w)|$)")


class _Text(NamedTuple):
    """From where to where the text of a page reaches, in points from the left."""

    left: float
    right: float
    size: float
    """That most of its lines are set in, in points."""

    @property
    def width(self) -> float:
        return self.right - self.left

    def is_beside(self, row: Row) -> bool:
        """Tell whether a line stands in the margin."""
        return row.right <= self.left or row.left >= self.right


def without_line_numbers(lines: Sequence[Line]) -> tuple[list[Line], list[Row]]:
    """Return the lines of a page without the numbers that count them, and these."""
    rows = list(chain.from_iterable(lines))
    numbered = [row for row in rows if _is_number(row)]
    if len(numbered) < MIN_NUMBERS:
        return list(lines), []
    text = _text_of(row for row in rows if not _is_number(row))
    if text is None:
        return list(lines), []
    in_margin = [row for row in numbered if text.is_beside(row)]
    numbers = {
        id(row): row
        for edge in (_left, _right)
        for column in _columns(in_margin, edge)
        if len(column) >= MIN_NUMBERS
        and _are_counting(column)
        and _are_of_prose(column, rows, text)
        for row in column
    }
    counted = sorted(numbers.values(), key=_baseline, reverse=True)
    return _without(lines, numbers), counted


def without_notes(lines: Sequence[Line]) -> tuple[list[Line], list[Row]]:
    """Return the lines of a page without the notes that stand beside lines which go on, and these,
    as asides."""
    is_parted = any(len(line) > 1 for line in lines)
    text = _text_of(chain.from_iterable(lines)) if is_parted else None
    if text is None or not any(map(text.is_beside, chain.from_iterable(lines))):
        return list(lines), []
    notes: dict[int, Row] = {}
    before: Row | None = None
    above: Row | None = None  # the last line of a note
    for line in lines:
        within = [row for row in line if not text.is_beside(row)]
        if before and within:
            goes_on = _goes_on(before, within[0], text)
            for row in line:
                is_note = text.is_beside(row) and row.width <= NARROW * text.width
                if is_note and (goes_on or (above and _is_below(row, above))):
                    notes[id(row)] = above = row._replace(is_aside=True)
        before = within[-1] if within else before
    return _without(lines, notes), list(notes.values())


def with_footnotes_aside(page: Sequence[Row], size: float) -> list[Row]:
    """Return the lines of a page, those of the notes below the text as asides; most of the text is
    set in this ``size``."""
    body = [
        at
        for at, row in enumerate(page)
        if row.is_row or (not row.is_aside and row.size > SMALL * size)
    ]
    start = body[-1] + 1 if body else len(page)
    while start < len(page) and not _MARK.match(page[start].text):
        start += 1
    lowest = min((row.baseline for row in page[:start] if not row.is_aside), default=0.0)
    return [
        row._replace(is_aside=True) if at >= start and row.baseline < lowest else row
        for at, row in enumerate(page)
    ]


def _text_of(rows: Iterable[Row]) -> _Text | None:
    rows = list(rows)
    widest = max((row.width for row in rows), default=0.0)
    wide = [row for row in rows if row.width >= WIDE * widest]
    if not wide:
        return None
    size = median(row.size for row in wide)
    return _Text(min(map(_left, wide)), max(map(_right, wide)), size)


def _is_number(row: Row) -> bool:
    return len(row.text) <= MAX_DIGITS and row.text.isdecimal()


def _without(lines: Sequence[Line], rows: Mapping[int, Row]) -> list[Line]:
    kept = ([row for row in line if id(row) not in rows] for line in lines)
    return [line for line in kept if line]


def _left(row: Row) -> float:
    return row.left


def _right(row: Row) -> float:
    return row.right


def _baseline(row: Row) -> float:
    return row.baseline


def _columns(rows: Iterable[Row], edge: Callable[[Row], float]) -> list[list[Row]]:
    """Return the rows that begin, or end, below one another."""
    columns: list[list[Row]] = []
    for row in sorted(rows, key=edge):
        if columns and edge(row) - edge(columns[-1][-1]) < SAME_EDGE:
            columns[-1].append(row)
        else:
            columns.append([row])
    return columns


def _are_counting(numbers: Sequence[Row]) -> bool:
    """Tell whether numbers count on, by one or by five, from top to bottom."""
    values = [int(row.text) for row in sorted(numbers, key=lambda row: -row.baseline)]
    steps = Counter(after - before for before, after in pairwise(values))
    (step, count), *_ = steps.most_common(1)
    return step > 0 and count >= COUNTING * (len(values) - 1)


def _are_of_prose(numbers: Sequence[Row], rows: Sequence[Row], text: _Text) -> bool:
    """Tell whether most of the lines that have a number are of the text itself, and the numbers are
    set smaller; or else whether many go on in the midst of a sentence."""
    by_height = sorted(rows, key=_baseline)
    lines = [line for number in numbers if (line := _line_of(number, by_height))]
    if max(row.size for row in numbers) < SMALL * text.size:
        return 2 * sum(line[0].size > SMALL * text.size for line in lines) > len(lines)
    going_on = [line for line in lines if line[0].text[:1].islower() and _is_full(line, text)]
    return len(going_on) >= GOING_ON * len(numbers)


def _line_of(number: Row, by_height: Sequence[Row]) -> list[Row]:
    start = bisect_left(by_height, number.baseline - number.size, key=_baseline)
    end = bisect_right(by_height, number.baseline + number.size, key=_baseline)
    near = by_height[start:end]
    return [row for row in near if row is not number and row.is_beside(number)]


def _is_full(line: Sequence[Row], text: _Text) -> bool:
    return max(map(_right, line)) - min(map(_left, line)) >= FULL * text.width


def _goes_on(before: Row, row: Row, text: _Text) -> bool:
    """Tell whether a line carries on the one above in the midst of a sentence."""
    is_full = before.right >= text.left + FULL * text.width
    return row.text[:1].islower() and is_full and not is_sentence_end(before.text)


def _is_below(row: Row, above: Row) -> bool:
    is_near = 0 < above.baseline - row.baseline < 2 * max(row.size, above.size)
    return is_near and (
        abs(row.left - above.left) < SAME_EDGE or abs(row.right - above.right) < SAME_EDGE
    )
