"""PowerPoint presentations (.pptx)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

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

Diagrams = Mapping[str, Sequence[str]]
"""Their texts, by the ids that a slide's shapes name them by."""

NO_DIAGRAMS: Final[Diagrams] = MappingProxyType({})

P: Final = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
MAIN: Final = "ppt/presentation.xml"
PLACEHOLDER: Final = f"*/{P}nvPr/{P}ph"
TITLES: Final = frozenset({"title", "ctrTitle"})
_AROUND = frozenset({"dt", "ftr", "hdr", "sldNum", "sldImg"})
"""Placeholders for what is the same on every slide."""


def read_pptx(content: bytes) -> RawDocument:
    """Return a presentation slide by slide, each a page: title, texts, tables, speaker's notes.

    Hidden slides, comments and what is no text are left out.

    Raises DamagedFile if it is broken or cut short, TooCostly if it unpacks to too much or has
    more than MAX_SLIDES.
    """
    presentation = opened(content)
    package = presentation.package
    left_out: Counter[LeftOutReason] = Counter()
    around: list[LeftOut] = []
    blocks: list[Block] = []
    for page, name in enumerate(counted(presentation.slides), 1):
        root, related = presentation.slide(name), package.related(name)
        left_out[LeftOutReason.COMMENT] += _comments(package, related)
        if is_hidden(root):
            left_out[LeftOutReason.HIDDEN] += 1
            continue
        blocks += _blocks(shapes_of(root), page, presentation.diagrams(name))
        around += _around(root, page)
        for notes in presentation.notes(name):
            blocks += _blocks(shapes_of(notes), page)
            around += _around(notes, page)
    others = package.left_out(left_out)
    return RawDocument(tuple(blocks), package.metadata(), left_out=(*around, *others))


class Presentation(NamedTuple):
    """A presentation's parts."""

    package: Package
    main: _Element
    slides: tuple[str, ...]
    """Names of their parts, in order; of one that is missing, the empty name."""

    def slide(self, name: str) -> _Element:
        """Return a slide; DamagedFile if it is missing or broken."""
        return self.package.xml(name)

    def diagrams(self, name: str) -> Diagrams:
        """Return the texts of a slide's diagrams."""
        return diagrams_of(self.package, name)

    def notes(self, name: str) -> Iterator[_Element]:
        """Yield what is noted for the speaker of a slide."""
        for kind, other in self.package.related(name).values():
            if kind == "notesSlide" and other in self.package.names:
                yield self.package.xml(other)


def opened(content: bytes) -> Presentation:
    """Return a presentation's parts; raises what ``read_pptx`` does."""
    package = Package(content, _damaged)
    main, listed = package.xml(MAIN), package.related(MAIN)
    slides = [each.get(f"{_R}id", "") for each in main.iter(f"{P}sldId")]
    if len(slides) > MAX_SLIDES:
        raise too_many_slides(len(slides))
    return Presentation(package, main, tuple(listed.get(each, ("", ""))[1] for each in slides))


def is_hidden(slide: _Element) -> bool:
    """Tell whether its author has hidden a slide."""
    return slide.get("show") in ("0", "false")


def too_many_slides(number: int) -> TooCostly:
    """Return the refusal of a presentation that has too many."""
    return TooCostly(
        f"The presentation has {number:,} slides, and {MAX_SLIDES:,} are read at most. Split it "
        "into several files."
    )


def shapes_of(root: _Element, others: Collection[str] = ()) -> list[_Element]:
    """Return what has text on a slide or in its notes: the title, wherever it is drawn, then all
    else in the file's order; elements named in ``others`` too."""
    found = [shape for shape in _shapes(root, others) if placeholder_of(shape) not in _AROUND]
    return sorted(found, key=lambda shape: placeholder_of(shape) not in TITLES)


def table_of(shape: _Element) -> list[list[str]]:
    """Return the cells of each row, if the shape is a table."""
    return [list(map(_joined, row.iter(f"{A}tc"))) for row in shape.iter(f"{A}tr")]


def blocks_of(shape: _Element, page: int, diagrams: Diagrams = NO_DIAGRAMS) -> Iterator[Block]:
    """Yield a shape's text, or that of the slide's diagram which it shows."""
    rows = table_of(shape)
    for cells in rows:
        yield Block(BlockKind.ROW, CELL_SEPARATOR.join(filter(None, cells)), page)
    if rows:
        return
    if placeholder_of(shape) in TITLES:
        yield Block(BlockKind.HEADING, _joined(shape), page)
        return
    for paragraph in shape.iter(f"{A}p"):
        if text := _said(paragraph):
            is_item = paragraph.find(f"{A}pPr/{A}buChar") is not None
            kind = BlockKind.LIST_ITEM if is_item else BlockKind.PARAGRAPH
            yield Block(kind, f"- {text}" if is_item else text, page)
    for diagram in shape.iter(DIAGRAM):
        for text in diagrams.get(diagram_id(diagram), ()):
            yield Block(BlockKind.PARAGRAPH, text, page)


def placeholder_of(shape: _Element) -> str:
    """Return what a shape holds the place of on its kind of slide; empty if of nothing named."""
    found = shape.find(PLACEHOLDER)
    return found.get("type", "") if found is not None else ""


def _blocks(
    shapes: Iterable[_Element], page: int, diagrams: Diagrams = NO_DIAGRAMS
) -> Iterator[Block]:
    for shape in shapes:
        yield from blocks_of(shape, page, diagrams)


def _around(root: _Element, page: int) -> Iterator[LeftOut]:
    """Yield what stands around a slide: its number, its date, its foot."""
    for shape in _shapes(root):
        placeholder = placeholder_of(shape)
        if placeholder in _AROUND and (text := _joined(shape)):
            is_number = placeholder == "sldNum"
            reason = LeftOutReason.PAGE_NUMBER if is_number else LeftOutReason.RUNNING_LINE
            yield LeftOut(reason, text, page)


def _shapes(root: _Element, others: Collection[str] = ()) -> Iterator[_Element]:
    """Yield what has text, in order, those inside groups among them; and ``others``."""
    wanted = {f"{P}sp", f"{P}graphicFrame", *others}
    stack = [iter(root)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
        elif element.tag in wanted:
            yield element
        elif element.tag != _FALLBACK:
            stack.append(iter(element))


def _joined(element: _Element) -> str:
    return " ".join(filter(None, map(_said, element.iter(f"{A}p"))))


def _said(paragraph: _Element) -> str:
    found = paragraph.iter(f"{A}t", f"{A}br")
    return "".join("\n" if each.tag == f"{A}br" else each.text or "" for each in found).strip()


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
