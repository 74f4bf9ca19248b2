"""The text of a PDF's page as pdfium finds it: its lines, and where they stand."""

from __future__ import annotations

import ctypes
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final

from corpus.readers.page_layout.accents import REMOVED, with_accents
from corpus.readers.page_layout.directions import IS_TURNED, in_direction
from corpus.readers.page_layout.glyph_names import UNKNOWN, GlyphNames
from corpus.readers.page_layout.measures import Measures
from corpus.readers.page_layout.pdfium import unchecked
from corpus.readers.page_layout.rows import Line, Row
from corpus.readers.page_layout.strange_letters import strange_letters
from corpus.types import Span

if TYPE_CHECKING:
    from pypdfium2 import PdfTextPage

WIDE_GAP: Final = 0.8
"""Times the size of print from which a space may part columns: those of a page set in two stand
an em apart, words of a justified line seldom more than half of one."""

LOOKED_AT: Final = 3
"""Of so many lines one is looked at for a gap, since that takes as long as all else. Columns are
of more lines than that."""

BESIDE: Final = 8
"""Characters that stand on either side of a gap between columns: two words."""

SHORT: Final = 60
"""Characters of a line in which each gap is looked at: cells of a table may be shorter than the
words beside a gap between columns."""

GAPS: Final = 2
"""Wide ones, in the short lines looked at, from which a page may have a table."""

MARGIN: Final = 15.0
"""Points, five millimetres, beyond where most lines begin, or end, from which something may stand
beside the text."""

NUMBER: Final = 10
"""Characters from a line's end within which its number and the space before it stand."""

MIN_LINES: Final = 5
"""Lines of a page from which most of them tell where its text begins."""

_LINE = re.compile("[^\r\n\x02\ufffe]+[\x02\ufffe]?")
_WORDS = re.compile(r"\S+")
_NUMBER_BEFORE = re.compile(r"\d{1,4}(\s+)\S")
_NUMBER_AFTER = re.compile(r"\S(\s+)\d{1,4}$")
_HYPHEN_AT_LINE_END = re.compile("[\x02\ufffe]$")  # so pdfium shows a word that it found broken


def _margin(rows: Sequence[Row]) -> Callable[[Row], bool]:
    """Return what tells whether a line begins before, or ends behind, where most of them do, as one
    with a note beside it does."""
    if len(rows) < MIN_LINES:
        return lambda _: False
    (left, _), *_ = Counter(round(row.left) for row in rows).most_common(1)
    (right, _), *_ = Counter(round(row.right) for row in rows).most_common(1)
    return lambda row: row.left < left - MARGIN or row.right > right + MARGIN


