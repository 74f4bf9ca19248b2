"""Cleaned text to passages: whole sentences of one section in one language."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise
from typing import Final

from corpus.text.language_id import languages_of
from corpus.text.sentences import sentences
from corpus.text.table_rows import Row, rows_of
from corpus.types import BlockKind, CleanedDocument, Passage, PlacedBlock, Span

__all__ = ["segment", "sentences"]

CHARACTERS_SAID: Final = {
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff": 3.5,  # Han
    "\u3040-\u30ff": 1.7,  # Hiragana and Katakana
    "\uac00-\ud7af": 2.4,  # Hangul
}
"""How many characters of English one of these says, by ranges of characters; every other counts
as one. Measured on Debian's installation guide and administrator's handbook, where 700 characters
of English are 246 in Chinese, 370 to 400 in Japanese, 370 in Korean; and 590 in Arabic, 630 in
Thai, 720 in Russian, 760 in French, 840 in German, 870 in Greek, near enough. docs/decisions/0037.
"""

TARGET_LENGTH: Final = 700
"""Characters of a passage, as much as is said in so many of English: some five sentences, what a
reader takes in at a glance; well inside the encoder's 512 tokens in every language."""

MAX_LENGTH: Final = 1_200
"""Characters, counted in the same way, over which no two sentences are put together. Only a
heading makes a passage of one very long sentence longer."""

MIN_SENTENCE_LENGTH: Final = 25
"""Characters, counted in the same way, below which a sentence ("And then?", "1.") says too little
to be found by itself and is joined to its neighbour."""

INSIDE_BLOCK_PENALTY: Final = 200**2
"""What it costs to end a passage inside a paragraph, in squared characters: as much as being 200
characters off TARGET_LENGTH. At 150 a paragraph's first sentence ended up with the one before."""

_NO_ROW: Final = Row(is_names=False, said=None)


@dataclass(frozen=True, slots=True)
class _Sentence:
    span: Span
    block: int
    is_heading: bool
    """It is no sentence of the passage, as a heading or the names of a table's columns."""
    said: str | None = None


@dataclass(frozen=True, slots=True)
class _Unit:
    """Sentences that stay together: a heading or list introduction with what follows it."""

    sentences: tuple[_Sentence, ...]
    language: str

    @property
    def start(self) -> int:
        return self.sentences[0].span.start

    @property
    def end(self) -> int:
        return self.sentences[-1].span.end


class _Amount:
    """How much any stretch of a text says, in characters of English."""

    def __init__(self, text: str) -> None:
        found = [(match.start(), match.lastgroup or "") for match in _DENSE.finditer(text)]
        self._places = [place for place, _ in found]
        self._more = [0.0, *accumulate(_MORE[script] for _, script in found)]

    def __call__(self, start: int, end: int) -> float:
        places = self._places
        more = self._more[bisect_left(places, end)] - self._more[bisect_left(places, start)]
        return end - start + more


_DENSE: Final = re.compile(
    "|".join(f"(?P<s{number}>[{ranges}])" for number, ranges in enumerate(CHARACTERS_SAID))
)
_MORE: Final = {f"s{number}": said - 1 for number, said in enumerate(CHARACTERS_SAID.values())}
"""Beyond the one that every character counts for, by the group that matches."""


def segment(document: CleanedDocument, target_length: int = TARGET_LENGTH) -> tuple[Passage, ...]:
    """Return the passages of ``document`` in order.

    Every character of its text that is not white space is in exactly one of them. A passage says
    about as much as ``target_length`` characters of English, lies in one section and one language,
    and does not end with a heading or list introduction that something follows in its section.
    """
    if document.language:
        languages = [document.language] * len(document.blocks)
    else:
        languages = languages_of([_text(document, block) for block in document.blocks])
    amount = _Amount(document.text)
    return tuple(
        _passage(document, units)
        for section in _sections(document.blocks)
        for _, run in groupby(
            _units(document, section, languages, amount), key=lambda unit: unit.language
        )
        for units in _balanced(list(run), target_length, amount)
    )


def _text(document: CleanedDocument, block: PlacedBlock) -> str:
    return document.text[block.span.start : block.span.end]


def _sections(blocks: Sequence[PlacedBlock]) -> Iterator[range]:
    """Yield the numbers of the blocks of each section, which begins at its heading.

    Headings with nothing between them begin one section together.
    """
    start = 0
    for number in range(1, len(blocks)):
        is_heading = blocks[number].kind is BlockKind.HEADING
        if is_heading and blocks[number - 1].kind is not BlockKind.HEADING:
            yield range(start, number)
            start = number
    if blocks:
        yield range(start, len(blocks))


