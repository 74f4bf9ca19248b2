"""Rich Text Format (.rtf)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from typing import Final

from corpus.errors import DamagedFile
from corpus.readers.file_metadata import institution, meaningful_title
from corpus.readers.formats.rtf_asides import (
    ASIDE_MARK,
    PART,
    PART_MARK,
    Aside,
    AsideKind,
    taken_out,
)
from corpus.readers.line_blocks import Line, blocks_of
from corpus.types import LeftOut, LeftOutReason, Metadata, RawDocument

_INFO: Final = r"\{{\\{}\b ?((?:[^{{}}\\]|\\[^{{}}])*)\}}"
_TITLE, _COMPANY, _AUTHOR = (
    re.compile(_INFO.format(name)) for name in ("title", "company", "author")
)
_CODE_PAGE = re.compile(r"\\ansicpg\d{1,5}")
_CHARACTER_SET = re.compile(r"\{\\rtf\d*\s*\\(mac|pca?)(?![a-z])")
_ENCODINGS = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}
_PAGE_NUMBER = re.compile(r"\\chpgn(?![a-z])|\bPAGE\b")
_CELL = re.compile(r" *\|[ |]*")

HEAD_CHARACTERS: Final = 20_000
"""Of the file, in which its properties stand: after the tables of fonts and colours."""

MAX_DEPTH: Final = 3
"""Notes and text boxes inside one another that are read."""

MIN_MARGIN_LETTERS: Final = 12
"""Letters from which a header or footer says more than "Page 3 of 7"."""


def read_rtf(content: bytes) -> RawDocument:
    """Return the blocks and metadata of an RTF document; a table's row is one line.

    Notes and text boxes follow the line that they belong to, headers and footers of the pages the
    whole text, each once. Comments are left out.

    Raises DamagedFile if it is broken.
    """
    text = content.decode("latin-1")
    story = _Story(text)
    lines = [*story.lines(text), *story.margins]
    blocks = tuple(blocks_of(Line(_CELL.sub(" | ", line).strip(" |"), True) for line in lines))
    left_out = (LeftOut(LeftOutReason.COMMENT, number=story.comments),) if story.comments else ()
    return RawDocument(blocks, _metadata(text[:HEAD_CHARACTERS]), left_out=left_out)


class _Story:
    """Makes lines of a document's RTF; what stands around its pages is kept apart."""

    def __init__(self, text: str) -> None:
        from striprtf.striprtf import font_table_group

        head = text[:HEAD_CHARACTERS]
        named = _CHARACTER_SET.match(head.lstrip())
        page = _CODE_PAGE.search(head)
        fonts: str = font_table_group(text)  # type: ignore[no-untyped-call]
        self.margins: dict[str, None] = {}
        self.comments = 0
        self._head = f"{page[0] if page else ''}{fonts}"
        self._encoding = _ENCODINGS[named[1]] if named else "cp1252"

    def lines(self, source: str, depth: int = 0) -> Iterator[str]:
        """Yield the lines of some RTF, what stands beside each after it."""
        text, asides = taken_out(source) if depth < MAX_DEPTH else (source, [])
        beside = zip(asides, self._parts(asides, depth + 1), strict=False)
        for line in _plain(text, self._encoding).split("\n"):
            yield line.replace(ASIDE_MARK, "")
            for aside, found in islice(beside, line.count(ASIDE_MARK)):
                if aside.kind is AsideKind.MARGIN:
                    self.margins.update(
                        (each, None) for each in found if _is_worth(each, aside.text)
                    )
                elif aside.kind is AsideKind.COMMENT:
                    self.comments += 1
                else:
                    yield from found

    def _parts(self, asides: Sequence[Aside], depth: int) -> Iterator[list[str]]:
        """Yield the lines of each of several texts; they are read in one go, as each would need
        all fonts."""
        if asides:
            joined = PART.join(f"{{\\pard {aside.text}}}" for aside in asides)
            lines = self.lines(f"{{\\rtf1{self._head} {joined}}}", depth)
            for is_part, part in groupby(lines, PART_MARK.__ne__):
                if is_part:
                    yield [line for line in part if line.strip()]


def _is_worth(line: str, margin: str) -> bool:
    """Tell whether a line at the head or foot of pages says more than their number."""
    has_number = _PAGE_NUMBER.search(margin) or any(map(str.isdigit, line))
    least = MIN_MARGIN_LETTERS if has_number else 1
    return sum(map(str.isalpha, line)) >= least


def _plain(source: str, encoding: str = "cp1252") -> str:
    from striprtf.striprtf import rtf_to_text

    try:
        text: str = rtf_to_text(source, encoding, errors="replace")  # type: ignore[no-untyped-call]
    except (ValueError, LookupError, TypeError, OverflowError) as error:
        raise DamagedFile("The RTF document is damaged. Save it again.") from error
    return text.replace("\xad", "")


def _metadata(source: str) -> Metadata:
    def property_(pattern: re.Pattern[str]) -> str:
        found = pattern.search(source)
        page = _CODE_PAGE.search(source)
        return _plain(f"{{\\rtf1{page[0] if page else ''} {found[1]}}}") if found else ""

    return Metadata(
        title=meaningful_title(property_(_TITLE)),
        publisher=institution(property_(_COMPANY)) or institution(property_(_AUTHOR)),
    )
