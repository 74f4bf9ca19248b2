"""A line of print, and what is usual among the lines of a document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from statistics import median
from typing import Final, NamedTuple

from corpus.types import Span

SAME_LINE: Final = 0.5
"""Times the size of print within which two baselines are those of one line: indices stand a third
of it lower or higher."""

_TIGHT_PITCH: Final = 1.2  # of a page with one line; what print is mostly set with


class Row(NamedTuple):
    """A line of print, or a part of it; lengths in points, from the bottom left corner."""

    text: str
    page: int
    left: float
    right: float
    baseline: float
    size: float
    is_aside: bool = False
    """A note, which the text does not run on into."""
    is_row: bool = False
    """Of a table, its cells apart."""
    span: Span = Span(0, 0)
    """Of the page's characters, as the file has them."""

    @property
    def width(self) -> float:
        """How far it reaches."""
        return self.right - self.left

    def is_beside(self, other: Row) -> bool:
        """Tell whether both stand on one line."""
        return abs(self.baseline - other.baseline) < SAME_LINE * max(self.size, other.size)


Line = Sequence[Row]
"""The parts of a line, as wide gaps part it, in the order in which they are drawn."""

Cut = Callable[[Row, Sequence[float]], Iterable[Row]]
"""Parts a line at these places, in points from the left: each word goes to the side that its middle
is on."""


def joined(parts: Sequence[Row]) -> Row:
    """Return the one line that ``parts`` are, in their order."""
    if len(parts) == 1:
        return parts[0]
    return parts[0]._replace(
        text=" ".join(part.text for part in parts),
        left=min(part.left for part in parts),
        right=max(part.right for part in parts),
        baseline=parts[-1].baseline,
    )


def body_size(rows: Iterable[Row]) -> float:
    """Return the size that most of the text is set in, in points."""
    lengths: Counter[float] = Counter()
    for row in rows:
        lengths[row.size] += len(row.text)
    return max(lengths, key=lambda size: lengths[size])


def pitch(rows: Sequence[Row]) -> float:
    """Return the usual distance from one line to the next, in times their size."""
    distances = [
        (row.baseline - below.baseline) / row.size
        for row, below in pairwise(rows)
        if row.page == below.page and row.size > 0 and row.baseline > below.baseline
    ]
    tight = sorted(distances)[: len(distances) // 2 + 1]
    return median(tight) if tight else _TIGHT_PITCH
