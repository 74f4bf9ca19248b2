"""Running heads and feet and page numbers: what belongs to the page and not to the text.

Such a line stands in the margin, apart from the text; and on most pages stands there a line that
is the same but for a number which counts with the pages, or one that begins or ends with that
number, as beside the titles of chapters. "Total: 1200" at the end of every page does neither, and
is text.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, pairwise
from typing import Final, NamedTuple

from corpus.languages import any_of, words_of_all
from corpus.readers.page_layout.rows import Row, body_size, pitch
from corpus.types import LeftOut, LeftOutReason

RUNNING_SHARE: Final = 0.6
"""Share of the pages in whose margin such a line must stand: where chapters begin, it does not."""

MARGIN_LINES: Final = 3
"""Lines that a running head or foot has at most."""

MARGIN_GAP: Final = 1.75
"""Times the usual distance between lines from which a line stands apart from the text, in the
margin. Between paragraphs it is 1.7 at most in print that we have seen, to heads and feet 1.8 and
more."""

TEXT_SHARE: Final = 0.75
"""Share of a document's characters from which what stands above or below a gap is the text itself.
In pages of one sentence the foot has had half of them."""

MAX_SIZE: Final = 1.15
"""Times the size of most of the text that a running line has at most; a larger one is a heading."""

SAME_PLACE: Final = 3.0
"""Points within which lines of different pages stand at the same height."""

COUNTED_SHARE: Final = 0.05
"""Share of the pages, and at least two, whose numbers must count alike to be page numbers; parts of
a volume may each begin anew."""

_NUMBER = re.compile(r"(?<!\d)\d{1,4}(?!\d)|(?<!\w)[ivxlc]{1,8}(?!\w)", re.IGNORECASE)
_COUNTED = "#"
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


class _Offset(NamedTuple):
    """How far a number is from the count of the pages."""

    distance: int
    is_roman: bool


class _Place(NamedTuple):
    """A height at which lines of several pages stand in the margin."""

    is_top: bool
    number: int


class _InMargin(NamedTuple):
    row: Row
    is_top: bool
    is_alone: bool
    """Nothing else stands on its page."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A line in the margin, by what it may have in common with those of other pages."""

    row: Row
    is_alone: bool
    place: _Place
    text: str
    """With ``#`` for each number that counts with the pages."""

    @property
    def page(self) -> int:
        return self.row.page

    @property
    def is_counted(self) -> bool:
        return self.text.count(_COUNTED) > self.row.text.count(_COUNTED)

    @property
    def is_page_number(self) -> bool:
        return self.is_counted and _is_number(self.row)

    @property
    def has_page_number(self) -> bool:
        """Whether the page's number stands at one of its ends, as beside a chapter's title."""
        return self.is_counted and _COUNTED in (self.text[0], self.text[-1])


def without_running_lines(
    pages: Sequence[Sequence[Row]],
) -> tuple[list[list[Row]], list[LeftOut]]:
    """Return the pages without their running lines, and these, page by page."""
    in_margin = list(_in_margins(pages))
    running = {id(each.row): each for each in _running(_candidates(in_margin, len(pages)), pages)}
    left_out = [
        LeftOut(_reason(running[id(row)]), row.text, row.page)
        for row in chain.from_iterable(pages)
        if id(row) in running
    ]
    return [[row for row in page if id(row) not in running] for page in pages], left_out


def _reason(line: _Candidate) -> LeftOutReason:
    return LeftOutReason.PAGE_NUMBER if line.is_page_number else LeftOutReason.RUNNING_LINE


def _running(lines: Sequence[_Candidate], pages: Sequence[Sequence[Row]]) -> Iterator[_Candidate]:
    often = max(2, RUNNING_SHARE * sum(1 for page in pages if page))
    same: defaultdict[tuple[_Place, str], set[int]] = defaultdict(set)
    for line in lines:
        same[line.place, line.text].add(line.page)
    repeated = [line for line in lines if len(same[line.place, line.text]) > 1]
    there: defaultdict[_Place, set[int]] = defaultdict(set)
    for line in repeated:
        there[line.place].add(line.page)
    numbered: defaultdict[_Place, set[int]] = defaultdict(set)
    for line in lines:
        if line.has_page_number:
            numbered[line.place].add(line.page)
    are_numbered = len({line.page for line in lines if line.is_counted}) >= often
    for line in lines:
        is_repeated = len(same[line.place, line.text]) > 1 and len(there[line.place]) >= often
        if (
            (are_numbered and line.is_page_number)
            or (is_repeated and not line.is_alone)
            or (line.has_page_number and not line.is_alone and len(numbered[line.place]) >= often)
            or _numbers_itself(line, len(pages))
        ):
            yield line


def _numbers_itself(line: _Candidate, pages: int) -> bool:
    """Tell "Page 3 of 7" on the third page, or a lone 1 on the only one."""
    stated = _page_of_pages().search(line.row.text)
    if stated:
        return int(stated["page"]) == line.page
    return pages == 1 and _page_number().fullmatch(line.row.text) is not None


