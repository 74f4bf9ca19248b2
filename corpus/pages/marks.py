"""What of a page is to be marked for spans of a document's text."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Protocol

from corpus.pages.alignment import aligned
from corpus.pages.characters import Print, PrintedWord, print_of
from corpus.pages.types import Box, PageText, Word
from corpus.types import Span

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

SAME_MARK: Final = 1.5
"""Times the height of print up to which two words of a line are marked as one: a wider space parts
columns or the cells of a table."""

SAME_LINE: Final = 0.5
"""Share of the lower one's height that two words of a line have in common; an index stands lower
or higher by a third."""

_SIGNS: Final = re.compile(r"[\W_]*")
"""What stands in a text up to its next letter or digit."""


class PagedSpan(Protocol):
    """A passage, as far as it matters here."""

    @property
    def span(self) -> Span:
        """Its place in the cleaned text."""

    @property
    def page(self) -> int | None:
        """The page that it begins on."""


def page_text(pdf: PdfDocument, number: int, text: str, spans: Sequence[Span]) -> PageText:
    """Return the words of a page that is there, and where ``spans`` of ``text`` stand on it.

    ``text`` is what the document's cleaned text has of the page, with what stands around it there.

    Raises PdfiumError if the page cannot be read.
    """
    page = pdf[number - 1]
    try:
        found = print_of(page)
        width, height = page.get_size()
    finally:
        page.close()
    lines = [list(line) for line in found.lines()]
    finder = _Finder(text, found, lines, aligned(text, found.characters))
    return PageText(
        number=number,
        pages=len(pdf),
        width=width,
        height=height,
        lines=tuple(
            tuple(Word(found.characters[slice(*word)], found.box(*word)) for word in line)
            for line in lines
        ),
        marks=tuple(tuple(finder.boxes(span)) for span in spans),
        is_whole=found.is_whole,
    )


class _Finder:
    """Finds the boxes of spans of a text on a page."""

    def __init__(
        self,
        text: str,
        found: Print,
        lines: Sequence[Sequence[PrintedWord]],
        places: Mapping[int, int],
    ) -> None:
        """``places`` are those in the text of the letters of the page."""
        self._text = text
        self._print = found
        self._places = places
        self._by_place = sorted((place, at) for at, place in places.items())
        self._words = [word for line in lines for word in line]
        self._starts = [word.start for word in self._words]
        self._ends_line = {line[-1] for line in lines}

    def boxes(self, span: Span) -> Iterator[Box]:
        """Yield the boxes of a span, with what stands between its words in a line."""
        first = bisect_left(self._by_place, (span.start, 0))
        last = bisect_left(self._by_place, (span.end, 0))
        marked = {at for _, at in self._by_place[first:last]}
        touched = {bisect_right(self._starts, at) - 1 for at in marked}
        box: Box | None = None
        previous = -1
        for number in sorted(touched | set(self._signs(touched, marked, span))):
            part = self._print.box(*self._part(self._words[number], marked))
            if box is not None and self._goes_on(previous, number) and _is_near(box, part):
                box = box.joined(part)
            else:
                if box is not None:
                    yield box
                box = part
            previous = number
        if box is not None:
            yield box

    def _signs(
        self, touched: Collection[int], marked: Collection[int], span: Span
    ) -> Iterator[int]:
        """Yield the words of signs alone that the span has beside its other words: "800 €"."""
        for number in touched:
            places = [self._places[at] for at in range(*self._words[number]) if at in marked]
            after = _first_signs(self._text[max(places) + 1 : span.end])
            if self._words[number] not in self._ends_line and self._shows(number + 1) in after:
                yield number + 1
            before = _first_signs(self._text[span.start : min(places)][::-1])
            is_first = number == 0 or self._words[number - 1] in self._ends_line
            if not is_first and self._shows(number - 1)[::-1] in before:
                yield number - 1

    def _shows(self, word: int) -> str:
        return self._print.characters[slice(*self._words[word])]

    def _goes_on(self, word: int, other: int) -> bool:
        """Tell whether between two words stands nothing that the text has: a dash, a sign, a
        note's number; and no end of a line."""
        between = self._words[word + 1 : other]
        return not any(each in self._ends_line for each in (self._words[word], *between)) and not (
            any(at in self._places for each in between for at in range(*each))
        )

    def _part(self, word: PrintedWord, marked: Collection[int]) -> PrintedWord:
        """Return the part of a word that is marked, with the punctuation that touches it; all of
        one that has no letter."""
        letters = [at for at in range(*word) if at in marked] or range(*word)
        start, end = letters[0], letters[-1] + 1
        while start > word.start and start - 1 not in self._places:
            start -= 1
        while end < word.end and end not in self._places:
            end += 1
        return PrintedWord(start, end)


def _first_signs(text: str) -> list[str]:
    """Return the words of signs alone that a text begins with, or that touch its first letters."""
    signs = _SIGNS.match(text)
    return signs[0].split() if signs else []


def _is_near(box: Box, word: Box) -> bool:
    """Tell whether a word of the same line goes on the line's box, which may run up or down."""
    return _is_beside(box, word) or _is_beside(_turned(box), _turned(word))


def _turned(box: Box) -> Box:
    return Box(box.top, box.left, box.bottom, box.right)


def _is_beside(box: Box, word: Box) -> bool:
    height = min(box.bottom - box.top, word.bottom - word.top)
    overlap = min(box.bottom, word.bottom) - max(box.top, word.top)
    space = max(word.left - box.right, box.left - word.right)
    return overlap >= SAME_LINE * height and space <= SAME_MARK * height


def around(passages: Sequence[PagedSpan], number: int) -> Span:
    """Return what of the text may stand on a page: the passages that begin there, and the one
    before, which may go on there; an empty span if no passage does.

    ``passages`` are all of the document's, in order.
    """
    here = [each.span for each in passages if each.page == number]
    before = [each.span for each in passages if each.page is not None and each.page < number]
    found = [*before[-1:], *here]
    return Span(found[0].start, found[-1].end) if found else Span(0, 0)