def _units(
    document: CleanedDocument, section: range, languages: Sequence[str], amount: _Amount
) -> Iterator[_Unit]:
    pending: list[_Sentence] = []
    rows = _rows(document, section)
    for number in section:
        block = document.blocks[number]
        row = rows.get(number, _NO_ROW)
        is_heading = block.kind is BlockKind.HEADING or row.is_names
        is_introduction = is_heading or _text(document, block).endswith((":", "："))
        found = [
            _Sentence(span, number, is_heading, row.said if span == block.span else None)
            for span in _block_sentences(document, block, languages[number], amount)
        ]
        for position, sentence in enumerate(found, 1):
            pending.append(sentence)
            stays = is_introduction and (is_heading or position == len(found))
            length = amount(pending[0].span.start, sentence.span.end)
            if not stays or length > MAX_LENGTH:
                yield _Unit(tuple(pending), _language(pending, languages))
                pending = []
    if pending:
        yield _Unit(tuple(pending), _language(pending, languages))


def _rows(document: CleanedDocument, section: range) -> dict[int, Row]:
    """Return the rows of the tables of a section, by the numbers of their blocks."""
    tables = groupby(section, key=lambda number: document.blocks[number].kind is BlockKind.ROW)
    found: dict[int, Row] = {}
    for numbers in (list(run) for are_rows, run in tables if are_rows):
        texts = [_text(document, document.blocks[number]) for number in numbers]
        found |= zip(numbers, rows_of(texts), strict=True)
    return found


def _block_sentences(
    document: CleanedDocument, block: PlacedBlock, language: str, amount: _Amount
) -> list[Span]:
    if block.kind is BlockKind.ROW and amount(*block.span) <= MAX_LENGTH:
        return [block.span]
    start = block.span.start
    spans = sentences(_text(document, block), language)
    return _without_fragments([Span(start + one, start + end) for one, end in spans], amount)


def _without_fragments(spans: Iterable[Span], amount: _Amount) -> list[Span]:
    """Join a very short sentence to the one after it, the last to the one before."""
    joined: list[Span] = []
    for span in spans:
        if joined and amount(*joined[-1]) < MIN_SENTENCE_LENGTH:
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    if len(joined) > 1 and amount(*joined[-1]) < MIN_SENTENCE_LENGTH:
        last = joined.pop()
        joined[-1] = Span(joined[-1].start, last.end)
    return joined


def _language(unit: Sequence[_Sentence], languages: Sequence[str]) -> str:
    """The language of a unit is that of what its headings and introductions lead to."""
    return languages[unit[-1].block]


def _balanced(units: Sequence[_Unit], target: int, amount: _Amount) -> Iterator[Sequence[_Unit]]:
    """Divide ``units`` so that what the passages say is nearest to ``target``, by least squares.

    Only as many units are tried together as MAX_LENGTH allows, so the time is linear.
    """
    costs = [0.0]
    begins = [0]
    for stop in range(1, len(units) + 1):
        best, begin = float("inf"), stop - 1
        for start in range(stop - 1, -1, -1):
            length = amount(units[start].start, units[stop - 1].end)
            if length > MAX_LENGTH and start < stop - 1:
                break
            cost = costs[start] + (length - target) ** 2 + _break_cost(units, start)
            if cost < best:
                best, begin = cost, start
        costs.append(best)
        begins.append(begin)
    stops = [len(units)]
    while stops[-1]:
        stops.append(begins[stops[-1]])
    stops.reverse()
    for start, stop in pairwise(stops):
        yield units[start:stop]


def _break_cost(units: Sequence[_Unit], start: int) -> float:
    inside = start > 0 and units[start - 1].sentences[-1].block == units[start].sentences[0].block
    return INSIDE_BLOCK_PENALTY if inside else 0


def _passage(document: CleanedDocument, units: Sequence[_Unit]) -> Passage:
    found = [sentence for unit in units for sentence in unit.sentences]
    span = Span(units[0].start, units[-1].end)
    body = [sentence.span for sentence in found if not sentence.is_heading]
    return Passage(
        span=span,
        text=document.text[span.start : span.end],
        language=units[0].language,
        page=document.blocks[found[0].block].page_at(span.start),
        sentences=tuple(body or [sentence.span for sentence in found]),
        said={sentence.span: sentence.said for sentence in found if sentence.said},
    )
