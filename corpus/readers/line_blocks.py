"""Lines to blocks: what plain text and PDF have in common.

Neither says where a paragraph ends, what is a heading and what a list, so it is told from the
lines: how full they are, how they begin and end, and what stands between them.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, islice, pairwise
from typing import Final, NamedTuple

from corpus.text.dates import is_date
from corpus.types import Block, BlockKind, PageTurn

MAX_HEADING_LENGTH: Final = 150
"""Characters. Two lines of ordinary print; the longest headings of press releases seen have 130."""

WRAP_WIDTHS: Final = range(50, 131)
"""Characters. Text whose lines are this long was wrapped by hand or by a program; shorter ones
are verse, addresses or captions, longer ones whole paragraphs."""

FULL_LINE: Final = 0.9
"""Share of the wrap width that a line must fill, with the next line's first word, for that word
to have been put on the next line for want of room."""

_BULLET = re.compile(r"[-*·▫○□–—+](?=\s)|[•‣◦▪●■]")
# Letters with a full stop are initials more often than numerals ("M. Kox").
_NUMERAL = re.compile(r"(?:\(?(?:\d{1,3}|[a-z]|[ivx]{2,5})\)|\d{1,3}\.|(?:I[IVX]*|VI+)\.)\s+(?=\S)")
_LONE_MARKER = re.compile(r"[-*•·‣◦▪▫●○■□–—+]|\(?\d{1,3}[.)]")
_TERMINAL = re.compile(r"[.!?:;,…。！？；：।॥؟۔][\"'»”’)\]]*$")
_SENTENCE_END = re.compile(r"[.!?…。！？।॥؟۔][\"'»”’)\]]*$")
_HYPHENATED = re.compile(r"[^\W\d_][-\u00ad\u2010]$")
_OPENING = "\"'«“„‘([¿¡"
_INDENT: Final = 2  # columns from which a paragraph below a list item belongs to it


class Line(NamedTuple):
    """One line as a reader found it."""

    text: str
    after_gap: bool = False
    """A blank line, or more space than between lines of a paragraph, goes before it."""
    prominent: bool = False
    """Set larger than the text around it."""
    page: int | None = None
    is_full: bool | None = None
    """It reaches the margin; None where only the number of its characters can tell."""
    is_aside: bool = False
    """A note on the page, which the text goes on after."""
    is_row: bool = False
    """The row of a table."""


@dataclass(frozen=True)
class _Chunk:
    """The lines of one block, before it is known what they are."""

    lines: tuple[Line, ...]
    is_apart: bool
    """Between gaps, with nothing else."""

    @cached_property
    def text(self) -> str:
        return "\n".join(line.text.strip() for line in self.lines)

    @property
    def turns(self) -> tuple[PageTurn, ...]:
        """Where in its text another page begins."""
        if self.lines[0].page == self.lines[-1].page:
            return ()
        starts = accumulate((len(line.text.strip()) + 1 for line in self.lines), initial=0)
        return tuple(
            PageTurn(start, line.page)
            for start, (before, line) in zip(
                islice(starts, 1, None), pairwise(self.lines), strict=False
            )
            if line.page is not None and line.page != before.page
        )

    @property
    def is_indented(self) -> bool:
        return self.lines[0].text[:_INDENT].isspace()

    @cached_property
    def is_bulleted(self) -> bool:
        return _BULLET.match(self.text) is not None

    @cached_property
    def is_numbered(self) -> bool:
        return _NUMERAL.match(self.text) is not None

    @cached_property
    def may_be_heading(self) -> bool:
        text = self.text
        return (
            len(text) <= MAX_HEADING_LENGTH
            and not self.is_bulleted
            and not _TERMINAL.search(text)
            and (text[0].isalnum() or text[0] in _OPENING)
            and not text[0].islower()
            and any(map(str.isalpha, text))
        )


def blocks_of(lines: Iterable[Line]) -> Iterator[Block]:
    """Make blocks of ``lines``: wrapped lines stay together, a heading or list item is told
    from a paragraph, and blank lines are left out.

    Notes come before the paragraph that runs on from their page to the next, so that pages follow
    one another; or after it, if it began before their page.
    """
    lines = [line for line in lines if line.text.strip()]
    asides = deque(_blocks([line for line in lines if line.is_aside]))
    headings: list[Block] = []  # no note comes between them and their paragraph
    for block in _blocks([line for line in lines if not line.is_aside]):
        if block.kind is BlockKind.HEADING:
            headings.append(block)
            continue
        whole = [*headings, block]
        first = whole[0].page or 0
        last = block.turns[-1].page if block.turns else block.page or 0
        yield from _taken(asides, min(first, last - 1))
        yield from whole
        yield from _taken(asides, last - 1)
        headings = []
    yield from headings
    yield from asides


def _taken(asides: deque[Block], page: int) -> Iterator[Block]:
    """Take the notes up to a page."""
    while asides and (asides[0].page or 0) <= page:
        yield asides.popleft()


def _blocks(lines: Sequence[Line]) -> Iterator[Block]:
    chunks = list(_chunks(_with_their_markers(lines)))
    kinds: list[BlockKind] = []
    for index, chunk in enumerate(chunks):
        previous = kinds[-1] if kinds else None
        kinds.append(_kind(chunks, index, previous))
        yield Block(kinds[-1], chunk.text, chunk.lines[0].page, chunk.turns)


def is_sentence_end(text: str) -> bool:
    """Tell whether ``text`` ends as a sentence does, closing quotes and brackets apart."""
    return _SENTENCE_END.search(text) is not None


def _with_their_markers(lines: Sequence[Line]) -> Iterator[Line]:
    """Put a bullet or numeral that stands on a line of its own before the next line."""
    marker: Line | None = None
    for line in lines:
        if marker is not None and line.is_row:
            yield marker
            yield line
            marker = None
        elif marker is not None:
            joined = f"{marker.text.strip()} {line.text.strip()}"
            yield marker._replace(text=joined)
            marker = None
        elif not line.is_row and _LONE_MARKER.fullmatch(line.text.strip()):
            marker = line
        else:
            yield line
    if marker is not None:
        yield marker


def _chunks(lines: Iterable[Line]) -> Iterator[_Chunk]:
    lines = list(lines)
    width = _wrap_width(lines)
    groups: list[list[Line]] = []
    for line in lines:
        if groups and _goes_on(groups[-1][-1], line, width):
            groups[-1].append(line)
        else:
            groups.append([line])
    for index, group in enumerate(groups):
        follower = groups[index + 1][0] if index + 1 < len(groups) else None
        apart = (group[0].after_gap or index == 0) and (follower is None or follower.after_gap)
        yield _Chunk(tuple(group), apart)


def _wrap_width(lines: Sequence[Line]) -> int | None:
    """Return the width in characters at which ``lines`` were wrapped, None if they were not."""
    lengths = sorted(
        len(line.text.strip()) for line, follower in pairwise(lines) if not follower.after_gap
    )
    if not lengths:
        return None
    width = lengths[len(lengths) * 9 // 10]
    return width if width in WRAP_WIDTHS else None


def _goes_on(line: Line, follower: Line, width: int | None) -> bool:
    """Tell whether ``follower`` carries on the paragraph of ``line``."""
    text, next_text = line.text.strip(), follower.text.strip()
    if line.is_row or follower.is_row:
        return False
    if follower.after_gap or follower.prominent != line.prominent or _BULLET.match(next_text):
        return False
    is_open = _TERMINAL.search(text) is None
    first_word = next_text.split(maxsplit=1)[0]
    is_full = line.is_full
    if is_full is None:
        is_full = width is not None and len(text) + 1 + len(first_word) >= width * FULL_LINE
    if _NUMERAL.match(next_text):
        return is_full and is_open  # "... am | 12. Dezember"
    if next_text[0].islower() and (is_open or _HYPHENATED.search(text)):
        return True
    if follower.page != line.page and is_sentence_end(text):
        return False  # so that the page of what follows is known
    return is_full or follower.prominent


def _kind(chunks: Sequence[_Chunk], index: int, previous: BlockKind | None) -> BlockKind:
    chunk = chunks[index]
    if chunk.lines[0].is_row:
        return BlockKind.ROW
    if _is_heading(chunks, index, previous):
        return BlockKind.HEADING
    if chunk.is_bulleted or chunk.is_numbered:
        return BlockKind.LIST_ITEM
    return BlockKind.PARAGRAPH


def _is_heading(chunks: Sequence[_Chunk], index: int, previous: BlockKind | None) -> bool:
    """A short line apart, without punctuation at its end, above a paragraph.

    One more such line may come between, as below a title; a numbered line is a heading only if
    no list goes on before or after it.
    """
    chunk, below = chunks[index], chunks[index + 1 : index + 3]
    if not below or not chunk.may_be_heading or (chunk.is_indented and index > 0):
        return False
    if is_date(chunk.text):
        return False
    if chunk.lines[0].prominent and not below[0].lines[0].prominent:
        return True
    if not chunk.is_apart and index > 0:
        return False
    if chunk.is_numbered and (
        previous is BlockKind.LIST_ITEM or below[0].is_numbered or below[0].is_indented
    ):
        return False
    if _is_paragraph(below[0]) or below[0].is_bulleted:
        return True
    return below[0].is_apart and (index == 0 or any(_is_paragraph(other) for other in below[1:]))


def _is_paragraph(chunk: _Chunk) -> bool:
    return len(chunk.text) > MAX_HEADING_LENGTH or _TERMINAL.search(chunk.text) is not None
