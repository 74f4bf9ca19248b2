"""PowerPoint presentations (.pptx)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from corpus.errors import DamagedFile, TooCostly
from corpus.progress import counted
from corpus.readers.formats.office.diagrams import DIAGRAM, diagram_id, diagrams_of
from corpus.readers.formats.office.packages import Package
from corpus.text.table_rows import CELL_SEPARATOR
from corpus.types import Block, BlockKind, LeftOut, LeftOutReason, RawDocument

if TYPE_CHECKING:
    from lxml.etree import _Element


MAX_SLIDES: Final = 2_000
"""Slides of one presentation; a day's course has some 300."""

_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MAIN = "ppt/presentation.xml"
_TITLES = frozenset({"title", "ctrTitle"})
_AROUND = frozenset({"dt", "ftr", "hdr", "sldNum", "sldImg"})
"""Placeholders for what is the same on every slide."""


def read_pptx(content: bytes) -> RawDocument:
    """Return a presentation slide by slide, each a page: title, texts, tables, speaker's notes.

    Hidden slides, comments and what is no text are left out.

    Raises DamagedFile if it is broken or cut short, TooCostly if it unpacks to too much or has
    more than MAX_SLIDES.
    """
    package = Package(content, _damaged)
    listed = package.related(_MAIN)
    slides = [each.get(f"{_R}id") for each in package.xml(_MAIN).iter(f"{_P}sldId")]
    if len(slides) > MAX_SLIDES:
        raise too_many_slides(len(slides))
    left_out: Counter[LeftOutReason] = Counter()
    around: list[LeftOut] = []
    blocks: list[Block] = []
    for page, slide in enumerate(counted(slides), 1):
        _, name = listed.get(slide or "", ("", ""))
        if name not in package.names:
            raise _damaged()
        related = package.related(name)
        root = package.xml(name)
        left_out[LeftOutReason.COMMENT] += _comments(package, related)
        if root.get("show") in ("0", "false"):
            left_out[LeftOutReason.HIDDEN] += 1
            continue
        blocks += _slide(root, page, diagrams_of(package, name))
        around += _around(root, page)
        for kind, other in related.values():
            if kind == "notesSlide" and other in package.names:
                notes = package.xml(other)
                blocks += _notes(notes, page)
                around += _around(notes, page)
    others = package.left_out(left_out)
    return RawDocument(tuple(blocks), package.metadata(), left_out=(*around, *others))


def too_many_slides(number: int) -> TooCostly:
    """Return the refusal of a presentation that has too many."""
    return TooCostly(
        f"The presentation has {number:,} slides, and {MAX_SLIDES:,} are read at most. Split it "
        "into several files."
    )


def _slide(root: _Element, page: int, diagrams: Mapping[str, Sequence[str]]) -> Iterator[Block]:
    """Yield a slide's title, wherever it is drawn, then all else in the slide's order."""
    shapes = [shape for shape in _shapes(root) if _placeholder(shape) not in _AROUND]
    for is_title in (True, False):
        for shape in shapes:
            if (_placeholder(shape) in _TITLES) is is_title:
                yield from _texts(shape, page, is_title)
                for diagram in shape.iter(DIAGRAM):
                    for text in diagrams.get(diagram_id(diagram), ()):
                        yield Block(BlockKind.PARAGRAPH, text, page)


def _around(root: _Element, page: int) -> Iterator[LeftOut]:
    """Yield what stands around a slide: its number, its date, its foot."""
    for shape in _shapes(root):
        placeholder = _placeholder(shape)
        if placeholder in _AROUND and (text := _joined(shape)):
            is_number = placeholder == "sldNum"
            reason = LeftOutReason.PAGE_NUMBER if is_number else LeftOutReason.RUNNING_LINE
            yield LeftOut(reason, text, page)


def _notes(root: _Element, page: int) -> Iterator[Block]:
    for shape in _shapes(root):
        if _placeholder(shape) not in _AROUND:
            yield from _texts(shape, page)


def _shapes(root: _Element) -> Iterator[_Element]:
    """Yield what has text, in order, those inside groups among them."""
    stack = [iter(root)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
        elif element.tag in (f"{_P}sp", f"{_P}graphicFrame"):
            yield element
        elif element.tag != _FALLBACK:
            stack.append(iter(element))


def _placeholder(shape: _Element) -> str:
    found = shape.find(f"*/{_P}nvPr/{_P}ph")
    return found.get("type", "") if found is not None else ""


def _texts(shape: _Element, page: int, is_title: bool = False) -> Iterator[Block]:
    rows = list(shape.iter(f"{_A}tr"))
    for row in rows:
        cells = (_joined(cell) for cell in row.iter(f"{_A}tc"))
        yield Block(BlockKind.ROW, CELL_SEPARATOR.join(filter(None, cells)), page)
    if rows:
        return
    if is_title:
        yield Block(BlockKind.HEADING, _joined(shape), page)
        return
    for paragraph in shape.iter(f"{_A}p"):
        if text := _said(paragraph):
            is_item = paragraph.find(f"{_A}pPr/{_A}buChar") is not None
            kind = BlockKind.LIST_ITEM if is_item else BlockKind.PARAGRAPH
            yield Block(kind, f"- {text}" if is_item else text, page)


def _joined(element: _Element) -> str:
    return " ".join(filter(None, map(_said, element.iter(f"{_A}p"))))


def _said(paragraph: _Element) -> str:
    found = paragraph.iter(f"{_A}t", f"{_A}br")
    return "".join("\n" if each.tag == f"{_A}br" else each.text or "" for each in found).strip()


def _comments(package: Package, related: Mapping[str, tuple[str, str]]) -> int:
    return sum(
        len(package.xml(name))
        for kind, name in related.values()
        if kind == "comments" and name in package.names
    )


def _damaged() -> DamagedFile:
    return DamagedFile(
        "The PowerPoint presentation is damaged or incomplete. Download or save it again."
    )