class DrawnText:
    """The text of a page, with the place of each character."""

    def __init__(
        self,
        text_page: PdfTextPage,
        characters: str,
        page: int,
        names: GlyphNames,
        hidden: Collection[int] = (),
    ) -> None:
        """``characters`` are those of ``characters_of``; those at ``hidden`` places are not
        shown."""
        measures = Measures(text_page)
        self._spelt: Mapping[int, str] = {
            **names.unknown(text_page, page, characters),
            **strange_letters(text_page, characters, measures),
            **dict.fromkeys(hidden, " "),
        }
        self._places_spelt = sorted(self._spelt)
        self._page = page
        self._measures = measures
        self._characters = with_accents(self._with_letters(characters), measures.place)
        self._has_turned = IS_TURNED.search(self._characters) is not None

    def lines(self) -> Iterator[Line]:
        """Yield the lines in the order in which they are drawn, each in the parts that wide gaps
        leave of it; whole, where the page has no columns."""
        lines = [match.span() for match in _LINE.finditer(self._characters)]
        looked_at = lines[::LOOKED_AT]
        numbered = sum(self._may_have_number(*line) for line in looked_at)
        if (
            2 * numbered > len(looked_at)
            or any(self._may_be_in_columns(*line) for line in looked_at)
            or self._may_have_cells(looked_at)
        ):
            found = [list(self._parts(*line)) for line in lines]
        else:
            whole = [(line, row) for line in lines for row in self._whole(*line)]
            is_beyond = _margin([row for _, row in whole])
            found = [list(self._parts(*line)) if is_beyond(row) else [row] for line, row in whole]
        yield from (parts for parts in found if parts)

    def cut(self, row: Row, places: Sequence[float]) -> Iterator[Row]:
        """Yield the parts of a line that end at these places, in points from the left."""
        start, end = row.span
        words = [match.span() for match in _WORDS.finditer(self._characters, start, end)]
        is_turned = self._is_turned(start, end)
        for _, run in groupby(words, key=lambda word: bisect_left(places, self._middle(*word))):
            (start, end), *others = run
            yield self._row(start, others[-1][1] if others else end, row.size, is_turned)

    def _middle(self, start: int, end: int) -> float:
        edges = (*self._measures.sides(start), *self._measures.sides(end - 1))
        return (min(edges) + max(edges)) / 2

    def _may_be_in_columns(self, start: int, end: int) -> bool:
        """Tell whether a line has a wide gap somewhere in its middle."""
        words = [match.span() for match in _WORDS.finditer(self._characters, start, end)]
        gaps = [
            (before - 1, after)
            for (_, before), (after, _) in pairwise(words)
            if before - start >= BESIDE and end - after >= BESIDE
        ]
        return self._is_wide(words[0][0], gaps) if gaps else False

    def _may_have_cells(self, lines: Sequence[tuple[int, int]]) -> bool:
        """Tell whether short lines have wide gaps, as a table's have, more than one heading has
        behind its number."""
        found = 0
        for start, end in lines:
            if end - start > SHORT or found >= GAPS:
                continue
            words = [match.span() for match in _WORDS.finditer(self._characters, start, end)]
            if words:
                widest = WIDE_GAP * self._measures.size(words[0][0])
                gaps = ((before - 1, after) for (_, before), (after, _) in pairwise(words))
                found += sum(self._measures.gap(*gap) > widest for gap in gaps)
        return found >= GAPS

    def _may_have_number(self, start: int, end: int) -> bool:
        """Tell whether a number stands on one side of a line, apart from it."""
        line = self._characters[start:end]
        before = _NUMBER_BEFORE.match(line) if line[:1].isdecimal() else None
        after = (
            _NUMBER_AFTER.search(line, max(0, len(line) - NUMBER))
            if line[-1:].isdecimal()
            else None
        )
        gaps = [(found.start(1) - 1, found.end(1)) for found in (before, after) if found]
        return self._is_wide(start, gaps)

    def _is_wide(self, start: int, gaps: Sequence[tuple[int, int]]) -> bool:
        widest = WIDE_GAP * self._measures.size(start) if gaps else 0
        return any(self._measures.gap(*gap) > widest for gap in gaps)

    def _whole(self, start: int, end: int) -> Iterator[Row]:
        """Yield what stands between two places of a line, if anything is visible there."""
        line = self._characters[start:end]
        if line.strip():
            start += len(line) - len(line.lstrip())
            end -= len(line) - len(line.rstrip())
            yield self._row(start, end, self._measures.size(start), self._is_turned(start, end))

    def _parts(self, start: int, end: int) -> Iterator[Row]:
        """Yield the parts of the line between two places."""
        words = [match.span() for match in _WORDS.finditer(self._characters, start, end)]
        if not words:
            return
        is_turned = self._is_turned(start, end)
        start, size = words[0][0], self._measures.size(words[0][0])
        for (_, before), (after, _) in pairwise(words):
            if self._measures.gap(before - 1, after) > WIDE_GAP * size:
                yield self._row(start, before, size, is_turned)
                start, size = after, self._measures.size(after)
        yield self._row(start, words[-1][1], size, is_turned)

    def _is_turned(self, start: int, end: int) -> bool:
        """Tell whether a line has letters that are written from the right."""
        return self._has_turned and IS_TURNED.search(self._characters, start, end) is not None

    def _row(self, start: int, end: int, size: float, is_turned: bool) -> Row:
        edges = (*self._measures.sides(start), *self._measures.sides(end - 1))
        spelt = self._spelling(start, end)
        if is_turned:
            spelt = in_direction(spelt, lambda at: self._measures.room(start + at), size)
        text = spelt if isinstance(spelt, str) else "".join(spelt)
        text = text.replace(REMOVED, "")
        text = _HYPHEN_AT_LINE_END.sub("-", text.strip())
        return Row(
            text,
            self._page,
            min(edges),
            max(edges),
            self._measures.baseline(end - 1),
            size,
            span=Span(start, end),
        )

    def _with_letters(self, characters: str) -> str:
        """Return a page's text, as long as it was, with no number in place of a letter."""
        if not self._spelt:
            return characters
        changed = list(characters)
        for at, spelt in self._spelt.items():
            changed[at] = UNKNOWN if spelt.strip() else " "
        return "".join(changed)

    def _spelling(self, start: int, end: int) -> Sequence[str]:
        """Return what is spelt at each of the places from one to another."""
        spelt = self._places_spelt
        if bisect_left(spelt, start) == bisect_left(spelt, end):
            return self._characters[start:end]
        return [self._spelt.get(at, self._characters[at]) for at in range(start, end)]


def characters_of(text_page: PdfTextPage) -> str:
    """Return the page's text, with one character for each of pdfium's."""
    from pypdfium2 import raw

    count = text_page.count_chars()
    units = (ctypes.c_ushort * (2 * count + 1))()
    written = raw.FPDFText_GetText(text_page, 0, count, units)
    text = bytes(units)[: 2 * max(0, written - 1)].decode("utf-16-le", "surrogatepass")
    if len(text) == count:  # twenty times as fast as one by one
        return text
    code_of, page = unchecked("FPDFText_GetUnicode", ctypes.c_uint), text_page.raw
    codes = [code_of(page, at) for at in range(count)]
    return "".join([chr(code) if code <= 0x10FFFF else "\ufffd" for code in codes])