def _in_margins(pages: Sequence[Sequence[Row]]) -> Iterator[_InMargin]:
    rows = list(chain.from_iterable(pages))
    if not rows:
        return
    size = body_size(rows)
    apart = MARGIN_GAP * pitch(rows) * size
    for is_top in (True, False):
        lines = [
            _InMargin(row, is_top, is_alone)
            for page in pages
            for row, is_alone in _margin(page, is_top, size, apart)
        ]
        # Where every page has a few lines and a foot, the lines are not the head.
        if _amount(line.row for line in lines if not line.is_alone) < TEXT_SHARE * _amount(rows):
            largest = MAX_SIZE * size
            yield from (line for line in lines if line.row.size <= largest or _is_number(line.row))


def _is_number(row: Row) -> bool:
    """Tell whether a line may be a page's number, which is set larger than notes or code."""
    return _page_number().fullmatch(row.text) is not None


def _amount(rows: Iterable[Row]) -> int:
    return sum(len(row.text) for row in rows)


def _margin(
    page: Sequence[Row], is_top: bool, size: float, apart: float
) -> Iterator[tuple[Row, bool]]:
    """Yield the rows from a page's edge to the first wide gap, each with whether it is all there
    is; none without a gap."""
    lines = _lines_of(page)
    lines = lines if is_top else lines[::-1]
    count = _before_gap(lines, size, apart)
    for row in chain.from_iterable(lines[:count]):
        yield row, count == len(lines)


def _lines_of(page: Sequence[Row]) -> list[list[Row]]:
    """Return the rows of a page from top to bottom, those that stand on one line together."""
    lines: list[list[Row]] = []
    for row in sorted(page, key=lambda row: -row.baseline):
        if lines and row.is_beside(lines[-1][-1]):
            lines[-1].append(row)
        else:
            lines.append([row])
    return lines


def _before_gap(lines: Sequence[Sequence[Row]], size: float, apart: float) -> int:
    for count, (line, follower) in enumerate(pairwise(lines[: MARGIN_LINES + 1]), 1):
        lower = min(line[0], follower[0], key=lambda row: row.baseline)
        taller = max(0.0, lower.size - size)  # a heading needs more space for itself
        if abs(line[0].baseline - follower[0].baseline) - taller > apart:
            return count
    return len(lines) if len(lines) <= MARGIN_LINES else 0


def _candidates(lines: Sequence[_InMargin], pages: int) -> list[_Candidate]:
    offsets = _offsets(lines, pages)
    places = _places(lines)
    return [
        _Candidate(row, is_alone, places[is_top, row.baseline], _with_counted(row, offsets))
        for row, is_top, is_alone in lines
    ]


def _offsets(lines: Iterable[_InMargin], pages: int) -> dict[_Offset, int]:
    """Return how far the numbers in the margins are from the count of the pages, where several
    pages agree, and how many do."""
    voters: defaultdict[_Offset, set[int]] = defaultdict(set)
    for line in lines:
        for match in _NUMBER.finditer(line.row.text):
            voters[_offset(match[0], line.row.page)].add(line.row.page)
    enough = max(2, COUNTED_SHARE * pages)
    return {offset: len(voted) for offset, voted in voters.items() if len(voted) >= enough}


def _offset(number: str, page: int) -> _Offset:
    if number.isdecimal():
        return _Offset(int(number) - page, is_roman=False)
    values = [_ROMAN[letter] for letter in number.lower()]
    signed = (
        -value if value < follower else value
        for value, follower in zip(values, [*values[1:], 0], strict=True)
    )
    return _Offset(sum(signed) - page, is_roman=True)


def _with_counted(row: Row, offsets: Mapping[_Offset, int]) -> str:
    """Return a line with ``#`` for the number in it that most surely counts with the pages."""
    found = {_offset(match[0], row.page) for match in _NUMBER.finditer(row.text)}
    counting = max(found & offsets.keys(), key=lambda offset: offsets[offset], default=None)
    return _NUMBER.sub(
        lambda match: _COUNTED if _offset(match[0], row.page) == counting else match[0], row.text
    )


def _places(lines: Iterable[_InMargin]) -> dict[tuple[bool, float], _Place]:
    """Return the place of each height in either margin; heights close to one another are one."""
    places: dict[tuple[bool, float], _Place] = {}
    number, lowest = 0, (False, 0.0)
    for is_top, height in sorted({(line.is_top, line.row.baseline) for line in lines}):
        if not places or is_top != lowest[0] or height - lowest[1] > SAME_PLACE:
            number, lowest = number + 1, (is_top, height)
        places[is_top, height] = _Place(is_top, number)
    return places


@cache
def _page_number() -> re.Pattern[str]:
    words = words_of_all(lambda language: (*language.files.pages, *language.files.short_pages))
    page = any_of({word.rstrip(".") for word in words})
    number = r"(?:\d{1,4}|[ivxlc]{1,8})"
    return re.compile(
        rf"{page}?\.? ?[-–—]? ?{number} ?[-–—]?(?: ?{_of()} ?\d{{1,4}})?", re.IGNORECASE
    )


@cache
def _page_of_pages() -> re.Pattern[str]:
    page = any_of(words_of_all(lambda language: language.files.pages))
    return re.compile(rf"\b{page} ?(?P<page>\d{{1,4}}) ?{_of()} ?\d{{1,4}}$", re.IGNORECASE)


def _of() -> str:
    return any_of(("/", *words_of_all(lambda language: language.files.of)))
